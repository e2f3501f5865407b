// What a case of a study is called.

/** Settings and values in one line. */
export const nameOf = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings).map(([setting, value]) => `${setting} ${value}`).join(", ");

/** Settings without some. */
export const without = (
  settings: Readonly<Record<string, string>>,
  ...names: readonly string[]
): Record<string, string> =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
