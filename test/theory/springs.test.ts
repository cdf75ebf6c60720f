/** Springs to a centre, against runs of the rule. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { below, exponential, normal, source } from '../../src/random.js';
import { centreDecay, springDecay } from '../../src/theory/springs.js';

const draws = source(9, 'springs');

/** Pieces as one Poisson process of n a second: calls `look` at times 0, 1, 2 ... with workers and centre. */
function run(
  seed: number,
  nodes: number,
  alpha: number,
  q: number,
  seconds: number,
  look: (t: number, x: number[], c: number) => void,
) {
  const x = Array.from({ length: nodes }, (_, node) => (seed < 0 ? normal(draws, node, 0) : 1));
  let c = seed < 0 ? normal(draws, nodes, 0) : 1;
  let [time, next] = [0, 0];
  for (let k = 0; next <= seconds; k++) {
    time += exponential(draws, 1000 + Math.abs(seed), k) / nodes;
    for (; next < time && next <= seconds; next++) look(next, x, c);
    const node = below(draws, 500_000 + Math.abs(seed), k, nodes);
    const e = alpha * (q * x[node] - c);
    x[node] = q * x[node] - e;
    c += e;
  }
}

for (const [nodes, alpha, q] of [
  [4, 0.225, 0.9],
  [8, 0.1, 0.6],
  [4, 0.5, 0.2],
] as const)
  test(`${nodes} workers, alpha ${alpha}, q ${q}: the mean error of the centre decays as said`, () => {
    const [from, to] = q > 0.7 ? [8, 24] : [3, 9];
    const at = new Float64Array(to + 1);
    for (let seed = 1; seed <= 6000; seed++) run(seed, nodes, alpha, q, to, (t, _, c) => void (at[t] += c / 6000));
    const decay = Math.log(at[from] / at[to]) / (to - from);
    const said = centreDecay({ nodes, alpha, rate: 1 }, q);
    assert.ok(Math.abs(decay / said - 1) < 0.06, `${decay}, said ${said}`);
  });

test('no spring moves nothing, and workers that learn nothing fade nothing', () => {
  assert.equal(centreDecay({ nodes: 4, alpha: 0, rate: 1 }, 0.5), 0);
  assert.equal(centreDecay({ nodes: 4, alpha: 0.3, rate: 1 }, 1), 0);
});

test('Gamma of workers and centre falls at least as fast as said', () => {
  for (const [nodes, alpha] of [
    [4, 0.225],
    [8, 0.5],
    [16, 0.05],
  ] as const) {
    const seconds = 12;
    const Gamma = new Float64Array(seconds + 1);
    for (let seed = -1; seed >= -400; seed--)
      run(seed, nodes, alpha, 1, seconds, (t, x, c) => {
        const all = [...x, c];
        const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
        Gamma[t] += all.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      });
    const said = springDecay({ nodes, alpha, rate: 1 });
    for (let t = 1; t <= seconds; t++) assert.ok(Gamma[t] <= Gamma[0] * Math.exp(-said * t) * 1.1, `${nodes}, ${t} s`);
    const late = Math.log(Gamma[seconds / 2] / Gamma[seconds]) / (seconds / 2);
    assert.ok(late < 3 * said + 0.2, `${late}, said ${said}`); // and not out of all proportion
  }
});

test('an exchange makes nothing larger, so that all are stable where a node alone is, and not beyond', () => {
  for (const alpha of [0, 0.3, 0.7, 1])
    for (const [q, bounded] of [
      [-0.999, true],
      [-1.6, false],
    ] as const) {
      let most = 0;
      run(1, 4, alpha, q, 200, (_, x, c) => void (most = Math.max(most, Math.abs(c), ...x.map(Math.abs))));
      if (bounded) assert.ok(most <= Math.sqrt(5), `${alpha}: ${most}`);
      else if (alpha < 0.3) assert.ok(most > 1e6, `${alpha}: ${most}`);
    }
});

test('versions: independent workers are E[D^2] / (2 E[D]^2) behind', () => {
  for (const [fixed, tail, said] of [
    [0, 1, 1],
    [0.5, 0.5, 0.625],
  ] as const) {
    const nodes = 6;
    const made = new Uint32Array(nodes);
    const known = Array.from({ length: nodes + 1 }, () => new Uint32Array(nodes)); // the last: the centre
    const ends = Array.from({ length: nodes }, (_, node) => fixed + tail * exponential(draws, 7000 + node, 0));
    let [time, area, pairs] = [0, 0, 0];
    for (let k = 1; k < 60_000; k++) {
      const node = ends.indexOf(Math.min(...ends));
      const step = ends[node] - time;
      for (let i = 0; i < nodes; i++) for (let j = 0; j < nodes; j++) if (i !== j) area += step * (made[i] - known[j][i]);
      pairs += step * nodes * (nodes - 1);
      time = ends[node];
      made[node]++;
      known[node][node] = made[node];
      for (let i = 0; i < nodes; i++) known[node][i] = known[nodes][i] = Math.max(known[node][i], known[nodes][i]);
      ends[node] = time + fixed + tail * exponential(draws, 7000 + node, k);
    }
    assert.ok(Math.abs(area / pairs / said - 1) < 0.03, `${area / pairs}, said ${said}`);
  }
});
