// One step of NL-Ridge over a whole picture, by the plain formulas.
import type { NoiseModel } from "../noise/mod.ts";
import type { Planes } from "./_planes.ts";

export interface PassOptions {
  patch: number;
  stride: number;
  group: number;
  window: number;
  signal?: AbortSignal;
  onProgress(part: number): void;
}

type Matrix = Float64Array[];

/** Inverse of a symmetric positive definite matrix, by Gauss and Jordan. */
function inverse(q: Matrix): Matrix {
  const k = q.length;
  const a = q.map((row) => row.slice());
  const b = a.map((_, i) => new Float64Array(k).fill(1, i, i + 1));
  for (let m = 0; m < k; m++) {
    const pivot = a[m]![m]!;
    for (let j = 0; j < k; j++) {
      a[m]![j]! /= pivot;
      b[m]![j]! /= pivot;
    }
    for (let i = 0; i < k; i++) {
      if (i === m) continue;
      const factor = a[i]![m]!;
      for (let j = 0; j < k; j++) {
        a[i]![j]! -= factor * a[m]![j]!;
        b[i]![j]! -= factor * b[m]![j]!;
      }
    }
  }
  return b;
}

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => {
    const out = new Float64Array(b[0]!.length);
    row.forEach((value, j) => b[j]!.forEach((other, c) => out[c]! += value * other));
    return out;
  });

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
function smoothed({ height, width, planes: [plane] }: Planes): Float32Array {
  const clamp = (i: number, size: number) => Math.min(Math.max(i, 0), size - 1);
  return plane!.map((_, i) => {
    const y = Math.floor(i / width), x = i % width;
    let sum = 0;
    for (let v = y - 2; v <= y + 2; v++) {
      for (let u = x - 2; u <= x + 2; u++) {
        sum += plane![clamp(v, height) * width + clamp(u, width)]!;
      }
    }
    return sum / 25;
  });
}

/** The least variance of a patch, so that no Gram matrix is singular: 0.02 of 255². */
const LEAST = 0.02 / 255 ** 2;

export async function pass(
  observed: Planes,
  pilot: Planes | undefined,
  model: NoiseModel,
  { patch, stride, group, window, signal, onProgress }: PassOptions,
): Promise<Planes> {
  const { height, width, planes } = observed;
  const matched = (pilot ?? observed).planes[0]!;
  const reach = (window - 1) / 2, n = patch ** 2;
  const level = pilot ? pilot.planes[0]! : smoothed(observed);
  const toLuminance = planes.length === 3 ? 1 / Math.sqrt(3) : 1;
  const share = pilot ? 1 : 0.05, strength = pilot ? 1 : 1.05;
  const corner = (size: number) => Math.min(reach + 1, size - patch + 1);
  const k = Math.min(group, corner(height) * corner(width));
  const sums = planes.map(() => new Float64Array(height * width));
  const weights = planes.map(() => new Float64Array(height * width));
  const pixels = (at: number) => {
    const list: number[] = [];
    for (let r = 0; r < patch; r++) for (let c = 0; c < patch; c++) list.push(at + r * width + c);
    return list;
  };
  const distance = (a: number, b: number) => {
    let sum = 0;
    for (let r = 0; r < patch; r++) {
      for (let i = r * width; i < r * width + patch; i++) {
        sum += (matched[a + i]! - matched[b + i]!) ** 2;
      }
    }
    return sum;
  };
  for (let y = 0; y + patch <= height; y += stride) {
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve));
    onProgress(y / height);
    for (let x = 0; x + patch <= width; x += stride) {
      const found: { at: number; d: number; far: number }[] = [];
      for (let v = Math.max(y - reach, 0); v <= Math.min(y + reach, height - patch); v++) {
        for (let u = Math.max(x - reach, 0); u <= Math.min(x + reach, width - patch); u++) {
          const at = v * width + u;
          found.push({ at, d: distance(y * width + x, at), far: (v - y) ** 2 + (u - x) ** 2 });
        }
      }
      found.sort((a, b) => a.d - b.d || a.far - b.far || a.at - b.at);
      const places = found.slice(0, k).map(({ at }) => at);
      const pixelsOf = places.map(pixels);
      for (const [c, plane] of planes.entries()) {
        const centred = (plane: Float32Array) => {
          const rows: Matrix = pixelsOf.map((list) => Float64Array.from(list, (i) => plane[i]!));
          const mean = rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / k);
          for (const row of rows) mean.forEach((value, i) => row[i]! -= value);
          return { rows, mean };
        };
        const { rows, mean } = centred(plane);
        const signalRows = pilot ? centred(pilot.planes[c]!).rows : rows;
        const v = pixelsOf.map((list) =>
          Math.max(
            list.reduce((sum, i) => sum + varianceAt(model, c, level[i]! * toLuminance), 0) / n,
            LEAST,
          )
        );
        const rho = model.autocorrelation[c]!, lags = Math.sqrt(rho.length);
        const noise: Matrix = places.map((a, i) =>
          Float64Array.from(places, (b, j) => {
            const dy = Math.abs(Math.floor(a / width) - Math.floor(b / width));
            const dx = Math.abs(a % width - b % width);
            return dy < lags && dx < lags ? n * Math.sqrt(v[i]! * v[j]!) * rho[dy * lags + dx]! : 0;
          })
        );
        const q: Matrix = signalRows.map((a, i) =>
          Float64Array.from(
            signalRows,
            (b, j) => a.reduce((sum, s, l) => sum + s * b[l]!, share * noise[i]![j]!),
          )
        );
        const inverted = inverse(q);
        const s = inverted.map((row) => row.reduce((a, b) => a + b));
        const total = s.reduce((a, b) => a + b);
        const affine = inverted.map((row, i) =>
          row.map((value, j) => value - s[i]! * s[j]! / total)
        );
        const theta = product(noise, affine).map((row, i) =>
          row.map((value, j) => (i === j ? 1 : 0) - strength * value)
        );
        const estimate = product(theta, rows);
        const spread = product(theta, noise);
        places.forEach((_, i) => {
          const gain = spread[i]!.reduce((sum, value, j) => sum + value * theta[i]![j]!, 0) /
            noise[i]![i]!;
          const weight = 1 / Math.min(Math.max(gain, 1 / k), 1);
          pixelsOf[i]!.forEach((at, l) => {
            sums[c]![at]! += weight * (estimate[i]![l]! + mean[l]!);
            weights[c]![at]! += weight;
          });
        });
      }
    }
  }
  return {
    height,
    width,
    planes: sums.map((sum, c) => Float32Array.from(sum, (value, i) => value / weights[c]![i]!)),
  };
}
