/** STARDUST: steps, sketches and the fixed delay, each against what it must be (13.17), and the whole against plain arrays. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { estimateWidth, learnSpread, paceOf, paces, spreadOf } from '../../src/engine/algorithms/pace.js';
import { openSketch } from '../../src/engine/algorithms/sketch.js';
import { algorithms } from '../../src/engine/algorithms/table.js';
import type { ExperimentInput } from '../../src/engine/experiment.js';
import { simulate, train } from '../../src/index.js';
import { normal, source } from '../../src/random.js';
import { rehearse } from '../../src/testing/rehearsal.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';
import { takings } from '../support/watched.js';

const { stardust } = algorithms;
const range = (n: number) => Array.from({ length: n }, (_, k) => k);

/** The pace after these windows of gradients, the last of which decides. */
function paceAfter(form: (typeof paces)[number], windows: readonly Float32Array[][], kappa = 1 / 9, least = 0.05): number {
  const estimate = new Float32Array(estimateWidth);
  let pace = 1;
  for (const gradients of windows) {
    const spread = spreadOf(gradients);
    learnSpread(estimate, spread);
    pace = paceOf(form, estimate, spread, kappa, least);
  }
  return pace;
}

const numbers = fc.array(
  fc.integer({ min: -1000, max: 1000 }).map(value => value / 100),
  { minLength: 3, maxLength: 3 },
);
const window = fc.array(
  numbers.map(values => Float32Array.from(values)),
  { minLength: 2, maxLength: 9 },
);

/** The same mean, and deviations from it `times` as large. */
function spreadOut(gradients: readonly Float32Array[], times: number): Float32Array[] {
  const mean = range(3).map(k => gradients.reduce((sum, one) => sum + one[k], 0) / gradients.length);
  return gradients.map(one => one.map((value, k) => mean[k] + times * (value - mean[k])));
}

for (const form of paces) {
  test(`${form}: the pace does not rise with the variance, is 1 without it, and stays in its bounds (13.17)`, () => {
    fc.assert(
      fc.property(window, window, fc.double({ min: 1, max: 5, noNaN: true }), (first, last, times) => {
        const pace = paceAfter(form, [first, last]);
        assert.ok(pace >= Math.fround(0.05) - 1e-9 && pace <= 1);
        assert.ok(paceAfter(form, [first, spreadOut(last, times)]) <= pace + 1e-6);
        assert.equal(
          paceAfter(form, [
            [first[0], first[0]],
            [last[0], last[0], last[0]],
          ]),
          1,
        );
      }),
      cases(300),
    );
  });
}

test('gradients that are all c times as large leave the pace as it is, in the first two forms', () => {
  fc.assert(
    fc.property(
      window,
      window,
      fc.constantFrom(2 ** -10, 0.25, 8, 2 ** 20),
      fc.constantFrom('root', 'inverse'),
      (a, b, c, form) => {
        const scaled = (gradients: Float32Array[]) => gradients.map(one => one.map(value => c * value));
        assert.ok(Math.abs(paceAfter(form, [scaled(a), scaled(b)]) - paceAfter(form, [a, b])) < 1e-5);
      },
    ),
    cases(300),
  );
});

test('a known case: two gradients, one window', () => {
  // m = (2, 0), V = 2, R = 2: s = 2 / (4 - 1)
  const gradients = [Float32Array.of(3, 0), Float32Array.of(1, 0)];
  const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-6, `${a}, must be ${b}`);
  near(paceAfter('root', [gradients], 0.5), 1 / Math.sqrt(1 + 1 / 3));
  near(paceAfter('inverse', [gradients], 0.5), 1 / (1 + 1 / 3));
  near(paceAfter('absolute', [gradients]), 1 / Math.sqrt(2));
  near(paceAfter('root', [[Float32Array.of(1, 0), Float32Array.of(-1, 0)]]), 0.05); // nothing but noise
});

test('a sketch is the gradient where that is short, and else keeps lengths and distances on average', () => {
  const short = new Float32Array(16);
  openSketch(3)(Float32Array.of(1, 2, 3), short);
  assert.deepEqual([...short], [1, 2, 3, ...range(13).map(() => 0)]);
  const parameters = 300;
  const sketch = openSketch(parameters);
  const of = (gradient: Float32Array) => {
    const to = new Float32Array(16);
    sketch(gradient, to);
    return to;
  };
  const signs = range(parameters).map(k => of(new Float32Array(parameters).fill(1, k, k + 1)));
  for (const row of signs) for (const value of row) assert.equal(Math.abs(value), 0.25);
  const draws = source(3, 'gradients');
  let [sum, squares] = [0, 0];
  for (let run = 0; run < 500; run++) {
    const gradient = Float32Array.from(range(parameters), k => normal(draws, run, k));
    const found = of(gradient);
    for (const [bit, value] of found.entries()) {
      const product = gradient.reduce((total, x, k) => total + x * signs[k][bit], 0);
      assert.ok(Math.abs(value - product) < 1e-4);
    }
    const ratio = found.reduce((total, x) => total + x * x, 0) / gradient.reduce((total, x) => total + x * x, 0);
    sum += ratio / 500;
    squares += ratio ** 2 / 500;
  }
  assert.ok(Math.abs(sum - 1) < 0.08, `${sum}`);
  assert.ok(Math.sqrt(squares - sum ** 2) < 1.2 * Math.sqrt(2 / 16));
});

/** What the rule says, in plain numbers; gradients are no longer than a sketch. */
function naive(
  nodes: number,
  parameters: number,
  momentum: number,
  average: boolean,
  gradientOf: (x: number[], node: number) => number[],
) {
  const models = range(nodes).map(node => ({
    x: range(parameters).map(k => Math.cos(node * 17 + k * 3)),
    delta: [] as number[],
    gradient: undefined as number[] | undefined,
    last: undefined as number[] | undefined,
    drive: range(parameters).map(() => 0),
    heard: [] as { from: number; gradient: number[] }[],
    sums: { noise: 0, signal: 0, weight: 0 },
    pace: 1,
  }));
  return {
    models,
    begin(node: number, eta: number) {
      const one = models[node];
      const all = [...(one.last ? [one.last] : []), ...one.heard.map(({ gradient }) => gradient)];
      one.pace = 1;
      if (all.length >= 2) {
        const mean = range(parameters).map(k => all.reduce((sum, g) => sum + g[k], 0) / all.length);
        const variance =
          all.reduce((sum, g) => sum + g.reduce((d, value, k) => d + (value - mean[k]) ** 2, 0), 0) / (all.length - 1);
        const { sums } = one;
        sums.noise = 0.9 * sums.noise + 0.1 * variance;
        sums.signal = 0.9 * sums.signal + 0.1 * mean.reduce((sum, value) => sum + value ** 2, 0);
        sums.weight = 0.9 * sums.weight + 0.1;
        const v = sums.noise / sums.weight;
        const s = v / (Math.max(sums.signal / sums.weight - v / all.length, 0) + 1e-12 * Math.max(v, 1e-30));
        one.pace = Math.min(1, Math.max(0.05, 1 / Math.sqrt(1 + s / Math.min(9, nodes))));
      }
      one.gradient = gradientOf(one.x, node);
      one.delta = one.gradient.map((g, k) => -eta * one.pace * (g + one.drive[k]));
    },
    finish(node: number) {
      const one = models[node];
      one.x = one.x.map((value, k) => value + one.delta[k]);
      one.last = one.gradient;
      one.drive = one.drive.map((value, k) => momentum * (value + one.gradient![k]));
    },
    send(from: number, to: number) {
      const [one, other] = [models[from], models[to]];
      const sender = { x: [...one.x], drive: [...one.drive] };
      other.x = other.x.map((value, k) => (value + sender.x[k]) / 2);
      if (average) other.drive = other.drive.map((value, k) => (value + sender.drive[k]) / 2);
      if (!one.last) return;
      other.heard = [{ from, gradient: [...one.last] }, ...other.heard.filter(heard => heard.from !== from)].slice(0, 8);
    },
  };
}

test('a run in any order is what the rule says: whose gradients count, the pace, the momentum', () => {
  const order = fc.array(fc.record({ node: fc.nat(1000), what: fc.constantFrom('begin', 'finish', 'send') }), {
    minLength: 1,
    maxLength: 150,
    size: 'max',
  });
  const eta = 0.1;
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 12 }),
      fc.integer({ min: 1, max: 16 }),
      order,
      fc.constantFrom(0, 0.5),
      fc.boolean(),
      (nodes, parameters, events, momentum, mixes) => {
        const average = mixes && momentum > 0;
        const gradientOf = (x: ArrayLike<number>, node: number) =>
          Array.from(x, (value, k) => 0.3 * value + 2 + Math.sin(5 * node + k));
        const options = { steps: '1', momentum: String(momentum), average: String(average) };
        const sent: [from: number, to: number][] = [];
        const stage = rehearse({
          ...{ algorithm: stardust, options, nodes, parameters, start: (row: number, k: number) => Math.cos(row * 17 + k * 3) },
          descent(weights, node, _step, beside) {
            const gradient = gradientOf(weights, node);
            beside.gradient.set(gradient);
            weights.set(weights.map((value, k) => value - eta * beside.pace[0] * (gradient[k] + (beside.add?.[k] ?? 0))));
          },
        });
        const { arrive } = stage.algorithm;
        Object.assign(stage.algorithm, {
          arrive: (...words: Parameters<NonNullable<typeof arrive>>) => {
            sent.push([-1, words[0]]);
            arrive!(...words);
          },
        });
        const expected = naive(nodes, parameters, momentum, average, gradientOf);
        for (const { node: any, what } of events) {
          const node = any % nodes;
          if (what === 'begin' && !stage.isPending(node)) {
            stage.begin(node);
            expected.begin(node, eta);
            assert.ok(Math.abs(stage.plane(node, 'pace')[0] - expected.models[node].pace) < 1e-3, `pace of ${node}`);
          } else if (what === 'finish' && stage.isPending(node)) {
            stage.finish(node);
            expected.finish(node);
          } else if (what === 'send') {
            stage.tick(node, 0);
            expected.send(node, sent[sent.length - 1][1]);
          }
          for (const each of range(nodes))
            for (const [k, x] of stage.params(each).entries())
              assert.ok(
                Math.abs(x - expected.models[each].x[k]) < 1e-3,
                `${what}: node ${each}, ${k}: ${x}, must be ${expected.models[each].x[k]}`,
              );
        }
        stage.requireClean();
      },
    ),
    cases(100),
  );
});

const watched = new URL('../support/watched.js', import.meta.url).href;
const noise: ExperimentInput = {
  ...{
    data: 'none',
    model: 'noise:40',
    batch: 1,
    nodes: 8,
    track: 0,
    parallel: 'never',
    threads: 1,
    evaluateEvery: '100s',
    slots: 500,
  },
  link: 'delay:law=exponential,mean=0.4,loss=0.1',
};

test('what arrives waits for the delay: the same messages, each once, first come first served, so much later (13.17)', async () => {
  const heard = async (delay: number, time: number) => {
    takings.length = 0;
    await simulate({ ...noise, time, algorithm: `${watched}:inner=stardust,delay=${delay}` }).result;
    return [...takings];
  };
  const [now, later] = [await heard(0, 30), await heard(0.75, 30.75)];
  assert.ok(now.length > 300);
  assert.deepEqual(
    later.map(({ node }) => node),
    now.map(({ node }) => node),
  );
  for (const [k, { time, age }] of later.entries()) {
    assert.ok(Math.abs(time - now[k].time - 0.75) < 1e-9);
    assert.ok(Math.abs(age - now[k].age - 0.75) < 1e-9);
  }
});

test('without a delay the bytes are those of gossip that knows of none (13.17)', async () => {
  const input: ExperimentInput = { ...noise, time: 20 };
  const hash = async (algorithm: string) => (await simulate({ ...input, algorithm }).result).done.parametersHash;
  const plain = new URL('../support/undelayed.js', import.meta.url).href;
  assert.equal(await hash('stardust:delay=0'), await hash(plain));
  assert.notEqual(await hash('stardust:delay=0.2'), await hash(plain));
});

test('it loses at least half of its loss: live, in virtual time with churn, and with every form of pace', {
  timeout: 90_000,
}, async () => {
  const digits: ExperimentInput = { data: 'digits:2000', model: 'mlp:16', nodes: 8, optimizer: 'sgd:rate=0.1', epochs: 6 };
  const halved = (loss: number) => assert.ok(loss < Math.log(10) / 2, `${loss}`);
  for (const form of ['pace=root,delay=3', 'pace=inverse', 'pace=absolute,steps=1,momentum=0.5,average=true'])
    halved((await train({ ...digits, algorithm: `stardust:${form}`, threads: 2 }).result).done.loss);
  const rough = { link: 'delay:law=exponential,mean=0.03,loss=0.1', churn: 'rates:join=.1,leave=.1,crash=.1' };
  const { done } = await simulate({ ...digits, ...rough, algorithm: 'stardust', optimizer: 'sgd:rate=0.05,momentum=0.5' }).result;
  halved(done.loss);
  assert.ok(done.virtual!.joined + done.virtual!.left + done.virtual!.crashed > 3);
});

test('ten devices, and ten thousand', { timeout: 60_000 }, async () => {
  for (const nodes of [10, 10_000]) {
    const { done } = await simulate({
      ...{
        data: 'none',
        model: 'noise:20,curvature=1,variance=0.1,start=3',
        batch: 1,
        nodes,
        track: 0,
        algorithm: 'stardust:steps=1',
      },
      ...{ optimizer: 'sgd:rate=0.3', time: 8, evaluateEvery: '8s', slots: 12 * nodes },
    }).result;
    assert.ok(done.loss < 9, `${nodes}: ${done.loss}`); // 20 x 3^2 / 2 at the start
  }
});

test('a newcomer has a model, but no momentum, no sketch and nothing heard', () => {
  const options = { momentum: '0.9', average: 'true', steps: '1' };
  const descent = (weights: Float32Array, node: number, _step: number, beside: Readonly<Record<string, Float32Array>>) => {
    beside.gradient.fill(node + 1);
    weights[0] -= 1;
  };
  const stage = rehearse({ algorithm: stardust, options, nodes: 3, parameters: 4, descent });
  for (const turn of [0, 1, 0, 1]) {
    stage.begin(turn);
    stage.finish(turn);
    stage.tick(turn, 0);
  }
  const own = ['drive', 'sketch', 'heard', 'pace'];
  const model = [0, 1].find(row => own.every(name => stage.plane(row, name).some(value => value !== 0)))!;
  assert.ok(model >= 0, 'one of them has them all');
  stage.rows.adopt(2, model);
  assert.deepEqual(stage.params(2), stage.params(model));
  for (const name of own)
    assert.ok(
      stage.plane(2, name).every(value => value === 0),
      name,
    );
});

test('wrong settings are refused by name', () => {
  const setting = { nodes: 4, capacity: 4, parameters: 1, rate: 0.1 };
  for (const text of ['pace=square', 'least=0', 'least=2', 'delay=-1', 'momentum=1', 'weight=2', 'rate=0', 'average=yes']) {
    const [key, value] = text.split('=');
    refused(() => stardust({ [key]: value }, setting), 'CONFIG_RANGE', `stardust: ${key}`, `'${value}'`);
  }
  refused(() => stardust({ average: 'true' }, setting), 'CONFIG_RANGE', 'momentum=0.9,average=true');
});
