// A study: one run for every combination of settings.
import { UsageError } from "./_failure.ts";

/** A setting and its values. */
export interface VariedOption {
  /** The long option, without dashes. */
  readonly option: string;
  readonly values: readonly string[];
}

/** A combination of settings. */
export interface Case {
  /** The options that vary, with their values. */
  readonly settings: Readonly<Record<string, string>>;
  /** Its name, which is also that of its files. */
  readonly name: string;
}

/** Short names of settings that are usual in the field. */
const SHORT: Readonly<Record<string, string>> = { noise: "add-noise", sigma: "gaussian-sigma" };

/**
 * Parses `setting=value,value`; colons separate the items of a list within a value.
 *
 * @param text The text.
 * @returns The setting, by its long option.
 * @throws {UsageError} If it is not of this form.
 *
 * @example
 * ```ts
 * import { readVaried } from "./_study.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(readVaried("lipschitz=1.4,none"), { option: "lipschitz", values: ["1.4", "none"] });
 * assert.deepEqual(readVaried("sigma=0.1:0.5,1").values, ["0.1,0.5", "1"]);
 * ```
 */
export function readVaried(text: string): VariedOption {
  const [, name, list] = /^-{0,2}([a-z][a-z-]*)=(.+)$/.exec(text) ?? [];
  const values = list?.split(",").map((value) => value.replaceAll(":", ","));
  if (!name || !values || values.some((value) => value === "")) {
    throw new UsageError(`--vary "${text}" must be like lipschitz=1,1.4,none`);
  }
  if (new Set(values).size < values.length) {
    throw new UsageError(`--vary "${text}" has a value twice`);
  }
  return { option: Object.hasOwn(SHORT, name) ? SHORT[name]! : name, values };
}

/** The most runs: each takes minutes, so more must be a mistake. */
const MOST = 10_000;

/**
 * Every combination of settings; the last setting varies fastest.
 *
 * @param varied The settings.
 * @returns The cases.
 * @throws {UsageError} If a setting occurs twice, or there are too many combinations.
 *
 * @example
 * ```ts
 * import { casesOf } from "./_study.ts";
 * import assert from "node:assert/strict";
 * const cases = casesOf([{ option: "a", values: ["1", "2"] }, { option: "b", values: ["x", "y"] }]);
 * assert.deepEqual(cases.map(({ name }) => name), ["a=1 b=x", "a=1 b=y", "a=2 b=x", "a=2 b=y"]);
 * ```
 */
export function casesOf(varied: readonly VariedOption[]): Case[] {
  const names = varied.map(({ option }) => option);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice) throw new UsageError(`--vary has ${twice} twice`);
  const count = varied.reduce((count, { values }) => count * values.length, 1);
  if (count > MOST) {
    throw new UsageError(`--vary makes ${count.toPrecision(3)} combinations, more than ${MOST}`);
  }
  let all: Record<string, string>[] = [{}];
  for (const { option, values } of varied) {
    all = all.flatMap((settings) => values.map((value) => ({ ...settings, [option]: value })));
  }
  return all.map((settings) => ({ settings, name: nameOf(settings) }));
}

/** The name of a combination of settings. */
export const nameOf = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings).map(([option, value]) => `${option}=${value}`).join(" ");

/**
 * Groups cases whose settings differ only in the seed.
 *
 * @param cases The cases.
 * @returns Each group's settings without the seed, and its cases.
 *
 * @example
 * ```ts
 * import { withoutSeed } from "./_study.ts";
 * import assert from "node:assert/strict";
 * const [one, two] = [{ settings: { norm: "none", seed: "0" } }, { settings: { norm: "none", seed: "1" } }];
 * assert.deepEqual(withoutSeed([one, two]), [{ settings: { norm: "none" }, cases: [one, two] }]);
 * ```
 */
export function withoutSeed<T extends Pick<Case, "settings">>(
  cases: readonly T[],
): { settings: Record<string, string>; cases: T[] }[] {
  const groups = Map.groupBy(cases, ({ settings: { seed: _, ...others } }) => nameOf(others));
  return [...groups.values()].map((cases) => {
    const { seed: _, ...settings } = cases[0]!.settings;
    return { settings, cases };
  });
}
