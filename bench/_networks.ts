// The networks of bench/step.ts, and the objective with which each is trained.
import {
  type Architecture,
  createImage,
  decoder,
  deepDecoder,
  DEFAULTS,
  denoising,
  dip,
} from "../mod.ts";
import { random } from "../lib/random/mod.ts";
import { type Objective, priorObjective } from "../lib/restoration/mod.ts";

/** The networks by their names in peer_torch.py; `default` is the one of `denoise`. */
const ARCHITECTURES: Readonly<Record<string, () => Architecture>> = {
  default: () => dip({ channels: DEFAULTS.channels, skipChannels: DEFAULTS.skipChannels }),
  dip: () => dip(),
  decoder: () => decoder(),
  "deep-decoder": () => deepDecoder(),
};

/** The objective of a network for a colour picture of `side` pixels; the input of `default` is the picture itself. */
export function benchObjective(
  network: string,
  side: number,
): { objective: Objective; learningRate: number } {
  const architecture = ARCHITECTURES[network]!();
  const picture = createImage({ height: side, width: side, channels: 3 });
  random(1).fillUniform(picture.data, 0, 1);
  const input = network === "default" ? "start" : "random";
  const objective = priorObjective(denoising(picture), architecture, 1, input, 0);
  return { objective, learningRate: architecture.learningRate };
}
