// Steps that compile() rejects, and the state of tfjs afterwards.
import assert from "node:assert/strict";
import {
  compile,
  type StepFunction,
  supportedKernels,
  tf,
  TraceError,
  UnsupportedKernelError,
} from "../../lib/engine/mod.ts";

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

Deno.test("compile() rejects a step that reads values not yet computed", async () => {
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

Deno.test("compile() refuses a step that returns and assigns nothing", async () => {
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

Deno.test("random numbers that no result depends on are allowed", async () => {
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
