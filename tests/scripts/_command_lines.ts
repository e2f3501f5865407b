// Random command lines from a command's options: valid and unusual values, in every form of writing them.
import type { Command, Option } from "commander";
import fc from "fast-check";

/** Values that someone might mean. */
const GOOD = [
  ...["0", "1", "2", "3", "5", "10", "16", "25", "50%", "96", "100", "0.5", "0.1,0.2,0.3,0.4,0.5"],
  ...["8", "8,8,8,8,8", "15,30", "0,0,8,8", "auto", "none", "wmv,budget", "held-out", "a.png"],
  ...[
    "run.json",
    "run.html",
    "words",
    "lipschitz=1,none",
    "network=dip,decoder",
    "sigma=0.1:0.2,1",
  ],
];

/** Values that nobody should. */
const ODD = [
  ...[
    "",
    " ",
    "-1",
    "-0",
    "+1",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "1e-999",
    "1e-300",
    "5e-324",
  ],
  ...["1e308", "0x10", "1_000", "1,", ",1", ",,", "1.", ".5", ".", "1;2", "٣", "①", "½", "1\u00a0"],
  ...[
    "9007199254740993",
    "99999999999999999999",
    "0".repeat(400),
    "9".repeat(400),
    "x".repeat(5000),
  ],
  ...[
    "null",
    "undefined",
    "true",
    "[]",
    "{}",
    "__proto__",
    "constructor",
    "toString",
    "--",
    "-",
    "---",
  ],
  ...[
    "--help",
    "-h",
    "-V",
    "--json",
    "=",
    "a=b",
    "=,=",
    "\n",
    "a\nb",
    "\r\n",
    "\t",
    "\u0000",
    "a\u0000b",
  ],
  ...[
    "\u001b[31m",
    "\u2028",
    "\ud800",
    "\u{1f600}",
    "e\u0301",
    "\u202eabc",
    "../../etc",
    "/",
    "./",
    "C:\\",
  ],
  ...[
    "constructor=1,2",
    "__proto__=1",
    "seed=1,1",
    "seed=1,x",
    "iterations=",
    "=1,2",
    "task=denoise",
  ],
  ...[
    "0,0,0,0",
    "-1,0,5,5",
    "1,2,3",
    "1e9,0,1,1",
    "0,99999999999999999999,1,1",
    "100,1e5",
    "5,nan",
  ],
  ...["100,".concat("9".repeat(400)), "<b>&amp;</b>", "]]>", "🙂".repeat(3000)],
];

const values = (option: Option) => {
  const choices = option.argChoices?.length ? [fc.constantFrom(...option.argChoices)] : [];
  return fc.oneof(
    ...choices,
    fc.constantFrom(...GOOD),
    fc.constantFrom(...GOOD),
    fc.constantFrom(...ODD),
    fc.string({ maxLength: 12, unit: "binary" }),
    fc.double().map(String),
  );
};

/** An option as it may be written, with or without the value that it needs. */
function written(option: Option): fc.Arbitrary<string[]> {
  const long = option.long!, short = option.short;
  if (!option.required) {
    return fc.constantFrom(long, long, `${long}=1`, short ?? long).map((flag) => [flag]);
  }
  const value = values(option);
  return fc.oneof(
    { weight: 4, arbitrary: value.map((value) => [long, value]) },
    { weight: 4, arbitrary: value.map((value) => [`${long}=${value}`]) },
    { weight: 1, arbitrary: value.map((value) => [`${short ?? long}${value}`]) },
    { weight: 1, arbitrary: fc.constant<string[]>([long]) },
    { weight: 1, arbitrary: value.map((value) => [long, value, long, value]) },
  );
}

/** What is no option of any command, and what is not an option at all. */
const strays = fc.oneof(
  fc.constantFrom(
    "--",
    "-",
    "---",
    "--no-json",
    "--nothing",
    "-z",
    "--=",
    "--task",
    "-qq",
    "--outpu",
  ),
  fc.constantFrom(...ODD),
  fc.string({ maxLength: 8, unit: "binary" }),
);

/**
 * Command lines of a command.
 *
 * @param command The command.
 * @param inputs How many arguments it takes.
 * @param usual What is said besides, two times of three.
 * @returns Mostly lines whose arguments are as many as they should be.
 */
export function commandLines(
  command: Command,
  inputs: number,
  usual: string[] = [],
): fc.Arbitrary<string[]> {
  const { options } = command;
  const some = fc.array(fc.constantFrom(...options).chain(written), { maxLength: 5 });
  const stray = fc.array(strays.map((stray) => [stray]), { maxLength: 2 });
  const given = Array.from({ length: inputs }, (_, i) => `in${i || ""}.png`);
  return fc.tuple(
    fc.constantFrom(usual, usual, []),
    fc.oneof({ weight: 8, arbitrary: fc.constant<string[]>(given) }, {
      weight: 1,
      arbitrary: fc.constant([]),
    }),
    some,
    fc.oneof({ weight: 4, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: stray }),
  ).chain(([usual, given, some, stray]) => {
    const parts = [usual, given, ...some, ...stray];
    return fc.shuffledSubarray(parts, { minLength: parts.length });
  }).map((parts) => parts.flat());
}
