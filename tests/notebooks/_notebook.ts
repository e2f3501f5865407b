// The contents of a notebook's file (nbformat 4.5), and its faults.

/** Text is a list of lines. */
export interface Output {
  readonly output_type: "stream" | "display_data" | "execute_result" | "error";
  readonly name?: string;
  readonly text?: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
  readonly ename?: string;
  readonly evalue?: string;
}

/** A cell; code has outputs. */
export interface Cell {
  readonly id: string;
  readonly cell_type: "code" | "markdown";
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly source: readonly string[];
  readonly outputs?: readonly Output[];
  readonly execution_count?: number | null;
}

/** A notebook. */
export interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: { readonly kernelspec: { readonly name: string } };
  readonly nbformat: number;
  readonly nbformat_minor: number;
}

/** What a cell is meant to show. */
export interface Shown {
  /** Displays, rich ones among them. */
  readonly displays: number;
  /** Charts, pictures and tables. */
  readonly rich: number;
  /** Printed lines, at least. */
  readonly lines: number;
}

/** Bytes of a notebook that is still quick to open. */
export const LARGEST = 3_000_000;

/** The MIME type of a chart. */
export const PLOTLY = "application/vnd.plotly.v1+json";

/** What a display has that is more than text. */
const RICH = [PLOTLY, "image/png", "text/html"];

const count = (code: string, pattern: RegExp) => code.match(pattern)?.length ?? 0;

/**
 * What a cell's own lines say that it shows: each call that displays or prints counts once, so a call in
 * a loop or a function must not display. A watched run leaves a line and a chart.
 *
 * @param cell The cell.
 * @returns What it is meant to show; nothing for text.
 */
export function expectedOf({ cell_type, source }: Cell): Shown {
  const code = cell_type === "code" ? source.join("") : "";
  const watched = count(code, /\bawait showProgress\(/g);
  return {
    displays: count(code, /\bawait display\(/g) + 2 * watched,
    rich: count(code, /\bawait display\(\s*show\(/g) + watched,
    lines: count(code, /\bconsole\.(?:log|table)\(/g),
  };
}

/** What a cell's outputs show. */
function shownOf(outputs: readonly Output[]): Shown {
  const displays = outputs.filter(({ output_type }) => output_type === "display_data");
  const printed = outputs.filter(({ name }) => name === "stdout");
  return {
    displays: displays.length,
    rich: displays.filter(({ data }) => RICH.some((type) => data?.[type])).length,
    lines: count(printed.flatMap(({ text }) => text ?? []).join(""), /\n/g),
  };
}

function faultsOfCode(cell: Cell): string[] {
  if (typeof cell.execution_count !== "number") return ["did not run"];
  const outputs = cell.outputs ?? [];
  const faults: string[] = [];
  for (const { output_type, name, ename, evalue, text } of outputs) {
    if (output_type === "error") faults.push(`${ename}: ${evalue?.split("\n")[0]}`);
    // A cell's last value, which a loop has too: pages of it, in a terminal's colours.
    if (output_type === "execute_result") faults.push("shows its last value");
    if (name === "stderr") faults.push(`warns: ${text?.join("").trim()}`);
  }
  const expected = expectedOf(cell), shown = shownOf(outputs);
  for (const kind of ["displays", "rich"] as const) {
    if (shown[kind] === expected[kind]) continue;
    const what = kind === "rich" ? "charts, pictures and tables" : kind;
    faults.push(`shows ${shown[kind]} of ${expected[kind]} ${what}`);
  }
  if (shown.lines < expected.lines) {
    faults.push(`prints ${shown.lines} of ${expected.lines} lines`);
  }
  if (shown.lines > 0 && expected.lines === 0) faults.push("prints");
  return faults;
}

/**
 * What went wrong in a run of a notebook: errors, and cells that do not show what their code says.
 *
 * @param notebook The notebook with its outputs.
 * @returns One line a fault.
 */
export function faultsOf(notebook: Notebook): string[] {
  const faults = notebook.cells.flatMap((cell, i) =>
    cell.cell_type === "code" ? faultsOfCode(cell).map((fault) => `cell ${i + 1}: ${fault}`) : []
  );
  const bytes = new TextEncoder().encode(textOf(notebook)).length;
  if (bytes > LARGEST) faults.push(`has ${(bytes / 1e6).toFixed(1)} of ${LARGEST / 1e6} MB`);
  return faults;
}

/**
 * What a notebook that is kept lacks: without a picture, a chart is not seen where no script runs.
 *
 * @param notebook The notebook with its outputs.
 * @returns One line a fault.
 */
export function faultsOfKept(notebook: Notebook): string[] {
  return notebook.cells.flatMap(({ outputs = [] }, i) =>
    outputs.filter(({ data }) => data?.[PLOTLY] && !data["image/png"])
      .map(() => `cell ${i + 1}: a chart has no picture`)
  );
}

/** The code that solves an exercise. */
export interface Solution {
  /** Such as `exercise 2`. */
  readonly name: string;
  readonly code: string;
}

/** A folded solution, and code within it. */
const SOLUTION = /<details><summary>Solution<\/summary>\n([\s\S]*?)<\/details>/g;
const CODE = /^```ts\n([\s\S]*?)^```$/gm;

/**
 * The solutions of a notebook's exercises: code in a folded part of the text, which a reader may copy into a
 * cell below and which a test runs after the notebook.
 *
 * @param notebook The notebook.
 * @returns One for each exercise that has one.
 */
export function solutionsOf({ cells }: Notebook): Solution[] {
  return cells.flatMap(({ cell_type, source }) => {
    const text = source.join(""), title = /^### (Exercise \d+)/m.exec(text)?.[1];
    if (cell_type !== "markdown" || title === undefined) return [];
    const code = [...text.matchAll(SOLUTION)].flatMap(([, folded]) =>
      [...folded!.matchAll(CODE)].map(([, code]) => code!)
    ).join("");
    return code === "" ? [] : [{ name: title.toLowerCase(), code }];
  });
}

/**
 * A notebook's file, as Jupyter writes it.
 *
 * @param notebook The notebook.
 * @returns The text.
 */
export function textOf(notebook: Notebook): string {
  return `${JSON.stringify(notebook, null, 1)}\n`;
}
