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

const PLOTLY = "application/vnd.plotly.v1+json";

/** How often a cell's own lines show something. */
const count = (code: string, pattern: RegExp) => code.match(pattern)?.length ?? 0;

/**
 * What went wrong in a run of a notebook: errors, and cells that do not show what their code says. A
 * figure is a chart and its picture; a watched run leaves a figure and a line.
 *
 * @param notebook The notebook with its outputs.
 * @returns One line a fault.
 */
export function faultsOf({ cells }: Notebook): string[] {
  return cells.flatMap((cell, i) => {
    if (cell.cell_type !== "code") return [];
    const code = cell.source.join(""), outputs = cell.outputs ?? [];
    const faults: string[] = [];
    if (typeof cell.execution_count !== "number") return [`cell ${i + 1}: did not run`];
    for (const { output_type, name, ename, evalue, text } of outputs) {
      if (output_type === "error") faults.push(`${ename}: ${evalue?.split("\n")[0]}`);
      if (name === "stderr") faults.push(`warns: ${text?.join("").trim()}`);
    }
    const shown = outputs.filter(({ output_type }) => output_type === "display_data");
    const figures = shown.filter(({ data }) => data?.[PLOTLY] && data["image/png"]).length;
    const watched = count(code, /\bawait watch\(/g);
    const expected = { displays: count(code, /\bawait display\(/g) + 2 * watched };
    if (shown.length !== expected.displays) {
      faults.push(`shows ${shown.length} of ${expected.displays} displays`);
    }
    const charts = count(code, /\bawait display\(show\(/g) + watched;
    if (figures !== charts) faults.push(`shows ${figures} of ${charts} figures`);
    const prints = count(code, /\bconsole\.(?:log|table)\(/g) > 0;
    if (prints !== outputs.some(({ name }) => name === "stdout")) {
      faults.push(prints ? "prints nothing" : "prints");
    }
    return faults.map((fault) => `cell ${i + 1}: ${fault}`);
  });
}
