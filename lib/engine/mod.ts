// The engine: compiles any tfjs training step to one native graph.
export { tf } from "./tfjs.ts";
export * from "./adam.ts";
export { availableMemory } from "./available_memory.ts";
export * from "./compile.ts";
export * from "./errors.ts";
export * from "./packing.ts";
export * from "./profile.ts";
export type { StepFunction } from "./trace.ts";
export type { ConvolutionPath } from "./convolutions.ts";
