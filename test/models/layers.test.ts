/** Layers of networks: gradients, shapes and names; and that no layer writes where it should not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { softmax, squared } from '../../src/models/head.js';
import { attention, embedding } from '../../src/models/layers/attention.js';
import { convolution, image } from '../../src/models/layers/convolution.js';
import { dense, flatten } from '../../src/models/layers/dense.js';
import { activation, dropout } from '../../src/models/layers/elementwise.js';
import type { LayerOf } from '../../src/models/layers/layer.js';
import { groupNorm, layerNorm } from '../../src/models/layers/normalization.js';
import { averagePool, globalAverage, maxPool } from '../../src/models/layers/pooling.js';
import { residual } from '../../src/models/layers/residual.js';
import type { Model, Task } from '../../src/models/model.js';
import { namedModel } from '../../src/models/named.js';
import { network } from '../../src/models/network.js';
import { source } from '../../src/random.js';
import { cases } from '../support/cases.js';
import { type Opened, open } from './open.js';
import { slopeError } from './slope.js';

const tanh = activation('tanh');
const gelu = activation('gelu');
const relu = activation('relu');
const sets = ['reference', 'simd', 'relaxed'] as const;

interface Case {
  readonly task: Task;
  readonly layers?: readonly LayerOf[];
  readonly name?: string;
  readonly tokens?: number;
}

const picture = (shape: readonly number[], classes = 3): Task => ({
  features: shape.reduce((product, n) => product * n, 1),
  shape,
  classes,
});
const text = (tokens: number, vocabulary: number): Task => ({
  features: tokens + 1,
  shape: [tokens + 1],
  classes: vocabulary,
  categories: [vocabulary],
});

/** Each kind of layer, in the middle of others and at the end of the way back. */
const networks: Readonly<Record<string, Case>> = {
  'convolution, valid': { task: picture([6, 7]), layers: [image, convolution(3, 3), tanh, flatten, dense(3)] },
  'convolution, same, a stride of 2': {
    task: picture([2, 7, 6]),
    layers: [
      image,
      convolution(5, 3, { padding: 'same', stride: 2 }),
      tanh,
      convolution(4, 3, { padding: 'same' }),
      flatten,
      dense(3),
    ],
  },
  'convolution of one place, without biases': {
    task: picture([3, 4, 4]),
    layers: [image, convolution(5, 1, { bias: false }), gelu, convolution(2, 1, { stride: 2, bias: false }), flatten, dense(3)],
  },
  'windows of 5 over 8 filters, then 4': {
    task: picture([9, 9]),
    layers: [image, convolution(8, 5, { padding: 'same' }), tanh, convolution(4, 5), tanh, flatten, dense(3)],
  },
  'largest of each window': {
    task: picture([2, 6, 6]),
    layers: [
      image,
      convolution(6, 3, { padding: 'same' }),
      relu,
      maxPool(2),
      convolution(4, 2),
      maxPool(2, 1),
      flatten,
      dense(3),
    ],
  },
  'mean of each window': {
    task: picture([2, 7, 7]),
    layers: [image, convolution(6, 3), tanh, averagePool(3, 1), convolution(5, 2), averagePool(2, 1), flatten, dense(3)],
  },
  'mean of the whole image': { task: picture([3, 5, 5]), layers: [image, convolution(7, 2), gelu, globalAverage, dense(3)] },
  'group norm': {
    task: picture([2, 5, 5]),
    layers: [image, convolution(8, 3), groupNorm(2), tanh, convolution(6, 2), groupNorm(3), flatten, dense(3)],
  },
  'group norm of one channel a group': {
    task: picture([5, 5]),
    layers: [image, convolution(4, 2), groupNorm(4), gelu, flatten, dense(3)],
  },
  'layer norm': { task: picture([9], 0), layers: [dense(6), layerNorm, gelu, dense(8), layerNorm, dense(1)] },
  residual: {
    task: picture([6], 0),
    layers: [dense(8), residual([tanh, dense(5), gelu, dense(8)]), tanh, residual([layerNorm, dense(8)]), dense(1)],
  },
  'residual at the start': { task: picture([6]), layers: [residual([dense(4), tanh, dense(6)]), tanh, dense(3)] },
  'residual with a shortcut': {
    task: picture([2, 6, 6]),
    layers: [
      ...[image, convolution(4, 3, { padding: 'same' })],
      residual([convolution(6, 3, { stride: 2, padding: 'same' }), tanh], [convolution(6, 1, { stride: 2, padding: 'same' })]),
      ...[flatten, dense(3)],
    ],
  },
  'residual of a residual': {
    task: picture([5], 0),
    layers: [residual([dense(5), residual([tanh, dense(5)], [dense(5)]), gelu]), dense(1)],
  },
  'activations over each other': { task: picture([5], 0), layers: [dense(9), tanh, gelu, dropout(0.3, 0), tanh, dense(1), tanh] },
  'dropout at the start and at the end': {
    task: picture([12]),
    layers: [dropout(0.2, 0), dense(7), relu, dropout(0.4, 1), dense(3)],
  },
  attention: {
    task: text(5, 4),
    tokens: 5,
    layers: [embedding(4, 5, 8), attention(2), dense(4)],
  },
  'attention of one token': { task: text(1, 3), layers: [embedding(3, 1, 6), attention(3), flatten, dense(3)], tokens: 1 },
  lenet: { task: picture([28, 28], 4), name: 'lenet' },
  resnet8: { task: picture([3, 12, 12], 4), name: 'resnet8' },
  'transformer:2,2,8,dropout=0.1': { task: text(6, 5), name: 'transformer:2,2,8,dropout=0.1', tokens: 6 },
  'a list': { task: picture([8, 8], 0), name: 'layers:conv-4-3-same,groupnorm-2,gelu,mean-2,dropout-20,fc-6,tanh,fc' },
};

const modelOf = ({ task, layers, name, tokens }: Case): Model =>
  name === undefined ? network('network', task, layers!, task.classes === 0 ? squared : softmax, tokens) : namedModel(name, task);

function opened(one: Case, rows: number, set: (typeof sets)[number], seed: number): Opened {
  const found = open(modelOf(one), one.task, rows, set, seed);
  const { batch, weights } = found;
  const { categories } = one.task;
  if (categories)
    for (let k = 0; k < batch.inputs.length; k++) batch.inputs[k] = Math.abs(Math.round(97 * batch.inputs[k])) % categories[0];
  // Biases and tables start at zero, or near it.
  for (let k = 0; k < weights.length; k++) weights[k] += 0.1 * Math.sin(k + seed);
  return { ...found, batch: { ...batch, chance: { source: source(seed, 'chance'), node: 3, step: 5 } } };
}

for (const [name, one] of Object.entries(networks)) {
  const isLarge = one.name !== undefined && !one.name.startsWith('layers');
  test(`${name}: the gradient is that of finite differences`, () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: isLarge ? 3 : 7 }),
        fc.integer({ min: 1, max: 1e9 }),
        fc.constantFrom(...(isLarge ? sets.slice(1) : sets)),
        (rows, seed, set) => {
          const error = slopeError(opened(one, rows, set, seed), seed);
          fc.pre(error !== undefined);
          assert.ok(error! <= 4e-3, `${set}: off by ${error}`);
        },
      ),
      { ...cases(isLarge ? 4 : 25), maxSkipsPerRun: 1000 },
    );
  });

  test(`${name}: a fused step moves the weights by -rate x gradient, in batches of any size, and all sets agree`, () => {
    for (const [most, rows] of [
      [3, 3],
      [5, 2],
    ]) {
      const found = sets.map(set => {
        const { session, weights, gradient, batch, outputs } = opened(one, most, set, 7);
        const some = { ...batch, rows };
        const loss = session.gradient(weights, gradient, some);
        const expected = weights.map((w, i) => w - 0.25 * gradient[i]);
        assert.equal(session.descend?.(weights, some, 0.25), loss);
        for (let i = 0; i < weights.length; i++) assert.ok(Math.abs(weights[i] - expected[i]) < 4e-6, `${set} weight ${i}`);
        const score = session.evaluate(weights, some);
        session.predict(weights, some, outputs);
        return [loss, score.loss, ...gradient, ...outputs.subarray(0, rows)];
      });
      for (const other of found.slice(1))
        for (let i = 0; i < other.length; i++)
          assert.ok(Math.abs(other[i] - found[0][i]) < 2e-4 * (1 + Math.abs(found[0][i])), `${i}: ${other[i]} ${found[0][i]}`);
    }
  });

  test(`${name}: its parameters cover the vector, each with a name of its own`, () => {
    const model = modelOf(one);
    let end = 0;
    for (const { offset, shape } of model.layers) {
      assert.equal(offset, end);
      end += shape.reduce((product, n) => product * n, 1);
    }
    assert.equal(end, model.parameters);
    assert.equal(new Set(model.layers.map(({ name }) => name)).size, model.layers.length);
  });
}

test('well-known networks have as many parameters as they are known for', () => {
  assert.equal(namedModel('lenet', picture([28, 28], 10)).parameters, 61_706);
  assert.equal(namedModel('lenet', picture([3, 32, 32], 10)).parameters, 62_006);
  assert.equal(namedModel('resnet20', picture([3, 32, 32], 10)).parameters, 272_474);
  const { layers } = namedModel('lenet', picture([28, 28], 10));
  assert.deepEqual(
    layers.map(({ name }) => name),
    ['conv1', 'conv2', 'fc1', 'fc2', 'fc3'].flatMap(name => [`${name}.weight`, `${name}.bias`]),
  );
});

for (const [text, shape, message] of [
  ['layers:cnv-3', [8, 8], /model: layer 1: found 'cnv-3', allowed is conv-/],
  ['layers', [8, 8], /'layers' has no layers; write layers:fc-128,relu/],
  ['layers:fc-4,conv-2-3', [8, 8], /layer 2: found an input of shape 4, allowed is an image/],
  ['layers:conv-8-99', [8, 8], /layer 1: found windows of 99 x 99 over 8 x 8/],
  ['layers:conv-8-4-same', [8, 8], /layer 1: found padding same with a size of 4, allowed is an odd size/],
  ['layers:conv-8-3,groupnorm-3', [8, 8], /layer 2: found 3 groups of 8 channels/],
  ['layers:layernorm', [8, 8], /layer 1: found a normalization of single values/],
  ['layers:dropout-100', [8, 8], /layer 1: dropout-PERCENT/],
  ['layers:max-2-2-2', [8, 8], /layer 1: found 'max-2-2-2', allowed is max-SIZE/],
  ['layers:mean', [8, 6], /layer 1: found an input of shape 8 x 6 x 1, allowed is a square image/],
  ['lenet', [64], /lenet needs images, the data has rows of 64 numbers/],
  ['resnet8', [3, 8, 6], /resnet8 needs square images, the data has images of 8 x 6/],
  ['transformer:2,3,64', [7], /transformer needs a text/],
] as const) {
  test(`${text} for data of ${shape.join(' x ')} is refused`, () => {
    assert.throws(() => namedModel(text, picture(shape)), { code: /^CONFIG_(RANGE|MISSING)$/, message });
  });
}

test('a transformer whose heads do not divide its width is refused', () => {
  assert.throws(() => namedModel('transformer:2,3,64', text(5, 4)), {
    code: 'CONFIG_RANGE',
    message: /found 3 heads over 5 x 64/,
  });
});

test('a dense layer takes an image as a vector', () => {
  assert.equal(namedModel('layers:fc-5,relu', picture([6, 4])).parameters, namedModel('mlp:5', picture([6, 4])).parameters);
});
