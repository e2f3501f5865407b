// Runs baselines on a study's picture, for comparison.
import { type Image, psnr, ssim, writeImage } from "../lib/image/mod.ts";
import { baselineSummary, type CaseSummary } from "./_comparison.ts";
import type { Progress } from "./_progress.ts";
import type { RestorationOptions } from "./_restoration_options.ts";
import { filesOf } from "./_study_folder.ts";
import { metadataOf, type Pictures } from "./_pictures.ts";
import type { PosedProblem, RestorationTask } from "./tasks/mod.ts";

/**
 * Runs a task's baselines and writes their pictures; the picture before the restoration counts as one.
 *
 * @param task The task.
 * @param posed Its problem.
 * @param pictures The pictures of the problem.
 * @param options The options of the problem.
 * @param folder The folder for the pictures.
 * @param columns The settings that vary; the first column gets the baseline's name.
 * @param progress Shows the progress.
 * @param signal Aborts the work.
 * @returns The numbers of the baselines that were run.
 * @throws {FileError} If a picture cannot be written.
 */
export async function runBaselines(
  task: RestorationTask,
  posed: PosedProblem,
  pictures: Pictures,
  options: RestorationOptions,
  folder: string,
  columns: readonly string[],
  progress: Progress,
  signal: AbortSignal,
): Promise<CaseSummary[]> {
  const { clean, problem: { initialEstimate } } = posed;
  const baselines = [
    { name: task.estimateName ?? "as it is", run: () => Promise.resolve(initialEstimate) },
    ...task.baselines?.(posed, options) ?? [],
  ];
  const summaries: CaseSummary[] = [];
  for (const { name, run } of baselines) {
    if (signal.aborted) break;
    progress.note(`baseline: ${name}`);
    const begun = performance.now();
    let image: Image;
    try {
      image = await run(signal);
    } catch (error) {
      if (signal.aborted) break;
      throw error;
    }
    const seconds = (performance.now() - begun) / 1000;
    const { output } = filesOf(folder, { name: `baseline=${name}` });
    await writeImage(output, image, { metadata: metadataOf(image, pictures) });
    const settings = Object.fromEntries(columns.map((column, i) => [column, i === 0 ? name : "-"]));
    const quality = clean
      ? { psnr: psnr(image, clean), ssim: ssim(image, clean) }
      : { psnr: null, ssim: null };
    summaries.push(baselineSummary(settings, { output, ...quality, seconds }));
  }
  return summaries;
}
