// Complex discrete Fourier transforms of any length.
import FFT from "fft.js";

/**
 * The transform of one length: write `input`, call `run()`, read `output`. All users of a length share its arrays.
 * Complex numbers are pairs of real and imaginary parts.
 */
export interface Transform {
  readonly input: Float64Array;
  readonly output: Float64Array;
  /** Computes `output[k] = sum_j input[j] exp(-2 pi i j k / length)`; `input` is overwritten. */
  run(): void;
}

/** The used part of fft.js, whose own types are all `any`. */
interface PowerOfTwoFft {
  transform(output: Float64Array, input: Float64Array): void;
}

const transforms = new Map<number, Transform>();

/** The transform of `length` numbers; it is made once and kept. */
export function transformOf(length: number): Transform {
  let transform = transforms.get(length);
  if (!transform) {
    transform = Number.isInteger(Math.log2(length)) ? direct(length) : bluestein(length);
    transforms.set(length, transform);
  }
  return transform;
}

function direct(length: number): Transform {
  const input = new Float64Array(2 * length), output = new Float64Array(2 * length);
  if (length === 1) return { input, output, run: () => output.set(input) };
  const fft: PowerOfTwoFft = new FFT(length);
  return { input, output, run: () => fft.transform(output, input) };
}

/**
 * Bluestein's algorithm: with `c_j = exp(-pi i j^2 / n)` the transform is `c_k sum_j (x_j c_j) conj(c_(k-j))`. This
 * is a convolution, computed by transforms whose length is a power of two.
 */
function bluestein(length: number): Transform {
  const padded = 2 ** Math.ceil(Math.log2(2 * length - 1));
  const inner = transformOf(padded);

  const chirp = new Float64Array(2 * length);
  for (let j = 0; j < length; j++) {
    const angle = Math.PI * (j * j % (2 * length)) / length;
    chirp[2 * j] = Math.cos(angle);
    chirp[2 * j + 1] = -Math.sin(angle);
  }
  inner.input.fill(0);
  for (let j = 0; j < length; j++) {
    for (const at of [j, (padded - j) % padded]) {
      inner.input[2 * at] = chirp[2 * j]! / padded;
      inner.input[2 * at + 1] = -chirp[2 * j + 1]! / padded;
    }
  }
  inner.run();
  const kernel = inner.output.slice();

  const input = new Float64Array(2 * length), output = new Float64Array(2 * length);
  const run = () => {
    const { input: a, output: b } = inner;
    for (let i = 0; i < 2 * length; i += 2) {
      const x = input[i]!, y = input[i + 1]!, c = chirp[i]!, s = chirp[i + 1]!;
      a[i] = x * c - y * s;
      a[i + 1] = x * s + y * c;
    }
    a.fill(0, 2 * length);
    inner.run();
    // If real and imaginary parts are swapped before and after, a transform becomes its inverse.
    for (let i = 0; i < 2 * padded; i += 2) {
      const x = b[i]!, y = b[i + 1]!, c = kernel[i]!, s = kernel[i + 1]!;
      a[i] = x * s + y * c;
      a[i + 1] = x * c - y * s;
    }
    inner.run();
    for (let i = 0; i < 2 * length; i += 2) {
      const x = b[i + 1]!, y = b[i]!, c = chirp[i]!, s = chirp[i + 1]!;
      output[i] = x * c - y * s;
      output[i + 1] = x * s + y * c;
    }
  };
  return { input, output, run };
}
