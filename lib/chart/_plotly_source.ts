// Plotly as one script, from its package.

/**
 * The script's text; it is read when it is first asked for. It is imported as text, and not read by its path, because
 * a published package has no path to its dependencies.
 */
export const plotlySource = (): Promise<string> => source ??= read();

let source: Promise<string> | undefined;

const read = async () =>
  (await import("plotly.js-dist-min/plotly.min.js", { with: { type: "text" } })).default;
