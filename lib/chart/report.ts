// What a report shows.
import type { Image } from "../image/mod.ts";
import type { RunRecord } from "../restoration/mod.ts";
import type { ErrorDecomposition, SpectrumWindow } from "../spectrum/mod.ts";
import type { MeasuredBands } from "./measurement_figures.ts";
import type { StudyResult } from "./study_figures.ts";

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

/** A study in a report: cases compared in charts, a table and pictures. */
export interface ReportStudy {
  readonly results: readonly StudyResult[];
  /** The cases in numbers. */
  readonly table?: ReportTable;
  /** Pictures beside each other, each with its name and perhaps a note. */
  readonly pictures?: readonly {
    readonly name: string;
    readonly note?: string;
    readonly image: Image;
  }[];
  /** PSNR of what is restored, in dB; a line in the charts. */
  readonly noisyPsnr?: number;
}

/** A picture measured against another in a report. */
export interface ReportMeasurement {
  readonly output: Image;
  readonly target: Image;
  /** The clean picture; with it PSNR and SSIM are shown. */
  readonly reference?: Image;
  /** The range of every band in words, lowest first, and their unit. */
  readonly bands: { readonly ranges: readonly string[]; readonly unit: string };
  readonly channels: readonly MeasuredBands[];
  /** With a reference: where the output's error comes from. */
  readonly account?: ErrorDecomposition;
  /** How spectra are faded out at the pictures' edges. @default {"none"} */
  readonly window?: SpectrumWindow;
}

/** Rows of text under a header. */
export interface ReportTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a report shows. */
export interface Report {
  readonly title: string;
  readonly measurement?: ReportMeasurement;
  readonly study?: ReportStudy;
  readonly runs?: readonly ReportRun[];
  /** The command line that makes all of it again. */
  readonly command?: string;
}
