import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { namedModel } from '../../../src/models/named.js';
import { namedOptimizer } from '../../../src/models/optimizer/named.js';
import { takeStep } from '../../../src/models/optimizer/optimizer.js';
import { cases } from '../../support/cases.js';
import { open, task } from '../open.js';

const near = (a: number, b: number, tolerance = 1e-12) => Math.abs(a - b) <= tolerance * (1 + Math.abs(b));

test('settings are read, and plain descent is known as such', () => {
  assert.equal(namedOptimizer('sgd', 100).rate(5), 0.1);
  assert.equal(namedOptimizer('sgd:rate=.25', 100).rate(0), 0.25);
  assert.equal(namedOptimizer('sgd:rate=.25', 100).plain, true);
  assert.equal(namedOptimizer('sgd:decay=1e-4', 100).plain, false);
  assert.deepEqual(namedOptimizer('sgd:momentum=.9', 100).state, [{ name: 'momentum', keep: 0.9 }]);
  assert.deepEqual(namedOptimizer('sgd:decay=1e-4', 100).state, []);
  assert.equal(namedOptimizer('sgd:rate=.25,clip=3', 100).plain, false);
});

const wrong: [string, string, RegExp][] = [
  ['adm', 'CONFIG_RANGE', /allowed is sgd \| adam \| adamw \| rmsprop \| adagrad \| lamb; did you mean adam/],
  ['newton', 'CONFIG_RANGE', /write sgd:rate=0.1/],
  ['adam:momentum=.9', 'CONFIG_UNKNOWN_KEY', /momentum/],
  ['adam:beta1=1', 'CONFIG_RANGE', /beta1/],
  ['adamw:beta2=-.1', 'CONFIG_RANGE', /beta2/],
  ['rmsprop:eps=-1', 'CONFIG_RANGE', /eps/],
  ['adagrad:rate=0', 'CONFIG_RANGE', /rate/],
  ['lamb:decay=2', 'CONFIG_RANGE', /decay/],
  ['lamb:every=10', 'CONFIG_RANGE', /schedule=step/],
  ['sgd:clip=0', 'CONFIG_RANGE', /clip/],
  ['sgd:rate=0', 'CONFIG_RANGE', /above 0/],
  ['sgd:rate=1e', 'CONFIG_RANGE', /'1e'/],
  ['sgd:rate=-.1', 'CONFIG_RANGE', /rate/],
  ['sgd:momentum=1', 'CONFIG_RANGE', /momentum/],
  ['sgd:nesterov=true', 'CONFIG_MISSING', /momentum/],
  ['sgd:nesterov=yes,momentum=.9', 'CONFIG_RANGE', /nesterov/],
  ['sgd:lr=.1', 'CONFIG_UNKNOWN_KEY', /lr/],
  ['sgd:schedule=linear', 'CONFIG_RANGE', /constant \| step \| cosine/],
  ['sgd:schedule=step', 'CONFIG_MISSING', /every/],
  ['sgd:schedule=step,every=0', 'CONFIG_RANGE', /every/],
  ['sgd:every=10', 'CONFIG_RANGE', /schedule=step/],
  ['sgd:schedule=cosine', 'CONFIG_MISSING', /steps/],
  ['sgd:.1', 'CONFIG_RANGE', /plain value/],
];

for (const [text, code, message] of wrong) {
  test(`${text} is refused with ${code}`, () => {
    assert.throws(
      () => namedOptimizer(text, Number.POSITIVE_INFINITY),
      (error: Error & { code: string }) => error.code === code && message.test(error.message) && !error.message.includes('\n'),
    );
  });
}

test('schedules: their ends, their middle, and the warm-up before them', () => {
  const cosine = namedOptimizer('sgd:rate=2,schedule=cosine', 1000);
  for (let step = 0; step <= 1000; step += 50) assert.ok(near(cosine.rate(step), 1 + Math.cos((Math.PI * step) / 1000), 1e-14));
  assert.ok(near(cosine.rate(5000), 0));
  const step = namedOptimizer('sgd:rate=1,schedule=step,every=10,factor=.5', 1000);
  assert.deepEqual([0, 9, 10, 19, 20, 35].map(step.rate), [1, 1, 0.5, 0.5, 0.25, 0.125]);
  const harmonic = namedOptimizer('sgd:rate=2,schedule=harmonic,offset=20', Number.POSITIVE_INFINITY);
  assert.deepEqual(
    [0, 5, 180].map(harmonic.rate),
    [0.1, 2 / 25, 0.01].map(value => 2 * (value / 2)),
  );
  const warm = namedOptimizer('sgd:rate=1,warmup=4', 1000);
  assert.deepEqual([0, 1, 2, 3, 4, 100].map(warm.rate), [0.25, 0.5, 0.75, 1, 1, 1]);
  const both = namedOptimizer('sgd:rate=1,warmup=4,schedule=cosine,steps=104', Number.POSITIVE_INFINITY);
  assert.equal(both.rate(3), 1);
  assert.ok(near(both.rate(54), 0.5, 1e-14) && near(both.rate(104), 0));
});

test('a cosine never rises and stays between the rate and 0', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.nat(2e6), (total, step) => {
      const { rate } = namedOptimizer('sgd:rate=1,schedule=cosine', total);
      assert.ok(rate(step) >= rate(step + 1) - 1e-15 && rate(step) <= 1 && rate(step) >= -1e-15);
    }),
    cases(300),
  );
});

const updates: Record<string, (w: number, g: number, v: number) => [number, number]> = {
  'sgd:rate=.2': (w, g, v) => [w - 0.2 * g, v],
  'sgd:rate=.2,decay=.01': (w, g, v) => [w - 0.2 * (g + 0.01 * w), v],
  'sgd:rate=.2,momentum=.9': (w, g, v) => [w - 0.2 * (0.9 * v + g), 0.9 * v + g],
  'sgd:rate=.2,momentum=.9,decay=.01': (w, g, v) => {
    const next = 0.9 * v + g + 0.01 * w;
    return [w - 0.2 * next, next];
  },
  'sgd:rate=.2,momentum=.9,nesterov=true': (w, g, v) => {
    const next = 0.9 * v + g;
    return [w - 0.2 * (g + 0.9 * next), next];
  },
};

for (const [text, update] of Object.entries(updates)) {
  test(`${text}: three steps follow the formula`, () => {
    const shape = task(6, 3);
    const { kernels, session, weights, gradient, state, batch } = open(namedModel('mlp:5,tanh', shape), shape, 8, 'simd');
    const optimizer = namedOptimizer(text, 100);
    const planes = optimizer.state.map(() => state.byteOffset);
    for (let step = 0; step < 3; step++) {
      const loss = session.gradient(weights, gradient, batch);
      const expected = Array.from(weights, (w, i) => update(w, gradient[i], state[i]));
      assert.equal(takeStep(optimizer, session, kernels, weights, gradient, planes, batch, step), loss);
      for (let i = 0; i < weights.length; i++) {
        assert.ok(near(weights[i], expected[i][0], 1e-6) && near(state[i], expected[i][1], 1e-6), `weight ${i}`);
      }
    }
  });
}

test('workers that share one model: what their delay gives of momentum is taken off', () => {
  for (const [momentum, workers, left] of [
    [0.9, 1, 0.9],
    [0.9, 2, 0.4],
    [0.9, 5, 0.1],
    [0.5, 4, 0],
  ]) {
    const given: number[] = [];
    const kernels = { momentum: (...words: number[]) => void given.push(words[5]), sgd: () => void given.push(0) };
    namedOptimizer(`sgd:momentum=${momentum},workers=${workers}`, 10).update(kernels as never, 0, 0, [0], 1, 0);
    assert.ok(Math.abs(given[0] - left) < 1e-12, `${given[0]}, must be ${left}`);
  }
});
