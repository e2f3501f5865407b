// Runs a random program natively and on tfjs's cpu backend, and compares within the error of the numbers.
import { compile, tf } from "../../../lib/engine/mod.ts";
import { random } from "../../../lib/random/mod.ts";
import { type Leaf, type Program, runProgram } from "./_program.ts";

type Results = Record<string, Float32Array>;

const tensorsOf = (leaves: readonly Leaf[]): tf.Tensor[] =>
  leaves.map(({ kind, shape, values }) => {
    const tensor = tf.tensor(values.slice(), [...shape]);
    return kind === "variable" ? tf.variable(tensor) : tensor;
  });

/** Runs as many as there are to be: what a run leaves in variables shows in the next. */
const runsOf = ({ leaves }: Program): number =>
  leaves.some(({ kind }) => kind === "variable") ? 2 : 1;

function eagerly(program: Program): Results[] {
  const leaves = tensorsOf(program.leaves);
  const results = Array.from({ length: runsOf(program) }, () =>
    tf.tidy(() =>
      Object.fromEntries(
        Object.entries(runProgram(program, leaves)).map((
          [name, tensor],
        ) => [name, Float32Array.from(tensor.dataSync())]),
      )
    ));
  tf.dispose(leaves);
  return results;
}

async function natively(program: Program): Promise<Results[]> {
  const leaves = tensorsOf(program.leaves);
  const fed = program.leaves.flatMap(({ kind }, i) => kind === "input" ? [i] : []);
  const inputs = Object.fromEntries(fed.map((i) => [`x${i}`, program.leaves[i]!.shape]));
  const feeds = Object.fromEntries(fed.map((i) => [`x${i}`, program.leaves[i]!.values]));
  try {
    const step = await compile((inputs) => {
      const given = leaves.map((leaf, i) => inputs[`x${i}`] ?? leaf);
      return runProgram(program, given);
    }, { inputs, threads: 1 });
    try {
      const results: Results[] = [];
      for (let i = 0; i < runsOf(program); i++) results.push((await step.run(feeds)).outputs);
      return results;
    } finally {
      await step.dispose();
    }
  } finally {
    tf.dispose(leaves);
  }
}

/** Kernels whose results are rounded, once an element. */
const ROUNDED = [
  ...[tf.Add, tf.Sub, tf.Multiply, tf.RealDiv, tf.Pow, tf.SquaredDifference, tf.AddN, tf.Square],
  ...[tf.Sqrt, tf.Rsqrt, tf.Reciprocal, tf.Exp, tf.Log, tf.Sin, tf.Cos, tf.Tanh, tf.Sigmoid],
  ...[tf.Softplus, tf.Erf, tf.Elu, tf.EluGrad, tf.LeakyRelu],
];

/** Kernels that may multiply a padding of zeros by what is not finite, where tfjs leaves it out. */
const CONVOLUTIONS: readonly string[] = [
  ...[tf.Conv2D, tf.FusedConv2D, tf.Conv2DBackpropInput, tf.Conv2DBackpropFilter],
];

/** Kernels that add up, and round as much as the largest term asks for. */
const SUMS = [
  ...CONVOLUTIONS,
  ...[tf.Sum, tf.Mean, tf.BatchMatMul, tf._FusedMatMul, tf.FusedBatchNorm, tf.ResizeBilinear],
  ...[tf.ResizeBilinearGrad, tf.ResizeNearestNeighborGrad, "MirrorPadGrad"],
];

/** Eight to sixteen units of float32's last place: fewer are often rounded away again. */
const ROUNDING = 2 ** -20;

/** The least number that float32 holds with all its digits: the runtime may take smaller ones for 0. */
const LEAST_NORMAL = 2 ** -126;

/** One unit of float32's last place. */
const LAST_PLACE = 2 ** -23;

/** What becomes of a number while a program is disturbed: of a sum's with the largest of its terms, if there is one. */
let rounded: ((value: number, largest?: number) => number) | undefined;

const largestOf = (values: Float32Array): number =>
  values.reduce((most, v) => Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most, 0);

interface CpuBackend {
  readonly data: tf.DataStorage<{ values: Float32Array }>;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Float32Array): tf.TensorInfo;
  disposeIntermediateTensorInfo(info: tf.TensorInfo): void;
}

for (const kernelName of [...ROUNDED, ...SUMS]) {
  const kernel = tf.getKernel(kernelName, "cpu");
  tf.unregisterKernel(kernelName, "cpu");
  tf.registerKernel({
    ...kernel,
    kernelFunc({ inputs, attrs, backend }) {
      const call = (inputs: tf.NamedTensorInfoMap) =>
        kernel.kernelFunc(
          { inputs, backend, ...attrs && { attrs } },
        ) as tf.TensorInfo;
      if (!rounded) return call(inputs);
      const cpu = backend as unknown as CpuBackend;
      const disturb = (values: Float32Array, largest = 0) =>
        values.forEach((v, i) => values[i] = rounded!(v, largest));
      const summed = SUMS.includes(kernelName) ? Object.entries(inputs) : [];
      const copies = summed.flatMap(([name, info]) => {
        if (!info || info.dtype !== "float32") return [];
        const values = cpu.data.get(info.dataId).values.slice();
        disturb(values);
        return [[name, cpu.makeTensorInfo(info.shape, info.dtype, values)] as const];
      });
      const isChanged = copies.length > 0;
      const result = call(isChanged ? { ...inputs, ...Object.fromEntries(copies) } : inputs);
      const [only, ...others] = copies.map(([, { dataId }]) => cpu.data.get(dataId).values);
      const isUnsure = CONVOLUTIONS.includes(kernelName) &&
        copies.some(([, { dataId }]) => !cpu.data.get(dataId).values.every(Number.isFinite));
      const largest = only && others.length === 0 ? largestOf(only) : 0;
      for (const [, info] of copies) cpu.disposeIntermediateTensorInfo(info);
      if (result.dtype === "float32") {
        const { values } = cpu.data.get(result.dataId);
        if (isUnsure) values.fill(NaN);
        disturb(values, largest);
      }
      return result;
    },
  });
}

/**
 * A program's results with every rounding another: how much they change shows how exact they can be. What is
 * rounded up with one sign is rounded down with the other.
 */
function disturbed(program: Program, seed: number, sign: 1 | -1): Results[] {
  const { uniform } = random(seed);
  rounded = (value, largest = 0) => {
    if (!Number.isFinite(value)) return value;
    if (sign < 0 && Math.abs(value) < LEAST_NORMAL && largest === 0) return 0;
    const size = 0.5 + uniform() / 2, part = sign * (uniform() < 0.5 ? size : -size);
    // What cancels leaves a rounding of the terms.
    const error = Math.abs(value * ROUNDING) + LAST_PLACE * largest;
    return value + error * part;
  };
  try {
    return eagerly(program);
  } finally {
    rounded = undefined;
  }
}

/** Times the change by disturbance that a result may differ by. */
const SLACK = 8;

/** The largest change of the middle one of some values: that of a single one can be none by chance. */
function median(others: readonly Float32Array[], expected: Float32Array): number {
  if (others.length === 0) return 0;
  const changes = Array.from(
    expected,
    (value, i) => Math.max(...others.map((other) => Math.abs(other[i]! - value))),
  );
  const finite = changes.filter(Number.isFinite).sort((a, b) => a - b);
  return finite[finite.length >> 1] ?? 0;
}

/** Says where native results are not the eager ones, as exactly as their changes by disturbance show that they are known. */
function difference(native: Results, eager: Results, disturbed: Results[]): string | undefined {
  for (const [name, expected] of Object.entries(eager)) {
    const actual = native[name]!, others = disturbed.map((results) => results[name]!);
    if (actual.length !== expected.length) {
      return `${name} has ${actual.length} values, not ${expected.length}`;
    }
    const scale = expected.reduce(
      (max, value) => Number.isFinite(value) ? Math.max(max, Math.abs(value)) : max,
      0,
    );
    const usual = median(others, expected);
    for (let i = 0; i < expected.length; i++) {
      const value = expected[i]!, changes = others.map((other) => other[i]!);
      if (!Number.isFinite(value)) {
        const isSure = changes.every((change) => Object.is(change, value));
        if (isSure && !Object.is(actual[i], value)) {
          return `${name}[${i}] is ${actual[i]}, not ${value}`;
        }
        continue;
      }
      const change = Math.max(usual, ...changes.map((change) => Math.abs(change - value)));
      // Near the largest number an intermediate result passes it or not.
      if (!(change <= Infinity) || Math.abs(value) > 1e37) continue;
      const tolerance = 1e-5 * Math.abs(value) + SLACK * change + 2e-6 * Math.min(scale, 1) + 1e-37;
      if (!(Math.abs(actual[i]! - value) <= tolerance)) {
        return `${name}[${i}] is ${actual[i]}, not ${value} (tolerance ${tolerance})`;
      }
    }
  }
  return undefined;
}

/** Says where a program's native results are not those of tfjs's cpu backend, if they are not. */
export async function disagreementOf(program: Program): Promise<string | undefined> {
  const eager = eagerly(program), native = await natively(program);
  const compare = (others: Results[][]) => {
    for (const [run, results] of eager.entries()) {
      const what = difference(native[run]!, results, others.map((runs) => runs[run]!));
      if (what !== undefined) return `run ${run}: ${what}`;
    }
    return undefined;
  };
  // Most programs agree without a look at how sensitive they are.
  return compare([]) && compare(
    [1, 2].flatMap((seed) => ([1, -1] as const).map((sign) => disturbed(program, seed, sign))),
  );
}
