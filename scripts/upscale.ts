// deno task upscale: makes a picture larger by fitting an untrained network to it.
import { runCommand } from "./_failure.ts";
import { restoration } from "./_restoration.ts";
import { upscale } from "./tasks/mod.ts";

await runCommand("upscale", restoration(upscale));
