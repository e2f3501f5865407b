// Restores the pages of a file, one after another, and keeps what the file says of them.
import {
  describeLosses,
  formatTitle,
  pageCapacity,
  type WrittenFormat,
  type WrittenPage,
} from "../lib/image/mod.ts";
import type { RunResult } from "../lib/restoration/mod.ts";
import { explain } from "./_failure.ts";
import type { RestoredPage } from "./_outcome.ts";
import { metadataOf, type OpenedPictures, type Pictures, placeOf } from "./_pictures.ts";
import type { Progress } from "./_progress.ts";
import type { PosedProblem } from "./tasks/mod.ts";

/** Which pages are restored. */
export interface ChosenPages {
  /** Their places in the file, from 0. */
  readonly places: readonly number[];
  /** What is left out, if something is. */
  readonly note?: string;
}

/**
 * Chooses the pages that are restored: the one that is asked for, or all that the output can hold.
 *
 * @param opened The file.
 * @param format The output's format, if it is known.
 * @param page The number that is asked for, from 1.
 * @returns The pages.
 * @throws {Failure} If the file has fewer.
 */
export function placesOf(
  opened: Pick<OpenedPictures, "pages" | "animation">,
  format: WrittenFormat | undefined,
  page: number | undefined,
): ChosenPages {
  const { pages, animation } = opened;
  if (page !== undefined || pages === 1) return { places: [placeOf(opened, page)] };
  const held = format ? pageCapacity(format) : "one";
  if (held === "any" || (held === "frames" && animation)) {
    return { places: Array.from({ length: pages }, (_, i) => i) };
  }
  const title = format ? formatTitle(format) : "the output";
  const note = `page 1 of ${pages} is restored: ${title} cannot hold them ` +
    "(--page takes another, a TIFF output takes all)";
  return { places: [0], note };
}

/** How pages are restored. */
export interface RestorePagesOptions {
  readonly signal: AbortSignal;
  /** Begins a page, the first is 0; gives where its progress is shown. */
  begin(page: number): Progress;
  /** Poses a page's problem. */
  pose(pictures: Pictures): Promise<PosedProblem>;
  /** Runs a problem to its end. */
  follow(posed: PosedProblem): Promise<RunResult>;
}

/** A file's pages after their restoration. */
export interface RestoredFile {
  /** Those that were restored. */
  readonly pages: RestoredPage[];
  /** All of them, with what is said of each. */
  readonly written: WrittenPage[];
  /** Whether none is written as it was, but for an interruption. */
  readonly isWhole: boolean;
}

/**
 * Restores pages of a file. Once one is restored, what goes wrong with a later one, or an interruption,
 * leaves the later ones as they were.
 *
 * @param opened The file.
 * @param places The pages, from 0.
 * @param format The output's format, if it is known.
 * @param restoring How each is restored.
 * @returns The pages.
 */
export async function restorePages(
  opened: OpenedPictures,
  places: readonly number[],
  format: WrittenFormat | undefined,
  { signal, begin, pose, follow }: RestorePagesOptions,
): Promise<RestoredFile> {
  const pages: RestoredPage[] = [], written: WrittenPage[] = [], failed: number[] = [];
  const several = places.length > 1, said = new Set<string>();
  for (const [i, place] of places.entries()) {
    const progress = begin(i), page = place + 1;
    const pictures = await opened.read(place);
    let asItWas = pictures.picture;
    /** Each is said once, not for every frame. */
    const note = (text: string) => {
      if (!said.has(text)) progress.note(text);
      said.add(text);
    };
    const keep = (image: WrittenPage["image"]) => {
      const one = { image, metadata: metadataOf(image, pictures) };
      const lost = format ? describeLosses(one, format) : [];
      if (lost.length > 0) note(`${formatTitle(format!)} cannot hold ${LIST.format(lost)}`);
      written.push(one);
    };
    if (several && !signal.aborted) progress.note(`page ${page} of ${opened.pages}`);
    for (const text of pictures.notes ?? []) note(text);
    try {
      const posed = await pose(pictures);
      // Of enlargement it is larger.
      asItWas = posed.given ?? posed.problem.initialEstimate;
      if (signal.aborted && pages.length > 0) {
        keep(asItWas);
        continue;
      }
      const { image, record } = await follow(posed);
      keep(image);
      pages.push({ page, posed, image, record });
    } catch (error) {
      const isLast = i === places.length - 1;
      if (!several || (isLast && pages.length === 0) || (signal.aborted && pages.length === 0)) {
        throw error;
      }
      if (!signal.aborted) {
        progress.note(`page ${page} is left as it was: ${explain(error).line}`);
        failed.push(page);
      }
      keep(asItWas);
    } finally {
      progress.end();
    }
  }
  return { pages, written, isWhole: failed.length === 0 };
}

const LIST = new Intl.ListFormat("en");
