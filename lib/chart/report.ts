// What a report shows.
import type { Image } from "../image/mod.ts";
import type { RunRecord } from "../restoration/mod.ts";
import type { StudyResult } from "./study.ts";

/** A run in a report. */
export interface ReportRun {
  /** Its heading; needed only where there are several. */
  readonly name?: string;
  readonly record: RunRecord;
  /** The picture before the restoration. @default {the record's thumbnail, if it has snapshots} */
  readonly before?: Image;
  /** The restored picture. @default {the record's thumbnail, if it has snapshots} */
  readonly after?: Image;
  /** The clean picture; with it and `before` and `after`, PSNR and SSIM are shown. */
  readonly reference?: Image;
}

/** What a report shows. */
export interface Report {
  readonly title: string;
  readonly runs?: readonly ReportRun[];
  /** A study, compared in charts. */
  readonly study?: readonly StudyResult[];
}
