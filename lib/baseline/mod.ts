// What people would use instead of the prior: filters, variational and non-local methods, a small network.
export * from "./baselines.ts";
export * from "./enlarge.ts";
export * from "./gaussian_filter.ts";
export * from "./median_filter.ts";
export * from "./non_local_means.ts";
export * from "./total_variation.ts";
export * from "./total_variation_weight.ts";
export * from "./zs_n2n.ts";
