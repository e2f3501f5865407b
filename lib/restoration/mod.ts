// The loop that restores a picture, and its record.
export * from "./record.ts";
export * from "./restore.ts";
