// The steps of a run that a picture without a slider shows.
import type { RunRecord } from "../restoration/mod.ts";

type Step = NonNullable<RunRecord["snapshots"]>["steps"][number];

/** A step, and what it is called. */
export interface Moment {
  readonly name: string;
  readonly step: Step;
}

/**
 * The first snapshot, the best and the last: with a reference that of the highest PSNR, else that nearest
 * to the iteration whose picture is the result. Those that are the same are named together.
 */
export function momentsOf({ series: { psnr }, stop }: RunRecord, steps: readonly Step[]): Moment[] {
  const better = (a: Step, b: Step): Step => {
    if (!psnr) return Math.abs(b.iteration - stop.best) < Math.abs(a.iteration - stop.best) ? b : a;
    return (psnr[b.iteration - 1] ?? -Infinity) > (psnr[a.iteration - 1] ?? -Infinity) ? b : a;
  };
  const best = steps.reduce(better);
  const named: [name: string, step: Step][] = [
    ["start", steps[0]!],
    [psnr ? "peak" : "result", best],
    ["end", steps.at(-1)!],
  ];
  return [...Map.groupBy(named, ([, step]) => step)].map(([step, names]) => ({
    step,
    name: `${names.map(([name]) => name).join(" and ")}, ${step.iteration}`,
  }));
}
