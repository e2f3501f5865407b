// The options that choose a network and control its spectral bias.
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  type Architecture,
  bilinearUpsampling,
  convNet,
  decoder,
  deepDecoder,
  dip,
  gaussianUpsampling,
  lowPassUpsampling,
  nearestUpsampling,
  type Norm,
  pip,
  siren,
  transposedConvolution,
  type UpsamplingPlan,
} from "../lib/network/mod.ts";
import { DEFAULTS, type ObjectiveName } from "../lib/restoration/mod.ts";
import { numbers, positiveNumber, wholeNumber, wholeNumbers } from "./_command_line.ts";
import { UsageError } from "./_failure.ts";

/** The options as they are parsed. */
export interface NetworkOptions {
  network: keyof typeof NETWORKS;
  channels?: number | number[];
  skipChannels?: number;
  upsampling?: keyof typeof UPSAMPLINGS;
  gaussianSigma?: number | number[];
  lipschitz?: number | "auto";
  norm?: Norm;
}

/** The arguments of a network; options that the network lacks have been refused before. */
interface Parts {
  channels: number | readonly number[];
  skipChannels?: number;
  upsampling?: UpsamplingPlan;
  lipschitz?: number;
  norm?: Norm;
}

/** A network of the command line, with defaults for use on two cores. */
interface NetworkChoice {
  make(parts: Parts): Architecture;
  /** The options of the network, besides its channels. */
  has: readonly (keyof NetworkOptions)[];
  channels: number | readonly number[];
  objective: ObjectiveName;
}

const CONTROL = ["lipschitz", "norm"] as const;
const UPSAMPLED = ["upsampling", "gaussianSigma"] as const;

/** The initial bound of `--lipschitz auto`: the paper's for bilinear upsampling. */
export const INITIAL_LAMBDA = 1.4;

/** The single channel count of a network without scales. */
function one(channels: Parts["channels"]): number {
  if (typeof channels === "number") return channels;
  throw new UsageError("--channels of --network siren is one number: it has no scales");
}

/** The available networks. */
export const NETWORKS = {
  dip: {
    make: (parts) => dip({ skipChannels: DEFAULTS.skipChannels, ...parts }),
    has: ["skipChannels", ...UPSAMPLED, ...CONTROL],
    channels: DEFAULTS.channels,
    objective: "guided",
  },
  decoder: {
    make: decoder,
    has: [...UPSAMPLED, ...CONTROL],
    channels: DEFAULTS.channels,
    objective: "mse",
  },
  "conv-net": { make: convNet, has: CONTROL, channels: 16, objective: "mse" },
  "deep-decoder": { make: deepDecoder, has: UPSAMPLED, channels: 128, objective: "mse" },
  pip: {
    make: (parts) => pip({ skipChannels: DEFAULTS.skipChannels, ...parts }),
    has: ["skipChannels", ...UPSAMPLED],
    channels: 128,
    objective: "mse",
  },
  siren: {
    make: ({ channels }) => siren({ channels: one(channels) }),
    has: [],
    channels: 256,
    objective: "mse",
  },
} satisfies Record<string, NetworkChoice>;

type Sigma = number | number[] | undefined;
const sigmas = (sigma: Sigma) => sigma === undefined ? {} : { sigma };

/** The available upsampling methods. */
const UPSAMPLINGS = {
  nearest: nearestUpsampling,
  bilinear: bilinearUpsampling,
  gaussian: (sigma: Sigma) => gaussianUpsampling(sigmas(sigma)),
  "gaussian-unit": (sigma: Sigma) => gaussianUpsampling({ ...sigmas(sigma), kernelSum: "unit" }),
  "low-pass": () => lowPassUpsampling(),
  deconv: transposedConvolution,
} satisfies Record<string, (sigma: Sigma) => UpsamplingPlan>;

const NORMS: readonly Norm[] = ["mean-only", "batch", "lipschitz-batch", "none"];

const SCALES = DEFAULTS.channels.length, MOST_CHANNELS = 1024;

/** The networks that have an option, or the option of each, as a text. */
const listed = (what: "channels" | "objective") =>
  Object.entries(NETWORKS).map(([name, choice]) => `${choice[what]} for ${name}`).join(", ");

/** The default objectives, for the help. */
export const DEFAULT_OBJECTIVES = listed("objective");

const lambda = (text: string): number | "auto" => {
  if (text === "auto") return "auto";
  if (text === "none") return 0;
  try {
    return positiveNumber(100)(text);
  } catch {
    throw new InvalidArgumentError("It must be a number above 0, at most 100, or auto, or none.");
  }
};

/** Adds the options of {@linkcode NetworkOptions} to a command, with its own defaults. */
export function addNetworkOptions(
  command: Command,
  { network = "dip", lipschitz }: Pick<Partial<NetworkOptions>, "network"> & { lipschitz?: number },
): Command {
  return command.optionsGroup("Network:")
    .addOption(
      new Option("--network <name>", "the untrained network").choices(Object.keys(NETWORKS))
        .default(network),
    )
    .option(
      "--channels <list>",
      `channels of all scales, or ${SCALES} numbers from fine to coarse (default: ${
        listed("channels")
      })`,
      wholeNumbers(SCALES, 1, MOST_CHANNELS),
    )
    .option(
      "--skip-channels <n>",
      `channels of dip's skip connections (default: ${DEFAULTS.skipChannels})`,
      wholeNumber(0, MOST_CHANNELS),
    )
    .optionsGroup("Control of the spectral bias:")
    .addOption(
      new Option("--upsampling <name>", "how the network upsamples (default: bilinear)")
        .choices(Object.keys(UPSAMPLINGS)),
    )
    .option(
      "--gaussian-sigma <list>",
      `sigma of gaussian upsampling, or one for each of ${SCALES} stages from coarse to fine: ` +
        "the larger, the later fine detail is learned (default: 0.1,0.1,0.1,0.5,0.5)",
      numbers(SCALES, 10),
    )
    .option(
      "--lipschitz <lambda>",
      "bound on the convolutions' spectral norm: the smaller, the smoother the picture; " +
        `auto adapts it so that the noise is not fitted (default: ${lipschitz ?? "none"})`,
      lambda,
    )
    .addOption(
      new Option("--norm <name>", "the norm after each convolution (default: the network's)")
        .choices(NORMS),
    );
}

/** The command line form of an option. */
export const optionName = (name: string) =>
  `--${name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

/**
 * Makes the network from the options.
 *
 * @param options The parsed options.
 * @param defaults The default bound of networks that have one.
 * @returns The architecture and its default objective.
 * @throws {UsageError} If options do not go together.
 */
export function networkOf(
  options: NetworkOptions,
  defaults: { readonly lipschitz?: number } = {},
): { network: Architecture; objective: ObjectiveName } {
  const choice: NetworkChoice = NETWORKS[options.network];
  for (const name of ["skipChannels", ...UPSAMPLED, ...CONTROL] as const) {
    if (options[name] === undefined || choice.has.includes(name)) continue;
    const suitable = Object.entries<NetworkChoice>(NETWORKS)
      .filter(([, { has }]) => has.includes(name)).map(([name]) => name);
    throw new UsageError(
      `${optionName(name)} goes with --network ${suitable.join(" or ")}, not ${options.network}`,
    );
  }
  const { skipChannels, upsampling, gaussianSigma, norm } = options;
  if (gaussianSigma !== undefined && !upsampling?.startsWith("gaussian")) {
    throw new UsageError("--gaussian-sigma goes with --upsampling gaussian or gaussian-unit");
  }
  const bound = options.lipschitz ??
    (choice.has.includes("lipschitz") ? defaults.lipschitz : undefined);
  const lipschitz = bound === "auto" ? INITIAL_LAMBDA : bound;
  const network = choice.make({
    channels: options.channels ?? choice.channels,
    ...skipChannels === undefined ? {} : { skipChannels },
    ...upsampling === undefined ? {} : { upsampling: UPSAMPLINGS[upsampling](gaussianSigma) },
    ...lipschitz === undefined ? {} : { lipschitz },
    ...norm === undefined ? {} : { norm },
  });
  return { network, objective: choice.objective };
}
