// Texture in a noise estimate: its detection, and what is subtracted for it.
import { SIZE } from "./_blocks.ts";
import type { Quiet } from "./_quiet.ts";
import { ringOf } from "./_shape.ts";
import { mean } from "./_statistics.ts";

/**
 * If the trust in a grey picture is not above DOUBTFUL at any luminance, there is texture everywhere, such as grass.
 * The level is then multiplied by DOUBTED: without this, estimates of weak noise were 1.3 to 3.3 times too high. In a
 * colour picture the colour channels show the noise.
 */
const DOUBTFUL = 0.4, DOUBTED = 0.75;

/**
 * The standard deviation of texture in the quietest blocks, of 255 at usual contrast; its variance is subtracted from
 * the noise's. `usual` is for photographs whose blocks are not trusted, `fur` for the luminance of colour pictures
 * without any trusted luminance, `everywhere` for such grey pictures. Without this, noise of 1 was estimated as up to
 * 1.9, and denoising removed more of the picture than of the noise.
 */
const LEFT = { usual: 1.6, fur: 2.5, everywhere: 4.5 };

/**
 * If even the quietest blocks have texture (a mean trust in luminance below UNTRUSTED), the estimate counts as
 * texture under three conditions: luminance has less than RATIO times the deviation of the stronger colour channel;
 * that is below WEAK, of 255 at usual contrast; and the white part is more than PART of luminance. Noise that is not
 * white has passed a colour filter or a JPEG file, so it is weaker in colour, or strong, and hardly any of it is
 * white. Without this, seven of 27 squares of 128x128 with white noise of 2 became 0.1 to 12 dB worse; with it none.
 * Squares with a camera's noise gain the same on average.
 */
const UNTRUSTED = 0.5, RATIO = 3, WEAK = 6, PART = 0.09;

/** Whether an estimate is the texture of a colour picture, such as fur or wood. */
export function isTexture(
  { variance: [luminance, ...colours], trust }: {
    readonly variance: readonly (readonly number[])[];
    readonly trust: readonly (readonly number[])[];
  },
  white: number,
  contrast: number,
): boolean {
  const colour = Math.max(...colours.map(mean));
  return colours.length > 0 && mean(trust[0]!) < UNTRUSTED &&
    mean(luminance!) < RATIO ** 2 * colour && colour < (WEAK * contrast) ** 2 &&
    white ** 2 > PART ** 2 * mean(luminance!);
}

/** Subtracts texture from a channel's variance, of 255². */
export type TextureRemoval = (variance: number, channel: number) => number;

/**
 * Makes the function that subtracts texture.
 *
 * @param trust The weight of the luminance's variance at each luminance, from 0 to 1.
 * @param channels The picture's channels.
 * @param isWhite Whether the noise is white, of one level.
 * @param contrast The picture's contrast, in [0, 1].
 * @returns The function.
 */
export function textureRemoval(
  trust: readonly number[],
  channels: number,
  isWhite: boolean,
  contrast: number,
): TextureRemoval {
  const isTrusted = trust.some((value) => value > DOUBTFUL), isColour = channels === 3;
  const usual = (1 - Math.min(mean(trust), 1)) * LEFT.usual ** 2;
  return (variance, channel) => {
    if (!isTrusted && !isColour) {
      return Math.max(DOUBTED ** 2 * variance - (LEFT.everywhere * contrast) ** 2, 0);
    }
    // Fur and leaves have texture mainly in luminance.
    const isFur = !isTrusted && !isWhite && channel === 0;
    return Math.max(variance - (isFur ? LEFT.fur ** 2 : usual) * contrast ** 2, 0);
  };
}

/**
 * The first ring for comparing luminance with colour, and the largest ratio that is possible for the same white
 * noise: ALIKE_CLEAR if colour has clearly more than the rounding error, that is a variance above CLEAR, of 255².
 * Luminance is limited to MORE times the colour's variance.
 */
const COMPARED_FROM = 9, ALIKE = 2.2, ALIKE_CLEAR = 6, CLEAR = 1, MORE = 1.05;

/** If both colour channels have white noise, luminance has white noise of the same level, which its texture hides. */
export function levelByColour(
  shapes: Float64Array[],
  levels: number[][],
  flat: boolean[],
  quiet: readonly Quiet[],
): void {
  const colour = levels[1]!.map((value, b) => Math.sqrt(value * levels[2]![b]!));
  const ratios = quiet.map(({ power: [luminance] }, b) => {
    let sum = 0, count = 0;
    for (let k = 0; k < SIZE; k++) if (ringOf(k) >= COMPARED_FROM) sum += luminance![k]!, count++;
    return sum / count / colour[b]!;
  }).sort((a, b) => a - b);
  const clear = colour.toSorted((a, b) => a - b)[colour.length >> 1]! > CLEAR;
  if (ratios[ratios.length >> 1]! > (clear ? ALIKE_CLEAR : ALIKE)) return;
  levels[0] = levels[0]!.map((value, b) => Math.min(value, MORE * colour[b]!));
  shapes[0]!.fill(1);
  flat[0] = true;
}

/** The ratio by which the variance of luminance may be below that of either colour channel. */
const LESS = 1.5;

/**
 * Noise in luminance is at least as strong as in both colour channels: so it leaves the sensor, and processing
 * weakens it in colour. If texture hides that, luminance gets the noise of the weaker colour channel.
 */
export function atLeastColour(shapes: Float64Array[], levels: number[][], flat: boolean[]): void {
  const weaker = mean(levels[1]!) < mean(levels[2]!) ? 1 : 2;
  if (mean(levels[weaker]!) < LESS * mean(levels[0]!)) return;
  levels[0] = [...levels[weaker]!];
  shapes[0]!.set(shapes[weaker]!);
  flat[0] = flat[weaker]!;
}
