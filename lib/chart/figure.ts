// What a chart is: data for Plotly, nothing drawn yet.
import type { Data, Frame, Layout } from "plotly.js-dist-min";

/** A Plotly figure, plain JSON. Pictures in it are PNG data URLs. */
export interface Figure {
  /** The traces, as the first frame shows them where there are frames. */
  readonly data: Data[];
  readonly layout: Partial<Layout>;
  /** What a slider steps through; each changes some traces. */
  readonly frames?: Frame[];
  /** What is shown instead where nothing moves: the first step, the best and the last beside each other. */
  readonly still?: Omit<Figure, "frames" | "still">;
}
