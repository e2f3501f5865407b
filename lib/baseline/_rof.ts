// The Rudin-Osher-Fatemi problem, solved in its dual by an accelerated projected gradient.
import type { Image } from "../image/mod.ts";

/** The dual's gradient is Lipschitz with the norm of the gradient operator squared, at most 8 (Chambolle 2004). */
const STEP = 1 / 8;

/** Iterations between two looks at the duality gap. */
const LOOK_EVERY = 10;

/** The problem of one picture y: min over u of `weight TV(u) + |u - y|^2 / 2`. */
export interface Rof {
  /**
   * Solves the problem, beginning where the last solution ended.
   *
   * @param weight The weight, above 0.
   * @param tolerance The largest root mean square error of u, which the duality gap bounds.
   * @param limit The most iterations.
   * @returns u, `[height, width, channels]`; it is overwritten by the next solution.
   */
  solve(weight: number, tolerance: number, limit: number): Float32Array;
}

/**
 * Sets up the problem for a picture.
 *
 * With p a vector field of `|p(x)| <= weight` at every pixel, x and y differences and channels
 * together, `u = y + div p`, and p maximises `-|y + div p|^2`: projected gradient steps of 1/8 with
 * Nesterov's momentum (Beck and Teboulle 2009, "Fast Gradient-Based Algorithms for Constrained Total
 * Variation Image Denoising and Deblurring Problems", FGP). The duality gap
 * `sum weight |grad u| - <grad u, p>` bounds `|u - u*|^2 / 2`.
 *
 * @param image y.
 */
export function rof({ height, width, channels, data }: Image): Rof {
  const zeros = () => new Float32Array(data.length);
  // The field along columns (x) and rows (y), and where momentum has taken it.
  const px = zeros(), py = zeros(), qx = zeros(), qy = zeros(), u = zeros();
  const row = width * channels, last = (height - 1) * row;

  /** u = y + div of a field; the last difference of a row or column is 0, and so is its field. */
  const primal = (fx: Float32Array, fy: Float32Array) => {
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++, i++) {
          let value = data[i]! + fx[i]! + fy[i]!;
          if (x > 0) value -= fx[i - channels]!;
          if (y > 0) value -= fy[i - row]!;
          u[i] = value;
        }
      }
    }
  };
  const across = (i: number, x: number) => x + 1 < width ? u[i + channels]! - u[i]! : 0;
  const down = (i: number) => i < last ? u[i + row]! - u[i]! : 0;

  /** One step from q, where u was computed; q goes `momentum` times the step further. */
  const advance = (weight: number, momentum: number) => {
    const gx = new Float64Array(channels), gy = new Float64Array(channels);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i += channels) {
        let squared = 0;
        for (let c = 0; c < channels; c++) {
          const a = gx[c] = qx[i + c]! + STEP * across(i + c, x);
          const b = gy[c] = qy[i + c]! + STEP * down(i + c);
          squared += a * a + b * b;
        }
        const scale = squared > weight * weight ? weight / Math.sqrt(squared) : 1;
        for (let c = 0; c < channels; c++) {
          const a = gx[c]! * scale, b = gy[c]! * scale;
          qx[i + c] = a + momentum * (a - px[i + c]!);
          qy[i + c] = b + momentum * (b - py[i + c]!);
          px[i + c] = a;
          py[i + c] = b;
        }
      }
    }
  };

  /** The root mean square error that the duality gap at p allows; u is left at p. */
  const error = (weight: number) => {
    primal(px, py);
    let gap = 0;
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i += channels) {
        let squared = 0, inner = 0;
        for (let c = 0; c < channels; c++) {
          const a = across(i + c, x), b = down(i + c);
          squared += a * a + b * b;
          inner += a * px[i + c]! + b * py[i + c]!;
        }
        gap += weight * Math.sqrt(squared) - inner;
      }
    }
    return Math.sqrt(2 * Math.max(gap, 0) / data.length);
  };

  return {
    solve(weight, tolerance, limit) {
      qx.set(px);
      qy.set(py);
      for (let k = 1, t = 1; k <= limit; k++) {
        primal(qx, qy);
        const next = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
        advance(weight, (t - 1) / next);
        t = next;
        if (k % LOOK_EVERY === 0 && error(weight) <= tolerance) break;
      }
      primal(px, py);
      return u;
    },
  };
}
