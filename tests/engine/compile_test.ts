// compile(): training steps of any kind, what they cost the caller, and how they fail.
import assert from "node:assert/strict";
import {
  compile,
  type CompiledStep,
  flatten,
  type StepFunction,
  supportedKernels,
  tf,
  TraceError,
  unflatten,
  UnsupportedKernelError,
} from "../../lib/engine/mod.ts";
import { normals, relativeError } from "./_agreement.ts";

/** Three losses of a step natively and, from the same state, eagerly. */
async function threeLosses(
  step: (x: tf.Tensor, y: tf.Tensor) => tf.Scalar,
  shapes: { x: number[]; y: number[] },
): Promise<void> {
  const feeds = { x: normals(shapes.x, 1), y: normals(shapes.y, 2) };
  const compiled = await compile(
    ({ x, y }) => ({ loss: step(x!, y!) }),
    { inputs: shapes, threads: 1 },
  );
  try {
    const native: number[] = [], eager: number[] = [];
    for (let i = 0; i < 3; i++) {
      native.push((await compiled.run(feeds)).outputs["loss"]![0]!);
      eager.push(tf.tidy(() => {
        return step(tf.tensor(feeds.x, shapes.x), tf.tensor(feeds.y, shapes.y)).dataSync()[0]!;
      }));
    }
    assert.ok(native[2]! < native[0]!, `the loss falls: ${native}`);
    assert.ok(relativeError(native, eager) < 1e-5, `${native} against ${eager}`);
  } finally {
    compiled.dispose();
  }
}

for (
  const [name, make] of [
    ["adam", () => tf.train.adam(0.05)],
    ["sgd", () => tf.train.sgd(0.05)],
    ["rmsprop", () => tf.train.rmsprop(0.01)],
    ["adagrad", () => tf.train.adagrad(0.05)],
  ] as const
) {
  Deno.test(`tf.train.${name}(...).minimize() in a compiled step is as eager`, async () => {
    const before = tf.memory().numTensors;
    const w = tf.tidy(() => tf.variable(tf.tensor(normals([4, 2], 3), [4, 2])));
    const b = tf.tidy(() => tf.variable(tf.zeros([2])));
    const optimiser = make();
    await threeLosses(
      (x, y) =>
        optimiser.minimize(
          () => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D).add(b).sub(y).square().mean(),
          true,
          [w, b],
        ) as tf.Scalar,
      { x: [5, 4], y: [5, 2] },
    );
    optimiser.dispose();
    tf.dispose([w, b]);
    assert.equal(tf.memory().numTensors, before, "no tensors are left behind");
  });
}

Deno.test("a model of tfjs's own layers trains as eagerly", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [6, 6, 2],
        filters: 4,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
      }),
      tf.layers.batchNormalization(),
      tf.layers.flatten(),
      tf.layers.dense({
        units: 3,
        activation: "tanh",
        kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }),
      }),
    ],
  });
  const optimiser = tf.train.sgd(0.1);
  await threeLosses(
    (x, y) =>
      optimiser.minimize(
        () => (model.apply(x, { training: false }) as tf.Tensor).sub(y).square().mean(),
        true,
      ) as tf.Scalar,
    { x: [1, 6, 6, 2], y: [1, 3] },
  );
  model.dispose();
});

Deno.test("compile() names a kernel that has no lowering", async () => {
  const steps: [kernel: string, step: StepFunction][] = [
    ["Cumsum", ({ x }) => ({ y: tf.cumsum(x!) })],
    ["ArgMax", ({ x }) => ({ y: tf.argMax(x!) })],
    ["Prod", ({ x }) => ({ y: tf.prod(x!) })],
  ];
  for (const [kernel, step] of steps) {
    assert.ok(!supportedKernels().includes(kernel));
    await assert.rejects(compile(step, { inputs: { x: [4] } }), (error: Error) => {
      assert.ok(error instanceof UnsupportedKernelError);
      assert.equal(error.kernel, kernel);
      assert.match(error.message, new RegExp(`'${kernel}'.*supported`, "s"));
      return true;
    });
  }
  await assert.rejects(
    compile(({ x }) => ({ y: tf.spectral.fft(tf.complex(x!, x!)).abs() }), { inputs: { x: [4] } }),
    UnsupportedKernelError,
  );
});

Deno.test("compile() rejects a step that reads what is not known yet", async () => {
  const steps: StepFunction[] = [
    ({ x }) => ({ y: tf.scalar(x!.dataSync()[0]!) }),
    ({ x }) => x!.sum().arraySync() as number > 0 ? { y: x!.square() } : { y: x!.neg() },
    ({ x }) => {
      x!.print();
      return { y: x! };
    },
  ];
  for (const step of steps) {
    await assert.rejects(compile(step, { inputs: { x: [3] } }), TraceError);
  }
});

/** Steps that do something else each time: what of it, what the error says, the step. */
const CHANGING: [what: string, says: RegExp, step: (times: number) => StepFunction][] = [
  ["normal noise", /constant of shape \[3\] has other values/, () => ({ x }) => ({
    y: x!.add(tf.randomNormal([3])),
  })],
  ["uniform noise", /constant of shape \[3\] has other values/, () => ({ x }) => ({
    y: x!.add(tf.randomUniform([3])),
  })],
  ["a count among numbers", /constant/, (n) => ({ x }) => ({ y: x!.mul(tf.tensor1d([1, 2, n])) })],
  [
    "a number everywhere",
    /constant is/,
    () => ({ x }) => ({ y: x!.add(tf.fill([3], Math.random())) }),
  ],
  ["a scalar", /constant is 6, then 7/, (n) => ({ x }) => ({ y: x!.mul(5 + n) })],
  ["the sign of zero", /constant is (0|-0), then (0|-0)/, (n) => ({ x }) => ({
    y: x!.div(tf.fill([3], n % 2 ? 0 : -0)),
  })],
  ["bounds", /Clip has the settings/, () => ({ x }) => ({ y: x!.clipByValue(0, Math.random()) })],
  [
    "a leak",
    /LeakyRelu has the settings/,
    () => ({ x }) => ({ y: tf.leakyRelu(x!, Math.random()) }),
  ],
  ["padding's number", /Pad has the settings/, (n) => ({ x }) => ({ y: x!.pad([[1, 0]], n) })],
  [
    "padding's place",
    /Pad has the settings/,
    (n) => ({ x }) => ({ y: x!.pad([[n % 2, 1 - n % 2]]) }),
  ],
  ["operators", /Add, then Sub|Sub, then Add/, (n) => ({ x, z }) => ({
    y: n % 2 ? x!.add(z!) : x!.sub(z!),
  })],
  ["the order of operands", /reads the input/, (n) => ({ x, z }) => ({
    y: n % 2 ? x!.sub(z!) : z!.sub(x!),
  })],
  ["a slice's place", /Slice has the settings/, (n) => ({ x }) => ({ y: x!.slice([n % 2], [2]) })],
  [
    "a slice's size",
    /results of Slice/,
    (n) => ({ x }) => ({ y: x!.slice([0], [1 + n % 2]).sum() }),
  ],
  ["a shape", /results of Exp are/, (n) => ({ x }) => ({
    y: x!.reshape(n % 2 ? [3, 1] : [1, 3]).exp(),
  })],
  ["a type", /type|Cast/, (n) => ({ x }) => ({ y: n % 2 ? x!.toInt() : x!.toBool() })],
  [
    "how often it is repeated",
    /shape/,
    (n) => ({ x }) => ({ y: x!.sum().broadcastTo([1 + n % 2]) }),
  ],
  ["the number of terms", /./, (n) => ({ x }) => ({
    y: tf.addN(Array.from({ length: 2 + n % 2 }, () => x!)).exp(),
  })],
  ["its outputs", /outputs are a, then b|outputs are b, then a/, (n) => ({ x }) => ({
    [n % 2 ? "a" : "b"]: x!.exp(),
  })],
  ["an array written anew", /constant of shape \[3\] has other values/, () => {
    const numbers = new Float32Array(3);
    return ({ x }) => {
      numbers.forEach((_, i) => numbers[i] = Math.random());
      return { y: x!.mul(tf.tensor1d(numbers)) };
    };
  }],
];

for (const [what, says, make] of CHANGING) {
  Deno.test(`compile() rejects a step that changes from run to run: ${what}`, async () => {
    let times = 0;
    let step = make(0);
    const counting: StepFunction = (inputs) => {
      // One that keeps something of its own is made once.
      if (make.length > 0) step = make(times++);
      return step(inputs);
    };
    await assert.rejects(compile(counting, { inputs: { x: [3], z: [3] } }), (error) => {
      assert.ok(error instanceof TraceError, String(error));
      assert.match(error.message, says);
      assert.match(error.message, /must be an input/);
      return true;
    });
  });
}

Deno.test("compile() rejects a step whose variables change from run to run", async () => {
  const variables = [1, 2].map((value) => tf.variable(tf.fill([3], value)));
  let times = 0;
  const steps: [says: RegExp, step: StepFunction][] = [
    [/reads the variable/, ({ x }) => ({ y: x!.mul(variables[times++ % 2]!) })],
    [/variable/, ({ x }) => {
      variables[times++ % 2]!.assign(x!);
      return { y: x! };
    }],
    [/makes a new variable/, ({ x }) => ({ y: tf.variable(tf.ones([3])).add(x!) })],
  ];
  const before = tf.memory().numTensors;
  for (const [says, step] of steps) {
    await assert.rejects(compile(step, { inputs: { x: [3] } }), (error) => {
      assert.ok(error instanceof TraceError, String(error));
      assert.match(error.message, says);
      return true;
    });
  }
  assert.deepEqual(variables.map((variable) => [...variable.dataSync()]), [[1, 1, 1], [2, 2, 2]]);
  assert.ok(tf.memory().numTensors <= before + 1, "only the variable of the first run is left");
  tf.dispose(variables);
});

Deno.test("compile() rejects a step that keeps a tensor from one run to the next", async () => {
  let last: tf.Tensor | undefined;
  for (
    const remembered of [
      (x: tf.Tensor) => tf.keep(x.exp()),
      (x: tf.Tensor) => tf.keep(x.clone()),
    ]
  ) {
    last = undefined;
    const step: StepFunction = ({ x }) => {
      const y = last ? x!.sub(last) : x!;
      last = remembered(x!);
      return { y };
    };
    await assert.rejects(compile(step, { inputs: { x: [3] } }), /must be a tf.Variable/);
  }
});

Deno.test("compile() refuses a variable that is not float32 in one line, if the step uses it", async () => {
  const count = tf.variable(tf.scalar(3, "int32"), false, "count");
  const flags = tf.variable(tf.tensor1d([1, 0, 1], "bool"), false, "flags");
  const words = tf.variable(tf.tensor1d(["a", "b"]), false, "words");
  const steps: [name: string, dtype: string, step: StepFunction][] = [
    ["count", "int32", ({ x }) => ({ y: x!.mul(count.toFloat()) })],
    ["count", "int32", ({ x }) => {
      count.assign(tf.scalar(4, "int32"));
      return { y: x!.exp() };
    }],
    ["flags", "bool", ({ x }) => ({ y: x!.where(flags, tf.zeros([3])) })],
  ];
  for (const [name, dtype, step] of steps) {
    await assert.rejects(compile(step, { inputs: { x: [3] } }), (error) => {
      assert.ok(error instanceof TraceError, String(error));
      assert.match(error.message, new RegExp(`'${name}' of type ${dtype}.*float32 alone$`));
      return true;
    });
    assert.deepEqual([count, flags].map((v) => [...v.dataSync()]), [[3], [1, 0, 1]]);
  }
  const step = await compile(({ x }) => ({ y: x!.exp() }), { inputs: { x: [3] }, threads: 1 });
  await step.dispose();
  assert.deepEqual([...words.dataSync()], ["a", "b"], "variables it does not use do not matter");
  assert.equal(count.dtype, "int32");
  tf.dispose([count, flags, words]);
});

Deno.test("compile() refuses a step that does nothing", async () => {
  const w = tf.variable(tf.ones([3]));
  await assert.rejects(compile(() => ({}), { inputs: { x: [3] } }), /returns no tensor/);
  await assert.rejects(compile(({ x }) => (x!.mul(w), {}), { inputs: { x: [3] } }), TraceError);
  const step = await compile(({ x }) => {
    w.assign(w.add(x!));
    return {};
  }, { inputs: { x: [3] }, threads: 1 });
  await step.run({ x: Float32Array.of(1, 2, 3) });
  assert.deepEqual([...await step.read()], [[w, Float32Array.of(2, 3, 4)]]);
  await step.dispose();
  w.dispose();
});

Deno.test("random numbers that no result depends on do not matter", async () => {
  const step = await compile(({ x }) => {
    x!.add(tf.randomNormal([3]));
    return { y: x!.neg() };
  }, { inputs: { x: [3] }, threads: 1 });
  assert.deepEqual(
    (await step.run({ x: Float32Array.of(1, 2, 3) })).outputs["y"],
    Float32Array.of(-1, -2, -3),
  );
  await step.dispose();
});

Deno.test("after compile() tfjs's backend, variables and tensors are as before", async () => {
  const w = tf.variable(tf.tensor1d([1, 2, 3]));
  const constant = tf.tensor1d([4, 5, 6]);
  const before = tf.memory().numTensors;
  const good: StepFunction = ({ x }) => {
    w.assign(w.add(x!.mul(constant)) as tf.Tensor1D);
    return { y: w.sum() };
  };
  const bad: StepFunction = (inputs) => {
    good(inputs);
    return { y: tf.cumsum(inputs["x"]!) };
  };
  const lost: StepFunction = (inputs) => {
    good(inputs);
    throw new Error("the step's own");
  };
  const same = () => {
    assert.equal(tf.getBackend(), "cpu");
    assert.deepEqual([...w.dataSync()], [1, 2, 3]);
    assert.deepEqual([...constant.dataSync()], [4, 5, 6]);
    assert.equal(tf.memory().numTensors, before);
  };
  const step = await compile(good, { inputs: { x: [3] }, threads: 1 });
  same();
  await step.run({ x: Float32Array.of(1, 1, 1) });
  same();
  step.dispose();
  same();
  await assert.rejects(compile(bad, { inputs: { x: [3] } }), UnsupportedKernelError);
  same();
  await assert.rejects(compile(lost, { inputs: { x: [3] } }), /the step's own/);
  same();
  tf.dispose([w, constant]);
});

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

Deno.test("restore() before keep() is an error that says so", async () => {
  const { step, free } = await counter();
  await assert.rejects(step.restore(), /no state has been kept: call keep\(\) first/);
  await step.run({ by: ones });
  await assert.rejects(step.restore(), /no state has been kept/);
  const { outputs } = await step.run({ by: ones });
  assert.deepEqual([...outputs["before"]!], [1, 1], "nothing has changed");
  free();
});

Deno.test("what a step assigns can be read as it is and as it was kept", async () => {
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

Deno.test("variables of every rank come back as they went in", async () => {
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

Deno.test("variables that a step flattens together come back as they went in", async () => {
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

Deno.test("two compiled steps run at once and do not touch each other", async () => {
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

Deno.test("runs asked for at once are made in turn", async () => {
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

Deno.test("the caller's thread stays live during a run", async () => {
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

Deno.test("dispose() gives native memory back, after a run and during one", async () => {
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

Deno.test("an execution provider that is not there is an error", async () => {
  await assert.rejects(
    compile(({ x }) => ({ y: x!.square() }), { inputs: { x: [2] }, device: "no-such-device" }),
    Error,
  );
});
