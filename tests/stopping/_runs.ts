// Synthetic runs for the tests of lib/stopping.
import { createImage, type Image } from "../../lib/image/mod.ts";
import { random } from "../../lib/random/mod.ts";
import type {
  Observation,
  RuleDecision,
  RunContext,
  StoppingRule,
} from "../../lib/stopping/mod.ts";

export const grey = (height: number, width: number, data: Float32Array): Image =>
  createImage({ height, width, channels: 1, data });

const FLAT = grey(16, 16, new Float32Array(256).fill(0.5));

/** An iterate of which only some measures matter; asking for another is an error. */
export function observation(iteration: number, known: Partial<Observation>): Observation {
  const given = { iteration, output: FLAT, ...known };
  return new Proxy(given, {
    get(target, name) {
      if (name in target) return target[name as keyof typeof target];
      if (name === "heldOut") return undefined;
      throw new Error(`the rule asked for ${String(name)}`);
    },
  }) as Observation;
}

export function context(overrides: Partial<RunContext> = {}): RunContext {
  return { observed: FLAT, iterations: 10_000, seed: 1, noiseSigma: 0.1, ...overrides };
}

/** What a rule makes of a run: every verdict up to the stop, and the iterations of stop and best. */
export interface Outcome {
  verdicts: RuleDecision[];
  stop: number | null;
  best: number | null;
}

export function follow(
  rule: StoppingRule,
  run: readonly Partial<Observation>[],
  overrides?: Partial<RunContext>,
): Outcome {
  const watcher = rule.monitor(context(overrides));
  const outcome: Outcome = { verdicts: [], stop: null, best: null };
  for (const [i, known] of run.entries()) {
    const verdict = watcher.observe(observation(i + 1, known));
    outcome.verdicts.push(verdict);
    if (verdict.best) outcome.best = i + 1;
    if (verdict.stop) return { ...outcome, stop: i + 1 };
  }
  return outcome;
}

/** A picture's outputs in a run that learns the picture, then the noise. */
export interface Fit {
  outputs: Image[];
  /** Mean square error of each against the clean picture, by the model and not by the rules. */
  errors: number[];
  /** The iteration of the smallest error, from 1. */
  best: number;
}

/**
 * Output `t` is the clean picture, short of a smooth remainder that fades with `exp(-t / 15)`, and
 * with a part of the noise that comes in around iteration 200: U-shaped error, minimum between.
 */
export function fit(iterations: number, seed: number): Fit {
  const side = 32, { normal } = random(seed);
  const noise = Float32Array.from({ length: side * side }, () => 0.1 * normal());
  const clean = noise.map((_, i) => 0.5 + 0.2 * Math.sin(i / 70));
  const outputs: Image[] = [], errors: number[] = [];
  for (let t = 1; t <= iterations; t++) {
    const missing = Math.exp(-t / 15), learned = 1 / (1 + Math.exp(-(t - 200) / 25));
    const data = clean.map((x, i) => x - 0.3 * missing * Math.cos(i / 90) + learned * noise[i]!);
    outputs.push(grey(side, side, data));
    errors.push(
      data.reduce((sum, value, i) => sum + (value - clean[i]!) ** 2, 0) / data.length,
    );
  }
  return { outputs, errors, best: 1 + errors.indexOf(Math.min(...errors)) };
}
