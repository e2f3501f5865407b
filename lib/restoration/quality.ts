// The presets of a run: how far it goes.

/** How far a run goes: seconds (of a guided run the initial estimate alone), a minute, or a few. */
export type Quality = "fast" | "balanced" | "best";

/** Whether an objective has qualities: the guided objective and plug-and-play, which also see a picture whole. */
export const hasQuality = (objective: string): boolean =>
  objective === "guided" || objective === "plug-and-play";

/** What a quality spends. */
export interface Effort {
  /** Training steps; with none the initial estimate is the result. */
  readonly iterations: number;
  /** Recorrupted copies of the picture that the network learns from. */
  readonly draws: number;
  /** Iterations of plug-and-play. */
  readonly rounds: number;
}

/** What each quality spends. */
export const QUALITIES: Readonly<Record<Quality, Effort>> = {
  fast: { iterations: 0, draws: 0, rounds: 12 },
  balanced: { iterations: 400, draws: 4, rounds: 24 },
  best: { iterations: 1600, draws: 12, rounds: 60 },
};
