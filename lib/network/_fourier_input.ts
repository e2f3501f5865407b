// The paper's 'fourier' input: waves of random phases, independent from pixel to pixel.
import { random } from "../random/mod.ts";

/** `[height, width, channels]`: sin 2πu in the first half of the channels, cos 2πu in the second, u uniform. */
export function fourierInput([height, width, channels]: number[], seed: number): Float32Array {
  const half = channels! / 2, pixels = height! * width!;
  const phases = new Float32Array(half * pixels);
  random(seed).fillUniform(phases, 0, 2 * Math.PI);
  const values = new Float32Array(channels! * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let c = 0; c < half; c++) {
      const phase = phases[pixel * half + c]!, at = pixel * channels! + c;
      values[at] = Math.sin(phase);
      values[at + half] = Math.cos(phase);
    }
  }
  return values;
}
