// The presets of a guided run: how far it goes after the initial estimate.

/** How far a guided run goes: the initial estimate alone, a minute, or a few. */
export type Quality = "fast" | "balanced" | "best";

/** What a quality spends. */
export interface Effort {
  /** Training steps; with none the initial estimate is the result. */
  readonly iterations: number;
  /** Recorrupted copies of the picture that the network learns from. */
  readonly draws: number;
}

/** What each quality spends. */
export const QUALITIES: Readonly<Record<Quality, Effort>> = {
  fast: { iterations: 0, draws: 0 },
  balanced: { iterations: 400, draws: 4 },
  best: { iterations: 1600, draws: 12 },
};
