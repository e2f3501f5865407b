// Restores the pages of a file one after another, and keeps their metadata.
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

/** The pages to restore. */
export interface ChosenPages {
  /** Their indices in the file, from 0. */
  readonly places: readonly number[];
  /** A note on pages that are left out, if any. */
  readonly note?: string;
}

/**
 * Chooses the pages to restore: the one asked for, or all that the output format can store.
 *
 * @param opened The file.
 * @param format The output's format, if it is known.
 * @param page The page number asked for, from 1.
 * @returns The pages.
 * @throws {Failure} If the file has fewer pages.
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

/** Options of {@linkcode restorePages}. */
export interface RestorePagesOptions {
  readonly signal: AbortSignal;
  /** Starts a page, counted from 0; returns its progress display. */
  begin(page: number): Progress;
  /** Poses a page's problem. */
  pose(pictures: Pictures): Promise<PosedProblem>;
  /** Runs a problem to its end. */
  follow(posed: PosedProblem): Promise<RunResult>;
}

/** A file's pages after the restoration. */
export interface RestoredFile {
  /** The restored pages. */
  readonly pages: RestoredPage[];
  /** All pages, with their metadata. */
  readonly written: WrittenPage[];
  /** Whether all pages were restored, without an interruption. */
  readonly isWhole: boolean;
}

/**
 * Restores pages of a file. After the first restored page, an error or an interruption leaves the remaining pages
 * unchanged.
 *
 * @param opened The file.
 * @param places The indices of the pages.
 * @param format The output's format, if it is known.
 * @param restoring How a page is restored.
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
    /** Each note is printed once, not for every frame. */
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
      // In an enlargement it has the larger size.
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
