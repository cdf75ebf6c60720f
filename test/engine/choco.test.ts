/** CHOCO-SGD, AdaGossip and quasi-global momentum against their rules in plain arrays, and what they keep. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Row } from '../../src/engine/algorithm.js';
import { adagossip } from '../../src/engine/algorithms/adagossip.js';
import { choco } from '../../src/engine/algorithms/choco.js';
import { sideOf } from '../../src/engine/sides.js';
import { simulate } from '../../src/index.js';
import { type Rehearsal, rehearse } from '../../src/testing/rehearsal.js';
import { topology } from '../../src/topology/topology.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';

const nodes = 6;
const parameters = 20;
type Models = number[][];
const each = <T>(make: (node: Row) => T) => Array.from({ length: nodes }, (_, node) => make(node));
const vector = (make: (k: number) => number) => Array.from({ length: parameters }, (_, k) => make(k));
const start = (row: Row, k: number) => Math.fround(Math.sin(row * 31 + k));
/** What a local step adds. */
const step = (node: Row, number: number, k: number) => Math.fround(0.1 * Math.cos(node + 2 * number + k));

function open(
  algorithm: typeof choco,
  options: Record<string, string>,
  more: Partial<Parameters<typeof rehearse>[0]> = {},
): Rehearsal {
  return rehearse({
    algorithm,
    options,
    nodes,
    parameters,
    graph: topology('ring', nodes, 1),
    start,
    descent(weights, node, number, { add }) {
      for (let k = 0; k < parameters; k++) weights[k] += step(node, number, k) - 0.5 * (add?.[k] ?? 0);
    },
    ...more,
  });
}

function round(stage: Rehearsal): void {
  for (let node = 0; node < nodes; node++) {
    stage.begin(node);
    stage.finish(node);
  }
  assert.equal(stage.meet(), true);
  stage.requireClean();
}

const read = (stage: Rehearsal) => each(node => [...stage.params(node)]);

function plane({ arena, words }: Rehearsal, row: Row, name: string): number[] {
  const { layout, memory } = arena;
  const found = layout.planes.find(plane => plane.name === name)!;
  return [...new Float32Array(memory.buffer, sideOf(words, layout, row, found), parameters)];
}

/** The k largest of a vector; the rest is 0. */
function top(x: number[], k: number): number[] {
  const order = x.map((_, i) => i).sort((a, b) => Math.abs(x[b]) - Math.abs(x[a]) || a - b);
  const kept = new Set(order.slice(0, k));
  return x.map((value, i) => (kept.has(i) ? value : 0));
}

const around = (node: Row) => [(node + nodes - 1) % nodes, (node + 1) % nodes];
/** sum over j of w_ij (h_j - h_i) on a ring. */
const errorOf = (hats: Models, node: Row) =>
  vector(k => around(node).reduce((sum, other) => sum + (hats[other][k] - hats[node][k]) / 3, 0));

function near(found: Models, expected: Models, what: string): void {
  found.forEach((row, node) => {
    row.forEach((value, k) => {
      const must = expected[node][k];
      assert.ok(Math.abs(value - must) < 2e-5 * (1 + Math.abs(must)), `${what}: node ${node}, ${k}: ${value}, must be ${must}`);
    });
  });
}

for (const [compress, kept] of [
  ['none', parameters],
  ['topk:0.2', 4],
] as const) {
  test(`choco with ${compress} follows its rule`, () => {
    const stage = open(choco, { compress, gamma: '0.3', steps: '2' });
    let models = each(node => vector(k => start(node, k)));
    const hats = each(() => vector(() => 0));
    for (let number = 0; number < 6; number++) {
      round(stage);
      models = models.map((x, node) => x.map((value, k) => value + step(node, 2 * number, k) + step(node, 2 * number + 1, k)));
      each(node => {
        const q = top(
          models[node].map((value, k) => value - hats[node][k]),
          kept,
        );
        hats[node] = hats[node].map((value, k) => value + q[k]);
      });
      models = models.map((x, node) => x.map((value, k) => value + 0.3 * errorOf(hats, node)[k]));
      near(read(stage), models, `round ${number}`);
      near(
        each(node => plane(stage, node, 'hat')),
        hats,
        `copies of round ${number}`,
      );
    }
  });

  test(`adagossip with ${compress} follows its rule`, () => {
    const stage = open(adagossip, { compress, gamma: '0.05', beta: '0.9' });
    let models = each(node => vector(k => start(node, k)));
    const hats = each(() => vector(() => 0));
    const second = each(() => vector(() => 0));
    let errors: Models | undefined;
    for (let number = 0; number < 6; number++) {
      round(stage);
      models = models.map((x, node) =>
        x.map((value, k) => {
          if (!errors) return value + step(node, number, k);
          const g = errors[node][k];
          second[node][k] = 0.9 * second[node][k] + 0.1 * g * g;
          const gain = Math.min(0.05 / (Math.sqrt(second[node][k] / (1 - 0.9 ** number)) + 1e-8), 1);
          return value + gain * g + step(node, number, k);
        }),
      );
      each(node => {
        const q = top(
          models[node].map((value, k) => value - hats[node][k]),
          kept,
        );
        hats[node] = hats[node].map((value, k) => value + q[k]);
      });
      errors = each(node => errorOf(hats, node));
      near(read(stage), models, `round ${number}`);
    }
  });
}

test('without compression and with gamma 1, choco averages with W itself', () => {
  const stage = open(choco, { compress: 'none', gamma: '1' }, { descent: () => {} });
  let models = each(node => vector(k => start(node, k)));
  for (let number = 0; number < 4; number++) {
    round(stage);
    models = models.map((x, node) => x.map((value, k) => value + errorOf(models, node)[k]));
    near(read(stage), models, `round ${number}`);
  }
});

test('choco keeps the sum of all models, whatever compresses them', () => {
  const compressor = fc.constantFrom('topk:0.1', 'randk:0.3', 'qsgd:4', 'sign', 'lattice:8', 'none');
  fc.assert(
    fc.property(compressor, fc.nat(1000), fc.double({ min: 0.01, max: 1, noNaN: true }), (compress, seed, gamma) => {
      const stage = open(choco, { compress, gamma: String(Math.fround(gamma)) }, { seed, descent: () => {} });
      const sums = () => vector(k => each(node => stage.params(node)[k]).reduce((sum, value) => sum + value, 0));
      const before = sums();
      for (let number = 0; number < 5; number++) round(stage);
      const largest = Math.max(1, ...read(stage).flat().map(Math.abs));
      sums().forEach((value, k) => {
        assert.ok(Math.abs(value - before[k]) < 1e-5 * largest, `${compress}: ${value}, before ${before[k]}`);
      });
    }),
    cases(120),
  );
});

test('models come together under strong compression with a step that suits it, and fly apart with one that does not', () => {
  const spread = (gamma: string) => {
    const stage = open(choco, { compress: 'topk:0.1', gamma }, { descent: () => {} });
    const potential = () => {
      const models = read(stage);
      const mean = vector(k => models.reduce((sum, x) => sum + x[k] / nodes, 0));
      return models.reduce((sum, x) => sum + x.reduce((part, value, k) => part + (value - mean[k]) ** 2, 0), 0);
    };
    const before = potential();
    for (let number = 0; number < 300; number++) round(stage);
    return potential() / before;
  };
  assert.ok(spread('0.2') < 1e-3, `${spread('0.2')}`);
  assert.ok(!(spread('1') < 1), `${spread('1')}`);
});

test('quasi-global momentum follows the way of whole rounds', () => {
  const stage = open(choco, { compress: 'none', gamma: '1', quasi: '0.8' }, { rate: 0.5 });
  let models = each(node => vector(k => start(node, k)));
  let before: Models | undefined;
  let momenta = each(() => vector(() => 0));
  for (let number = 0; number < 5; number++) {
    round(stage);
    const last = before;
    if (last)
      momenta = momenta.map((m, node) => m.map((value, k) => 0.8 * value + (0.2 * (last[node][k] - models[node][k])) / 0.5));
    before = models;
    const learnt = models.map((x, node) => x.map((value, k) => value + step(node, number, k) - 0.5 * 0.8 * momenta[node][k]));
    models = learnt.map((x, node) => x.map((value, k) => value + errorOf(learnt, node)[k]));
    near(read(stage), models, `round ${number}`);
  }
});

test('what can not be is refused, with what can', () => {
  const setting = { nodes: 4, capacity: 4, parameters: 1e6, rate: 0.1 };
  refused(() => choco({ compress: 'topk:2' }, setting), 'CONFIG_RANGE', /topk:N/);
  refused(() => choco({ compress: 'lattice:2' }, setting), 'CONFIG_RANGE', /lattice:8/);
  refused(() => choco({ compress: 'zip' }, setting), 'CONFIG_RANGE', /topk/);
  refused(() => choco({ gamma: '0' }, setting), 'CONFIG_RANGE', /gamma/);
  refused(() => choco({ gamma: '1.5' }, setting), 'CONFIG_RANGE', /up to 1/);
  refused(() => adagossip({ quasi: '1' }, setting), 'CONFIG_RANGE', /quasi/);
  for (const algorithm of [choco, adagossip]) {
    algorithm({ quasi: '0' }, { ...setting, momentum: true });
    refused(() => algorithm({ quasi: '0.9' }, { ...setting, momentum: true }), 'CONFIG_RANGE', /found quasi=0.9 with momentum/);
    algorithm({ quasi: '0' }, { ...setting, optimizer: 'adam' });
    refused(
      () => algorithm({ quasi: '0.9' }, { ...setting, optimizer: 'adam' }),
      'CONFIG_RANGE',
      /quasi=0.9 with --optimizer adam/,
    );
  }
});

test('two momenta are refused in a run as well', async () => {
  const input = {
    data: 'none',
    model: 'noise:4',
    batch: 1,
    nodes: 3,
    time: 2,
    algorithm: 'choco:quasi=0.9',
    parallel: 'never',
  } as const;
  await simulate({ ...input, optimizer: 'sgd:rate=0.1' }).result;
  await assert.rejects(simulate({ ...input, optimizer: 'sgd:rate=0.1,momentum=0.9' }).result, {
    ...{ code: 'CONFIG_RANGE', message: /choco: found quasi=0.9 with momentum of the optimizer/ },
  });
});
