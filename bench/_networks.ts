// The networks that bench/step.ts measures, and the step that trains one of them.
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

/** Each network by its name in peer_torch.py; `default` is what `denoise` trains. */
const ARCHITECTURES: Readonly<Record<string, () => Architecture>> = {
  default: () => dip({ channels: DEFAULTS.channels, skipChannels: DEFAULTS.skipChannels }),
  dip: () => dip(),
  decoder: () => decoder(),
  "deep-decoder": () => deepDecoder(),
};

/** A network of the bench fitted to a colour picture of `side` pixels; `default` reads the picture itself. */
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
