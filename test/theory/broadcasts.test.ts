/** Broadcasts beside the work, against runs of the clocks. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponential, source } from '../../src/random.js';
import { broadcastRate, takenOf, windowShare } from '../../src/theory/broadcasts.js';
import { type Delay, exponentialDelay, fixedDelay, shiftedDelay } from '../../src/theory/delay/law.js';

const draws = source(10, 'broadcasts');

/** n nodes that all hear each other: broadcasts of one a second, and what a node moves by for one piece of its own, when a piece is worth 1. */
function run(nodes: number, rate: number, window: number, { starts, tail }: Delay, seconds: number) {
  const work = (node: number, k: number) => starts[0] + tail * exponential(draws, node, k);
  const pieces = Array.from({ length: nodes }, (_, node) => work(node, 0));
  const ticks = Array.from({ length: nodes }, (_, node) => exponential(draws, 100 + node, 0) / rate);
  const ends = Array.from({ length: nodes }, (_, node) => (window * (node + 1)) / nodes);
  const [backlog, inbox, count] = [new Float64Array(nodes), new Float64Array(nodes), new Float64Array(nodes)];
  let [sent, moved, own] = [0, 0, 0];
  const draw = new Uint32Array(2 * nodes);
  for (let time = 0; time < seconds; ) {
    const all = [...pieces, ...ticks, ...ends];
    const first = all.indexOf((time = Math.min(...all)));
    const node = first % nodes;
    if (first < nodes) {
      own++;
      backlog[node]++;
      pieces[node] += work(node, ++draw[node]);
    } else if (first < 2 * nodes) {
      ticks[node] += exponential(draws, 100 + node, ++draw[nodes + node]) / rate;
      if (backlog[node] === 0) continue;
      sent++;
      for (let other = 0; other < nodes; other++) {
        if (other === node) continue;
        inbox[other] += backlog[node];
        count[other]++;
      }
      backlog[node] = 0;
    } else {
      moved += inbox[node] / (1 + count[node]);
      inbox[node] = count[node] = 0;
      ends[node] += window;
    }
  }
  return { rate: sent / nodes / seconds, steps: 1 + moved / own };
}

for (const [name, law, rate, window] of [
  ['exponential', exponentialDelay(1), 1, 0.1],
  ['equal', fixedDelay(1), 0.5, 0.4],
  ['shifted', shiftedDelay(0.5, 2), 3, 1],
] as const)
  test(`${name} work, rate ${rate}, window ${window}: broadcasts a second, and the steps that a node moves by`, () => {
    const nodes = 8;
    const found = run(nodes, rate, window, law, 3000);
    const sent = broadcastRate(rate, law, 1);
    assert.ok(Math.abs(found.rate / sent - 1) < 0.02, `${found.rate}, said ${sent}`);
    const steps = 1 + windowShare((nodes - 1) * sent * window) / (window * sent);
    assert.ok(Math.abs(found.steps / steps - 1) < 0.05, `${found.steps}, said ${steps}`);
  });

test('messages that are taken of a Poisson number: the sum itself', () => {
  for (const [m, most] of [
    [3, 2],
    [3, 10],
    [50, 5],
    [1500, 1400],
    [1500, 4000],
  ]) {
    let [log, sum] = [-m, 0];
    for (let k = 0; k < 5000; k++) {
      sum += Math.min(k, most) * Math.exp(log);
      log += Math.log(m / (k + 1));
    }
    assert.ok(Math.abs(takenOf(m, most) / sum - 1) < 1e-9, `${m} ${most}: ${takenOf(m, most)}, ${sum}`);
  }
  assert.equal(takenOf(7, Number.POSITIVE_INFINITY), 7);
  assert.ok(Math.abs(windowShare(1e-7) / 5e-8 - 1) < 1e-5);
});
