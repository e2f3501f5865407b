// deno task denoise: takes the noise out of a picture by fitting an untrained network to it.
import { checkFileWritable, checkWritable } from "../lib/image/mod.ts";
import { createCommand, parsed } from "./_command_line.ts";
import {
  addDenoisingOptions,
  type DenoisingOptions,
  denoisingRun,
  doubtAbout,
  readPictures,
  withNoise,
} from "./_denoising.ts";
import { runCommand } from "./_failure.ts";
import { catchInterrupts } from "./_interrupt.ts";
import { describeOutcome, outcomeOf, save } from "./_outcome.ts";
import { defaultOutput, refuseSameFile, requireExtension } from "./_paths.ts";
import { startProgress } from "./_progress.ts";
import { addOutputOptions, type OutputOptions, restoreOptions } from "./_restoration_options.ts";
import { watch } from "./_watch.ts";

const SUFFIX = "-denoised";

const command = createCommand(
  "denoise",
  "Takes the noise out of a picture by fitting an untrained network to it (the deep image prior). " +
    "Reads and writes PNG, JPEG, WebP, TIFF and AVIF. Ctrl-C stops and keeps the best so far.",
  [
    ["writes photo-denoised.jpg", "photo.jpg"],
    ["the noise is known", "photo.png --noise-sigma 15 --output clean.png"],
    ["a quick try", "photo.png --iterations 200 --channels 16"],
    [
      "an experiment: adds noise to a clean picture and measures",
      "data/chelsea.png --add-noise 25 --output restored.png --report run.html",
    ],
  ],
)
  .argument("<input>", "the noisy picture");
addOutputOptions(addDenoisingOptions(command), SUFFIX);

async function denoise(args: readonly string[]): Promise<number> {
  if (!parsed(command, args)) return 0;
  const [input] = command.processedArgs as [string];
  const options = command.opts<DenoisingOptions & OutputOptions>();
  // A mistake in the options is told before anything is read.
  restoreOptions(options);
  const { output = defaultOutput(input, SUFFIX), record: recordFile, report: reportFile } = options;
  requireExtension("--record", recordFile, ".json");
  requireExtension("--report", reportFile, ".html");
  await refuseSameFile([
    { name: "the input", path: input, written: false },
    { name: "the reference", path: options.reference, written: false },
    { name: "the output", path: output, written: true },
    { name: "the record", path: recordFile, written: true },
    { name: "the report", path: reportFile, written: true },
  ]);

  const progress = startProgress(options.quiet ?? false);
  const signal = catchInterrupts(() => progress.note("stopping; Ctrl-C again quits at once"));
  try {
    progress.stage("reading");
    const pictures = withNoise(await readPictures(input, options.reference), options);
    await checkWritable(output);
    for (const file of [recordFile, reportFile]) if (file) await checkFileWritable(file);
    progress.stage("preparing the network");
    // Signals that came meanwhile are heard before a few seconds without a pause.
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
    const doubt = doubtAbout(pictures.noisy, options);
    if (doubt) progress.note(doubt);
    const { run, iterations } = denoisingRun(
      pictures,
      options,
      signal,
      reportFile !== undefined,
    );
    const { image, record } = await watch(run, iterations, progress, signal);
    const failure = record.events.find(({ kind }) => kind === "failure");
    if (failure) progress.note(`the run failed: ${failure.message}`);
    const saving = { pictures, image, output, record, recordFile, reportFile };
    await save(saving);
    const outcome = outcomeOf(saving);
    console.log(options.json ? JSON.stringify(outcome) : describeOutcome(outcome));
    if (outcome.stopReason === "diverged" || outcome.stopReason === "failed") return 1;
    return outcome.stopReason === "aborted" ? signal.reason.exitCode : 0;
  } finally {
    progress.end();
  }
}

await runCommand("denoise", denoise);
