// deno task deblur: sharpens a picture that was blurred in a known way by fitting an untrained network to it.
import { runCommand } from "./_failure.ts";
import { restoration } from "./_restoration.ts";
import { deblur } from "./tasks/mod.ts";

await runCommand("deblur", restoration(deblur));
