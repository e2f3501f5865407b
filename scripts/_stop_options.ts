// The options for stopping rules.
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  bandPlateau,
  blurSharpness,
  type DecisionMode,
  discrepancy,
  fixedBudget,
  heldOutPixels,
  movingVariance,
  type StoppingRule,
  windowedVariance,
} from "../lib/stopping/mod.ts";
import { UsageError } from "./_failure.ts";

/** The options as they are parsed. */
export interface StopOptions {
  stop?: StoppingRule[];
  stopBy: DecisionMode;
}

/** The rules of the command line, with their defaults. */
export const RULES = {
  budget: fixedBudget,
  "blur-sharpness": blurSharpness,
  "blur-sharpness-paper": () => blurSharpness({ form: "paper" }),
  wmv: windowedVariance,
  emv: movingVariance,
  discrepancy,
  plateau: bandPlateau,
  "held-out": heldOutPixels,
} satisfies Record<string, () => StoppingRule>;

const isRule = (name: string): name is keyof typeof RULES => Object.hasOwn(RULES, name);

function rules(text: string): StoppingRule[] {
  const names = text.split(",");
  if (!names.every(isRule) || new Set(names).size < names.length) {
    throw new InvalidArgumentError(
      `It must be one or more of ${Object.keys(RULES).join(", ")}, with commas.`,
    );
  }
  return names.map((name) => RULES[name]());
}

/** Adds the options of {@linkcode StopOptions} to a command. */
export function addStopOptions(command: Command): Command {
  return command
    .option(
      "--stop <rules>",
      `stopping rules: ${Object.keys(RULES).join(", ")}, separated by commas; the first decides, ` +
        "the record has the result of each",
      rules,
    )
    .addOption(
      new Option("--stop-by <who>", "whether the first rule decides, or more than half of them")
        .choices(["first", "vote"]).default("first"),
    );
}

/**
 * Makes the stopping options for the library.
 *
 * @param options The parsed options.
 * @returns The rules, if any, and the decision mode.
 * @throws {UsageError} If there are no rules to vote.
 */
export function stopping({ stop, stopBy }: StopOptions) {
  if (stopBy === "vote" && !stop) {
    throw new UsageError("--stop-by vote needs the rules that vote: say --stop rule,rule,rule");
  }
  return { decision: stopBy, ...stop ? { stop } : {} };
}
