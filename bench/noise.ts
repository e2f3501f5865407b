// The accuracy of noise estimates: estimated over true level, for many kinds of noise; and the gain of denoising with
// them.
import { join } from "node:path";
import sharp from "sharp";
import {
  addGaussianNoise,
  denoising,
  derive,
  estimateNoise,
  type Image,
  noiseSigma,
  psnr,
  random,
  readImage,
  restore,
} from "../mod.ts";
import {
  addCameraNoise,
  addFilmGrain,
  addLuminanceNoise,
  demosaic,
  mosaic,
} from "../lib/degradation/mod.ts";
import { compressJpeg, type JpegQuantization } from "../lib/image/mod.ts";
import { table } from "../scripts/_table.ts";
import { picturesIn, wholePictures } from "./_pictures.ts";

/** Options of {@linkcode noise}. */
export interface NoiseOptions {
  real?: string;
  kinds?: string;
  denoise?: boolean;
  seed: number;
  json?: boolean;
}

const WHITE = 255;

/** A noisy picture, and its compression if it is a JPEG. */
interface Noisy {
  readonly image: Image;
  readonly quantization?: JpegQuantization;
}

type Add = (clean: Image, seed: number) => Image | Promise<Image | Noisy>;

const isImage = (noisy: Image | Noisy): noisy is Image => "data" in noisy;

const white = (level: number): Add => (clean, seed) => addGaussianNoise(clean, level / WHITE, seed);

const jpeg = (quality: number, sampling: "4:2:0" | "4:4:4"): Add => (clean, seed) =>
  compressJpeg(addGaussianNoise(clean, 20 / WHITE, seed), quality, sampling);

const webp: Add = async (clean, seed) => {
  const { height, width, channels, data } = rounded(addGaussianNoise(clean, 20 / WHITE, seed));
  const bytes = Uint8Array.from(data, (value) => Math.round(value * WHITE));
  const file = await sharp(bytes, { raw: { height, width, channels } }).webp({ quality: 80 })
    .toBuffer();
  const decoded = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { channels: stride } = decoded.info;
  return {
    ...clean,
    data: data.map((_, i) =>
      decoded.data[Math.floor(i / channels) * stride + i % channels]! / WHITE
    ),
  };
};

const demosaiced = (method: "bilinear" | "malvar"): Add => (clean, seed) =>
  demosaic(addGaussianNoise(mosaic(clean), 15 / WHITE, seed), method);

/** Variance 0.6 x + 4, of 255. */
const poissonGaussian: Add = (clean, seed) => {
  const { normal } = random(seed);
  const data = clean.data.map((value) =>
    value + Math.sqrt(0.6 * value * WHITE + 4) / WHITE * normal()
  );
  return { ...clean, data };
};

/** The kinds of noise; a colour filter and luminance noise need colours. */
const KINDS: readonly { name: string; add: Add; inColour?: boolean }[] = [
  { name: "white 5", add: white(5) },
  { name: "white 15", add: white(15) },
  { name: "white 25", add: white(25) },
  { name: "white 50", add: white(50) },
  { name: "JPEG 4:2:0 75", add: jpeg(75, "4:2:0") },
  { name: "JPEG 4:2:0 92", add: jpeg(92, "4:2:0") },
  { name: "JPEG 4:4:4 75", add: jpeg(75, "4:4:4"), inColour: true },
  { name: "JPEG 4:4:4 92", add: jpeg(92, "4:4:4"), inColour: true },
  { name: "WebP 80", add: webp },
  { name: "demosaiced, bilinear", add: demosaiced("bilinear"), inColour: true },
  { name: "demosaiced, Malvar", add: demosaiced("malvar"), inColour: true },
  { name: "Poisson-Gaussian", add: poissonGaussian },
  {
    name: "camera, ISO 1600",
    add: (clean, seed) => addCameraNoise(clean, 1600, seed),
    inColour: true,
  },
  {
    name: "camera, ISO 6400",
    add: (clean, seed) => addCameraNoise(clean, 6400, seed),
    inColour: true,
  },
  { name: "grain 15", add: (clean, seed) => addFilmGrain(clean, 15 / WHITE, seed) },
  {
    name: "luma 15",
    add: (clean, seed) => addLuminanceNoise(clean, 15 / WHITE, seed),
    inColour: true,
  },
];

/** A picture rounded to 8 bits, as in a file. */
const rounded = ({ data, ...rest }: Image): Image => ({
  ...rest,
  data: data.map((value) => Math.round(WHITE * Math.min(Math.max(value, 0), 1)) / WHITE),
});

/**
 * Pixels within this number of standard deviations of an end of the range are left out, because clipping reduces
 * noise there.
 */
const CLIPPED = 2.5;

/** If a smaller fraction of the pixels remains, all are used. */
const FEWEST = 0.02;

/** The root mean square of the difference between two pictures divided by the square root of 2, for each pixel. */
function energies(first: Image, second: Image, part: number): Float64Array {
  const { channels } = first;
  return Float64Array.from({ length: first.data.length / channels }, (_, p) => {
    let sum = 0;
    for (let i = p * channels; i < (p + 1) * channels; i++) {
      sum += part * (first.data[i]! - second.data[i]!) ** 2 / channels;
    }
    return sum;
  });
}

const meanOf = (values: Float64Array) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The true level over the pixels that are used, and a picture of those pixels. */
function counted(noisy: Image, clean: Image, energy: Float64Array): { level: number; part: Image } {
  const { channels } = noisy, all = Math.sqrt(meanOf(energy));
  const near = (p: number) => {
    for (let i = p * channels; i < (p + 1) * channels; i++) {
      if (Math.min(clean.data[i]!, 1 - clean.data[i]!) < CLIPPED * all) return true;
    }
    return false;
  };
  const pixels = Array.from(energy, (_, p) => p);
  let kept = pixels.filter((p) => !near(p));
  if (kept.length < FEWEST * pixels.length) kept = pixels;
  const data = new Float32Array(kept.length * channels);
  kept.forEach((p, i) =>
    data.set(noisy.data.subarray(p * channels, (p + 1) * channels), i * channels)
  );
  return {
    level: Math.sqrt(meanOf(Float64Array.from(kept, (p) => energy[p]!))),
    part: { height: 1, width: kept.length, channels, data },
  };
}

interface Row {
  kind: string;
  picture: string;
  /** The true and the estimated level, of 255. */
  level: number;
  estimated: number;
  before?: number;
  after?: number;
  seconds?: number;
}

async function rowOf(
  kind: string,
  picture: string,
  clean: Image,
  { image: noisy, quantization }: Noisy,
  energy: Float64Array,
  denoise: boolean,
): Promise<Row> {
  const model = estimateNoise(noisy, { quantization }),
    { level, part } = counted(noisy, clean, energy);
  const row = {
    kind,
    picture,
    level: WHITE * level,
    estimated: WHITE * noiseSigma(model, part),
  };
  if (!denoise) return row;
  const start = performance.now();
  const run = restore(denoising(noisy, { quantization }), { quality: "fast", measure: false });
  const restored = rounded((await run.result).image);
  const seconds = (performance.now() - start) / 1000;
  return { ...row, before: psnr(noisy, clean), after: psnr(restored, clean), seconds };
}

/**
 * Estimates noise of many kinds and prints the errors of the levels. The true noise of a processed picture is the
 * variation between photographs of the same scene: the root mean square of the difference of two draws, divided by
 * √2. For a real pair it is the difference of the photograph to the mean of many.
 */
export async function noise(folder: string, options: NoiseOptions): Promise<void> {
  const { real, kinds = "", denoise = false, seed, json } = options;
  const rows: Row[] = [];
  const add = (row: Row) => {
    rows.push(row);
    if (!json) {
      console.error(
        `${row.kind}, ${row.picture}: ${row.estimated.toFixed(2)} of ${row.level.toFixed(2)}`,
      );
    }
  };
  for (const { name, clean } of await wholePictures(folder)) {
    for (const kind of KINDS) {
      if (!kind.name.includes(kinds) || (kind.inColour && clean.channels === 1)) continue;
      const [first, second] = await Promise.all(
        ["first", "second"].map(async (draw): Promise<Noisy> => {
          const made = await kind.add(clean, derive(seed, `${kind.name}/${draw}`));
          return isImage(made) ? { image: rounded(made) } : made;
        }),
      ) as [Noisy, Noisy];
      const energy = energies(first.image, second.image, 1 / 2);
      add(await rowOf(kind.name, name, clean, first, energy, denoise));
    }
    if ("clean".includes(kinds)) {
      add(await rowOf("clean", name, clean, { image: clean }, energies(clean, clean, 1), denoise));
    }
  }
  for (const file of real ? picturesIn(real).filter((name) => name.endsWith("_noisy.png")) : []) {
    const [noisy, clean] = await Promise.all(
      [file, file.replace("_noisy", "_mean")].map((name) => readImage(join(real!, name))),
    ) as [Image, Image];
    const energy = energies(noisy, clean, 1);
    add(
      await rowOf("real", file.replace("_noisy.png", ""), clean, { image: noisy }, energy, denoise),
    );
  }
  if (json) return console.log(JSON.stringify(rows, null, 2));
  print(rows, denoise);
}

/** An estimate is close if its ratio to the truth is below this. */
const NEAR = 1.2;

function print(rows: readonly Row[], denoise: boolean): void {
  const decibels = (value: number | undefined) => value === undefined ? "" : value.toFixed(2);
  console.log(table(
    [
      "kind",
      "picture",
      "true",
      "estimated",
      "ratio",
      ...denoise ? ["dB", "after", "gain", "seconds"] : [],
    ],
    rows.map(({ kind, picture, level, estimated, before, after, seconds }) => [
      kind,
      picture,
      level.toFixed(2),
      estimated.toFixed(2),
      level > 0 ? (estimated / level).toFixed(2) : "",
      ...denoise
        ? [
          decibels(before),
          decibels(after),
          decibels(before === undefined || before === Infinity ? undefined : after! - before),
          seconds!.toFixed(1),
        ]
        : [],
    ]),
  ));
  const noisy = rows.filter(({ level }) => level > 0);
  const near = noisy.filter(({ level, estimated }) =>
    estimated < NEAR * level && level < NEAR * estimated
  );
  const gained = rows.filter(({ before }) => before !== undefined && before !== Infinity);
  for (const kind of denoise ? new Set(gained.map(({ kind }) => kind)) : []) {
    const of = gained.filter((row) => row.kind === kind);
    const mean = (value: (row: Row) => number) =>
      (of.reduce((sum, row) => sum + value(row), 0) / of.length).toFixed(2);
    console.log(`${kind}: ${mean(({ before }) => before!)} -> ${mean(({ after }) => after!)} dB`);
  }
  console.log(`within 20 %: ${near.length} of ${noisy.length}`);
  const clean = rows.filter(({ level }) => level === 0).map(({ estimated }) => estimated);
  if (clean.length > 0) console.log(`clean pictures: at most ${Math.max(...clean).toFixed(2)}`);
}
