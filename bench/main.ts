// Benchmarks: speed of a step, quality of the defaults.
import { Command } from "commander";
import { quality } from "./quality.ts";
import { step } from "./step.ts";

const program = new Command("bench")
  .description("Benchmarks of the engine and of the defaults.")
  .showHelpAfterError()
  .addHelpText(
    "after",
    `
Examples:
  deno task bench step
  deno task bench step --size 256 --peer python3
  deno task bench quality data --noise-sigma 25`,
  );
const numbers = (text: string): number[] => text.split(",").map(Number);

program.command("step")
  .description("milliseconds and memory of a training step, 128 channels, on the cpu")
  .option("--network <names>", "networks, with commas", "dip,decoder,deep-decoder")
  .option("--size <sides>", "sides of the picture, with commas", numbers, [128, 256, 512])
  .option("--threads <n>", "threads", Number, navigator.hardwareConcurrency)
  .option("--seconds <s>", "time for each network and size", Number, 20)
  .option(
    "--rounds <n>",
    "measurements of each, in turn with the peer's; the fastest counts",
    Number,
    1,
  )
  .option("--peer <python>", "a python with PyTorch, to measure peer_torch.py in turn with ours")
  .option("--json", "print JSON instead of a table")
  .action(step);

program.command("quality")
  .description("PSNR, SSIM and time of the defaults over a folder of clean pictures")
  .argument("<folder>", "the folder")
  .option("--noise-sigma <s>", "standard deviation of the noise added, of 255", Number, 25)
  .option("--objective <names>", "objectives to compare, with commas", "r2r")
  .option("--iterations <n>", "iterations", Number)
  .option("--seed <n>", "seed", Number, 0)
  .option("--threads <n>", "threads", Number, navigator.hardwareConcurrency)
  .option("--output <folder>", "keep the pictures and records here")
  .option("--json", "print JSON instead of a table")
  .action(quality);

await program.parseAsync(Deno.args, { from: "user" });
