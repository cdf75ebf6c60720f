import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { squared } from '../../src/models/head.js';
import type { Model, Task } from '../../src/models/model.js';
import { namedModel } from '../../src/models/named.js';
import { network, perceptron } from '../../src/models/network.js';
import { cases } from '../support/cases.js';
import { open, task } from './open.js';
import { slopeError } from './slope.js';

/** Every model and activation, with the classes of its data. */
const models: [string, number][] = [
  ['linear', 0],
  ['linear:bias=false', 0],
  ['neuron:tanh', 0],
  ['logistic', 2],
  ['softmax', 5],
  ['mlp:7', 3],
  ['mlp:6,5,relu', 0],
  ['mlp:9,tanh', 4],
  ['mlp:5,8,gelu', 3],
  ['mlp:4,3,2,tanh', 0],
  ['tanh without biases, activated at the end', 0],
  ['gelu activated at the end', 0],
];
/** Forms that no name reaches. */
const unnamed: Record<string, (task: Task) => Model> = {
  'tanh without biases, activated at the end': task =>
    network('bare', task, perceptron([5, 3], 1, 'tanh', { bias: false, activated: true }), squared),
  'gelu activated at the end': task => network('gelu', task, perceptron([4], 1, 'gelu', { activated: true }), squared),
};
const modelOf = (name: string, task: Task) => unnamed[name]?.(task) ?? namedModel(name, task);
const sets = ['reference', 'simd', 'relaxed'] as const;

for (const [name, classes] of models) {
  test(`${name}: the gradient is that of finite differences`, () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 1e9 }),
        fc.constantFrom(...sets),
        (features, rows, seed, set) => {
          const shape = task(features, classes);
          const opened = open(modelOf(name, shape), shape, rows, set, seed);
          const { weights } = opened;
          for (let i = 0; i < weights.length; i++) weights[i] += 0.05 * Math.sin(i + seed);
          const error = slopeError(opened, seed);
          fc.pre(error !== undefined);
          assert.ok(error! <= 3e-3, `${set}: off by ${error}`);
        },
      ),
      cases(60),
    );
  });

  test(`${name}: a fused step moves the weights by -rate x gradient, and all sets agree`, () => {
    for (const [features, rows] of [
      [5, 3],
      [33, 32],
    ]) {
      const shape = task(features, classes);
      const model = modelOf(name, shape);
      const found = sets.map(set => {
        const { session, weights, gradient, batch, outputs } = open(model, shape, rows, set);
        const loss = session.gradient(weights, gradient, batch);
        const expected = weights.map((w, i) => w - 0.25 * gradient[i]);
        assert.equal(session.descend?.(weights, batch, 0.25), loss);
        for (let i = 0; i < weights.length; i++) assert.ok(Math.abs(weights[i] - expected[i]) < 1e-6, `${set} weight ${i}`);
        const score = session.evaluate(weights, batch);
        session.predict(weights, batch, outputs);
        assert.equal(score.correct, answersRight(outputs, batch.targets, classes), set);
        return [loss, score.loss, ...weights, ...outputs];
      });
      for (const other of found.slice(1)) {
        for (let i = 0; i < other.length; i++) assert.ok(Math.abs(other[i] - found[0][i]) < 2e-5 * (1 + Math.abs(found[0][i])));
      }
    }
  });
}

test('a perceptron starts with the deviation of He or Glorot and biases of zero, whatever the kernels', () => {
  const shape = task(400, 10);
  const deviation = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  for (const [name, first] of [
    ['mlp:300', Math.sqrt(2 / 400)],
    ['mlp:300,tanh', Math.sqrt(2 / 700)],
  ] as const) {
    const model = namedModel(name, shape);
    const { weights } = open(model, shape, 1, 'reference');
    const [w1, b1, w2, b2] = model.layers.map(({ offset, shape: [m, n = 1] }) => weights.subarray(offset, offset + m * n));
    assert.ok(Math.abs(deviation(w1) / first - 1) < 0.02);
    assert.ok(Math.abs(deviation(w2) / Math.sqrt(2 / 310) - 1) < 0.05);
    assert.ok([...b1, ...b2].every(b => b === 0));
    assert.deepEqual(open(model, shape, 1, 'simd').weights, weights);
  }
});

test('layers cover the flat vector without gap or overlap', () => {
  const model = namedModel('mlp:12,7,gelu', task(9, 4));
  let end = 0;
  for (const { offset, shape } of model.layers) {
    assert.equal(offset, end);
    end += shape.reduce((product, n) => product * n, 1);
  }
  assert.equal(end, model.parameters);
  assert.equal(model.parameters, 9 * 12 + 12 + 12 * 7 + 7 + 7 * 4 + 4);
});

test('work memory that is too small or elsewhere is refused', () => {
  const shape = task(4, 3);
  const model = namedModel('softmax', shape);
  const { kernels } = open(model, shape, 2, 'simd');
  assert.throws(() => model.open(kernels, new Float32Array(model.workspace(2)), 2), { code: 'STATE' });
  assert.throws(() => model.open(kernels, new Float32Array(kernels.memory.buffer, 128, 8), 2), { code: 'STATE' });
});

test('a batch that is larger than the session is refused', () => {
  const shape = task(4, 3);
  const { session, weights, batch } = open(namedModel('mlp:4', shape), shape, 6, 'simd');
  assert.throws(() => session.evaluate(weights, { ...batch, rows: 7 }), { code: 'STATE' });
});

test('linear regression reaches the least-squares solution', () => {
  const shape = task(3, 0);
  const { session, weights, batch } = open(namedModel('linear', shape), shape, 40, 'simd');
  const truth = [1.5, -2, 0.5, 0.25];
  for (let r = 0; r < 40; r++) {
    batch.targets[r] = truth[3] + [0, 1, 2].reduce((sum, k) => sum + truth[k] * batch.inputs[3 * r + k], 0);
  }
  for (let step = 0; step < 400; step++) session.descend?.(weights, batch, 0.3);
  for (let k = 0; k < 4; k++) assert.ok(Math.abs(weights[k] - truth[k]) < 1e-5, `weight ${k} is ${weights[k]}`);
});

test('a neuron without bias finds the weights behind tanh(w.x), and predicts tanh(w.x)', () => {
  const shape = task(3, 0);
  const { session, weights, batch, outputs } = open(namedModel('neuron:tanh', shape), shape, 40, 'simd');
  const truth = [0.5, -1, 0.25];
  for (let r = 0; r < 40; r++) {
    batch.targets[r] = Math.tanh([0, 1, 2].reduce((sum, k) => sum + truth[k] * batch.inputs[3 * r + k], 0));
  }
  for (let step = 0; step < 2000; step++) session.descend?.(weights, batch, 0.5);
  assert.equal(weights.length, 3);
  for (let k = 0; k < 3; k++) assert.ok(Math.abs(weights[k] - truth[k]) < 1e-4, `weight ${k} is ${weights[k]}`);
  session.predict(weights, batch, outputs);
  for (let r = 0; r < 40; r++) assert.ok(Math.abs(outputs[r] - batch.targets[r]) < 1e-4);
});

test('logistic regression reaches the optimum: there the gradient vanishes and other weights are worse', () => {
  const shape = task(2, 2);
  const { session, weights, gradient, batch } = open(namedModel('logistic', shape), shape, 60, 'simd', 3);
  for (let step = 0; step < 3000; step++) session.descend?.(weights, batch, 1);
  const best = session.gradient(weights, gradient, batch);
  assert.ok(
    gradient.every(g => Math.abs(g) < 1e-5),
    `gradient ${gradient}`,
  );
  for (let k = 0; k < 3; k++) {
    for (const by of [-0.1, 0.1]) {
      weights[k] += by;
      assert.ok(session.evaluate(weights, batch).loss / 60 > best);
      weights[k] -= by;
    }
  }
});

test('a perceptron learns what no linear model can: the exclusive or', () => {
  const shape = task(2, 2);
  for (const name of ['mlp:16', 'mlp:16,tanh', 'mlp:8,8,gelu']) {
    const { session, weights, batch } = open(namedModel(name, shape), shape, 64, 'simd', 5);
    for (let r = 0; r < 64; r++) batch.targets[r] = batch.inputs[2 * r] * batch.inputs[2 * r + 1] > 0 ? 1 : 0;
    for (let step = 0; step < 3000; step++) session.descend?.(weights, batch, 0.3);
    const { loss, correct } = session.evaluate(weights, batch);
    assert.ok(correct >= 62 && loss / 64 < 0.15, `${name}: ${correct} of 64 right, loss ${loss / 64}`);
  }
});

/** The derivative along a direction of unit length, and the direction: mostly the gradient's own, so that it is not tiny. */
function answersRight(outputs: Float32Array, targets: Int32Array | Float32Array, classes: number): number {
  if (classes === 0) return 0;
  let count = 0;
  for (let r = 0; r < targets.length; r++) {
    const row = outputs.subarray(r * classes, (r + 1) * classes);
    if (row.indexOf(Math.max(...row)) === targets[r]) count++;
  }
  return count;
}
