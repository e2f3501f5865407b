// Rules that stop a run before the network learns the noise.
export * from "./band_plateau.ts";
export * from "./blur_sharpness.ts";
export * from "./discrepancy.ts";
export * from "./fixed_budget.ts";
export * from "./held_out_pixels.ts";
export * from "./moving_variance.ts";
export * from "./rule_set.ts";
export type { Observation, RuleDecision, RuleMonitor, RunContext, StoppingRule } from "./rule.ts";
export * from "./windowed_variance.ts";
