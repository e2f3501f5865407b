// The restoring commands by their names.
import type { RestorationOptions } from "../_restoration_options.ts";
import { deblock } from "./deblock.ts";
import { deblur } from "./deblur.ts";
import { denoise } from "./denoise.ts";
import { enhance } from "./enhance.ts";
import { inpaint } from "./inpaint.ts";
import type { RestorationTask } from "./task.ts";
import { upscale } from "./upscale.ts";

export { deblock, deblur, denoise, enhance, inpaint, upscale };
export type { Baseline, PosedProblem, PrepareOptions, RestorationTask } from "./task.ts";

/** Each is given only what its own options made, so that commands can take any of them. */
const erased = (...tasks: readonly unknown[]) =>
  tasks as readonly RestorationTask<RestorationOptions>[];

/** All restoring commands. */
export const TASKS = erased(denoise, inpaint, upscale, deblock, deblur, enhance);
