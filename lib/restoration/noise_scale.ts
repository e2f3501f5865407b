// Corrects a noise level that was assumed too high: with it a risk estimate would favour a picture with inverted
// noise.

/** The factor on σ² in a risk estimate, over the iterations of a run. */
export interface NoiseScale {
  /** The factor, from 0 to 1. */
  readonly value: number;
  /** Takes the divergence of an iteration into account, unless it is not finite. */
  update(divergence: number): void;
  /** The state as plain data, for a checkpoint. */
  state(): NoiseScaleState;
  restoreState(state: NoiseScaleState): void;
}

/** The noise scale and the running mean of the divergence. */
export interface NoiseScaleState {
  readonly value: number;
  readonly mean: number;
}

/** The weight of the old mean in the running mean of the divergence. */
const MEMORY = 0.9;

/** A running mean below this is significant. A smoothing network has a divergence of 0 or above. */
const NEGATIVE = -0.02;

/** The relative change of the factor in an iteration, per unit of the running mean. */
const RATE = 0.05;

/**
 * Adapts the factor to the network's divergence per sample, which is the noise's gain. If σ is assumed too high, a
 * risk estimate is lowest at a negative divergence: the network then shows the noise inverted. A denoiser has no
 * negative divergence, so σ² is reduced until the divergence is 0. This is the condition by which UNSURE (Tachella et
 * al. 2025) does without σ. At the right σ the factor stays 1.
 *
 * @returns The factor, 1 at first.
 *
 * @example
 * ```ts
 * import { createNoiseScale } from "./noise_scale.ts";
 * import assert from "node:assert/strict";
 * const noiseScale = createNoiseScale();
 * for (let i = 0; i < 50; i++) noiseScale.update(0.1);
 * assert.equal(noiseScale.value, 1);
 * for (let i = 0; i < 50; i++) noiseScale.update(-1.5);
 * assert.ok(noiseScale.value < 0.5);
 * ```
 */
export function createNoiseScale(): NoiseScale {
  let value = 1, mean = 0;
  return {
    get value() {
      return value;
    },
    update(divergence) {
      // The divergence of an iteration that diverged says nothing about the noise and would distort the mean.
      if (!Number.isFinite(divergence)) return;
      mean = MEMORY * mean + (1 - MEMORY) * divergence;
      const isOff = value < 1 || mean < NEGATIVE;
      if (isOff) value = Math.min(1, value * Math.exp(RATE * Math.max(mean, -1)));
    },
    state: () => ({ value, mean }),
    restoreState: (state) => void ({ value, mean } = state),
  };
}
