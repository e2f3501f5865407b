// deno task inpaint: fills the holes of a picture by fitting an untrained network to it.
import { runCommand } from "./_failure.ts";
import { restoration } from "./_restoration.ts";
import { inpaint } from "./tasks/mod.ts";

await runCommand("inpaint", restoration(inpaint));
