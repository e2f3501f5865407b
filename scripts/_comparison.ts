// The results of a study: one line for each case as JSON, one row for each setting as a table.
import { meanAndDeviation } from "../lib/chart/mod.ts";
import { type Case, withoutSeed } from "./_study.ts";
import type { CaseFiles, CaseResult } from "./_study_folder.ts";
import { table } from "./_table.ts";

/** A finished case, as `--json` prints it; a baseline has null for numbers of runs. */
export interface CaseSummary {
  /** The file of its picture; null if it was not kept. */
  readonly output: string | null;
  readonly record: string | null;
  readonly settings: Case["settings"];
  /** With a reference: PSNR of the picture that was written. */
  readonly psnr: number | null;
  readonly ssim: number | null;
  /** With a reference: the highest PSNR of any iteration, and that iteration. */
  readonly peak: number | null;
  readonly peakIteration: number | null;
  /** The misfit of the iteration whose picture was written. */
  readonly misfit: number | null;
  /** The correspondence H of that iteration in the lowest and in the highest band. */
  readonly lowestBand: number | null;
  readonly highestBand: number | null;
  readonly iterations: number | null;
  /** The iteration whose picture was written. */
  readonly best: number | null;
  /** How the run ended: a rule's name, or another reason; `baseline` for a baseline. */
  readonly ended: string;
  readonly seconds: number;
}

/** A case without a result. */
export interface FailedCase {
  readonly settings: Case["settings"];
  readonly error: string;
}

/** A case in the results. */
export type ShownCase = CaseSummary | FailedCase;

const isDone = (one: ShownCase): one is CaseSummary => !("error" in one);

/**
 * The numbers of a case.
 *
 * @param result The stored result.
 * @param files The files of the case.
 * @returns The numbers.
 */
export function summaryOf(
  { settings, psnr, ssim, record }: CaseResult,
  files: CaseFiles,
): CaseSummary {
  const { series: { misfit, bands, averagePsnr = [] }, stop, seconds } = record;
  const at = stop.best - 1;
  const known = averagePsnr.filter((value) => value !== null);
  const peak = known.length > 0 ? known.reduce((a, b) => Math.max(a, b)) : null;
  return {
    settings,
    ...files,
    psnr,
    ssim,
    peak,
    peakIteration: peak === null ? null : averagePsnr.indexOf(peak) + 1,
    misfit: misfit[at] ?? null,
    lowestBand: bands?.[0]?.[at] ?? null,
    highestBand: bands?.at(-1)?.[at] ?? null,
    iterations: stop.iteration,
    best: stop.best,
    ended: stop.reason === "rule" ? stop.rule : stop.reason,
    seconds,
  };
}

/**
 * The numbers of a baseline.
 *
 * @param settings Its name, in the columns of the settings.
 * @param measured Its measurements.
 * @returns The numbers.
 */
export const baselineSummary = (
  settings: Case["settings"],
  measured: Pick<CaseSummary, "output" | "psnr" | "ssim" | "seconds">,
): CaseSummary => ({
  settings,
  ...measured,
  record: null,
  peak: null,
  peakIteration: null,
  misfit: null,
  lowestBand: null,
  highestBand: null,
  iterations: null,
  best: null,
  ended: "baseline",
});

/** The numeric columns of the table, with the number of decimals. */
const COLUMNS: readonly [
  name: string,
  of: (one: CaseSummary) => number | null,
  digits: number,
][] = [
  ["PSNR", ({ psnr }) => psnr, 2],
  ["SSIM", ({ ssim }) => ssim, 3],
  ["peak", ({ peak }) => peak, 2],
  ["at", ({ peakIteration }) => peakIteration, 0],
  ["misfit", ({ misfit }) => misfit, 5],
  ["H lowest", ({ lowestBand }) => lowestBand, 3],
  ["H highest", ({ highestBand }) => highestBand, 3],
  ["picture", ({ best }) => best, 0],
  ["of", ({ iterations }) => iterations, 0],
  ["seconds", ({ seconds }) => seconds, 1],
];

/** The meaning of the columns, for the help. */
export const LEGEND = `Columns:
  PSNR, SSIM     of the picture that was kept; PSNR in dB
  peak, at       the highest PSNR on the way, and its iteration
  misfit         mean squared difference to the noisy picture
  H              correspondence with the noisy picture's lowest and highest band
  picture, of    the iteration whose picture was kept, and how many were made
  ended          what ended the run
  runs           how many; their mean ± standard deviation is shown`;

const NOTHING = "-";

function cell(values: readonly (number | null)[], digits: number): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return NOTHING;
  const { mean, deviation } = meanAndDeviation(known);
  return mean.toFixed(digits) + (deviation > 0 ? ` ± ${deviation.toFixed(digits)}` : "");
}

/** The cells of a study's table. */
export interface StudyTable {
  readonly header: string[];
  readonly rows: string[][];
}

/**
 * The study as a table: a row for each combination of settings, averaged over its seeds. Columns without numbers are
 * left out.
 */
export function tableOf(cases: readonly ShownCase[]): string {
  if (cases.length === 0) return "nothing is done yet";
  const { header, rows } = studyTableOf(cases);
  return table(header, rows);
}

/**
 * The cells of {@linkcode tableOf}.
 *
 * @param cases The cases, at least one.
 * @returns The header and the rows.
 */
export function studyTableOf(cases: readonly ShownCase[]): StudyTable {
  const groups = withoutSeed(cases);
  const settings = Object.keys(groups[0]!.settings);
  const done = cases.filter(isDone);
  const columns = COLUMNS.filter(([, of]) => done.some((one) => of(one) !== null));
  const several = done.length > groups.length;
  const rows = groups.map((group) => {
    const done = group.cases.filter(isDone);
    const endings = group.cases.map((one) => isDone(one) ? one.ended : "error");
    return [
      ...Object.values(group.settings),
      ...columns.map(([, of, digits]) => cell(done.map(of), digits)),
      [...new Set(endings)].join(", "),
      ...several ? [`${done.length}`] : [],
    ];
  });
  const header = [
    ...settings,
    ...columns.map(([name]) => name),
    "ended",
    ...several ? ["runs"] : [],
  ];
  return { header, rows };
}
