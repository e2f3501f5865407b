// What a case of a study is called.

/** Values that say nothing without their setting's name: numbers, and whether something is there. */
const BARE = /^[\d.,\s×x-]+$|^(?:none|auto|all|true|false|\d.*)$/;

/** Settings and values in one line; a value that is a word is its own name. */
export const nameOf = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([setting, value]) => BARE.test(value) ? `${setting} ${value}` : value).join(", ");

/** Settings without some. */
export const without = (
  settings: Readonly<Record<string, string>>,
  ...names: readonly string[]
): Record<string, string> =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));

/**
 * The cases in the order of the one setting that varies, if its values are numbers: those alone have an order.
 *
 * @param cases Each case's settings without the seed.
 * @returns The rank of each; nothing where there is no order.
 */
export function ranksOf(cases: readonly Readonly<Record<string, string>>[]): number[] | undefined {
  const names = Object.keys(cases[0] ?? {}).filter((name) =>
    new Set(cases.map((settings) => settings[name])).size > 1
  );
  const [name] = names;
  if (name === undefined || names.length > 1) return undefined;
  const values = cases.map((settings) => settings[name]!);
  // No bound is the largest of all.
  const numbers = values.map((value) =>
    value === "none" ? Infinity : Number(value.match(/-?[\d.]+/)?.[0])
  );
  const stems = new Set(
    values.filter((value) => value !== "none").map((value) => value.replace(/-?[\d.]+/, "")),
  );
  if (numbers.some(Number.isNaN) || stems.size > 1) return undefined;
  const sorted = [...numbers].sort((a, b) => a - b);
  return numbers.map((value) => sorted.indexOf(value));
}
