// Random numbers from a seed, and seeds for streams of their own.
export * from "./random.ts";
