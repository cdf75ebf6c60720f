/** The naive simulation against what is known exactly of version gossip: Lambda H_{n-1} / lambda and its relatives. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complete, type Graph, ring } from './graph.js';
import { type Duration, type Scheme, type Timely, timely } from './timely.js';

/** Updates of mean length 1, so that Lambda = 1. */
const shifted: Duration = { constant: 0.5, exponential: 0.5 };
const poisson: Duration = { constant: 0, exponential: 1 };
const constant: Duration = { constant: 1, exponential: 0 };

const harmonic = (m: number) => Array.from({ length: m }, (_, k) => 1 / (k + 1)).reduce((sum, x) => sum + x, 0);

function run(n: number, lambda: number, until: number, other: Partial<Timely> = {}) {
  const graph: Graph = other.graph ?? complete(n);
  const known = timely({ graph, duration: shifted, lambda, scheme: 'push', from: until / 10, until, seed: 1, ...other });
  const mean = (value: (i: number, j: number) => number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i !== j) sum += value(i, j);
    return sum / (n * (n - 1));
  };
  return { known, staleness: mean(known.staleness), age: mean(known.age) };
}

function near(found: number, expected: number, share: number, what: string): void {
  assert.ok(Math.abs(found / expected - 1) < share, `${what}: ${found}, expected ${expected}`);
}

test('staleness on the complete graph is H(n-1) / lambda, for lambda = 1, ln n and n', () => {
  for (const [n, until] of [
    [10, 2000],
    [30, 700],
    [100, 300],
  ]) {
    for (const [lambda, horizon] of [
      [1, until],
      [Math.log(n), until],
      [n, until / 10],
    ]) {
      near(run(n, lambda, horizon).staleness, harmonic(n - 1) / lambda, 0.05, `n = ${n}, lambda = ${lambda}`);
    }
  }
});

test('only the mean length of an update counts', () => {
  for (const duration of [shifted, poisson, constant]) {
    near(run(20, 1, 1000, { duration }).staleness, harmonic(19), 0.05, JSON.stringify(duration));
    const slow = { constant: 3 * duration.constant, exponential: 3 * duration.exponential };
    near(run(20, 1, 2000, { duration: slow }).staleness, harmonic(19) / 3, 0.05, JSON.stringify(slow));
  }
});

test('pull is as push; a pairwise exchange counts as both', () => {
  near(run(20, 1, 1500, { scheme: 'pull' }).staleness, harmonic(19), 0.05, 'pull');
  near(run(20, 1, 1500, { scheme: 'pairwise' }).staleness, harmonic(19) / 2, 0.05, 'pairwise');
});

test('on the ring the mean over pairs is n / (2 lambda)', () => {
  for (const [n, lambda] of [
    [10, 1],
    [24, 1],
    [16, 3],
  ]) {
    near(run(n, lambda, 3000, { graph: ring(n) }).staleness, n / (2 * lambda), 0.05, `n = ${n}, lambda = ${lambda}`);
  }
});

test('on the ring the staleness of a pair grows with its distance, and the opposite node is the worst', () => {
  const n = 12;
  const { known } = run(n, 1, 6000, { graph: ring(n) });
  const at = (distance: number) =>
    Array.from({ length: n }, (_, i) => known.staleness(i, (i + distance) % n)).reduce((sum, s) => sum + s, 0) / n;
  for (let d = 0; d < n / 2; d++) {
    assert.ok(at(d) < at(d + 1), `distance ${d}`);
    near(at(d + 1), at(n - d - 1), 0.08, `distances ${d + 1} and ${n - d - 1}`);
  }
  assert.equal(at(0), 0);
});

test('the worst receiver is 2 (n-1) H(n-1) / (n lambda) behind', () => {
  const n = 16;
  let [sum, count] = [0, 0];
  run(n, 2, 1500, {
    every: 1.618,
    watch(time, { newest }) {
      if (time < 50) return;
      for (const row of newest) sum += Math.max(...row) - Math.min(...row);
      count += n;
    },
  });
  near(sum / count, (2 * (n - 1) * harmonic(n - 1)) / (n * 2), 0.05, 'mean over sources');
});

test('the age of what a node knows is H(n-1) / lambda above the mean age at the source, E[D^2] / (2 E[D])', () => {
  for (const [duration, secondMoment] of [
    [shifted, 1.25],
    [poisson, 2],
    [constant, 1],
  ] as const) {
    const { age, known } = run(12, 1.5, 2000, { duration });
    near(age, harmonic(11) / 1.5 + secondMoment / 2, 0.05, JSON.stringify(duration));
    const own = Array.from({ length: 12 }, (_, i) => known.age(i, i) / 12).reduce((sum, age) => sum + age, 0);
    near(own, secondMoment / 2, 0.05, `own age, ${JSON.stringify(duration)}`);
  }
});

test('the last updater alone, sending to all: (n-1) / lambda when relays do not count, plain gossip when they do', () => {
  // With Poisson updates the direct form is exact: i is the last updater a share 1/n of the time, at each visit afresh.
  for (const [n, lambda] of [
    [10, 1],
    [30, Math.log(30)],
    [20, 20],
  ]) {
    const horizon = 300 * (n / lambda + 1);
    const direct = (duration: Duration) => run(n, lambda, horizon, { scheme: 'direct', duration }).staleness;
    near(direct(poisson), (n - 1) / lambda, 0.05, `direct, n = ${n}, lambda = ${lambda}`);
    near(direct(shifted), (n - 1) / lambda, 0.07, `direct with shifted updates, n = ${n}, lambda = ${lambda}`);
    const relay = run(n, lambda, horizon, { scheme: 'relay', duration: poisson }).staleness;
    near(relay, harmonic(n - 1) / lambda, 0.05, `relay, n = ${n}, lambda = ${lambda}`);
  }
});

test('a version is never newer elsewhere than at its source, and nothing known is forgotten', () => {
  for (const scheme of ['push', 'pull', 'pairwise', 'direct', 'relay'] satisfies Scheme[]) {
    let before: number[][] = [];
    run(7, 1, 200, {
      scheme,
      every: 0.37,
      watch(_, { newest }) {
        for (let i = 0; i < 7; i++) {
          for (let j = 0; j < 7; j++) {
            assert.ok(newest[i][j] <= newest[i][i]);
            assert.ok(newest[i][j] >= (before[i]?.[j] ?? 0));
          }
        }
        before = newest.map(row => [...row]);
      },
    });
    assert.ok(before[0][0] > 150);
  }
});

test('without gossip nobody hears of anybody; a seed gives the same run again', () => {
  const silent = run(4, 0, 300);
  near(silent.staleness, (30 + 300) / 2, 0.05, 'as many versions behind as there are');
  assert.equal(silent.known.newest[1][2], 0);
  const table = (seed: number) => run(6, 1, 100, { seed }).known.newest;
  assert.deepEqual(table(5), table(5));
  assert.notDeepEqual(table(5), table(6));
});
