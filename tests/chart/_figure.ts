// What tests ask of a figure.
import assert from "node:assert/strict";
import type { Figure } from "../../lib/chart/mod.ts";

/** The traces of a figure. */
// deno-lint-ignore no-explicit-any -- traces of all types, and what a test asks of them
export const traces = ({ data }: Pick<Figure, "data">) => data as any[];

/** The trace of a name. */
export const named = (figure: Figure, name: string) =>
  traces(figure).find((trace) => trace.name === name) ?? assert.fail(`no trace "${name}"`);
