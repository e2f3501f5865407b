// Benchmarks: speed of a step, quality of the defaults, evidence for the method.
import { Command } from "commander";
import { runCommand } from "../scripts/_failure.ts";
import { baselines } from "./baselines.ts";
import { findings } from "./findings.ts";
import { lipschitz } from "./lipschitz.ts";
import { monitor } from "./monitor.ts";
import { noise } from "./noise.ts";
import { nonlocal } from "./nonlocal.ts";
import { parameters } from "./parameters.ts";
import { quality } from "./quality.ts";
import { queue } from "./queue.ts";
import { ratio } from "./ratio.ts";
import { step } from "./step.ts";
import { stopping } from "./stopping.ts";
import { tangent } from "./tangent.ts";
import { METHODS, tasks } from "./tasks.ts";

const program = new Command("bench")
  .description("Benchmarks of the engine and of the defaults.")
  .showHelpAfterError()
  .addHelpText(
    "after",
    `
Examples:
  deno task bench step
  deno task bench step --size 256 --peer python3
  deno task bench step --network default --size 256 --profile --nodes 20
  deno task bench quality data --quality fast,balanced,best --peer python3 --chart times.png`,
  );
const numbers = (text: string): number[] => text.split(",").map(Number);

/** A benchmark on small squares of a folder's pictures. */
const onSquares = (name: string, description: string, side: number): Command =>
  program.command(name)
    .description(description)
    .argument("<folder>", "a folder of clean pictures")
    .option(
      "--size <side>",
      "side of the square from the middle of each picture, halved",
      Number,
      side,
    )
    .option("--threads <n>", "threads; a small picture gains little from a second", Number, 1)
    .option("--json", "print JSON instead of a table");

program.command("step")
  .description(
    "milliseconds and memory of a training step on the cpu: of what `denoise` trains, and of the networks at 128 channels",
  )
  .option("--network <names>", "networks, with commas", "default,dip,decoder,deep-decoder")
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
  .option("--profile", "where the time goes, by operator, instead")
  .option("--nodes <n>", "with --profile, also the nodes that take longest", Number, 0)
  .option("--json", "print JSON instead of a table")
  .action(step);

program.command("quality")
  .description("PSNR, SSIM and time of denoising over a folder of clean pictures")
  .argument("<folder>", "the folder")
  .option("--noise-sigma <list>", "standard deviations of the noise added, of 255", numbers, [25])
  .option("--quality <names>", "qualities of guided runs, with commas", "fast,balanced")
  .option("--objective <names>", "further objectives, with commas; mse is the published prior")
  .option("--assume <parts>", "noise levels assumed, as parts of the true one", numbers, [1])
  .option("--baselines", "the simple methods too")
  .option(
    "--peer <python>",
    "a python with the package bm3d, to run peer_bm3d.py on the same noise",
  )
  .option(
    "--size <side>",
    "only the square from the middle of each picture, halved to this",
    Number,
  )
  .option("--iterations <n>", "iterations", Number)
  .option("--seed <n>", "seed", Number, 0)
  .option("--threads <n>", "threads", Number, navigator.hardwareConcurrency)
  .option("--output <folder>", "keep the pictures and records here")
  .option("--chart <file.png>", "draw PSNR against seconds there")
  .option("--json", "print JSON instead of a table")
  .action(quality);

program.command("nonlocal")
  .description("seconds, processor seconds and memory of NL-Ridge, white noise and a camera's")
  .argument("<picture>", "a clean colour picture, repeated by reflection to each size")
  .option("--size <list>", "sizes, as HEIGHTxWIDTH, with commas", "512x512")
  .option("--noise-sigma <s>", "standard deviation of the noise, of 255", Number, 25)
  .option("--workers <n>", "workers", Number, navigator.hardwareConcurrency)
  .option("--rounds <n>", "measurements of each; the fastest counts", Number, 3)
  .option("--json", "print JSON instead of a table")
  .action(nonlocal);

program.command("baselines")
  .description(
    "PSNR, SSIM and time of denoising without the prior, over a folder of clean pictures",
  )
  .argument("<folder>", "the folder")
  .option("--noise-sigma <s>", "standard deviation of the noise added, of 255", Number, 25)
  .option(
    "--size <side>",
    "only the square from the middle of each picture, halved to this",
    Number,
  )
  .option("--seed <n>", "seed", Number, 0)
  .option("--json", "print JSON instead of a table")
  .action(baselines);

program.command("tasks")
  .description("PSNR, SSIM and time of every restoring command, beside the published prior")
  .argument("<folders...>", "folders of clean pictures")
  .option("--only <text>", "only command lines that contain this")
  .option(
    "--size <side>",
    "side of the square from the middle of each picture, halved",
    Number,
    128,
  )
  .option("--whole", "squares as they are, not halved")
  .option("--methods <names>", `of ${METHODS.join(", ")}`, "start,balanced")
  .option("--iterations <n>", "iterations of the published prior (default: its own)", Number)
  .option("--seed <n>", "seed", Number, 0)
  .option("--threads <n>", "threads", Number, navigator.hardwareConcurrency)
  .option("--records <folder>", "keep the records here, and use those that are there")
  .option("--output <folder>", "keep the pictures here")
  .option("--json", "print JSON instead of a table")
  .action(tasks);

onSquares(
  "stopping",
  "where each stopping rule stops on small pictures, and how far below the best iterate",
  96,
)
  .option("--noise-sigma <list>", "noise levels, of 255", numbers, [15, 25, 50])
  .option("--iterations <n>", "iterations", Number, 1500)
  .option("--rules <names>", "only these; pixels are held out only for held-out")
  .option("--seed <n>", "seed", Number, 0)
  .option("--records <folder>", "keep the records here, and use those that are there")
  .action(stopping);

program.command("noise")
  .description(
    "estimated over true level of noises of many kinds, on a folder of clean pictures; PSNR with --denoise",
  )
  .argument("[folder]", "clean pictures", "data")
  .option("--real <folder>", "real pairs NAME_noisy.png and NAME_mean.png as well")
  .option("--kinds <text>", "only kinds whose names contain this")
  .option(
    "--denoise",
    "also what denoise --quality fast makes of it: PSNR before and after, and seconds",
  )
  .option("--seed <n>", "seed", Number, 0)
  .option("--json", "print JSON instead of a table")
  .action(noise);

program.command("monitor")
  .description("what measuring everything at every iteration costs, beside measuring nothing")
  .argument("<folder>", "a folder of pictures; the first is taken")
  .option("--size <side>", "side of the picture", Number, 256)
  .option("--channels <n>", "channels of the decoder", Number, 128)
  .option("--steps <n>", "iterations a round", Number, 10)
  .option("--rounds <n>", "rounds, with and without in turn", Number, 4)
  .option("--threads <n>", "threads", Number, navigator.hardwareConcurrency)
  .option("--json", "print JSON instead of a table")
  .action(monitor);

onSquares(
  "findings",
  "the paper's findings on small pictures: order of the bands, peaks, lambda, sigma, architectures",
  64,
)
  .option("--only <names>", "only these pictures, with commas")
  .option("--noise-sigma <s>", "standard deviation of the noise added, of 255", Number, 25)
  .option("--iterations <n>", "iterations", Number, 1000)
  .option("--seeds <n>", "runs of each network on each picture, seeds 0, 1, ...", Number, 1)
  .option("--records <folder>", "keep the records here, and use those that are there")
  .action(findings);

onSquares(
  "ratio",
  "the paper's stopping rule on long runs of the paper's decoder: where it stops, and why",
  64,
)
  .option("--only <names>", "only these pictures, with commas")
  .option("--channels <n>", "channels of the decoder", Number, 32)
  .option("--noise-sigma <s>", "standard deviation of the noise added, of 255", Number, 25)
  .option("--lambda <list>", "Lipschitz bounds, with commas", numbers, [1, 1.4])
  .option("--learning-rate <r>", "Adam's step size; 0.001 is the paper's", Number, 0.003)
  .option("--iterations <n>", "iterations", Number, 8000)
  .option("--seeds <n>", "runs of each bound on each picture, seeds 0, 1, ...", Number, 1)
  .option("--records <folder>", "keep the records here, and use those that are there")
  .action(ratio);

onSquares(
  "parameters",
  "the best PSNR of every architecture at several widths, over its number of parameters",
  64,
)
  .option("--only <names>", "only these pictures, with commas")
  .option("--networks <names>", "only these networks, with commas")
  .option("--noise-sigma <s>", "standard deviation of the noise added, of 255", Number, 25)
  .option("--iterations <n>", "iterations", Number, 1000)
  .option("--seeds <n>", "runs of each network on each picture, seeds 0, 1, ...", Number, 1)
  .option("--records <folder>", "keep the records here, and use those that are there")
  .option("--chart <file>", "write the chart there, as PNG")
  .action(parameters);

onSquares(
  "tangent",
  "when each band is learned, predicted from the tangent kernel, beside gradient descent",
  32,
)
  .option("--only <names>", "only these pictures, with commas")
  .option("--networks <names>", "only these networks, with commas")
  .option("--channels <n>", "channels of dip, decoder, conv-net and pip", Number, 8)
  .option("--noise-sigma <s>", "standard deviation of the noise added, of 255", Number, 25)
  .option("--doublings <n>", "the last iteration is 2 to the power of this", Number, 12)
  .option("--level <gain>", "the gain from which a band counts as learned", Number, 0.2)
  .option("--seed <n>", "seed", Number, 0)
  .option("--chart <file>", "draw H of the first picture, predicted and measured, there as PNG")
  .action(tangent);

onSquares("lipschitz", "the steered Lipschitz bound beside fixed ones, on small pictures", 64)
  .option("--noise-sigma <list>", "noise levels, of 255", numbers, [15, 25, 50])
  .option("--iterations <n>", "iterations", Number, 700)
  .option("--seed <n>", "seed", Number, 0)
  .option("--records <folder>", "keep the records here, and use those that are there")
  .action(lipschitz);

program.command("queue")
  .description("a study in one process and on workers of a queue, and what a job costs besides")
  .argument("[folder]", "a folder of clean pictures", "data")
  .option("--count <n>", "jobs", Number, 16)
  .option("--size <side>", "side of the squares that are restored", Number, 96)
  .option("--channels <list>", "channels of the network", "16")
  .option("--iterations <n>", "iterations", Number, 60)
  .option("--workers <list>", "how many workers, one job each", numbers, [1, 2, 4])
  .option("--empty <n>", "jobs without a run, for what one costs besides", Number, 200)
  .option("--server <program>", "redis-server or valkey-server", "redis-server")
  .option("--json", "print JSON instead of a table")
  .action(queue);

await runCommand("bench", async (args) => {
  await program.parseAsync(args, { from: "user" });
  return 0;
});
