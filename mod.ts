// The public API of the whole library.
export * from "./lib/image/mod.ts";
export * from "./lib/random/mod.ts";
export * from "./lib/noise/mod.ts";
export * from "./lib/nonlocal/mod.ts";
export * from "./lib/degradation/mod.ts";
export * from "./lib/engine/mod.ts";
export * from "./lib/network/mod.ts";
export * from "./lib/spectrum/mod.ts";
export * from "./lib/stopping/mod.ts";
export * from "./lib/baseline/mod.ts";
export * from "./lib/restoration/mod.ts";
export * from "./lib/tangent/mod.ts";
export * from "./lib/chart/mod.ts";
