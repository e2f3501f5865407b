// NL-Ridge by its plain formulas, in double precision, for one picture and one thread.
import type { Image } from "../../lib/image/mod.ts";
import type { NoiseModel } from "../../lib/noise/mod.ts";
import { shiftsOf } from "../../lib/nonlocal/_tiles.ts";

/** What {@linkcode naiveNlRidge} needs to know; all of it, no defaults. */
export interface NaiveOptions {
  patch: number;
  stride: number;
  groups: readonly [number, number];
  window: number;
  weights: "ridge" | "sharpened";
}

type Matrix = number[][];

interface Plane {
  height: number;
  width: number;
  data: number[];
}

const range = (count: number): number[] => [...Array(count).keys()];
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((v, i) => v * b[i]!));
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => dot(row, b.map((other) => other[j]!))));

/** The inverse, by Gauss and Jordan. */
function inverse(q: Matrix): Matrix {
  const rows = q.map((row, i) => [...row, ...range(q.length).map((j) => i === j ? 1 : 0)]);
  for (const m of range(q.length)) {
    const pivot = rows[m]!.map((value) => value / rows[m]![m]!);
    rows.forEach((row, i) => {
      rows[i] = i === m ? pivot : row.map((value, j) => value - row[m]! * pivot[j]!);
    });
  }
  return rows.map((row) => row.slice(q.length));
}

/** The rows of the opponent transform, as they stand in the noise model's doc. */
const OPPONENT = [[1, 1, 1], [1, 0, -1], [1, -2, 1]]
  .map((row) => row.map((value) => value / Math.hypot(...row)));

/** Plane of a channel, its ends reflected until patches at the multiples of `stride` cover it. */
function planeOf(image: Image, weights: readonly number[], patch: number, stride: number): Plane {
  const { height, width, channels, data } = image;
  const covered = (size: number) => Math.ceil((size - patch) / stride) * stride + patch;
  const at = (i: number, size: number) => i < size ? i : 2 * size - 2 - i;
  const sample = (y: number, x: number) =>
    sum(weights.map((w, c) => w * data[(at(y, height) * width + at(x, width)) * channels + c]!));
  const rows = covered(height), columns = covered(width);
  return {
    height: rows,
    width: columns,
    data: range(rows).flatMap((y) => range(columns).map((x) => sample(y, x))),
  };
}

/** The variance of a channel at a luminance: linear between the model's, constant outside. */
function varianceAt({ luminance, variance }: NoiseModel, channel: number, at: number): number {
  const levels = variance[channel]!;
  const next = luminance.findIndex((value) => value >= at);
  if (next === 0) return levels[0]!;
  if (next < 0) return levels.at(-1)!;
  const t = (at - luminance[next - 1]!) / (luminance[next]! - luminance[next - 1]!);
  return levels[next - 1]! * (1 - t) + levels[next]! * t;
}

/** The mean of the 5x5 pixels around each, the edge repeated. */
function smoothed({ height, width, data }: Plane): number[] {
  const at = (i: number, size: number) => Math.min(Math.max(i, 0), size - 1);
  return data.map((_, i) => {
    const y = Math.floor(i / width), x = i % width;
    const around = range(25).map((j) =>
      data[at(y + Math.floor(j / 5) - 2, height) * width + at(x + j % 5 - 2, width)]!
    );
    return sum(around) / 25;
  });
}

/** The patches most like the one at (y, x), as places in the plane; nearer than `alike` all are equal. */
function nearest(
  plane: Plane,
  y: number,
  x: number,
  group: number,
  alike: number,
  { patch, window }: NaiveOptions,
): number[] {
  const { height, width } = plane, own = pixelsOf(plane, y * width + x, patch);
  const found: { at: number; distance: number; turn: number }[] = [];
  shiftsOf((window - 1) / 2).forEach(([dy, dx], turn) => {
    const v = y + dy, u = x + dx;
    if (v < 0 || u < 0 || v + patch > height || u + patch > width) return;
    const other = pixelsOf(plane, v * width + u, patch);
    const distance = sum(own.map((value, i) => (value - other[i]!) ** 2));
    found.push({ at: v * width + u, distance: Math.max(distance, alike), turn });
  });
  found.sort((a, b) => a.distance - b.distance || a.turn - b.turn);
  return found.slice(0, group).map(({ at }) => at);
}

const places = (at: number, patch: number, width: number): number[] =>
  range(patch ** 2).map((i) => at + Math.floor(i / patch) * width + i % patch);

const pixelsOf = ({ data, width }: Plane, at: number, patch: number): number[] =>
  places(at, patch, width).map((place) => data[place]!);

/** One step over the whole picture. */
function step(
  observed: readonly Plane[],
  pilot: readonly Plane[] | undefined,
  model: NoiseModel,
  group: number,
  options: NaiveOptions,
): Plane[] {
  const { patch, stride } = options, n = patch ** 2;
  const { height, width } = observed[0]!;
  const level = pilot ? pilot[0]!.data : smoothed(observed[0]!);
  const scale = observed.length === 3 ? 1 / Math.sqrt(3) : 1;
  const white = model.autocorrelation.every((rho) => rho.length === 1);
  const sharpened = options.weights === "sharpened";
  const strength = sharpened ? (pilot ? (white ? 0.5 : 1.2) : white ? 5 : 8) : pilot ? 1 : 1.05;
  const share = sharpened ? strength : pilot ? 1 : 0.05;
  const tolerance = sharpened ? (pilot ? 0.05 : 1) : 0;
  const sums = observed.map(({ data }) => data.map(() => 0));
  const weights = observed.map(({ data }) => data.map(() => 0));
  const levelOf = (c: number, at: number) => {
    const values = places(at, patch, width).map((i) => varianceAt(model, c, level[i]! * scale));
    return Math.max(sum(values) / n, 0.02 / 255 ** 2);
  };
  for (let y = 0; y + patch <= height; y += stride) {
    for (let x = 0; x + patch <= width; x += stride) {
      const alike = tolerance * 2 * n * levelOf(0, y * width + x);
      const found = nearest((pilot ?? observed)[0]!, y, x, group, alike, options);
      const k = found.length;
      observed.forEach((plane, c) => {
        const centred = (plane: Plane) => {
          const rows = found.map((at) => pixelsOf(plane, at, patch));
          const mean = rows[0]!.map((_, l) => sum(rows.map((row) => row[l]!)) / k);
          return { rows: rows.map((row) => row.map((value, l) => value - mean[l]!)), mean };
        };
        const own = centred(plane), source = pilot ? centred(pilot[c]!).rows : own.rows;
        const v = found.map((at) => levelOf(c, at));
        const rho = model.autocorrelation[c]!, lags = Math.sqrt(rho.length);
        const noise = found.map((a, i) =>
          found.map((b, j) => {
            const dy = Math.abs(Math.floor(a / width) - Math.floor(b / width));
            const dx = Math.abs(a % width - b % width);
            return dy < lags && dx < lags ? n * Math.sqrt(v[i]! * v[j]!) * rho[dy * lags + dx]! : 0;
          })
        );
        const q = source.map((a, i) => source.map((b, j) => dot(a, b) + share * noise[i]![j]!));
        const inverted = inverse(q), s = inverted.map(sum), total = sum(s);
        const affine = inverted.map((row, i) =>
          row.map((value, j) => value - s[i]! * s[j]! / total)
        );
        const theta = product(noise, affine)
          .map((row, i) => row.map((value, j) => (i === j ? 1 : 0) - strength * value));
        const square = product(theta, theta);
        const polynomial = square.map((row, i) =>
          row.map((value, j) => 6 * value - 15 * theta[i]![j]! + (i === j ? 10 : 0))
        );
        const t = sharpened ? product(product(square, theta), polynomial) : theta;
        const estimate = product(t, own.rows), left = product(t, noise);
        found.forEach((at, i) => {
          const gain = dot(left[i]!, t[i]!) / noise[i]![i]!;
          const weight = 1 / Math.min(Math.max(gain, 1 / k), 1);
          places(at, patch, width).forEach((place, l) => {
            sums[c]![place]! += weight * (estimate[i]![l]! + own.mean[l]!);
            weights[c]![place]! += weight;
          });
        });
      });
    }
  }
  return sums.map((data, c) => ({
    height,
    width,
    data: data.map((value, i) => value / weights[c]![i]!),
  }));
}

/** The samples of the denoised picture, `[height, width, channels]`. */
export function naiveNlRidge(noisy: Image, model: NoiseModel, options: NaiveOptions): number[] {
  const { channels, height, width } = noisy;
  const transform = channels === 3 ? OPPONENT : [[1]];
  const observed = transform.map((row) => planeOf(noisy, row, options.patch, options.stride));
  let planes: Plane[] | undefined;
  for (const group of options.groups) planes = step(observed, planes, model, group, options);
  return range(height * width * channels).map((i) => {
    const c = i % channels, x = Math.floor(i / channels) % width;
    const at = Math.floor(i / channels / width) * planes![0]!.width + x;
    return sum(planes!.map(({ data }, d) => transform[d]![c]! * data[at]!));
  });
}
