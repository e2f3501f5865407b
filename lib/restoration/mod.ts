// The loop that restores a picture, and its record.
export * from "./check_memory.ts";
export * from "./record.ts";
export * from "./restore.ts";
