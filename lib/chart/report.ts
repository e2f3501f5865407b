// The contents of a report.
import type { Image } from "../image/mod.ts";
import type { RunRecord } from "../restoration/mod.ts";
import type { ErrorDecomposition, SpectrumWindow } from "../spectrum/mod.ts";
import type { MeasuredBands } from "./measurement_figures.ts";
import type { StudyResult } from "./study_figures.ts";

/** A run in a report. */
export interface ReportRun {
  /** Its heading, needed if there are several. */
  readonly name?: string;
  readonly record: RunRecord;
  /** The picture before the restoration. @default {the record's thumbnail, if it has snapshots} */
  readonly before?: Image;
  /** The restored picture. @default {the record's thumbnail, if it has snapshots} */
  readonly after?: Image;
  /** The clean picture; with it and `before` and `after`, PSNR and SSIM are shown. */
  readonly reference?: Image;
}

/** A study in a report: its cases in charts, a table and pictures. */
export interface ReportStudy {
  readonly results: readonly StudyResult[];
  /** The numbers of the cases. */
  readonly table?: ReportTable;
  /** Pictures, each with its name and optionally a note. */
  readonly pictures?: readonly {
    readonly name: string;
    readonly note?: string;
    readonly image: Image;
  }[];
  /** PSNR of the picture before the restoration, in dB, as a line in the charts. */
  readonly noisyPsnr?: number;
}

/** A picture compared with another in a report. */
export interface ReportMeasurement {
  readonly output: Image;
  readonly target: Image;
  /** The clean picture; with it PSNR and SSIM are shown. */
  readonly reference?: Image;
  /** The ranges of the bands as text, lowest first, and their unit. */
  readonly bands: { readonly ranges: readonly string[]; readonly unit: string };
  readonly channels: readonly MeasuredBands[];
  /** With a reference: the error decomposition of the output. */
  readonly account?: ErrorDecomposition;
  /** The window with which spectra were computed. @default {"none"} */
  readonly window?: SpectrumWindow;
}

/** Rows of text under a header. */
export interface ReportTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The contents of a report. */
export interface Report {
  readonly title: string;
  readonly measurement?: ReportMeasurement;
  readonly study?: ReportStudy;
  readonly runs?: readonly ReportRun[];
  /** The command line that reproduces the report. */
  readonly command?: string;
}
