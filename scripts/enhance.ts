// deno task enhance: makes a picture's detail stronger by fitting an untrained network to it.
import { runCommand } from "./_failure.ts";
import { restoration } from "./_restoration.ts";
import { enhance } from "./tasks/mod.ts";

await runCommand("enhance", restoration(enhance));
