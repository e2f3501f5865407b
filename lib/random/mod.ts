// Seeded random numbers.
export * from "./derive.ts";
export * from "./random.ts";
