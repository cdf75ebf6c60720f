/** Plans of networks, against the recursion that they speak of, and what they leave unsaid. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponentialDelay, fixedDelay } from '../../src/theory/delay/law.js';
import { exact } from '../../src/theory/estimate.js';
import type { Network, Scheme } from '../../src/theory/plan/network.js';
import { type Known, plan } from '../../src/theory/plan/plan.js';
import type { Statement } from '../../src/theory/plan/statement.js';
import { topology } from '../../src/topology/topology.js';

interface Asked extends Partial<Omit<Network, 'scheme' | 'step' | 'link'>> {
  readonly step?: Partial<Network['step']>;
  readonly link?: Partial<Network['link']>;
  readonly topology?: string;
}

const floats = { bytes: 4000, as: '1000 floats', rounded: false };

function network(scheme: Scheme, { step, link, topology: name = 'complete', nodes = 16, ...rest }: Asked = {}): Network {
  return {
    ...{ graph: topology(name, nodes, 1), nodes, scheme, parameters: 1000, memoryless: true, carriage: floats },
    ...{ rates: Array(nodes).fill(1), law: fixedDelay(1) },
    ...rest,
    link: { loss: 0, mean: 0, bandwidth: Number.POSITIVE_INFINITY, ...link },
    step: { rate: 0.1, steps: 1, momentum: 0, decay: 0, nesterov: false, ...step },
  };
}

function said(network: Network, known: Partial<Known> = {}) {
  const { statements, notes } = plan(network, { memory: 1, ...known });
  const of = (start: string): Statement => {
    const found = statements.filter(({ what }) => what.startsWith(start));
    assert.equal(found.length, 1, `${start}: ${statements.map(({ what }) => what)}`);
    return found[0];
  };
  return { of, statements, notes };
}

const gossip: Scheme = { kind: 'clocks', mix: 'push', rate: 1, weight: 0.5 };

/** Whether x_(k+1) = x_k - (1 - (1 - eta h)^H) x_(k-M+1) has fallen after many updates. */
function falls(eta: number, steps: number, workers: number): boolean {
  const part = 1 - (1 - eta) ** steps;
  const past = Array<number>(workers).fill(1);
  for (let k = 0; k < 60_000; k++) past.push(past[past.length - 1] - part * past[past.length - workers]);
  return Math.max(...past.slice(-10 * workers).map(Math.abs)) < 1;
}

for (const steps of [1, 3])
  test(`asgd of ${steps} local steps: below the largest stable step the recursion falls, above it grows`, () => {
    const { of } = said(network({ kind: 'shared' }, { step: { rate: 0.01, steps } }), { spectrum: { min: 1, max: 1 } });
    const { value, kind } = of('largest stable step of all');
    assert.equal(kind, 'approximation');
    const alone = said(network({ kind: 'alone' }, { step: { steps } }), { spectrum: { min: 1, max: 1 } });
    assert.equal(alone.of('largest stable step of a node').value, 2);
    assert.ok(value < 0.12);
    assert.ok(falls(0.97 * value, steps, 16));
    assert.ok(!falls(1.06 * value, steps, 16)); // the recursion's own delay is half an update shorter
  });

test('the margin is pi/2 less z for equal times, and none for exponential ones', () => {
  const spectrum = { min: 0.5, max: 2 };
  const fixed = said(network({ kind: 'shared' }, { step: { rate: 0.01 } }), { spectrum });
  assert.ok(Math.abs(fixed.of('all on one model').value - 0.32) < 1e-12);
  assert.ok(Math.abs(fixed.of('margin: critical').value - (Math.PI / 2 - 0.32)) < 1e-9);
  const open = said(network({ kind: 'shared' }, { step: { rate: 0.01 }, law: exponentialDelay(1) }), { spectrum });
  assert.equal(open.of('margin: critical').value, Number.POSITIVE_INFINITY);
  assert.equal(fixed.of('of an applied update').value, 15);
});

test('a step that is too large alone is said to be so, and nothing is built on it', () => {
  for (const scheme of [gossip, { kind: 'shared' }, { kind: 'rounds', round: exact(1), server: false }] as const) {
    const { of, statements, notes } = said(network(scheme, { step: { rate: 0.5 } }), { spectrum: { min: 1, max: 4 } });
    assert.equal(of('margin').value, 1);
    assert.equal(statements.filter(({ topic }) => topic === 'stability').length, 2);
    assert.ok(notes.some(note => note.includes('diverges')));
  }
});

test('momentum widens the step by Polyak, less by Nesterov', () => {
  const spectrum = { min: 1, max: 1 };
  const limit = (step: Partial<Network['step']>) =>
    said(network({ kind: 'alone' }, { step }), { spectrum }).of('largest stable step').value;
  /** Whether descent of x^2 / 2 falls. */
  const descends = (rate: number, momentum: number, nesterov: boolean) => {
    let [x, v] = [1, 0];
    for (let k = 0; k < 5000; k++) {
      const g = x;
      v = momentum * v + g;
      x -= rate * (nesterov ? g + momentum * v : v);
    }
    return Math.abs(x) < 1;
  };
  for (const nesterov of [false, true]) {
    const most = limit({ momentum: 0.9, nesterov });
    assert.ok(descends(0.99 * most, 0.9, nesterov) && !descends(1.01 * most, 0.9, nesterov), `${nesterov}: ${most}`);
  }
});

test('a curvature below 0 leaves the bounds and takes the rates', () => {
  const { statements, notes } = said(network({ kind: 'shared' }, { step: { rate: 0.01 } }), { spectrum: { min: -1, max: 2 } });
  assert.ok(statements.some(({ what }) => what === 'largest stable step of all'));
  assert.ok(!statements.some(({ what }) => what.startsWith('time to') || what.startsWith('number of workers')));
  assert.ok(notes.some(note => note.includes('no minimum')));
  const flat = said(network(gossip), { spectrum: { min: -1, max: 0 } });
  assert.ok(!flat.statements.some(({ topic }) => topic === 'stability'));
});

test('losses thin the rate, and one version behind is at the rate that is said', () => {
  const whole = said(network(gossip));
  const half = said(network(gossip, { link: { loss: 0.5 } }));
  assert.ok(Math.abs(half.of('mean').value / whole.of('mean').value - 2) < 1e-12);
  const { value } = whole.of('rate with which');
  assert.ok(Math.abs(said(network({ ...gossip, rate: value })).of('mean').value - 1) < 1e-12);
  assert.equal(said(network(gossip, { link: { loss: 1 } })).of('mean').value, Number.POSITIVE_INFINITY);
});

test('what is proved is a theorem only where its assumptions hold', () => {
  const work: Scheme = { kind: 'work', mix: 'pairwise', order: 'mix', weight: 0.5 };
  assert.equal(said(network(work)).of('mean').kind, 'theorem');
  assert.equal(said(network(work, { memoryless: false })).of('mean').kind, 'approximation');
  assert.equal(said(network(gossip, { memoryless: false })).of('mean').kind, 'theorem');
  const sampled = said(network(gossip, { topology: 'torus', nodes: 36 })).of('mean');
  assert.equal(sampled.kind, 'approximation');
  assert.ok(sampled.error! > 0 && sampled.error! < 0.1 * sampled.value);
});

test('noise and exchanges balance at the distance that is said', () => {
  const { of } = said(network(gossip, { step: { rate: 0.1, steps: 2 } }), { scatter: { squared: 1, trace: 30 } });
  // rate 1, push: (1/4 + 1/64) 2 16 / 15 a second against 15/16 of 0.01 x 2 x 30
  assert.ok(Math.abs(of('mean squared').value - ((15 / 16) * 0.6) / ((0.25 + 1 / 64) * ((2 * 16) / 15))) < 1e-12);
  assert.equal(of('nodes with which').value, 30);
});
