/** Models of TensorFlow.js in our rows: the same numbers as our own networks, slopes that are slopes, draws that are counted. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { learntLayers } from '../../src/engine/correct.js';
import { HearsayError } from '../../src/errors.js';
import type { Model, Task } from '../../src/models/model.js';
import { namedModel } from '../../src/models/named.js';
import { namedOptimizer } from '../../src/models/optimizer/named.js';
import { takeStep } from '../../src/models/optimizer/optimizer.js';
import { adapted } from '../../src/models/tensorflow/adapter.js';
import { openTensorFlow } from '../../src/models/tensorflow/backend.js';
import type { LayersModel } from '../../src/models/tensorflow/types.js';
import { source } from '../../src/random.js';
import { cases } from '../support/cases.js';
import { open, task } from './open.js';
import { slopeError } from './slope.js';

const found = await openTensorFlow(import.meta.url);
const limited = { timeout: 30_000 };

const adapt = (build: () => LayersModel, of: Task): Model => adapted('mine', build(), of, found, 'model mine', build);
const dense = (units: number, more: object = {}) => tf.layers.dense({ units, ...more });
const conv = (filters: number, more: object = {}) => tf.layers.conv2d({ filters, kernelSize: 3, ...more });
const rgb: Task = { features: 3 * 6 * 5, shape: [3, 6, 5], classes: 4 };

test('it says which backend computes', limited, t => {
  t.diagnostic(`the tests ran on: ${found.name}`);
  t.diagnostic(found.note);
  assert.match(found.name, /^tfjs 4\.\d+\.\d+ (tensorflow|cpu)$/);
  if (!found.name.endsWith('tensorflow'))
    assert.match(found.note, /plain JavaScript.*@tensorflow\/tfjs-node (is not installed|does not load)/);
});

/** A model of layers, and the same as a network of ours: their flat vectors have the same order. */
const twins: readonly [what: string, build: () => LayersModel, name: string, of: Task][] = [
  [
    'a perceptron that ends in softmax',
    () => tf.sequential({ layers: [dense(8, { inputShape: [5], activation: 'relu' }), dense(3, { activation: 'softmax' })] }),
    'mlp:8',
    task(5, 3),
  ],
  [
    'a perceptron that ends in scores',
    () => tf.sequential({ layers: [dense(6, { inputShape: [5], activation: 'tanh' }), dense(3)] }),
    'mlp:6,tanh',
    task(5, 3),
  ],
  ['linear regression', () => tf.sequential({ layers: [dense(1, { inputShape: [7] })] }), 'linear', task(7, 0)],
  [
    'two classes by one sigmoid',
    () => tf.sequential({ layers: [dense(1, { inputShape: [4], activation: 'sigmoid' })] }),
    'logistic',
    task(4, 2),
  ],
  [
    'a convolution over images of three channels',
    () =>
      tf.sequential({
        layers: [
          conv(4, { inputShape: [6, 5, 3], activation: 'relu', padding: 'same' }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.flatten(),
          dense(4),
          tf.layers.softmax(),
        ],
      }),
    'layers:conv-4-3-same,relu,max-2,flatten',
    rgb,
  ],
];

for (const [what, build, name, of] of twins) {
  test(`${what} has the loss, the gradient and the predictions of ${name}`, limited, () => {
    const [theirs, ours] = [adapt(build, of), namedModel(name, of)];
    assert.deepEqual(
      [theirs.parameters, theirs.outputs, ...theirs.layers.map(({ shape }) => shape)],
      [ours.parameters, ours.outputs, ...ours.layers.map(({ shape }) => shape)],
    );
    const [a, b] = [open(theirs, of, 9, 'simd'), open(ours, of, 9, 'simd')];
    for (let k = 0; k < a.weights.length; k++) a.weights[k] = b.weights[k] = Math.sin(1 + 12.9898 * k) / 2;
    near([a.session.gradient(a.weights, a.gradient, a.batch)], [b.session.gradient(b.weights, b.gradient, b.batch)], 'loss');
    assert.ok(b.gradient.some(g => Math.abs(g) > 1e-2));
    near(a.gradient, b.gradient, 'gradient');
    const scores = [a, b].map(({ session, weights, batch }) => session.evaluate(weights, batch));
    near([scores[0].loss], [scores[1].loss], 'sum of losses');
    assert.equal(scores[0].correct, scores[1].correct);
    a.session.predict(a.weights, a.batch, a.outputs);
    b.session.predict(b.weights, b.batch, b.outputs);
    near(a.outputs, b.outputs, 'predictions');
  });
}

test('penalties are in the loss from the first step on', limited, () => {
  const build = (l2: number) => () =>
    tf.sequential({ layers: [dense(3, { inputShape: [4], kernelRegularizer: tf.regularizers.l2({ l2 }) })] });
  const [bare, penalized] = [0, 0.5].map(l2 => {
    const { session, weights, gradient, batch } = open(adapt(build(l2), task(4, 3)), task(4, 3), 2, 'simd');
    weights.fill(2);
    return [session.gradient(weights, gradient, batch), session.evaluate(weights, batch).loss];
  });
  near([penalized[0] - bare[0]], [0.5 * 12 * 2 ** 2], 'penalty');
  assert.equal(penalized[1], bare[1], 'no penalty when it is judged');
});

function near(found: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(found.length, expected.length);
  for (let k = 0; k < found.length; k++)
    assert.ok(
      Math.abs(found[k] - expected[k]) <= 1e-5 * (1 + Math.abs(expected[k])),
      `${what} ${k}: ${found[k]}, expected ${expected[k]}`,
    );
}

/** With all that a step may have: penalties, dropout, normalization. */
const manifold = (rate = 0.3) =>
  tf.sequential({
    layers: [
      conv(3, { inputShape: [6, 5, 3], kernelRegularizer: tf.regularizers.l2({ l2: 0.05 }) }),
      tf.layers.batchNormalization({ momentum: 0.75 }),
      tf.layers.activation({ activation: 'tanh' }),
      tf.layers.flatten(),
      tf.layers.dropout({ rate }),
      dense(4, { activation: 'softmax' }),
    ],
  });

test('the gradient is the slope of the loss: with penalties, dropout and a normalization over the batch', limited, () => {
  const model = adapt(manifold, rgb);
  let compared = 0;
  fc.assert(
    fc.property(fc.nat(1000), seed => {
      const opened = open(model, rgb, 5, 'simd', seed);
      const chance = { source: source(seed, 'model'), node: 1, step: seed };
      const error = slopeError({ ...opened, batch: { ...opened.batch, chance } }, seed);
      if (error === undefined) return;
      compared++;
      assert.ok(error < 2e-3, `off by ${error}`);
    }),
    cases(10),
  );
  assert.ok(compared > 3, `${compared} compared`);
});

test(
  'models inside models, sums of branches: the gradient is still the slope, and a softmax deep inside is found',
  limited,
  () => {
    const build = (activation?: 'softmax') => () => {
      const x = tf.input({ shape: [5] });
      const branch = tf.sequential({ layers: [dense(4, { inputShape: [5], activation: 'tanh' }), dense(4)] });
      const sum = tf.layers.add().apply([branch.apply(x), dense(4).apply(x)] as tf.SymbolicTensor[]) as tf.SymbolicTensor;
      const end = tf.sequential({ layers: [dense(3, { inputShape: [4], activation }), tf.layers.reshape({ targetShape: [3] })] });
      return tf.model({ inputs: x, outputs: end.apply(sum) as tf.SymbolicTensor });
    };
    const [bare, soft] = [build(), build('softmax')].map(each => open(adapt(each, task(5, 3)), task(5, 3), 6, 'simd', 4));
    assert.equal(bare.weights.length, 24 + 20 + 24 + 15);
    soft.weights.set(bare.weights);
    assert.equal(
      bare.session.gradient(bare.weights, bare.gradient, bare.batch),
      soft.session.gradient(soft.weights, soft.gradient, soft.batch),
    );
    assert.deepEqual(soft.gradient, bare.gradient);
    const error = slopeError(soft, 4);
    assert.ok(error !== undefined && error < 2e-3, `off by ${error}`);
  },
);

test('what is dropped is a function of seed, node and step', limited, () => {
  const { session, weights, gradient, batch } = open(
    adapt(() => manifold(0.5), rgb),
    rgb,
    5,
    'simd',
  );
  const at = (seed: number, node: number, step: number) => {
    session.gradient(weights.slice(), gradient, { ...batch, chance: { source: source(seed, 'model'), node, step } });
    return createHash('sha256').update(gradient).digest('hex');
  };
  const first = at(1, 0, 0);
  const others = [at(2, 0, 0), at(1, 1, 0), at(1, 0, 1), at(1, 0, 0x80000000)];
  assert.equal(at(1, 0, 0), first);
  assert.equal(new Set([first, ...others]).size, 5);
  const scores = [1, 2].map(() => session.evaluate(weights, batch).loss);
  assert.equal(scores[0], scores[1], 'nothing is dropped when it is judged');
});

test('a normalization moves its running means by itself, in the row; the optimizer does not', limited, () => {
  const model = adapt(
    () => tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [2], momentum: 0.75 }), dense(3)] }),
    task(2, 3),
  );
  const { session, weights, gradient, batch } = open(model, task(2, 3), 4, 'simd');
  const [mean, variance] = ['moving_mean', 'moving_variance'].map(
    name => model.layers.find(layer => layer.name.endsWith(name))!.offset,
  );
  weights.set([10, 20], mean);
  weights.set([3, 5], variance);
  const before = weights.slice();
  session.gradient(weights, gradient, batch);
  for (const k of [0, 1]) {
    const column = [0, 1, 2, 3].map(row => batch.inputs[2 * row + k]);
    const average = column.reduce((a, b) => a + b) / 4;
    const spread = column.reduce((sum, x) => sum + (x - average) ** 2, 0) / 4;
    assert.ok(Math.abs(weights[mean + k] - (0.75 * [10, 20][k] + 0.25 * average)) < 1e-5);
    assert.ok(Math.abs(weights[variance + k] - (0.75 * [3, 5][k] + 0.25 * spread)) < 1e-5);
    assert.deepEqual([gradient[mean + k], gradient[variance + k]], [0, 0]);
  }
  assert.deepEqual(weights.slice(0, mean), before.slice(0, mean), 'what is learnt is not touched');
  const after = weights.slice();
  session.evaluate(weights, batch);
  assert.deepEqual(weights, after, 'being judged moves nothing');
});

test('frozen layers stay: their gradient is 0, and a frozen normalization keeps its means', limited, () => {
  const build = () => {
    const frozen = [tf.layers.batchNormalization({ inputShape: [2] }), dense(4)];
    for (const layer of frozen) layer.trainable = false;
    return tf.sequential({ layers: [...frozen, dense(3)] });
  };
  const model = adapt(build, task(2, 3));
  const { session, weights, gradient, batch } = open(model, task(2, 3), 4, 'simd');
  const before = weights.slice();
  session.gradient(weights, gradient, batch);
  assert.deepEqual(weights, before);
  const learnt = 4 * 3 + 3;
  assert.ok(gradient.subarray(0, learnt).some(g => g !== 0));
  assert.ok(gradient.subarray(learnt).every(g => g === 0));
});

/** A base of two layers and a normalization, one more model deep, that is frozen as a whole, below a layer to learn. */
const transferred = (more: object = {}) => {
  const inner = tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [4], ...more })] });
  const base = tf.sequential({ layers: [dense(4, { inputShape: [2] }), tf.layers.batchNormalization(more), inner] });
  base.trainable = false;
  return tf.sequential({ layers: [base, dense(3)] });
};

test(
  'what lies inside a frozen model is frozen: its normalizations use the means that they have, and need no scale',
  limited,
  () => {
    for (const more of [{}, { scale: false, center: false }]) {
      const model = adapt(() => transferred(more), task(2, 3));
      assert.equal(model.learnt, 4 * 3 + 3);
      const { session, weights, gradient, batch } = open(model, task(2, 3), 4, 'simd');
      const before = weights.slice();
      const loss = session.gradient(weights, gradient, batch);
      assert.deepEqual(weights, before);
      assert.ok(gradient.subarray(model.learnt).every(g => g === 0));
      near([4 * loss], [session.evaluate(weights, batch).loss], 'loss by the means that it has');
    }
  },
);

test('a running variance below 0 counts as 0, and goes on from there', limited, () => {
  const normal = () => tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [2], momentum: 0.75 }), dense(3)] });
  for (const build of [normal, transferred]) {
    const model = adapt(build, task(2, 3));
    const { session, weights, gradient, batch, outputs } = open(model, task(2, 3), 4, 'simd');
    const variances = model.layers.filter(({ name }) => name.endsWith('moving_variance'));
    assert.ok(variances.length > 0);
    const judged = (value: number) => {
      for (const { offset, shape } of variances) weights.fill(value, offset, offset + shape[0]);
      session.predict(weights, batch, outputs);
      return [session.evaluate(weights, batch).loss, ...outputs];
    };
    const at0 = judged(0);
    assert.ok(at0.every(Number.isFinite));
    assert.deepEqual(judged(-0.5), at0);
    session.gradient(weights, gradient, batch);
    for (const { offset, shape } of variances) assert.ok(weights.subarray(offset, offset + shape[0]).every(value => value >= 0));
  }
});

test('an optimizer moves what is learnt: weight decay leaves frozen weights and running means alone', limited, () => {
  const build = () => {
    const frozen = dense(4, { inputShape: [2] });
    frozen.trainable = false;
    return tf.sequential({ layers: [frozen, tf.layers.batchNormalization({ momentum: 0.75 }), dense(3)] });
  };
  const model = adapt(build, task(2, 3));
  const learnt = model.learnt!;
  assert.equal(learnt, 4 + 4 + 12 + 3);
  for (const name of ['sgd:rate=0.1,decay=0.1', 'sgd:rate=0.1,momentum=0.9,decay=0.1', 'adamw', 'lamb', 'adamw:clip=0.5']) {
    const { session, kernels, weights, gradient, state, batch } = open(model, task(2, 3), 4, 'simd');
    const optimizer = namedOptimizer(name, 10, 'optimizer', model.layers);
    const expected = weights.slice();
    session.gradient(expected, gradient, batch);
    const planes = [state.byteOffset, state.buffer.byteLength - 1024]; // the end of the last page is nobody's
    takeStep(optimizer, session, kernels, weights, gradient, planes.slice(0, optimizer.state.length), batch, 0, learnt);
    assert.deepEqual(weights.subarray(learnt), expected.subarray(learnt), `${name}: moved by the model alone`);
    assert.ok(
      weights.subarray(0, learnt).some((w, k) => w !== expected[k]),
      name,
    );
  }
  assert.deepEqual(
    learntLayers(model).map(({ name }) => name),
    ['batch_normalization_1/gamma', 'batch_normalization_1/beta', 'dense_1/kernel', 'dense_1/bias'],
    'nor does corrected averaging stretch them',
  );
});

test('no step, evaluation, prediction or start leaves a tensor behind', limited, () => {
  const model = adapt(manifold, rgb);
  const { session, weights, gradient, batch, outputs } = open(model, rgb, 5, 'simd');
  const round = () => {
    session.gradient(weights, gradient, batch);
    session.evaluate(weights, batch);
    session.predict(weights, batch, outputs);
    model.initialize(
      weights.slice(),
      () => 0.5,
      () => 0,
    );
    return tf.memory().numTensors;
  };
  const first = round();
  for (let k = 0; k < 5; k++) assert.equal(round(), first);
});

test('starting weights are draws of the run, by the laws of the initializers, and Math.random is as it was', limited, () => {
  const build = () =>
    tf.sequential({
      layers: [
        dense(50, { inputShape: [30], kernelInitializer: 'glorotUniform' }),
        dense(3, { kernelInitializer: tf.initializers.constant({ value: 2 }) }),
      ],
    });
  const model = adapt(build, task(30, 3));
  const random = Math.random;
  const draw = (seed: number) => {
    let k = seed;
    const weights = new Float32Array(model.parameters);
    model.initialize(
      weights,
      () => (k += 0.618034) % 1,
      () => 0,
    );
    return weights;
  };
  const [one, again, other] = [draw(1), draw(1), draw(2)];
  assert.equal(Math.random, random);
  assert.deepEqual(one, again);
  assert.notDeepEqual(one, other);
  const glorot = Math.sqrt(6 / 80);
  const kernel = one.subarray(0, 1500);
  assert.ok(kernel.every(w => Math.abs(w) <= glorot) && Math.max(...kernel) > 0.95 * glorot);
  assert.ok(
    one.subarray(1500, 1550).every(w => w === 0),
    'biases',
  );
  assert.ok(one.subarray(1550, 1700).every(w => w === 2));
  assert.throws(
    () =>
      draw(Number.NaN) &&
      model.initialize(
        new Float32Array(1),
        () => assert.fail('drawn'),
        () => 0,
      ),
    /drawn/,
  );
  assert.equal(Math.random, random, 'also after an error');
});

test('a function that returns one model over and over starts from its first weights, whatever was done since', limited, () => {
  const one = tf.sequential({ layers: [dense(3, { inputShape: [4] })] });
  const model = adapt(() => one, task(4, 3));
  const { session, weights, gradient, batch } = open(model, task(4, 3), 2, 'simd');
  const first = weights.slice();
  weights.fill(7);
  session.gradient(weights, gradient, batch);
  model.initialize(weights, Math.random, Math.random);
  assert.deepEqual(weights, first);
});

test('layers have the same names whatever was built before', limited, () => {
  const build = () => tf.sequential({ layers: [dense(3, { inputShape: [4] }), dense(3, { name: 'mine' }), dense(3)] });
  const names = () => adapt(build, task(4, 3)).layers.map(({ name }) => name);
  const expected = ['dense_1/kernel', 'dense_1/bias', 'mine/kernel', 'mine/bias', 'dense_2/kernel', 'dense_2/bias'];
  assert.deepEqual(names(), expected);
  assert.deepEqual(names(), expected);
});

const input = (shape: number[]) => tf.input({ shape });
const images: Task = { features: 12, shape: [3, 4], classes: 2 };
const refused: readonly [what: string, build: () => LayersModel, of: Task, message: RegExp][] = [
  [
    'two inputs',
    () => {
      const [a, b] = [input([2]), input([2])];
      const sum = tf.layers.add().apply([a, b]) as tf.SymbolicTensor;
      return tf.model({ inputs: [a, b], outputs: dense(2).apply(sum) as tf.SymbolicTensor });
    },
    task(2, 2),
    /it has 2 inputs, allowed is one/,
  ],
  [
    'two outputs',
    () => {
      const a = input([2]);
      return tf.model({ inputs: a, outputs: [dense(2).apply(a), dense(2).apply(a)] as tf.SymbolicTensor[] });
    },
    task(2, 2),
    /it has 2 outputs, allowed is one/,
  ],
  [
    'other features',
    () => tf.sequential({ layers: [dense(2, { inputShape: [5] })] }),
    task(4, 2),
    /its input is \[5\], the data have rows of 4 numbers; allowed is \[4\]/,
  ],
  [
    'other images',
    () => tf.sequential({ layers: [conv(2, { inputShape: [4, 3, 1] }), tf.layers.flatten(), dense(2)] }),
    images,
    /input is \[4, 3, 1\], the data have images of 3 x 4 x 1 .*allowed is \[3, 4, 1\] or \[12\]/,
  ],
  [
    'too few classes',
    () => tf.sequential({ layers: [dense(2, { inputShape: [4] })] }),
    task(4, 3),
    /output is \[2\], the data have 3 classes; end with a dense layer of 3 units/,
  ],
  [
    'classes for real targets',
    () => tf.sequential({ layers: [dense(2, { inputShape: [4] })] }),
    task(4, 0),
    /real targets; end with a dense layer of 1 unit/,
  ],
  [
    'sigmoids of classes',
    () => tf.sequential({ layers: [dense(3, { inputShape: [4], activation: 'sigmoid' })] }),
    task(4, 3),
    /last activation is sigmoid, allowed is softmax or none/,
  ],
  [
    'a hidden sigmoid at the end',
    () => tf.sequential({ layers: [dense(3, { inputShape: [4], activation: 'sigmoid' }), tf.layers.dropout({ rate: 0.1 })] }),
    task(4, 3),
    /last activation is sigmoid/,
  ],
  ...(
    [
      ['a rectifier', () => tf.layers.reLU(), 'ReLU'],
      ['a leaky rectifier', () => tf.layers.leakyReLU(), 'LeakyReLU'],
      ['an exponential unit', () => tf.layers.elu(), 'ELU'],
      ['a rectifier that is learnt', () => tf.layers.prelu(), 'PReLU'],
      ['a rectifier with a threshold', () => tf.layers.thresholdedReLU(), 'ThresholdedReLU'],
    ] as const
  ).map(([what, layer, kind]): (typeof refused)[number] => [
    `${what} at the end`,
    () => tf.sequential({ layers: [dense(3, { inputShape: [4] }), layer()] }),
    task(4, 3),
    new RegExp(`last activation is ${kind}, allowed is softmax or none`),
  ]),
  [
    'a softmax before a mean over places',
    () =>
      tf.sequential({
        layers: [conv(4, { inputShape: [6, 5, 3], activation: 'softmax' }), tf.layers.globalAveragePooling2d({})],
      }),
    rgb,
    /behind its softmax stands GlobalAveragePooling2D, and the loss has a softmax of its own; leave it out, or put it at the end/,
  ],
  [
    'a mean of softmaxes',
    () => {
      const x = input([4]);
      const both = [1, 2].map(() => dense(3, { activation: 'softmax' }).apply(x)) as tf.SymbolicTensor[];
      const mean = tf.layers.average().apply(both);
      return tf.model({ inputs: x, outputs: tf.layers.dropout({ rate: 0.1 }).apply(mean) as tf.SymbolicTensor });
    },
    task(4, 3),
    /behind its softmax stands Average/,
  ],
  [
    'a softmax over a part of the values',
    () =>
      tf.sequential({
        layers: [
          tf.layers.reshape({ targetShape: [2, 2], inputShape: [4] }),
          dense(2, { activation: 'softmax' }),
          tf.layers.flatten(),
        ],
      }),
    task(4, 4),
    /its softmax is over 2 of its 4 values/,
  ],
  [
    'a softmax for each time',
    () =>
      tf.sequential({
        layers: [
          tf.layers.reshape({ targetShape: [1, 4], inputShape: [4] }),
          tf.layers.timeDistributed({ layer: dense(3, { activation: 'softmax' }) as tf.layers.Layer }),
          tf.layers.flatten(),
        ],
      }),
    task(4, 3),
    /its softmax is inside of TimeDistributed/,
  ],
  [
    'a name without end',
    () => tf.sequential({ layers: [dense(3, { inputShape: [4], name: 'a'.repeat(10 ** 5) })] }),
    task(4, 3),
    /a name of 100007 letters, allowed are 200/,
  ],
  [
    'a constraint',
    () => tf.sequential({ layers: [dense(3, { inputShape: [4], kernelConstraint: 'nonNeg' })] }),
    task(4, 3),
    /weight dense_1\/kernel has a constraint/,
  ],
  [
    'a state',
    () => tf.sequential({ layers: [tf.layers.simpleRNN({ units: 3, batchInputShape: [2, 4, 1], stateful: true }), dense(3)] }),
    task(4, 3),
    /keeps a state from batch to batch/,
  ],
  [
    'a bare normalization',
    () => tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [4], scale: false }), dense(3)] }),
    task(4, 3),
    /without scale and center/,
  ],
  [
    'nothing to learn',
    () => tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4], trainable: false })] }),
    task(4, 3),
    /no weights to learn/,
  ],
  [
    'a text',
    () => tf.sequential({ layers: [dense(3, { inputShape: [4] })] }),
    { ...task(4, 3), categories: [3] },
    /a text needs a model that tells every character/,
  ],
];

for (const [what, build, of, message] of refused) {
  test(`${what}: refused in one line`, limited, () => {
    assert.throws(
      () => adapt(build, of),
      (error: unknown) => {
        assert.ok(error instanceof HearsayError);
        assert.equal(error.code, 'MODULE_INVALID');
        assert.match(error.message, message);
        assert.match(error.message, /^model mine: [^\n]*$/);
        return true;
      },
    );
  });
}

test('rows of numbers take any shape of as many; a recurrent layer may read them one by one', limited, () => {
  const build = () => tf.sequential({ layers: [tf.layers.lstm({ units: 4, inputShape: [6, 1], dropout: 0.2 }), dense(3)] });
  const model = adapt(build, task(6, 3));
  const { session, weights, gradient, batch } = open(model, task(6, 3), 4, 'simd');
  const before = session.gradient(weights, gradient, batch);
  const count = tf.memory().numTensors;
  for (let step = 0; step < 100; step++) {
    session.gradient(weights, gradient, batch);
    for (let k = 0; k < weights.length; k++) weights[k] -= gradient[k];
  }
  assert.ok(session.gradient(weights, gradient, batch) < 0.8 * before);
  assert.equal(tf.memory().numTensors, count);
});

test('it is looked for beside the module first; what does not load is told in one line', limited, async () => {
  const tfjs = { version: { tfjs: '4.9.9' }, enableProdMode() {}, ready: async () => {}, getBackend: () => 'cpu' };
  const loaded: string[] = [];
  const loader = (native: string | undefined) => ({
    resolve: (name: string, from: string) => (name.endsWith('-node') ? native : from === 'mine.js' ? '/mine/tfjs' : undefined),
    seen: (path: string) => path === '/mine/tfjs',
    async load(path: string) {
      loaded.push(path);
      if (path === '/mine/tfjs') return { default: tfjs };
      throw new Error('The binding is missing\nwith pages of advice');
    },
  });
  const { tf: opened, name, note } = await openTensorFlow('mine.js', loader('/node/tfjs-node'));
  assert.equal(opened as unknown, tfjs);
  assert.equal(name, 'tfjs 4.9.9 cpu');
  assert.match(note, /@tensorflow\/tfjs-node does not load \(The binding is missing\)$/);
  assert.match((await openTensorFlow('mine.js', loader(undefined))).note, /tfjs-node is not installed$/);
  await assert.rejects(openTensorFlow('other.js', loader(undefined)), {
    code: 'CONFIG_MISSING',
    message: /tfjs is not installed; run npm install @tensorflow\/tfjs$/,
  });
  loaded.length = 0;
  const broken = { ...loader(undefined), resolve: (name: string) => (name.endsWith('-node') ? undefined : '/broken') };
  await assert.rejects(openTensorFlow(import.meta.url, broken), /tfjs does not load \(The binding is missing\)/);
  assert.deepEqual(loaded, ['/broken', '/broken'], 'once from the file, once from here');
});
