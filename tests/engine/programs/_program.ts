// Random programs of supported kernels, generated from choices, and their results on tfjs's cpu backend.
import { tf } from "../../../lib/engine/mod.ts";
import { normals } from "../_agreement.ts";
import { contractions } from "./_contractions.ts";
import { elementwise } from "./_elementwise.ts";
import { moves } from "./_moves.ts";

/** A tensor of a program that is being written, with the values that the program gives it. */
export interface Slot {
  readonly index: number;
  readonly tensor: tf.Tensor;
  readonly values: readonly number[];
  /** The leaves that it has a gradient by; undefined if it depends on one through what has none. */
  readonly gradients: ReadonlySet<number> | undefined;
}

/** A call of an operator. */
export interface Written {
  /** As a failure shows it. */
  readonly text: string;
  readonly from: readonly Slot[];
  /** Whether tfjs cannot differentiate it. */
  readonly hasNoGradient?: boolean;
  run(tensors: readonly tf.Tensor[]): tf.Tensor[];
}

/** Writes a call of an operator, if some tensors of the program fit it. */
export type Operator = (scope: Scope) => Written | undefined;

/** Where a program begins: a tensor that is fed, kept or fixed. */
export interface Leaf {
  readonly kind: "input" | "variable" | "constant";
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface Call {
  readonly text: string;
  readonly from: readonly number[];
  /** How many tensors it gives. */
  readonly results: number;
  run(tensors: readonly tf.Tensor[]): tf.Tensor[];
}

/** A program: a list of leaves and calls, each of which appends its tensors to those there are. */
export interface Program {
  readonly leaves: readonly Leaf[];
  readonly entries: readonly ({ leaf: number } | Call)[];
  /** The tensors that it returns. */
  readonly outputs: readonly number[];
  /** The tensors whose weighted sum is the loss, and the leaves that it is differentiated by. */
  readonly losses: readonly number[];
  readonly by: readonly number[];
}

const SPECIAL = [0, -0, 1, Infinity, -Infinity, NaN, 1e-20, -1e-20, 1e30, -1e30, 2 ** -126];

/** Tensors larger than this take long, and show nothing that small ones do not. */
const MOST = 1000;

/** Calls of a program at most. */
const LENGTH = 10;

/** What the writer of a program chooses from. */
export class Scope {
  readonly slots: Slot[] = [];
  readonly leaves: Leaf[] = [];
  readonly entries: ({ leaf: number } | Call)[] = [];
  readonly isSpecial: boolean;
  readonly #choices: readonly number[];
  #at = 0;
  /** The tensor that the next call is to be of, if it fits. */
  wanted: Slot | undefined;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
    this.isSpecial = this.below(4) === 3;
  }

  /** Whether the choices are used up. */
  get isOver(): boolean {
    return this.#at >= this.#choices.length;
  }

  /** A whole number from 0 to below `count`; 0 once the choices are used up. */
  below(count: number): number {
    return (this.#choices[this.#at++] ?? 0) % count;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** One of the tensors that fit; the last ones are likelier. */
  pick(fits: (slot: Slot) => boolean): Slot | undefined {
    const { wanted } = this;
    this.wanted = undefined;
    if (wanted && fits(wanted)) return wanted;
    const fitting = this.slots.filter(fits).toReversed();
    if (fitting.length === 0) return undefined;
    return fitting[Math.min(this.below(fitting.length), this.below(fitting.length))];
  }

  /** A new leaf. */
  leaf(shape: readonly number[]): Slot {
    const kind = this.of(["input", "input", "variable", "constant"] as const);
    const values = normals(shape, 1000 * this.leaves.length + this.below(1000));
    if (this.isSpecial) {
      values.forEach((_, i) => {
        if (this.below(3) === 0) values[i] = this.of(SPECIAL);
      });
    } else if (this.below(6) === 5) {
      // Equal numbers, zeros among them, so that there are ties.
      values.forEach((value, i) => values[i] = Math.round(value));
    }
    const leaf = this.leaves.length;
    this.leaves.push({ kind, shape: [...shape], values });
    this.entries.push({ leaf });
    return this.#add(tf.tensor(values, [...shape]), new Set(kind === "constant" ? [] : [leaf]));
  }

  /** A tensor of a shape that can be multiplied: one there is, or a new leaf. */
  known(shape: readonly number[]): Slot {
    const fits = ({ tensor, values }: Slot) =>
      tensor.dtype === "float32" && `${tensor.shape}` === `${shape}` &&
      values.every((value) => Math.abs(value) < 1e4);
    return (this.below(2) === 1 ? this.pick(fits) : undefined) ?? this.leaf(shape);
  }

  /** Appends a call and its results, if they are small enough to be of use. */
  call({ text, from, hasNoGradient = false, run }: Written): void {
    const results = run(from.map(({ tensor }) => tensor));
    const isUsable = results.every((tensor) =>
      tensor.size <= MOST && tensor.rank <= 5 &&
      (this.isSpecial || tensor.dataSync<"float32">().every((value) => Math.abs(value) < 1e6))
    );
    if (!isUsable) return;
    const indices = from.map(({ index }) => index);
    this.entries.push({ text, from: indices, results: results.length, run });
    const isKnown = from.every(({ gradients }) => gradients?.size === 0);
    const isBroken = from.some(({ gradients }) => !gradients) || hasNoGradient && !isKnown;
    const all = new Set(from.flatMap(({ gradients }) => [...gradients ?? []]));
    for (const tensor of results) this.#add(tensor, isBroken ? undefined : all);
  }

  #add(tensor: tf.Tensor, gradients: Slot["gradients"]): Slot {
    const values = Array.from(tensor.dataSync());
    const slot = { index: this.slots.length, tensor, values, gradients };
    this.slots.push(slot);
    return slot;
  }
}

const SIMPLE = [...elementwise, ...moves, ...moves];
const ALL = [...SIMPLE, ...contractions, ...contractions, ...contractions];

/** Channels of a picture: few, or as many as the runtime's blocks have. */
export const channelsOf = (scope: Scope): number => scope.of([1, 2, 3, 4, 16, 16]);

/** Shapes of the leaves that a program begins with. */
function shapes(scope: Scope): number[][] {
  const channels = channelsOf(scope), most = channels > 9 ? 5 : 9;
  const batch = 1 + scope.below(channels > 9 ? 2 : 3);
  const [height, width] = [1 + scope.below(most), 1 + scope.below(most)];
  const image = [batch, height, width, channels];
  const others = [
    [channels],
    [height, width],
    image,
    [],
    [width, channels],
    [1, height, 1, channels],
  ];
  return [image, ...Array.from({ length: scope.below(3) }, () => scope.of(others))];
}

/**
 * The program that a list of choices writes: fewer and smaller choices write a shorter and simpler one.
 */
export function writeProgram(choices: readonly number[]): Program {
  let program!: Program;
  tf.tidy(() => {
    const scope = new Scope(choices);
    const operators = scope.isSpecial ? SIMPLE : ALL;
    for (const shape of shapes(scope)) scope.leaf(shape);
    const first = scope.slots.length;
    for (let calls = 0; !scope.isOver && calls < LENGTH; calls++) {
      // Several of a kind on one tensor.
      const operator = scope.of(operators), times = scope.of([1, 1, 2, 3]);
      const wanted = times > 1 ? scope.of(scope.slots) : undefined;
      for (let i = 0; i < times; i++) {
        scope.wanted = wanted;
        const written = operator(scope);
        scope.wanted = undefined;
        if (written) scope.call(written);
      }
    }
    const computed = scope.slots.slice(first);
    const differentiable = computed.filter(({ tensor, gradients }) =>
      tensor.dtype === "float32" && gradients && gradients.size > 0
    );
    const losses = differentiable.slice(-1 - scope.below(3));
    // Results that nothing returns are not always kept.
    const outputs = computed.length === 0
      ? scope.slots
      : scope.below(2) === 0
      ? computed
      : computed.slice(-2);
    program = {
      leaves: scope.leaves,
      entries: scope.entries,
      outputs: outputs.map(({ index }) => index),
      losses: losses.map(({ index }) => index),
      by: [...new Set(losses.flatMap(({ gradients }) => [...gradients!]))],
    };
  });
  return program;
}

function replay(program: Program, leaves: readonly tf.Tensor[]): tf.Tensor[] {
  const tensors: tf.Tensor[] = [];
  for (const entry of program.entries) {
    if ("leaf" in entry) tensors.push(leaves[entry.leaf]!);
    else tensors.push(...entry.run(entry.from.map((index) => tensors[index]!)));
  }
  return tensors;
}

/** The weights of a tensor's elements in the loss, none of them special. */
const weightsOf = (x: tf.Tensor, seed: number): tf.Tensor =>
  tf.tensor(normals(x.shape, seed), x.shape);

/**
 * Runs a program once: its outputs by the numbers of their tensors, the gradients by those of their leaves.
 *
 * @param program The program.
 * @param leaves Its leaves; variables among them are moved along their gradients, or halved.
 */
export function runProgram(
  program: Program,
  leaves: readonly tf.Tensor[],
): Record<string, tf.Tensor> {
  const tensors = replay(program, leaves);
  const results = Object.fromEntries(
    program.outputs.map((index) => [`t${index}`, tensors[index]!]),
  );
  const gradients = new Map<number, tf.Tensor>();
  if (program.by.length > 0) {
    const loss = (...differentiated: tf.Tensor[]) => {
      const all = [...leaves];
      program.by.forEach((leaf, i) => all[leaf] = differentiated[i]!);
      const tensors = replay(program, all);
      const terms = program.losses.map((index) => {
        const x = tensors[index]!;
        return x.mul(weightsOf(x, index)).sum();
      });
      return terms.reduce((a, b) => a.add(b));
    };
    const all = tf.grads(loss)(program.by.map((leaf) => leaves[leaf]!));
    program.by.forEach((leaf, i) => gradients.set(leaf, all[i]!));
  }
  for (const [leaf, gradient] of gradients) results[`d${leaf}`] = gradient;
  leaves.forEach((leaf, i) => {
    if (!(leaf instanceof tf.Variable)) return;
    const gradient = gradients.get(i);
    leaf.assign(gradient ? leaf.sub(gradient.mul(0.1)) : leaf.mul(0.5));
  });
  return results;
}

/** So many values of a leaf are shown. */
const SHOWN = 16;

/** A program as text. */
export function describe({ leaves, entries, outputs, losses, by }: Program): string {
  let count = 0;
  const lines = entries.map((entry) => {
    const first = count;
    count += "leaf" in entry ? 1 : entry.results;
    const names = Array.from({ length: count - first }, (_, i) => `t${first + i}`);
    if (!("leaf" in entry)) return `${names} = ${entry.text}: ${entry.from.map((i) => `t${i}`)}`;
    const { kind, shape, values } = leaves[entry.leaf]!;
    return `${names} = ${kind} ${entry.leaf} [${shape}] ${Array.from(values.slice(0, SHOWN))}`;
  });
  return [...lines, `returns ${outputs}; loss of ${losses} by leaves ${by}`].join("\n");
}
