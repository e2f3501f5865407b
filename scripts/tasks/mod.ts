// The restoring commands by name.
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

/** Hides the options' types, so that commands can use any task. Each task only gets options that it has defined. */
const erased = (...tasks: readonly unknown[]) =>
  tasks as readonly RestorationTask<RestorationOptions>[];

/** All restoring commands. */
export const TASKS = erased(denoise, inpaint, upscale, deblock, deblur, enhance);
