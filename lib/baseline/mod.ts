// Methods to compare the prior with: filters, variational and non-local methods, a small network.
export * from "./baselines.ts";
export * from "./enlarge.ts";
export * from "./filters.ts";
export * from "./non_local_means.ts";
export * from "./total_variation.ts";
export * from "./zs_n2n.ts";
