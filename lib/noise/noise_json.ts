// Noise models as JSON; every field is checked when they are read.
import type { NoiseModel } from "./model.ts";

/** A noise model that cannot be read. Its message is one line that names the field. */
export class NoiseModelError extends Error {
  override readonly name = "NoiseModelError";
}

/** The most numbers in a list: enough for distances up to 63, or as many luminances. */
const MOST = 4096;

/**
 * Writes a noise model as JSON.
 *
 * @param model The noise.
 * @returns The JSON, for {@linkcode noiseFromJson}.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { whiteNoise } from "./model.ts";
 *
 * const model = whiteNoise(0.1, 3);
 * assert.deepEqual(noiseFromJson(noiseToJson(model)), model);
 * ```
 */
export const noiseToJson = (model: NoiseModel): string => {
  const { channels, luminance, variance, autocorrelation, correlation } = model;
  return JSON.stringify({ channels, luminance, variance, autocorrelation, correlation }, null, 1);
};

/**
 * Reads and checks a noise model from JSON.
 *
 * @param json The text.
 * @returns The model.
 * @throws {NoiseModelError} If the text is not JSON, a field is missing or of another shape, or a number is out of
 * range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => noiseFromJson("{}"), /`channels` must be 1 or 3/);
 * ```
 */
export function noiseFromJson(json: string): NoiseModel {
  const read = (() => {
    try {
      return JSON.parse(json);
    } catch {
      throw new NoiseModelError("a noise model must be JSON");
    }
  })();
  if (typeof read !== "object" || read === null) {
    throw new NoiseModelError("a noise model must be a JSON object");
  }
  const { channels, luminance, variance, autocorrelation, correlation } = read as Record<
    string,
    unknown
  >;
  if (channels !== 1 && channels !== 3) fail("channels", "1 or 3");
  const luminances = numbers(luminance, "luminance", -Infinity, Infinity);
  if (luminances.some((value, i) => i > 0 && value <= luminances[i - 1]!)) {
    fail("luminance", "ascending");
  }
  const count = luminances.length;
  const variances = rows(variance, "variance", channels, 0, Infinity, count);
  const lags = rows(autocorrelation, "autocorrelation", channels, -1, 1);
  for (const row of lags) {
    if (!Number.isInteger(Math.sqrt(row.length)) || row[0] !== 1) {
      fail("autocorrelation", "a square number of values a channel, the first 1");
    }
  }
  const correlations = rows(correlation, "correlation", channels, -1, 1, channels);
  const isSymmetric = correlations.every((row, c) =>
    row.every((value, d) => c === d ? value === 1 : Math.abs(value - correlations[d]![c]!) < 1e-6)
  );
  if (!isSymmetric) fail("correlation", "symmetric, with 1 on the diagonal");
  return {
    channels,
    luminance: luminances,
    variance: variances,
    autocorrelation: lags,
    correlation: correlations,
  };
}

function fail(field: string, what: string): never {
  throw new NoiseModelError(`a noise model's \`${field}\` must be ${what}`);
}

function numbers(
  value: unknown,
  field: string,
  least: number,
  most: number,
  count?: number,
): number[] {
  const isList = Array.isArray(value) && value.length > 0 && value.length <= MOST &&
    (count === undefined || value.length === count);
  if (!isList) fail(field, `a list of ${count ?? `1 to ${MOST}`} numbers`);
  const isRight = (entry: unknown) =>
    typeof entry === "number" && Number.isFinite(entry) && entry >= least && entry <= most;
  if (!value.every(isRight)) {
    const range = least === -Infinity
      ? ""
      : most === Infinity
      ? ` from ${least}`
      : ` from ${least} to ${most}`;
    fail(field, `finite numbers${range}`);
  }
  return value as number[];
}

function rows(
  value: unknown,
  field: string,
  channels: number,
  least: number,
  most: number,
  count?: number,
): number[][] {
  if (!Array.isArray(value) || value.length !== channels) {
    fail(field, `${channels} list${channels > 1 ? "s" : ""} of numbers, one a channel`);
  }
  return value.map((row) => numbers(row, field, least, most, count));
}
