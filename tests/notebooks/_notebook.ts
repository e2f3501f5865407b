// What there is in a notebook's file (nbformat 4.5), and what is wrong with it.

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
  /** Displays, figures among them. */
  readonly displays: number;
  /** Charts, each with its picture. */
  readonly figures: number;
  /** Printed lines, at least. */
  readonly lines: number;
}

/** Bytes of a notebook that is still quick to open. */
export const LARGEST = 3_000_000;

const PLOTLY = "application/vnd.plotly.v1+json";

const count = (code: string, pattern: RegExp) => code.match(pattern)?.length ?? 0;

/**
 * What a cell's own lines say that it shows: each call that displays or prints counts once, so a call in
 * a loop or a function must not display. A watched run leaves a line and a figure.
 *
 * @param cell The cell.
 * @returns What it is meant to show; nothing for text.
 */
export function expectedOf({ cell_type, source }: Cell): Shown {
  const code = cell_type === "code" ? source.join("") : "";
  const watched = count(code, /\bawait watch\(/g);
  return {
    displays: count(code, /\bawait display\(/g) + 2 * watched,
    figures: count(code, /\bawait display\(\s*show\(/g) + watched,
    lines: count(code, /\bconsole\.(?:log|table)\(/g),
  };
}

/** What a cell's outputs show. */
function shownOf(outputs: readonly Output[]): Shown {
  const displays = outputs.filter(({ output_type }) => output_type === "display_data");
  const printed = outputs.filter(({ name }) => name === "stdout");
  return {
    displays: displays.length,
    figures: displays.filter(({ data }) => data?.[PLOTLY] && data["image/png"]).length,
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
  for (const kind of ["displays", "figures"] as const) {
    if (shown[kind] !== expected[kind]) {
      faults.push(`shows ${shown[kind]} of ${expected[kind]} ${kind}`);
    }
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
 * A notebook's file, as Jupyter writes it.
 *
 * @param notebook The notebook.
 * @returns The text.
 */
export function textOf(notebook: Notebook): string {
  return `${JSON.stringify(notebook, null, 1)}\n`;
}
