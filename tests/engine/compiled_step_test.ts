// A compiled step: runs, variables, memory, disposal.
import assert from "node:assert/strict";
import {
  compile,
  type CompiledStep,
  flatten,
  type StepFunction,
  tf,
  unflatten,
} from "../../lib/engine/mod.ts";
import { normals, relativeError } from "./_agreement.ts";

/** A counter: adds its input to `w` and returns what it was before. */
async function counter(): Promise<{ step: CompiledStep<"by">; w: tf.Variable; free(): void }> {
  const w = tf.variable(tf.zeros([2]));
  const step = await compile(({ by }) => {
    const before = w.add(0);
    w.assign(w.add(by!));
    return { before, twice: before.mul(2) };
  }, { inputs: { by: [2] }, threads: 1 });
  const free = () => {
    step.dispose();
    w.dispose();
  };
  return { step, w, free };
}

const ones = Float32Array.of(1, 1);

Deno.test("run() checks what it is given", async () => {
  const { step, free } = await counter();
  await assert.rejects(step.run({}), /`by` has not been given/);
  await assert.rejects(step.run({}), TypeError);
  const other = { other: ones } as unknown as { by: Float32Array };
  await assert.rejects(step.run(other), TypeError);
  await assert.rejects(step.run({ by: Float32Array.of(1) }), TypeError);
  await assert.rejects(step.run({ by: 1 }), TypeError);
  await assert.rejects(step.run({ by: ones }, ["nothing"]), TypeError);
  await assert.rejects(step.run({}), TypeError, "a rejected input does not count as given");
  await step.run({ by: ones });
  const { outputs } = await step.run({}, ["twice"]);
  assert.deepEqual(outputs, { twice: Float32Array.of(2, 2) });
  free();
});

Deno.test("a step's variables are kept, restored, copied back and loaded", async () => {
  const { step, w, free } = await counter();
  const value = async () => (await step.run({ by: Float32Array.of(0, 0) })).outputs["before"]![0];
  await step.run({ by: ones });
  await step.keep();
  await step.run({ by: ones });
  await step.run({ by: ones });
  assert.equal(await value(), 3);
  await step.restore();
  assert.equal(await value(), 1);
  await step.run({ by: ones });
  await step.restore();
  assert.equal(await value(), 1, "what was kept can be restored again");

  assert.deepEqual([...w.dataSync()], [0, 0]);
  await step.sync();
  assert.deepEqual([...w.dataSync()], [1, 1]);
  tf.tidy(() => w.assign(tf.tensor1d([7, 8])));
  assert.equal(await value(), 1);
  await step.load();
  const { outputs } = await step.run({ by: ones });
  assert.deepEqual([...outputs["before"]!], [7, 8]);
  free();
});

Deno.test("restore() before keep() is an error with that reason", async () => {
  const { step, free } = await counter();
  await assert.rejects(step.restore(), /no state has been kept: call keep\(\) first/);
  await step.run({ by: ones });
  await assert.rejects(step.restore(), /no state has been kept/);
  const { outputs } = await step.run({ by: ones });
  assert.deepEqual([...outputs["before"]!], [1, 1], "nothing has changed");
  free();
});

Deno.test("an assigned variable can be read as it is and as it was kept", async () => {
  const w = tf.variable(tf.zeros([2])), factor = tf.variable(tf.ones([2]), false);
  const step = await compile(() => {
    w.assign(w.add(factor));
    return { twice: w.mul(2) };
  }, { inputs: {}, threads: 1 });
  await assert.rejects(step.read(true), /no state has been kept/);
  await step.run({});
  await step.keep();
  await step.run({});
  // A run that is asked for later does not change what was asked for before.
  const [now, kept] = await Promise.all([step.read(), step.read(true), step.run({})]);
  assert.deepEqual([...now], [[w, Float32Array.of(2, 2)]]);
  assert.deepEqual([...kept], [[w, Float32Array.of(1, 1)]]);
  assert.deepEqual([...w.dataSync()], [0, 0]);
  step.dispose();
  tf.dispose([w, factor]);
});

Deno.test("variables of every rank are read back unchanged", async () => {
  const shapes = [[], [3], [2, 3], [2, 3, 4], [3, 3, 2, 5], [1, 4, 6, 2]];
  const variables = shapes.map((shape, i) => tf.variable(tf.tensor(normals(shape, i), shape)));
  const [x, filter] = [variables[5]!, variables[4]!];
  // The convolution makes the engine store image and filter in other orders.
  const step = await compile(() => {
    variables.forEach((variable) => variable.assign(variable.mul(2)));
    return { y: tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same").sum() };
  }, { inputs: {}, threads: 1 });
  await step.run({});
  await step.sync();
  variables.forEach((variable, i) => {
    const doubled = normals(shapes[i]!, i).map((value) => 2 * value);
    assert.deepEqual(variable.dataSync(), doubled);
  });
  await step.load();
  await step.run({});
  await step.sync();
  assert.deepEqual(x.dataSync(), normals(shapes[5]!, 5).map((value) => 4 * value));
  step.dispose();
  tf.dispose(variables);
});

Deno.test("variables that a step flattens together are read back unchanged", async () => {
  const shapes = [[], [3], [3, 3, 16, 32], [2, 3, 4], [32, 2]];
  const variables = shapes.map((shape, i) => tf.variable(tf.tensor(normals(shape, i), shape)));
  const filter = variables[2] as tf.Variable<tf.Rank.R4>;
  // The convolution makes the engine store the filter in blocks.
  const step = await compile(({ x, by }) => {
    const y = tf.conv2d(x as tf.Tensor4D, filter, 1, "valid");
    const all = flatten(variables);
    const grown = unflatten(all.mul(by!) as tf.Tensor1D, shapes);
    variables.forEach((variable, i) => variable.assign(grown[i]!));
    return { y, before: all.sum(), after: filter.sum() };
  }, { inputs: { x: [1, 4, 4, 16], by: [] }, threads: 1 });
  const x = normals([1, 4, 4, 16], 9);
  const expected = tf.tidy(() => tf.conv2d(tf.tensor4d(x, [1, 4, 4, 16]), filter, 1, "valid"));
  const { outputs } = await step.run({ x, by: 2 });
  assert.ok(relativeError(outputs["y"]!, expected.dataSync()) < 1e-6);
  await step.keep();
  await step.run({ by: 3 });
  const times = (factor: number, read: ReadonlyMap<tf.Variable, Float32Array>) =>
    variables.forEach((variable, i) => {
      const values = normals(shapes[i]!, i).map((value) => factor * value);
      assert.ok(relativeError(read.get(variable)!, values) < 1e-6, `variable ${i}`);
    });
  times(6, await step.read());
  times(2, await step.read(true));
  await step.restore();
  await step.sync();
  times(2, new Map(variables.map((v) => [v, v.dataSync<"float32">()])));
  await step.load();
  const { outputs: last } = await step.run({ by: 1 });
  const sum = variables.reduce((total, v) => total + tf.sum(v).dataSync()[0]!, 0);
  assert.ok(Math.abs(last["before"]![0]! / sum - 1) < 1e-4, `${last["before"]![0]} of ${sum}`);
  step.dispose();
  expected.dispose();
  tf.dispose(variables);
});

Deno.test("two compiled steps run at once without affecting each other", async () => {
  const a = await counter(), b = await counter();
  for (let i = 0; i < 4; i++) {
    const by = (n: number) => Float32Array.of(n, n);
    await Promise.all([a.step.run({ by: by(1) }), b.step.run({ by: by(10) })]);
  }
  await Promise.all([a.step.sync(), b.step.sync()]);
  assert.deepEqual([...a.w.dataSync()], [4, 4]);
  assert.deepEqual([...b.w.dataSync()], [40, 40]);
  a.free();
  b.free();
});

Deno.test("concurrent calls of run() are executed in turn", async () => {
  const { step, w, free } = await counter();
  const runs = [1, 2, 3, 4].map((n) => step.run({ by: Float32Array.of(n, n) }));
  const [, ...ran] = await Promise.all([step.sync(), ...runs]);
  const befores = ran.map(({ outputs }) => outputs["before"]![0]);
  assert.deepEqual(befores, [0, 1, 3, 6]);
  assert.deepEqual([...w.dataSync()], [10, 10]);
  free();
});

/** A step of a few hundred milliseconds. */
function longStep(): Promise<CompiledStep> {
  return compile(({ x }) => {
    let y = x as tf.Tensor2D;
    for (let i = 0; i < 40; i++) y = tf.matMul(y, y).div(1024) as tf.Tensor2D;
    return { y: y.mean() };
  }, { inputs: { x: [1024, 1024] }, threads: 1 });
}

Deno.test("the caller's thread is not blocked during a run", async () => {
  const step = await longStep();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  const { milliseconds } = await step.run({ x: new Float32Array(1024 * 1024).fill(1) });
  clearInterval(timer);
  assert.ok(ticks >= 2, `${ticks} ticks in ${milliseconds} ms`);
  step.dispose();
});

Deno.test("dispose() rejects a run in progress and every later one", async () => {
  const step = await longStep();
  const run = step.run({ x: new Float32Array(1024 * 1024) });
  const rejected = assert.rejects(run, /disposed/);
  step.dispose();
  await rejected;
  await assert.rejects(step.run({}), /disposed/);
  await assert.rejects(step.sync(), /disposed/);
  await assert.rejects(step.keep(), /disposed/);
  step.dispose();
});

Deno.test("dispose() frees native memory, after a run and during one", async () => {
  // 16 MB for each of these, and nothing of size on this side.
  const tables: StepFunction = ({ x }) => {
    const table = x!.mul(x!.reshape([1, -1]));
    const waves = [table.sin(), table.cos(), table.exp(), table.tanh(), table.square()];
    return { sum: waves.reduce((a, b) => a.mul(b)).sum() };
  };
  const values = normals([2048, 1], 1);
  const held: number[] = [];
  for (let i = 0; i < 8; i++) {
    const step = await compile(tables, { inputs: { x: [2048, 1] }, threads: 1 });
    await step.run({ x: values });
    const running = step.run({ x: values });
    if (i % 2 === 0) await running;
    else running.catch(() => {});
    await step.dispose();
    held.push(Deno.memoryUsage().rss / 1e6);
  }
  assert.ok(held.at(-1)! - held[1]! < 150, `MB after each: ${held.map(Math.round)}`);
});

Deno.test("a run gives the same bytes each time", async () => {
  const w = tf.variable(tf.tensor(normals([3, 3, 8, 8], 1), [3, 3, 8, 8]));
  const step = await compile(({ x }) => {
    const loss = () =>
      tf.leakyRelu(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same")).square().mean();
    const { value, grads } = tf.variableGrads(loss as () => tf.Scalar, [w]);
    w.assign(w.sub(grads[w.name]!.mul(0.1)));
    return { value, w };
  }, { inputs: { x: [1, 32, 32, 8] } });
  const x = normals([1, 32, 32, 8], 2);
  await step.keep();
  const run = async () => {
    await step.restore();
    for (let i = 0; i < 5; i++) await step.run({ x });
    return (await step.run({ x })).outputs;
  };
  assert.deepEqual(await run(), await run());
  step.dispose();
  w.dispose();
});

Deno.test("the memory estimate is positive and grows with the picture", async () => {
  const estimates: number[] = [];
  for (const side of [16, 64, 256]) {
    const step = await compile(({ x }) => {
      const w = tf.ones<tf.Rank.R4>([3, 3, 8, 8]);
      return { y: tf.conv2d(x as tf.Tensor4D, w, 1, "same").square().mean() };
    }, { inputs: { x: [1, side, side, 8] }, threads: 1 });
    estimates.push(step.memory);
    step.dispose();
  }
  assert.ok(estimates[0]! > 0);
  assert.ok(estimates[0]! < estimates[1]! && estimates[1]! < estimates[2]!, `${estimates}`);
  assert.ok(estimates[2]! - estimates[0]! > 256 * 256 * 8 * 4 * 2, "input and result at least");
});

Deno.test("an unavailable execution provider is an error", async () => {
  await assert.rejects(
    compile(({ x }) => ({ y: x!.square() }), { inputs: { x: [2] }, device: "no-such-device" }),
    Error,
  );
});
