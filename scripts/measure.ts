// deno task measure: measures which frequencies of a picture another one contains, band by band.
import { basename } from "node:path";
import { Option } from "commander";
import { writeReport } from "../lib/chart/mod.ts";
import { checkFileWritable } from "../lib/files/mod.ts";
import { type Image, luminance, psnr, ssim } from "../lib/image/mod.ts";
import {
  bandCorrespondence,
  bandTransfer,
  effectiveBandwidth,
  errorDecomposition,
  fourierRingCorrelation,
  isotropicRings,
  paperRings,
  type RingCorrelation,
  type Rings,
  spectraOf,
  type Spectrum,
  spectrumOf,
} from "../lib/spectrum/mod.ts";
import {
  describeNoise,
  estimateNoise,
  expectedRingCorrelation,
  type NoiseModel,
} from "../lib/noise/mod.ts";
import { blurriness, sharpness } from "../lib/stopping/mod.ts";
import { commandLine, createCommand, parseArguments, wholeNumber } from "./_command_line.ts";
import { UsageError } from "./_failure.ts";
import { refuseSameFile, requireExtension } from "./_paths.ts";
import { readPictures, requireSameShape } from "./_pictures.ts";
import { table } from "./_table.ts";

interface MeasureOptions {
  reference?: string;
  rings: "paper" | "isotropic";
  bands: number;
  window: "none" | "tukey" | "hann";
  channels: "luminance" | "each";
  report?: string;
  json?: boolean;
}

/** The command line. */
export const command = createCommand(
  "measure",
  "Compares a picture with another, frequency band by frequency band: which of the target's " +
    "frequencies the output has. With the clean picture too, where the output's error comes from. Of a picture alone: " +
    "its noise, and the detail that is not lost in it.",
  [
    ["a photograph alone: its noise and its resolution", "photo.jpg"],
    ["a restored picture against the noisy one", "restored.png noisy.png"],
    ["the account of the error, as JSON", "restored.png noisy.png --reference clean.png --json"],
    ["a page with charts", "restored.png noisy.png --reference clean.png --report measured.html"],
    ["ten bands of equal width in cycles per pixel", "a.png b.png --rings isotropic --bands 10"],
  ],
)
  .argument("<output>", "the picture to be measured")
  .argument(
    "[target]",
    "what it is compared with, such as the noisy picture it was restored from (default: nothing)",
  )
  .option("--reference <file>", "the clean picture: splits the error into missing signal and noise")
  .addOption(
    new Option(
      "--rings <mode>",
      "bands of equal width: paper (in pixels of the width, corners left out) or isotropic (in " +
        "cycles per pixel, corners in the last)",
    ).choices(["paper", "isotropic"]).default("paper"),
  )
  .option("--bands <n>", "how many bands", wholeNumber(1, 1000), 5)
  .addOption(
    new Option("--window <name>", "a taper before the transform: less leakage from the borders")
      .choices(["none", "tukey", "hann"]).default("none"),
  )
  .addOption(
    new Option("--channels <which>", "whether the luminance is measured, or each channel")
      .choices(["luminance", "each"]).default("luminance"),
  )
  .option("--report <file.html>", "write a page with pictures and charts there")
  .option("--json", "print one JSON object");

/** Options that require two pictures. */
const OF_TWO = ["reference", "rings", "bands", "window", "channels", "report"] as const;

const COLOURS = ["red", "green", "blue"];

/** The first picture of a file, with its original numbers; further pictures give a note. */
async function readFirst(file: string): Promise<Image> {
  const { picture, notes = [] } = await readPictures(file);
  for (const note of notes) console.error(`measure: "${file}": ${note}`);
  return picture;
}

/** The spectra to measure, by name. */
function named(
  image: Image,
  { channels, window }: MeasureOptions,
): { name: string; spectrum: Spectrum }[] {
  if (channels === "luminance") {
    return [{ name: "luminance", spectrum: spectrumOf(image, { window }) }];
  }
  return spectraOf(image, { window }).map((spectrum, i) => ({
    name: image.channels === 1 ? "grey" : COLOURS[i]!,
    spectrum,
  }));
}

/** The measurement of one channel. */
function measureChannel(name: string, output: Spectrum, target: Spectrum, rings: Rings) {
  const { resolution } = fourierRingCorrelation(output, target);
  // In a small picture a narrow band may have no coefficients; its value is then missing, not 0.
  const known = (values: readonly number[]) =>
    values.map((value, ring) => rings.sizes[ring] ? value : null);
  const { gain, coherence } = bandTransfer(output, target, rings);
  return {
    name,
    correspondence: known(bandCorrespondence(output, target, rings)),
    gain: known(gain),
    coherence: known(coherence),
    resolution,
    bandwidth: { output: effectiveBandwidth(output), target: effectiveBandwidth(target) },
  };
}

/** The measurements of a single picture. */
interface MeasuredAlone {
  readonly noise: NoiseModel;
  /** The frequencies at which the expected correlation of two such photographs falls below its thresholds. */
  readonly resolution: RingCorrelation["resolution"];
  readonly bandwidth: number;
  readonly blurriness: number;
  readonly sharpness: number;
  readonly ratio: number;
}

/** Measures a single picture. A window excludes its edges from the correlation. */
async function measureAlone(file: string): Promise<MeasuredAlone> {
  const { picture, quantization, notes = [] } = await readPictures(file);
  for (const note of notes) console.error(`measure: "${file}": ${note}`);
  const noise = estimateNoise(picture, { quantization }), grey = luminance(picture);
  const [blurred, sharp] = [blurriness(grey), sharpness(grey)];
  return {
    noise,
    resolution: expectedRingCorrelation(picture, noise, { window: "tukey" }).resolution,
    bandwidth: effectiveBandwidth(spectrumOf(picture)),
    ...{ blurriness: blurred, sharpness: sharp, ratio: blurred / sharp },
  };
}

const describeAlone = ({ noise, resolution, bandwidth, ...rest }: MeasuredAlone): string =>
  [
    describeNoise(noise),
    "the Fourier ring correlation of two such photographs, expected from this one and its noise, falls below the " +
    `half-bit curve ${crossed(resolution.halfBit)}, below 1/7 ${crossed(resolution.oneSeventh)}`,
    `95 % of the power within ${bandwidth.toFixed(3)} cycles/pixel`,
    describeRatio(rest),
  ].join("\n");

/** The measured picture, the target, and the clean picture if it is known. */
interface Measured {
  readonly image: Image;
  readonly aim: Image;
  readonly clean: Image | undefined;
}

async function read(
  output: string,
  target: string,
  { reference }: MeasureOptions,
): Promise<Measured> {
  const [image, aim] = [await readFirst(output), await readFirst(target)];
  requireSameShape(image, aim, ["the output", "the target"]);
  const clean = reference === undefined ? undefined : await readFirst(reference);
  if (clean) requireSameShape(image, clean, ["the output", "the reference"]);
  return { image, aim, clean };
}

function measurement({ image, aim, clean }: Measured, options: MeasureOptions) {
  const { height, width } = image;
  const rings = (options.rings === "paper" ? paperRings : isotropicRings)(
    height,
    width,
    options.bands,
  );
  const targets = named(aim, options), grey = luminance(image);
  const [blurred, sharp] = [blurriness(grey), sharpness(grey)];
  return {
    rings: { mode: rings.mode, radii: rings.radii },
    channels: named(image, options).map(({ name, spectrum }, i) =>
      measureChannel(name, spectrum, targets[i]!.spectrum, rings)
    ),
    blurriness: blurred,
    sharpness: sharp,
    ratio: blurred / sharp,
    ...clean
      ? {
        psnr: psnr(image, clean),
        ssim: ssim(image, clean),
        // All coefficients must be in rings, so that the parts add up.
        account: errorDecomposition(clean, aim, isotropicRings(height, width, options.bands))(
          image,
        ),
      }
      : {},
  };
}

type Measurement = ReturnType<typeof measurement>;

/** The limits of every band, and their unit. */
const bandsOf = ({ rings: { mode, radii } }: Measurement) => ({
  unit: mode === "paper" ? "of half the width" : "cycles/pixel",
  ranges: radii.map((radius, i) => `${(radii[i - 1] ?? 0).toFixed(3)}-${radius.toFixed(3)}`),
});

/** A flat picture has no blurriness, an empty band no correspondence. */
const digits = (value: number | null, count: number) =>
  value === null || !Number.isFinite(value) ? "-" : value.toFixed(count);

const describeRatio = (
  { blurriness, sharpness, ratio }: Pick<Measurement, "blurriness" | "sharpness" | "ratio">,
): string =>
  `blurriness ${digits(blurriness, 4)}, sharpness ${digits(sharpness, 5)}, ` +
  `ratio ${digits(ratio, 3)}`;

const crossed = (radius: number | null) =>
  radius === null ? "nowhere" : `at ${radius.toFixed(3)} cycles/pixel`;

/** The measurement for users. */
function describe(measured: Measurement): string {
  const { channels, psnr, ssim, account } = measured;
  const { ranges, unit } = bandsOf(measured);
  const blocks: string[] = [];
  for (const { name, correspondence, gain, coherence, resolution, bandwidth } of channels) {
    const rows = ranges.map((range, i) => [
      i + 1,
      range,
      ...[correspondence, gain, coherence].map((values) => digits(values[i]!, 3)),
    ]);
    blocks.push([
      `${name} (band 1 is the lowest)`,
      table(["band", unit, "H", "gain", "coherence"], rows),
      `Fourier ring correlation falls below the half-bit curve ${crossed(resolution.halfBit)}, ` +
      `below 1/7 ${crossed(resolution.oneSeventh)}`,
      `95 % of the power within ${bandwidth.output.toFixed(3)} cycles/pixel; the target's within ` +
      `${bandwidth.target.toFixed(3)}`,
    ].join("\n"));
  }
  blocks.push(describeRatio(measured));
  if (account) {
    const parts = [account.signal, account.noise, account.cross, account.remainder, account.total];
    // Round first, to avoid -0.00.
    const millionths = (value: number) => (Math.round(value * 1e8) / 100 + 0).toFixed(2);
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    const rows = [
      ...account.total.map((_, i) => [i + 1, ...parts.map((values) => millionths(values[i]!))]),
      ["all", ...parts.map((values) => millionths(sum(values)))],
    ];
    blocks.push([
      `the error to the clean picture: PSNR ${psnr!.toFixed(2)} dB, SSIM ${ssim!.toFixed(3)}`,
      "mean squared error in millionths, by isotropic band",
      table(["band", "signal missing", "noise learned", "cross", "remainder", "total"], rows),
    ].join("\n"));
  }
  return blocks.join("\n\n");
}

export async function measure(args: readonly string[]): Promise<number> {
  if (!parseArguments(command, args)) return 0;
  const [output, target] = command.processedArgs as [string, string | undefined];
  const options = command.opts<MeasureOptions>(), { report, reference, window } = options;
  if (target === undefined) {
    const needed = OF_TWO.find((name) => command.getOptionValueSource(name) === "cli");
    if (needed) throw new UsageError(`--${needed} needs a second picture to compare with`);
    const alone = await measureAlone(output);
    console.log(options.json ? JSON.stringify(alone) : describeAlone(alone));
    return 0;
  }
  requireExtension("--report", report, ".html");
  await refuseSameFile([
    { name: "the output", path: output, written: false },
    { name: "the target", path: target, written: false },
    { name: "the reference", path: reference, written: false },
    { name: "the report", path: report, written: true },
  ]);
  const pictures = await read(output, target, options), { image, aim, clean } = pictures;
  if (report) await checkFileWritable(report);
  const measured = measurement(pictures, options), { channels, account } = measured;
  if (report) {
    await writeReport(report, {
      title: basename(output),
      measurement: {
        output: image,
        target: aim,
        ...clean ? { reference: clean } : {},
        bands: bandsOf(measured),
        channels,
        ...account ? { account } : {},
        window,
      },
      command: commandLine("measure", args),
    });
  }
  console.log(options.json ? JSON.stringify(measured) : describe(measured));
  return 0;
}
