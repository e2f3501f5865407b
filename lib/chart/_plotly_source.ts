// Plotly as one script, from its package.

/** The script's text; it is read when it is first asked for. */
export const plotlySource = (): Promise<string> => source ??= read();

let source: Promise<string> | undefined;

const read = () =>
  Deno.readTextFile(new URL(import.meta.resolve("plotly.js-dist-min/plotly.min.js")));
