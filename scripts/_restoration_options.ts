// The options that every restoring command has, and what they become in the library.
import { type Command, Option } from "commander";
import { type Architecture, decoder, deepDecoder, dip } from "../lib/network/mod.ts";
import {
  DEFAULT_CHANNELS,
  DEFAULT_ITERATIONS,
  DEFAULT_SKIP_CHANNELS,
  type ObjectiveName,
  type RestoreOptions,
} from "../lib/restoration/mod.ts";
import { positiveNumber, wholeNumber, wholeNumbers } from "./_command_line.ts";
import { UsageError } from "./_failure.ts";

/** The options as they are parsed. */
export interface RestorationOptions {
  output?: string;
  reference?: string;
  network: keyof typeof NETWORKS;
  channels?: number | number[];
  skipChannels?: number;
  objective?: ObjectiveName;
  iterations?: number;
  learningRate?: number;
  seed: number;
  threads?: number;
  record?: string;
  quiet?: boolean;
  json?: boolean;
}

/** A network of the command line, with defaults chosen for use on two cores. */
interface NetworkChoice {
  make(options: { channels: number | readonly number[]; skipChannels: number }): Architecture;
  channels: number | readonly number[];
  skipChannels?: number;
  objective: ObjectiveName;
}

const NETWORKS = {
  dip: {
    make: dip,
    channels: DEFAULT_CHANNELS,
    skipChannels: DEFAULT_SKIP_CHANNELS,
    objective: "r2r",
  },
  decoder: { make: decoder, channels: DEFAULT_CHANNELS, objective: "mse" },
  "deep-decoder": { make: deepDecoder, channels: 128, objective: "mse" },
} satisfies Record<string, NetworkChoice>;

const listed = (values: Readonly<Record<string, unknown>>) =>
  Object.entries(values).map(([name, value]) => `${value} for ${name}`).join(", ");

const SCALES = DEFAULT_CHANNELS.length, MOST_CHANNELS = 4096;

/**
 * Gives a command the options of {@linkcode RestorationOptions}.
 *
 * @param command The command.
 * @param suffix What the default output's name ends with, such as `-denoised`.
 * @returns The command.
 */
export function addRestorationOptions(command: Command, suffix: string): Command {
  const counted = wholeNumber(1, 1_000_000);
  const per = (what: keyof NetworkChoice) =>
    listed(
      Object.fromEntries(
        Object.entries(NETWORKS).map(([name, choice]) => [
          name,
          (choice as NetworkChoice)[what],
        ]),
      ),
    );
  return command
    .option("-o, --output <file>", `where the picture goes (default: input's name with ${suffix})`)
    .option("--reference <file>", "the clean picture, to measure PSNR and SSIM against")
    .addOption(
      new Option("--network <name>", "the untrained network").choices(Object.keys(NETWORKS))
        .default("dip"),
    )
    .option(
      "--channels <list>",
      `channels of all scales, or ${SCALES} numbers from fine to coarse (default: ${
        per("channels")
      })`,
      wholeNumbers(SCALES, 1, MOST_CHANNELS),
    )
    .option(
      "--skip-channels <n>",
      `channels of dip's skip connections (default: ${NETWORKS.dip.skipChannels})`,
      wholeNumber(0, MOST_CHANNELS),
    )
    .addOption(
      new Option("--objective <name>", `what is minimised (default: ${per("objective")})`)
        .choices(Object.keys(DEFAULT_ITERATIONS)),
    )
    .option(
      "--iterations <n>",
      `how long to train (default: ${listed(DEFAULT_ITERATIONS)})`,
      counted,
    )
    .option(
      "--learning-rate <r>",
      "Adam's step size (default: the network's with mse, else 0.04)",
      positiveNumber(1),
    )
    .option(
      "--seed <n>",
      "the same seed gives the same picture",
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      0,
    )
    .option("--threads <n>", "processor threads (default: all)", wholeNumber(1, 256))
    .option("--record <file.json>", "write all settings and measurements there")
    .option("-q, --quiet", "show no progress")
    .option("--json", "print the result as one JSON object");
}

/**
 * What the library is to be told.
 *
 * @param options The options as parsed.
 * @returns Network, objective and numbers, with the command line's defaults.
 * @throws {UsageError} If options do not go together.
 */
export function restoreOptions(options: RestorationOptions) {
  const choice: NetworkChoice = NETWORKS[options.network];
  const { objective = choice.objective, skipChannels, learningRate, threads } = options;
  if (skipChannels !== undefined && choice.skipChannels === undefined) {
    throw new UsageError(`--skip-channels goes with --network dip, not ${options.network}`);
  }
  const network = choice.make({
    channels: options.channels ?? choice.channels,
    skipChannels: skipChannels ?? choice.skipChannels ?? 0,
  });
  if (objective !== "mse" && !network.buildReader) {
    throw new UsageError(
      `--objective ${objective} needs a network that reads a picture: ` +
        `take --network dip, or --objective mse with ${options.network}`,
    );
  }
  return {
    network,
    objective,
    iterations: options.iterations ?? DEFAULT_ITERATIONS[objective],
    seed: options.seed,
    ...learningRate === undefined ? {} : { learningRate },
    ...threads === undefined ? {} : { threads },
  } satisfies RestoreOptions;
}
