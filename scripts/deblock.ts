// deno task deblock: takes the blocks out of a JPEG picture by fitting an untrained network to it.
import { runCommand } from "./_failure.ts";
import { restoration } from "./_restoration.ts";
import { deblock } from "./tasks/mod.ts";

await runCommand("deblock", restoration(deblock));
