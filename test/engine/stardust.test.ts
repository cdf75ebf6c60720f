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
import { first, naiveStardust } from '../support/naive/stardust.js';
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

const rules = fc
  .record({
    nodes: fc.integer({ min: 2, max: 12 }),
    parameters: fc.integer({ min: 1, max: 16 }),
    per: fc.constantFrom('model', 'coordinate'),
    least: fc.constantFrom(0.05, 1),
    carry: fc.constantFrom('model', 'gradient', 'both'),
    weight: fc.constantFrom(undefined, 0.3),
    share: fc.constantFrom(undefined, 0.4),
    coalesce: fc.boolean(),
    momentum: fc.constantFrom(0, 0.5),
    mixes: fc.boolean(),
  })
  .map(({ mixes, weight, share, ...rest }) => ({
    ...rest,
    average: mixes && rest.momentum > 0 && rest.carry !== 'gradient',
    weight: rest.coalesce || rest.carry === 'gradient' ? undefined : weight,
    share: rest.carry === 'model' ? undefined : share,
  }));

test('a run in any order is what the rule says: whose gradients count, the pace, momentum, and what messages do', () => {
  const order = fc.array(fc.record({ node: fc.nat(1000), what: fc.constantFrom('begin', 'finish', 'send', 'release') }), {
    minLength: 1,
    maxLength: 150,
    size: 'max',
  });
  const eta = 0.1;
  fc.assert(
    fc.property(rules, order, (given, events) => {
      const { nodes, parameters, per, coalesce, least } = given;
      const gradientOf = (x: ArrayLike<number>, node: number) =>
        Array.from(x, (value, k) => 0.3 * value + 2 + Math.sin(5 * node + k));
      const options = Object.fromEntries(
        Object.entries({ ...given, steps: 1, nodes: undefined, parameters: undefined }).flatMap(([key, value]) =>
          value === undefined ? [] : [[key, String(value)]],
        ),
      );
      let receiver = -1;
      const stage = rehearse({
        ...{ algorithm: stardust, options, nodes, parameters, start: first, rate: eta },
        descent(weights, node, _step, beside) {
          const gradient = gradientOf(weights, node);
          beside.gradient.set(gradient);
          const paceAt = (k: number) => (per === 'coordinate' ? 1 / beside.divide[k] : beside.pace[0]);
          weights.set(weights.map((value, k) => value - eta * paceAt(k) * (gradient[k] + (beside.add?.[k] ?? 0))));
        },
      });
      const { arrive } = stage.algorithm;
      Object.assign(stage.algorithm, {
        arrive: (...words: Parameters<NonNullable<typeof arrive>>) => {
          receiver = words[0];
          arrive!(...words);
        },
      });
      const expected = naiveStardust({ ...given, eta, weight: given.weight ?? 0.5, share: given.share ?? 1 / nodes }, gradientOf);
      // Where the pace moves, it is the quotient of nearly equal numbers.
      const near = (found: number, value: number, what: string) =>
        assert.ok(
          Math.abs(found - value) < (least === 1 ? 1e-5 * (1 + Math.abs(value)) : 1e-3),
          `${what}: ${found}, must be ${value}`,
        );
      for (const { node: any, what } of events) {
        const node = any % nodes;
        if (what === 'begin' && !stage.isPending(node)) {
          stage.begin(node);
          expected.begin(node);
          const found = stage.plane(node, per === 'coordinate' ? 'drag' : 'pace');
          for (const [k, value] of found.entries())
            near(per === 'coordinate' ? 1 / value : value, expected.models[node].paces[k], `pace of ${node}`);
        } else if (what === 'finish' && stage.isPending(node)) {
          stage.finish(node);
          expected.finish(node);
        } else if (what === 'send') {
          stage.tick(node, 0);
          expected.send(node, receiver);
        } else if (what === 'release' && coalesce) {
          stage.tick(node, 1);
          expected.release(node);
        }
        for (const each of range(nodes))
          for (const [k, x] of stage.params(each).entries())
            near(x, expected.models[each].x[k], `${what}: node ${each}, parameter ${k}`);
      }
      stage.requireClean();
    }),
    cases(300),
  );
});

test('the pace of each coordinate is that of the coordinate alone, and a coordinate without variance keeps its rate', () => {
  const nodes = 5;
  const parameters = 40;
  const noise = source(7, 'gradients');
  const gradientOf = (node: number, k: number) => 3 + (k === 0 ? 0 : normal(noise, node, k));
  for (const pace of paces) {
    const stage = rehearse({
      ...{ algorithm: stardust, options: { per: 'coordinate', pace, steps: '1' }, nodes, parameters },
      descent: (_weights, node, _step, { gradient }) => gradient.set(range(parameters).map(k => gradientOf(node, k))),
    });
    const known = new Set([0]);
    Object.assign(stage.world, {
      peer: () => 0,
      send: (from: number, slot: number) => {
        // all send to node 0
        known.add(from);
        stage.algorithm.arrive!(0, slot, stage.rows, stage.world);
      },
    });
    for (const node of range(nodes)) {
      stage.begin(node);
      stage.finish(node);
      if (node > 0) stage.tick(node, 0);
    }
    stage.begin(0);
    const drag = stage.plane(0, 'drag');
    for (const k of range(parameters)) {
      const alone = range(nodes).map(node => Float32Array.of(gradientOf(node, k)));
      const expected = 1 / paceAfter(pace, [alone], 1 / nodes);
      assert.ok(Math.abs(drag[k] - expected) <= 1e-5 * expected, `${pace} ${k}: ${drag[k]}, must be ${expected}`);
    }
    assert.equal(drag[0], 1);
    if (pace !== 'absolute') assert.ok(new Set(drag).size > parameters / 2); // that begins with the same for all
  }
});

test('a receiver of whole gradients sketches them itself: it remembers what it would have got', () => {
  const heard = (carry: string) => {
    const stage = rehearse({
      ...{ algorithm: stardust, options: { carry, steps: '1' }, nodes: 2, parameters: 50, start: first },
      descent: (weights, _node, _step, { gradient }) => gradient.set(weights),
    });
    for (const node of [0, 1]) {
      stage.begin(node);
      stage.finish(node);
    }
    stage.tick(0, 0);
    stage.begin(1);
    return [...stage.plane(1, 'heard'), ...stage.plane(1, 'pace')];
  };
  const told = heard('model');
  assert.ok(told.filter(value => value !== 0).length > 16);
  assert.deepEqual(heard('both'), told);
  assert.deepEqual(heard('gradient'), told);
});

test('messages that come together are one: of k, each model weighs 1 / (k + 1), and of one it is the plain average to the bit', () => {
  const nodes = 6;
  const after = (options: Record<string, string>, senders: readonly number[]) => {
    const stage = rehearse({ algorithm: stardust, options, nodes, parameters: 33, start: first });
    Object.assign(stage.world, {
      send: (_from: number, slot: number) => stage.algorithm.arrive!(0, slot, stage.rows, stage.world),
    });
    for (const sender of senders) stage.tick(sender, 0);
    const turn = stage.turn(0);
    stage.tick(0, 1);
    const found = stage.params(0);
    stage.tick(0, 1);
    assert.deepEqual(stage.params(0), found, 'each once');
    return { found, ops: stage.turn(0) - turn };
  };
  const coalesce = { coalesce: 'true' };
  assert.deepEqual(after(coalesce, [3]).found, after({}, [3]).found);
  assert.equal(after(coalesce, []).ops, 0);
  const { found, ops } = after(coalesce, [1, 2, 3, 4, 5]);
  assert.equal(ops, 1);
  for (const [k, value] of found.entries()) {
    const mean = range(nodes).reduce((sum, node) => sum + first(node, k) / nodes, 0);
    assert.ok(Math.abs(value - mean) < 1e-6, `${value}, must be ${mean}`);
  }
});

test('bytes are those of what travels: a model and a sketch, a whole gradient, or both', async () => {
  const bytes = async (options: string) => {
    const { done } = await simulate({ ...noise, link: 'ideal', time: 10, algorithm: `stardust${options}` }).result;
    return done.bytes / done.exchanges;
  };
  assert.equal(await bytes(''), 4 * (40 + 1 + 16));
  assert.equal(await bytes(':carry=gradient'), 4 * (1 + 40));
  assert.equal(await bytes(':carry=both'), 4 * (40 + 1 + 40));
  assert.equal(await bytes(':per=coordinate'), 4 * (40 + 1 + 40));
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
  for (const form of [
    ...['pace=root,delay=3', 'pace=inverse', 'pace=absolute,steps=1,momentum=0.5,average=true'],
    ...['per=coordinate', 'carry=both,share=0.3,coalesce=true', 'carry=gradient'],
  ])
    halved((await train({ ...digits, algorithm: `stardust:${form}`, threads: 2 }).result).done.loss);
  const rough = { link: 'delay:law=exponential,mean=0.03,loss=0.1', churn: 'rates:join=.1,leave=.1,crash=.1' };
  const { done } = await simulate({ ...digits, ...rough, algorithm: 'stardust', optimizer: 'sgd:rate=0.05,momentum=0.5' }).result;
  halved(done.loss);
  assert.ok(done.virtual!.joined + done.virtual!.left + done.virtual!.crashed > 3);
});

test('ten devices, and two thousand, or ten thousand in a long run', { timeout: 60_000 }, async () => {
  for (const nodes of [10, cases(1).numRuns > 1 ? 10_000 : 2000]) {
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
  const options = { momentum: '0.9', average: 'true', steps: '1', carry: 'both', coalesce: 'true' };
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
  const own = ['drive', 'sketch', 'heard', 'pace', 'inbox'];
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
  for (const text of [
    ...['per=layer', 'carry=nothing', 'share=0', 'share=2', 'coalesce=1'],
    ...['pace=square', 'least=0', 'least=2', 'delay=-1', 'momentum=1', 'weight=2', 'rate=0', 'average=yes'],
  ]) {
    const [key, value] = text.split('=');
    refused(() => stardust({ [key]: value }, setting), 'CONFIG_RANGE', `stardust: ${key}`, `'${value}'`);
  }
  for (const [options, words] of [
    [{ average: 'true' }, 'momentum=0.9,average=true'],
    [{ average: 'true', momentum: '0.5', carry: 'gradient' }, 'found carry=gradient; write carry=both'],
    [{ share: '0.5' }, 'found carry=model'],
    [{ weight: '0.5', carry: 'gradient' }, 'weight belongs to messages with models'],
    [{ weight: '0.5', coalesce: 'true' }, 'found weight with coalesce=true'],
    [{ coalesce: 'true', delay: '0' }, 'found coalesce=true with delay=0'],
  ] as const)
    refused(() => stardust(options, setting), 'CONFIG_RANGE', 'stardust', words);
});
