import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Dataset } from '../../src/data/dataset.js';
import type { Task } from '../../src/models/model.js';
import { namedModel } from '../../src/models/named.js';
import { namedOptimizer } from '../../src/models/optimizer/named.js';
import { takeStep } from '../../src/models/optimizer/optimizer.js';
import { normal, source } from '../../src/random.js';
import { openDesk } from '../../src/threads/desk.js';
import { cases } from '../support/cases.js';
import { drawnSparse, wholeOf } from '../support/sparse.js';
import { slopeError } from './slope.js';

const taskOf = ({ features, shape, classes, sparse, inputs, rows, categories }: Dataset): Task => ({
  ...{ features, shape, classes },
  ...(sparse && { entries: inputs.length / rows }),
  ...(categories && { categories }),
});

/** A model on a desk with all rows of the data, at weights that are drawn. */
function desk(text: string, data: Dataset, seed = 1) {
  const model = namedModel(text, taskOf(data));
  const most = Math.max(64, data.rows);
  const at = openDesk(model, data, 'simd', most, most * data.features, 'to test');
  const draws = source(seed, 'weights');
  for (let k = 0; k < model.parameters; k++) at.weights[k] = 0.5 * normal(draws, 0, k);
  return { model, ...at };
}

const near = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string) => {
  assert.equal(a.length, b.length, what);
  for (let k = 0; k < a.length; k++)
    assert.ok(Math.abs(a[k] - b[k]) <= tolerance * (1 + Math.abs(b[k])), `${what} ${k}: ${a[k]}, not ${b[k]}`);
};

const data = fc.record({
  seed: fc.nat(1e6),
  rows: fc.integer({ min: 1, max: 40 }),
  features: fc.integer({ min: 1, max: 30 }),
  density: fc.constantFrom(0.05, 0.3, 0.9),
});

for (const [name, classes] of [
  ['logistic', 2],
  ['linear', 0],
  ['linear:bias=false', 0],
] as const) {
  test(`${name} on sparse rows is ${name} on whole ones: losses, predictions, gradients, and steps on the same batches`, () => {
    fc.assert(
      fc.property(data, fc.constantFrom(1, 3, 8), (drawn, batch) => {
        const rows = drawnSparse({ ...drawn, classes });
        const whole = wholeOf(rows);
        const [mine, theirs] = [desk(name, rows), desk(name, whole)];
        assert.equal(mine.model.reads, 'sparse');
        assert.equal(theirs.model.reads, undefined);
        assert.deepEqual(mine.model.layers, theirs.model.layers);
        const numbers = Array.from({ length: 16 }, (_, k) => (k * 7) % rows.rows);
        const [a, b] = [mine.lay(rows, numbers), theirs.lay(whole, numbers)];
        const [scoreA, scoreB] = [mine.session.evaluate(mine.weights, a), theirs.session.evaluate(theirs.weights, b)];
        near([scoreA.loss], [scoreB.loss], 1e-4, 'loss');
        assert.ok(Math.abs(scoreA.correct - scoreB.correct) <= 1);
        mine.session.predict(mine.weights, a, mine.outputs);
        theirs.session.predict(theirs.weights, b, theirs.outputs);
        near(mine.outputs, theirs.outputs, 1e-4, 'prediction');
        near(
          [mine.session.gradient(mine.weights, mine.gradient, a)],
          [theirs.session.gradient(theirs.weights, theirs.gradient, b)],
          1e-4,
          'mean loss',
        );
        near(mine.gradient, theirs.gradient, 1e-4, 'gradient');
        // steps: sixteen rows each, in batches
        const sgd = namedOptimizer('sgd:rate=0.05', 1);
        const steps = Math.floor(16 / batch);
        const rates = ratesIn(mine, steps, 0.05);
        let sum = 0;
        for (let step = 0; step < steps; step++) {
          const some = theirs.lay(whole, numbers.slice(step * batch, (step + 1) * batch));
          sum += takeStep(sgd, theirs.session, theirs.kernels, theirs.weights, theirs.gradient, [], some, step);
        }
        const lying = mine.lay(rows, numbers.slice(0, steps * batch));
        near([mine.session.sweep!(mine.weights, lying, batch, rates, false)], [sum], 1e-3, 'loss of the steps');
        near(mine.weights, theirs.weights, 1e-3, 'weight');
      }),
      cases(60),
    );
  });
}

/** Rates in the memory of a desk: where its gradient lies, which a sweep does not use, or its outputs. */
function ratesIn(at: { outputs: Float32Array }, steps: number, rate: number): number {
  at.outputs.fill(rate, 0, steps);
  return at.outputs.byteOffset;
}

const models: readonly (readonly [string, 0 | 2])[] = [
  ['logistic', 2],
  ['hinge:l2=0', 2],
  ['ridge:l2=0', 0],
  ['linear', 0],
];
for (const [name, classes] of models) {
  test(`the gradient of ${name} on sparse rows is that of finite differences, and the penalty adds l2 w, but for the bias`, () => {
    let kinks = 0;
    fc.assert(
      fc.property(data, drawn => {
        const rows = drawnSparse({ ...drawn, classes });
        const at = desk(name, rows, drawn.seed);
        const numbers = Array.from({ length: rows.rows }, (_, k) => k);
        const batch = at.lay(rows, numbers);
        const error = slopeError({ ...at, state: at.gradient, batch }, drawn.seed);
        if (error === undefined) kinks++;
        else assert.ok(error < 2e-3, `${error}`);
      }),
      cases(40),
    );
    assert.ok(kinks < 40);
    if (name === 'linear') return;
    const rows = drawnSparse({ seed: 3, rows: 9, features: 12, density: 0.4, classes });
    const penal = desk(`${name.split(':')[0]}:l2=0.25`, rows);
    const plain = desk(name, rows);
    const numbers = Array.from({ length: 9 }, (_, k) => k);
    penal.session.gradient(penal.weights, penal.gradient, penal.lay(rows, numbers));
    plain.session.gradient(plain.weights, plain.gradient, plain.lay(rows, numbers));
    const expected = Array.from(plain.gradient, (g, k) => g + (k < 12 ? 0.25 * plain.weights[k] : 0));
    near(penal.gradient, expected, 1e-6, 'gradient');
  });
}

test('sweeps with a penalty are steps of sgd with that decay, on whole rows', () => {
  fc.assert(
    fc.property(data, fc.constantFrom(1, 4), fc.constantFrom(0.01, 0.5), (drawn, batch, l2) => {
      const rows = drawnSparse({ ...drawn, classes: 0 });
      const at = desk(`ridge:l2=${l2}`, rows);
      const w = Float64Array.from(at.weights);
      const numbers = Array.from({ length: 8 }, (_, k) => (3 * k) % rows.rows);
      const whole = wholeOf(rows);
      for (let step = 0; step < 8 / batch; step++) {
        const gradient = Float64Array.from(w, (value, k) => (k < rows.features ? l2 * value : 0));
        for (const row of numbers.slice(step * batch, (step + 1) * batch)) {
          let z = w[rows.features];
          for (let f = 0; f < rows.features; f++) z += w[f] * whole.inputs[row * rows.features + f];
          const d = (z - rows.targets[row]) / batch;
          for (let f = 0; f < rows.features; f++) gradient[f] += d * whole.inputs[row * rows.features + f];
          gradient[rows.features] += d;
        }
        for (let k = 0; k < w.length; k++) w[k] -= 0.02 * gradient[k];
      }
      at.session.sweep!(at.weights, at.lay(rows, numbers), batch, ratesIn(at, 8, 0.02), false);
      near(at.weights, w, 1e-3, 'weight');
    }),
    cases(60),
  );
});

test('the predictions of hinge are minus the score and the score, and the larger wins as evaluate counts', () => {
  const rows = drawnSparse({ seed: 5, rows: 40, features: 9, density: 0.5 });
  const at = desk('hinge', rows);
  const batch = at.lay(
    rows,
    Array.from({ length: 40 }, (_, k) => k),
  );
  const { correct } = at.session.evaluate(at.weights, batch);
  at.session.predict(at.weights, batch, at.outputs);
  let right = 0;
  for (let r = 0; r < 40; r++) {
    assert.equal(at.outputs[2 * r], -at.outputs[2 * r + 1]);
    if (at.outputs[2 * r + 1] > at.outputs[2 * r] === (rows.targets[r] === 1)) right++;
  }
  assert.equal(right, correct);
});

test('the gradient of a factorization is that of finite differences, with what the penalty adds', () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.nat(1e6),
        users: fc.integer({ min: 1, max: 6 }),
        items: fc.integer({ min: 1, max: 6 }),
        rank: fc.integer({ min: 1, max: 6 }),
        rows: fc.integer({ min: 1, max: 20 }),
      }),
      ({ seed, users, items, rank, rows }) => {
        const draws = source(seed, 'ratings');
        const pick = (node: number, k: number, n: number) => Math.abs(Math.round(1000 * normal(draws, node, k))) % n;
        const inputs = Float32Array.from({ length: 2 * rows }, (_, k) => pick(1 + (k & 1), k, k & 1 ? items : users));
        const ratings: Dataset = {
          ...{ name: 'ratings', rows, features: 2, inputs, scale: 1, shift: 0, shape: [2], classes: 0 },
          targets: Float32Array.from({ length: rows }, (_, k) => 3 + normal(draws, 4, k)),
          categories: [users, items],
        };
        const numbers = Array.from({ length: rows }, (_, k) => k);
        const plain = desk(`factorization:${rank},l2=0`, ratings, seed);
        const batch = plain.lay(ratings, numbers);
        const error = slopeError({ ...plain, state: plain.gradient, batch }, seed);
        if (error !== undefined) assert.ok(error < 3e-3, `${error}`);
        const [before, penal] = [
          desk(`factorization:${rank},l2=0`, ratings, seed),
          desk(`factorization:${rank},l2=0.3`, ratings, seed),
        ];
        before.session.gradient(before.weights, before.gradient, before.lay(ratings, numbers));
        penal.session.gradient(penal.weights, penal.gradient, penal.lay(ratings, numbers));
        const expected = Float64Array.from(before.gradient);
        const [p, q] = [1 + users + items, 1 + users + items + users * rank];
        for (let r = 0; r < rows; r++) {
          const [u, i] = [inputs[2 * r], inputs[2 * r + 1]];
          const places = [1 + u, 1 + users + i];
          for (let k = 0; k < rank; k++) places.push(p + u * rank + k, q + i * rank + k);
          for (const at of places) expected[at] += (0.3 / rows) * before.weights[at];
        }
        near(penal.gradient, expected, 1e-4, 'gradient');
      },
    ),
    cases(40),
  );
});

test('models of sparse rows and ratings are refused other data, with what to take', () => {
  const refused = (text: string, task: Task, message: RegExp) =>
    assert.throws(() => namedModel(text, task), { code: 'CONFIG_RANGE', message }, text);
  const plain = { features: 4, shape: [4] };
  refused('hinge', { ...plain, classes: 0 }, /labels of 2 classes.*use ridge/);
  refused('hinge', { ...plain, classes: 3 }, /use softmax/);
  refused('ridge', { ...plain, classes: 2 }, /real targets.*use logistic/);
  refused('ridge:l2=-1', { ...plain, classes: 0 }, /l2/);
  refused('factorization', { ...plain, classes: 0 }, /ratings:FILE/);
  refused('factorization:0', { ...plain, classes: 0 }, /rank/);
  refused('factorization:4', { features: 2, shape: [2], classes: 0 }, /ratings/);
});
