/**
 * Comparing algorithms from code: the same models, data and clocks, three seeds each, in virtual time. `hearsay compare` does it with a
 * test of what is noise, and a picture.
 *
 *   node dist/examples/algorithms.js
 */

import { simulate } from 'hearsay';

const seeds = [1, 2, 3];

for (const algorithm of ['swarm:steps=2', 'none']) {
  const worst: number[] = [];
  let exchanges = 0;
  for (const seed of seeds) {
    const { done } = await simulate({
      ...{ data: 'digits:1000', model: 'softmax', partition: 'dirichlet:0.1' }, // each node has mostly few of the digits
      ...{ algorithm, seed, nodes: 8, topology: 'ring', epochs: 3 },
    }).result;
    worst.push(done.worstAccuracy ?? 0);
    exchanges += done.exchanges;
  }
  const mean = worst.reduce((sum, one) => sum + one, 0) / seeds.length;
  const deviation = Math.sqrt(worst.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (seeds.length - 1));
  console.log(`${algorithm}: worst node ${(100 * mean).toFixed(1)} +- ${(100 * deviation).toFixed(1)} %, ${exchanges} exchanges`);
}
