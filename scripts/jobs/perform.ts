// Runs a job on this machine: reads its files, poses its problem, runs it to its end.
import { writePages, writtenFormatOf } from "../../lib/image/mod.ts";
import { outcomeOf, type RestoredPage } from "../_outcome.ts";
import { placesOf, restorePages } from "../_pages.ts";
import { openPictures } from "../_pictures.ts";
import type { Progress } from "../_progress.ts";
import { libraryOptions, pose, runOf } from "../_restoration.ts";
import { followToEnd } from "../_follow_run.ts";
import { digestsOf, type Job, type JobResult, type PageResult, parsedJob } from "./job.ts";

/** Options of {@linkcode perform}. */
export interface PerformOptions {
  /** The memory limit in bytes; undefined for the machine's available memory. */
  readonly memoryLimit: number | undefined;
  /** Starts the progress display of the job, or of a further page of its file. */
  begin(isFurtherPage: boolean): Progress;
  /** The signal that ends it. */
  readonly signal: AbortSignal;
}

/**
 * Runs a job.
 *
 * @param job The job; its files are on this machine.
 * @param performing The options.
 * @returns The result; nothing is written.
 * @throws {Failure} If a file cannot be read, options do not go together, or the run failed.
 * @throws {FileError} If a picture cannot be read.
 * @throws {MemoryError} If the memory is too small.
 * @throws {Interruption} If it was ended.
 */
export async function perform(
  job: Job,
  { memoryLimit, begin, signal }: PerformOptions,
): Promise<JobResult> {
  let progress = begin(false);
  // Digest the files before they are read: if one changes meanwhile, the result counts as one of the older file.
  const sources = await digestsOf(job.files);
  const { task, options } = parsedJob(job), settings = libraryOptions(task, options);
  const opened = await openPictures(job.files["picture"]!, options.reference, options);
  const format = writtenFormatOf(`restored${job.extension}`);
  const { places, note } = placesOf(opened, format, options.page);
  if (note) progress.note(note);
  const { pages, written } = await restorePages(opened, places, format, {
    signal,
    begin: (page) => progress = page > 0 ? begin(true) : progress,
    pose: (pictures) =>
      pose(task, pictures, options, { signal, tell: (note) => progress.note(note) }),
    async follow(posed) {
      // Let pending signals be handled before a few seconds of uninterrupted work.
      await new Promise((resolve) => setTimeout(resolve));
      signal.throwIfAborted();
      for (const note of posed.notes ?? []) progress.note(note);
      const memory = memoryLimit === undefined ? {} : { memoryLimit };
      const run = runOf(posed, settings, signal, memory);
      return await followToEnd(run, run.iterations, progress, signal);
    },
  });
  // After an interruption some pages are not restored.
  signal.throwIfAborted();
  const { animation } = opened, [first, ...more] = pages.map(donePage);
  return {
    sources,
    pages: [first!, ...more],
    write: (path) => writePages(path, written, animation && { animation }),
  };
}

/** The result of a page, without the paths of its files. */
function donePage(page: RestoredPage): PageResult {
  const nowhere = { output: "", recordFile: undefined, reportFile: undefined };
  const { output: _, record: __, report: ___, ...outcome } = outcomeOf(page, nowhere);
  return { outcome, record: page.record };
}
