// deno task denoise: takes the noise out of a picture by fitting an untrained network to it.
import { runCommand } from "./_failure.ts";
import { restoration } from "./_restoration.ts";
import { denoise } from "./tasks/mod.ts";

await runCommand("denoise", restoration(denoise));
