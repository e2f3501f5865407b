// Random numbers from a seed, and seeds for independent streams.
export * from "./random.ts";
