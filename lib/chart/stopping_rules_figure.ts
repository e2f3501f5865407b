// The criterion of each stopping rule, and where it stopped.
import type { Annotation, Data, Shape, YAxisName } from "plotly.js-dist-min";
import type { RuleRecord, RunRecord } from "../restoration/mod.ts";
import { type Figure, need, rows } from "./figure.ts";
import { axis, COLORS, curve, iterationAxis, layout, TEXT_COLOR } from "./style.ts";

/** The height of a panel and between panels, in pixels. */
const PANEL = 100, GAP = 34;

/** The criteria of the library's rules, and their scales; linear by default. */
const CRITERIA: Readonly<Record<string, { shows: string; scale?: "log" }>> = {
  "blur-sharpness": { shows: "relative change of blur / sharpness", scale: "log" },
  "blur-sharpness-paper": { shows: "change of blur / sharpness", scale: "log" },
  discrepancy: { shows: "misfit / noise" },
  emv: { shows: "variance of the outputs", scale: "log" },
  "held-out": { shows: "error at held-out pixels" },
  plateau: { shows: "rise of a band's H" },
  wmv: { shows: "variance of the outputs", scale: "log" },
};

/**
 * The criterion of every stopping rule over the iterations, each in a panel; a budget has no criterion. A dashed line
 * is where the rule stopped, a ring the iteration that it would return.
 *
 * @param record A run's record.
 * @returns The figure.
 * @throws {RangeError} If no rule has a criterion.
 *
 * @example A panel for each rule
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * assert.deepEqual(stoppingRulesFigure(record).data.map(({ name }) => name), ["emv", "emv, best"]);
 * ```
 */
export function stoppingRulesFigure(record: RunRecord): Figure {
  const rules = record.rules.filter(({ name, values }) =>
    name !== "budget" && values.some((value) => value !== null)
  );
  need(rules, "rules with values", "let the run make more iterations");
  const { plot, domains } = rows(rules.length, PANEL, GAP);
  const panels = rules.map((rule, i) => {
    const number = i === 0 ? "" : `${i + 1}`;
    return { rule, domain: domains[i]!, yaxis: `y${number}` as YAxisName, key: `yaxis${number}` };
  });
  const iterations = record.stop.iteration;
  return {
    data: panels.flatMap(({ rule, yaxis }) => tracesOf(rule, yaxis)),
    layout: {
      ...layout("Criteria of the stopping rules", plot, { above: 18, below: 0 }),
      showlegend: false,
      hovermode: "x",
      xaxis: iterationAxis(iterations, { anchor: panels.at(-1)!.yaxis }),
      ...Object.fromEntries(panels.map(({ rule: { name }, domain, key }) => [
        key,
        axis("", {
          domain,
          type: CRITERIA[name]?.scale ?? "linear",
          exponentformat: "power",
          nticks: 4,
        }),
      ])),
      shapes: panels.flatMap(({ rule: { stop }, yaxis }) =>
        stop === null ? [] : lineAt(stop, yaxis)
      ),
      annotations: panels.flatMap(({ rule: { name, stop }, yaxis }) => [
        titleOf(name, yaxis),
        ...stop === null ? [] : [labelOf(stop, iterations, yaxis)],
      ]),
    },
  };
}

const lineAt = (stop: number, yaxis: YAxisName): Partial<Shape> => ({
  type: "line",
  xref: "x",
  x0: stop,
  x1: stop,
  yref: `${yaxis} domain` as YAxisName,
  y0: 0,
  y1: 1,
  line: { color: TEXT_COLOR, width: 1, dash: "dash" },
});

function labelOf(stop: number, iterations: number, yaxis: YAxisName): Partial<Annotation> {
  const isLate = stop > iterations / 2;
  return {
    text: `${stop}`,
    xref: "x",
    x: stop,
    xanchor: isLate ? "right" : "left",
    xshift: isLate ? -4 : 4,
    yref: `${yaxis} domain` as YAxisName,
    y: 1,
    yanchor: "top",
    showarrow: false,
    font: { size: 11 },
  };
}

const titleOf = (name: string, yaxis: YAxisName): Partial<Annotation> => ({
  text: [`<b>${name}</b>`, CRITERIA[name]?.shows ?? ""].join("  "),
  xref: "paper",
  x: 0,
  xanchor: "left",
  yref: `${yaxis} domain` as YAxisName,
  y: 1,
  yanchor: "bottom",
  showarrow: false,
  font: { size: 12 },
});

function tracesOf({ name, values, best }: RuleRecord, yaxis: YAxisName): Data[] {
  const criterion = curve(name, values, { color: COLORS[0], width: 1.5 }, {
    yaxis,
    hovertemplate: "%{y:.4g}",
  });
  const chosen = best === null ? null : values[best - 1] ?? null;
  if (chosen === null) return [criterion];
  return [criterion, {
    type: "scatter",
    mode: "markers",
    name: `${name}, best`,
    x: [best],
    y: [chosen],
    yaxis,
    marker: { symbol: "circle-open", size: 9, color: COLORS[1], line: { width: 2 } },
    cliponaxis: false,
    hovertemplate: "best",
  }];
}
