import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { floatOf } from '../../src/engine/agenda.js';
import { swarm } from '../../src/engine/algorithms/swarm.js';
import { Control, controlWord, rowAddress, Thread, threadWord } from '../../src/engine/layout.js';
import { HearsayError } from '../../src/errors.js';
import { source, uniform } from '../../src/random.js';
import { play, schedule } from '../../src/testing/arbitraries.js';
import { type Rehearsal, type RehearsalOptions, rehearse } from '../../src/testing/rehearsal.js';
import { cases } from '../support/cases.js';

const parameters = 45;
const values = source(3, 'values');
/** Rows of size 1, that differ by a hundredth; a step moves each weight by a thousandth at most. */
const scene = (options: Record<string, string>, more: Partial<RehearsalOptions> = {}): RehearsalOptions => ({
  algorithm: swarm,
  options: { steps: '1', ...options },
  nodes: 4,
  parameters,
  start: (row, k) => uniform(values, 100, k) + 0.01 * uniform(values, row, k),
  descent(weights, node, step) {
    for (let k = 0; k < weights.length; k++) weights[k] += 2e-3 * (uniform(values, 200 + node, step * parameters + k) - 0.5);
  },
  ...more,
});

const forms = fc.record({
  bits: fc.constantFrom('6', '8', '11', '16'),
  rounding: fc.constantFrom('dither', 'stochastic'),
  rotation: fc.constantFrom('false', 'true'),
  both: fc.constantFrom('false', 'true'),
  order: fc.constantFrom('mix', 'commit'),
  weight: fc.constantFrom('0.5', '0.5', '0.3', '1'),
});

const exact = ({ both, order, weight }: Record<string, string>) => ({ both, order, weight });
const rowsOf = (stage: Rehearsal) => Array.from({ length: 4 }, (_, row) => [...stage.params(row)]);
const counter = (stage: Rehearsal, word: number) => stage.words.load(threadWord(stage.arena.layout, 0, word));
const distanceOf = (stage: Rehearsal, row: number) =>
  floatOf(stage.words.load(controlWord(stage.arena.layout, row, Control.Distance)));

test('a schedule with bits ends near the one without them, in every order, and leaves nothing held and no padding', () => {
  fc.assert(
    fc.property(forms, schedule(4, 40), fc.constantFrom('simd' as const, 'reference' as const), (options, order, kernels) => {
      const plain = rehearse(scene(exact(options)));
      play(plain, order);
      const expected = rowsOf(plain);
      const stage = rehearse(scene(options, { kernels }));
      let exchanges = 0;
      play(stage, order, () => exchanges++);
      stage.requireClean();
      const found = rowsOf(stage);
      // a distance is 0.02 at most, turned some times that; a side 8 of it in q - 1 parts; an error is one, of each of a few exchanges
      const side = ((options.rotation === 'true' ? 5 : 1) * 8 * 0.03) / (2 ** Number(options.bits) - 1);
      for (let row = 0; row < 4; row++)
        for (let k = 0; k < parameters; k++)
          assert.ok(Math.abs(found[row][k] - expected[row][k]) <= 3 * side + 1e-5, `row ${row}, weight ${k}`);
      const { layout, memory } = stage.arena;
      for (let row = 0; row < 4; row++)
        for (const side of [0, 1]) {
          const padding = new Float32Array(memory.buffer, rowAddress(layout, layout.planes[0], row, side), layout.stride);
          assert.ok(padding.subarray(parameters).every(value => value === 0));
        }
      const sent = counter(stage, Thread.Messages) - counter(stage, Thread.Retries) + counter(stage, Thread.Plain);
      assert.equal(sent % 2, 0);
      assert.ok(sent <= 2 * exchanges);
    }),
    cases(150),
  );
});

test('the same schedule gives the same bits with either set of kernels', () => {
  fc.assert(
    fc.property(forms, schedule(4, 25), (options, order) => {
      const [one, other] = (['simd', 'reference'] as const).map(kernels => {
        const stage = rehearse(scene(options, { kernels }));
        play(stage, order);
        const words = [Thread.Messages, Thread.Retries, Thread.Plain].map(word => counter(stage, word));
        return { rows: rowsOf(stage), words, distances: [0, 1, 2, 3].map(row => distanceOf(stage, row)) };
      });
      assert.deepEqual(other, one);
    }),
    cases(60),
  );
});

test('another turn draws other roundings', () => {
  const stage = rehearse(scene({ bits: '8' }, { nodes: 2, descent: () => {} }));
  const step = () => {
    stage.begin(0);
    stage.finish(0);
    return stage.params(0);
  };
  step(); // exact, and leaves both equal
  const [one, other] = [step(), step()];
  // by the draws of the same turn, a mean of points of the lattice would mostly stay what it is
  const moved = one.filter((value, k) => value !== other[k]).length;
  assert.ok(moved > 0.8 * parameters, `${moved} of ${parameters} moved`);
});

test('another seed draws other roundings', () => {
  const [one, other] = [1, 2].map(seed => {
    const stage = rehearse(scene({ bits: '8' }, { seed, nodes: 2 }));
    // the first exchange measures; without steps the rows are then one: start again from rows that differ
    for (const node of [0, 1, 0, 1]) {
      stage.begin(node);
      stage.finish(node);
    }
    return [...stage.params(0)];
  });
  assert.notDeepEqual(one, other);
  assert.ok(one.every((value, k) => Math.abs(value - other[k]) < 1e-3));
});

test('both rows of a blocking pair become the same, bit for bit', () => {
  for (const rotation of ['false', 'true']) {
    const stage = rehearse(scene({ bits: '8', both: 'true', rotation }));
    for (let round = 0; round < 5; round++) {
      for (const node of [0, 1, 2, 3]) if (!stage.isPending(node)) stage.begin(node);
      const before = [0, 1, 2, 3].map(row => stage.turn(row));
      assert.ok(stage.finish(0));
      const partner = [1, 2, 3].find(row => stage.turn(row) !== before[row])!;
      assert.deepEqual(stage.params(0), stage.params(partner));
    }
  }
});

test('the sum of all rows grows by the deltas in expectation', () => {
  const rounds = 400;
  for (const rounding of ['dither', 'stochastic']) {
    const drift = new Float64Array(parameters);
    let squares = 0;
    for (let seed = 1; seed <= rounds; seed++) {
      const nothing = { descent: () => {}, nodes: 2, seed };
      const stage = rehearse(scene({ bits: '4', rounding }, nothing));
      const sum = () => [...stage.params(0)].map((value, k) => value + stage.params(1)[k]);
      const start = sum();
      // the first exchange is exact, and leaves both equal; the second one is of equal rows, measured at an eighth less
      for (let k = 0; k < 2; k++) {
        stage.begin(k);
        stage.finish(k);
      }
      assert.equal(counter(stage, Thread.Messages), 2);
      sum().forEach((value, k) => {
        drift[k] += (value - start[k]) / rounds;
        squares += (value - start[k]) ** 2 / (rounds * parameters);
      });
    }
    assert.ok(squares > 1e-8, 'something was rounded');
    for (let k = 0; k < parameters; k++) assert.ok(Math.abs(drift[k]) < 4.5 * Math.sqrt((3 * squares) / rounds), `weight ${k}`);
    const mean = drift.reduce((total, d) => total + d, 0) / parameters;
    assert.ok(Math.abs(mean) < 4 * Math.sqrt(squares / (rounds * parameters)) + 1e-7);
  }
});

test('rows that have come far apart since they were measured are exchanged again, and rightly', () => {
  for (const [leap, retries, plain] of [
    [0.05, 2, 2],
    [100, 10, 4],
  ]) {
    const jump = {
      nodes: 2,
      descent: (weights: Float32Array, node: number, step: number) => void (node === 1 && step === 0 && (weights[9] += leap)),
    };
    const stage = rehearse(scene({ bits: '8', weight: '1' }, jump));
    stage.begin(0);
    stage.finish(0); // measured: a hundredth
    assert.equal(counter(stage, Thread.Plain), 2);
    stage.begin(1);
    stage.finish(1); // row 1 has leapt
    const [a, b] = [stage.params(0), stage.params(1)];
    stage.begin(0);
    stage.finish(0); // a swap, whatever the lattice does
    const tolerance = leap * 8 * (1 / 255) * 8;
    for (let k = 0; k < parameters; k++) {
      assert.ok(Math.abs(stage.params(0)[k] - b[k]) <= tolerance);
      assert.ok(Math.abs(stage.params(1)[k] - a[k]) <= tolerance);
    }
    assert.ok(counter(stage, Thread.Retries) >= retries, `${counter(stage, Thread.Retries)} retries`);
    assert.equal(counter(stage, Thread.Plain), plain);
  }
});

test('what only bits has is refused without them', () => {
  for (const name of ['rounding', 'rotation'] as const) {
    assert.throws(
      () => swarm({ [name]: name === 'rounding' ? 'dither' : 'true' }, { nodes: 2, capacity: 2, parameters: 1, rate: 1 }),
      (error: unknown) =>
        error instanceof HearsayError &&
        error.code === 'CONFIG_RANGE' &&
        error.message === `algorithm: swarm: found ${name} without bits; add bits=8, or leave ${name} out`,
    );
  }
});
