// Texture that is taken for noise: how it is recognised, and what is taken off an estimate for it.
import { SIZE } from "./_blocks.ts";
import type { Quiet } from "./_quiet.ts";
import { ringOf } from "./_shape.ts";
import { mean } from "./_statistics.ts";

/**
 * Where a grey picture is trusted no more than this at any luminance there is texture everywhere, such as grass, and
 * the level is taken so much lower: weak noise came out 1.3 to 3.3 times too strong. Colours would show the noise.
 */
const DOUBTFUL = 0.4, DOUBTED = 0.75;

/**
 * The standard deviation of the texture in the quietest blocks, of 255 at usual contrast. Its variance is taken off
 * the noise's. `usual` is that of photographs whose blocks are not trusted at all. `fur` is that of the luminance of
 * colour pictures that are trusted nowhere. `everywhere` is that of grey pictures that are trusted nowhere. Without
 * this, noise of 1 came out at up to 1.9, and denoising took more of the picture than of the noise.
 */
const LEFT = { usual: 1.6, fur: 2.5, everywhere: 4.5 };

/**
 * What is found where even the quietest blocks have texture (a mean trust in luminance below the first) is texture, if
 * luminance has less than `RATIO` times the deviation of the stronger colour, that is below `WEAK`, of 255 at usual
 * contrast, and the white part is more than `PART` of luminance. Noise that is not white has been through a colour
 * filter or a JPEG file, which leave it weaker in colour, or strong, and hardly any of it white. Of 27 squares of
 * 128x128 with white noise of 2 seven came out 0.1 to 12 dB worse without this, none with it; those with a camera's
 * noise gain the same on average.
 */
const UNTRUSTED = 0.5, RATIO = 3, WEAK = 6, PART = 0.09;

/** Whether what was found is the texture of a colour picture, as that of fur or wood. */
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

/** From a channel's variance, of 255², to what is left of it without texture. */
export type TextureRemoval = (variance: number, channel: number) => number;

/**
 * How the part that texture has is taken off a variance.
 *
 * @param trust The weight of the luminance's variance, from 0 to 1, at each luminance.
 * @param channels The picture's channels.
 * @param isWhite Whether the noise is white, of one level.
 * @param contrast The picture's contrast, in [0, 1].
 * @returns The removal.
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
    // Fur and leaves are rough in brightness.
    const isFur = !isTrusted && !isWhite && channel === 0;
    return Math.max(variance - (isFur ? LEFT.fur ** 2 : usual) * contrast ** 2, 0);
  };
}

/**
 * Rings whose luminance is compared with colour's, and the greatest ratio of one white noise: more where colour
 * has clearly more than rounding leaves, from a variance of 1 of 255². Luminance may have a little more.
 */
const COMPARED_FROM = 9, ALIKE = 2.2, ALIKE_CLEAR = 6, CLEAR = 1, MORE = 1.05;

/** White noise in both colours is white noise in luminance of the same level, which texture there would hide. */
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

/** How much less variance luminance may have than either colour. */
const LESS = 1.5;

/**
 * Noise is at least as strong in luminance as in both colours: sensors have it so, and what is done to a picture
 * afterwards weakens colour's. Where texture hides that, luminance takes the weaker colour's noise.
 */
export function atLeastColour(shapes: Float64Array[], levels: number[][], flat: boolean[]): void {
  const weaker = mean(levels[1]!) < mean(levels[2]!) ? 1 : 2;
  if (mean(levels[weaker]!) < LESS * mean(levels[0]!)) return;
  levels[0] = [...levels[weaker]!];
  shapes[0]!.set(shapes[weaker]!);
  flat[0] = flat[weaker]!;
}
