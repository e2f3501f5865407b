// deno task denoise: takes the noise out of a picture by fitting an untrained network to it.
import { denoising } from "../lib/degradation/mod.ts";
import {
  addGaussianNoise,
  checkFileWritable,
  checkWritable,
  estimateNoise,
  type Image,
  readImage,
} from "../lib/image/mod.ts";
import { derive } from "../lib/random/mod.ts";
import { restore } from "../lib/restoration/mod.ts";
import { createCommand, parsed, positiveNumber } from "./_command_line.ts";
import { Failure, runCommand, UsageError } from "./_failure.ts";
import { catchInterrupts } from "./_interrupt.ts";
import { describeOutcome, outcomeOf, save } from "./_outcome.ts";
import { defaultOutput, refuseSameFile } from "./_paths.ts";
import { startProgress } from "./_progress.ts";
import {
  addRestorationOptions,
  type RestorationOptions,
  restoreOptions,
} from "./_restoration_options.ts";
import { watch } from "./_watch.ts";

interface DenoiseOptions extends RestorationOptions {
  /** In units of 0 to 255. */
  noiseSigma?: number;
  /** In units of 0 to 255. */
  addNoise?: number;
}

const SUFFIX = "-denoised", WHITE = 255;

const command = createCommand(
  "denoise",
  "Takes the noise out of a picture by fitting an untrained network to it (the deep image prior).\n" +
    "Reads and writes PNG, JPEG, WebP, TIFF and AVIF. Ctrl-C stops and keeps the best so far.",
  [
    ["writes photo-denoised.jpg", "photo.jpg"],
    ["the noise is known", "photo.png --noise-sigma 15 --output clean.png"],
    ["a quick try", "photo.png --iterations 200 --channels 16"],
    [
      "an experiment: adds noise to a clean picture and measures",
      "data/chelsea.png --add-noise 25 --record run.json --output restored.png",
    ],
  ],
)
  .argument("<input>", "the noisy picture")
  .option(
    "--noise-sigma <s>",
    "the noise's standard deviation where white is 255 (default: estimated)",
    positiveNumber(WHITE),
  )
  .option(
    "--add-noise <s>",
    "for experiments: take the input as clean and add Gaussian noise of this standard deviation " +
      "where white is 255; the input is then the reference",
    positiveNumber(WHITE),
  );
addRestorationOptions(command, SUFFIX);

/** The picture to be restored, and the clean one if it is known. */
async function readPictures(input: string, { seed, addNoise, reference }: DenoiseOptions) {
  const picture = await readImage(input);
  const clean = reference === undefined ? undefined : await readImage(reference);
  if (clean) checkReference(picture, clean);
  if (addNoise === undefined) return { noisy: picture, clean };
  const noisy = addGaussianNoise(picture, addNoise / WHITE, derive(seed, "noise"));
  return { noisy, clean: clean ?? picture };
}

function checkReference(picture: Image, reference: Image): void {
  const [found, wanted] = [reference, picture].map(({ width, height, channels }) =>
    `${width}x${height} ${channels === 1 ? "grey" : "RGB"}`
  );
  if (found !== wanted) {
    throw new Failure(`the reference is ${found}, but the input is ${wanted}; they must be alike`);
  }
}

/** The noise's standard deviation in [0, 1] and where it comes from, as the library takes it. */
function assumedNoise(noisy: Image, { noiseSigma, addNoise }: DenoiseOptions, needed: boolean) {
  const given = noiseSigma ?? addNoise;
  if (given !== undefined) return { noiseSigma: given / WHITE, noiseSigmaFrom: "given" as const };
  if (!needed) return {};
  const estimated = estimateNoise(noisy);
  if (!(estimated > 0)) {
    throw new Failure("no noise is found in the picture; say how much there is with --noise-sigma");
  }
  return { noiseSigma: estimated, noiseSigmaFrom: "estimated" as const };
}

async function denoise(args: readonly string[]): Promise<number> {
  if (!parsed(command, args)) return 0;
  const [input] = command.processedArgs as [string];
  const options = command.opts<DenoiseOptions>();
  const settings = restoreOptions(options);
  const { output = defaultOutput(input, SUFFIX), record: recordFile } = options;
  if (recordFile !== undefined && !/\.json$/i.test(recordFile)) {
    throw new UsageError(`--record "${recordFile}" must end in .json`);
  }
  await refuseSameFile([
    { name: "the input", path: input, written: false },
    { name: "the reference", path: options.reference, written: false },
    { name: "the output", path: output, written: true },
    { name: "the record", path: recordFile, written: true },
  ]);

  const progress = startProgress(options.quiet ?? false);
  const signal = catchInterrupts(() => progress.note("stopping; Ctrl-C again quits at once"));
  try {
    progress.stage("reading");
    const { noisy, clean } = await readPictures(input, options);
    await checkWritable(output);
    if (recordFile !== undefined) await checkFileWritable(recordFile);
    const noise = assumedNoise(noisy, options, settings.objective !== "mse");
    progress.stage("preparing the network");
    // Signals that came meanwhile are heard before a few seconds without a pause.
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
    const run = restore(denoising(noisy), {
      ...settings,
      ...noise,
      ...clean ? { reference: clean } : {},
      signal,
    });
    const { image, record } = await watch(run, settings.iterations, progress, signal);
    const saving = { image, output, record, recordFile };
    await save(saving);
    const outcome = outcomeOf(saving, noisy, clean);
    console.log(options.json ? JSON.stringify(outcome) : describeOutcome(outcome));
    if (outcome.stopReason === "diverged") return 1;
    return outcome.stopReason === "aborted" ? signal.reason.exitCode : 0;
  } finally {
    progress.end();
  }
}

await runCommand("denoise", denoise);
