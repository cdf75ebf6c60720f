/**
 * The scale-robust timely system of Mitra and Ulukus (arXiv 2404.19749): every user trains for a shifted-exponential time, tau local
 * steps a piece, and, independently, sends its model to a uniform other one at the ticks of a Poisson clock. Receipt of k's model at j:
 * x_j = (x_j + x_k)/2. With rate log n the staleness stays bounded however many users there are (docs/algorithms.md has the closed forms).
 *
 * opportunistic: instead of ticking by itself, only the user who updated last sends, at the rate of the whole network (n x rate), until
 * another one updates. relay=false: its message carries its own version alone, as the paper's bound counts it; relay=true: the mixed
 * model with the versions of all.
 *
 * Provenance: the model from the paper's abstract and a review of it; durations, one-way push, equal weights and the opportunistic
 * schemes as worked out in docs/algorithms.md. push and pull preserve the mean in expectation only; push-pull does.
 *
 *   steps=TAU (5)  rate=R | log | n (log)  mix=push | pull | push-pull (push)  weight=w (0.5)
 *   opportunistic=false | true (false)  relay=true | false (true)
 */

import type { Algorithm, AlgorithmFactory } from '../algorithm.js';
import { readRate } from '../rate.js';
import { gossip } from './gossip.js';
import { flagOption, numberOption, onlyKnown, stepsOption, wordOption } from './options.js';

/** c + Exp(rate mu), so that a user makes one version a second on average. */
const duration = 'shifted:c=0.5,mu=2';

export const timely: AlgorithmFactory = (options, setting): Algorithm => {
  onlyKnown('timely', options, ['steps', 'rate', 'mix', 'weight', 'opportunistic', 'relay']);
  const { opportunistic: _, relay: __, ...rest } = options;
  if (flagOption('timely', options, 'opportunistic')) return lastUpdaterSends(options, setting.nodes);
  return { ...gossip({ steps: '5', rate: 'log', ...rest }, setting), name: 'timely', clock: duration };
};

function lastUpdaterSends(options: Readonly<Record<string, string>>, nodes: number): Algorithm {
  const steps = stepsOption('timely', options, 5);
  const weight = numberOption('timely', options, 'weight', 0.5, 0, 1);
  const relays = wordOption('timely', options, 'relay', ['true', 'false']) === 'true';
  const budget = nodes * readRate(options.rate ?? 'log', nodes, 'algorithm timely: rate');
  return {
    name: 'timely',
    pairs: true,
    clock: duration,
    clocks: [{ name: 'burst', rate: 0 }],
    sends: true,
    begin(node, rows, world) {
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows, world) {
      rows.commit(node);
      world.signal(node); // the pilot signal: all know who updated last
      world.after(node, world.exponential(node, 'burst') / budget, 0);
      return true;
    },
    tick(node, _clock, rows, world) {
      if (world.signalled() !== node) return;
      world.send(node, rows.stow(node, relays ? 'all' : 'own'), world.peer(node));
      world.after(node, world.exponential(node, 'burst') / budget, 0);
    },
    arrive(node, slot, rows) {
      rows.absorb(node, slot, 1 - weight, weight);
    },
  };
}
