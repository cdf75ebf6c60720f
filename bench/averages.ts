/**
 * What a robust average costs beside a plain one: a meeting of 16 nodes with 8 neighbours each (dpsgd), and one of 9 nodes that all average
 * (local), 100,000 parameters, one thread. `node dist/bench/averages.js`. The best of five meetings, a node.
 */

import { algorithms } from '../src/engine/algorithms/table.js';
import { rehearse } from '../src/testing/rehearsal.js';
import { topology } from '../src/topology/topology.js';

const parameters = 100_000;
const meetings = [
  ['dpsgd:order=mix', algorithms.dpsgd, { order: 'mix' }, 16, 'regular:8'],
  ['dpsgd:order=commit', algorithms.dpsgd, { order: 'commit' }, 16, 'regular:8'],
  ['local', algorithms.local, {}, 9, 'complete'],
] as const;
const averages = ['plain', 'corrected', 'clipped:radius=1', 'clipped:cut=1', 'trimmed:cut=2', 'median'];

for (const [name, algorithm, options, nodes, graph] of meetings) {
  let plain = 0;
  for (const average of averages) {
    const on = rehearse({
      ...{ algorithm, options: { steps: '1', ...options }, nodes, parameters, average },
      ...{ graph: topology(graph, nodes, 1), start: (row: number, k: number) => Math.sin(97 * row + k) },
      descent(weights, node) {
        for (const k of weights.keys()) weights[k] += 0.01 * Math.sin(31 * node + k);
      },
    });
    const times: number[] = [];
    for (let meeting = 0; meeting < 5; meeting++) {
      for (let node = 0; node < nodes; node++) on.begin(node);
      for (let node = 0; node < nodes; node++) on.finish(node);
      const start = performance.now();
      if (!on.meet()) throw new Error('nobody has met');
      times.push((performance.now() - start) / nodes);
    }
    const best = Math.min(...times);
    if (average === 'plain') plain = best;
    console.log(`${name.padEnd(20)} ${average.padEnd(18)} ${best.toFixed(3)} ms a node, ${(best / plain).toFixed(1)} plain ones`);
  }
}
