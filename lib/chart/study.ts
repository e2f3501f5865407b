// What the charts of a study read.
import type { RunRecord } from "../restoration/mod.ts";

/** The result of one case of a study. */
export interface StudyResult {
  /** The value of every setting that varies; `seed` tells repetitions apart. */
  readonly settings: Readonly<Record<string, string>>;
  /** PSNR of the returned picture, in dB; null without a reference. */
  readonly psnr: number | null;
  readonly record: Pick<RunRecord, "series">;
}
