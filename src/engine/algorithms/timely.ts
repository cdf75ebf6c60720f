/**
 * The scale-robust timely system of Mitra and Ulukus (arXiv 2404.19749): every user trains for a shifted-exponential time, tau local
 * steps a piece, and, independently, sends its model to a uniform other one at the ticks of a Poisson clock. Receipt of k's model at j:
 * x_j = (x_j + x_k)/2. With rate log n the staleness stays bounded however many users there are (docs/algorithms.md has the closed forms).
 *
 * opportunistic=true: instead of ticking by itself, only the user who updated last sends, at the rate of the whole network (n x rate),
 * until another one updates. relay=false: its message carries its own version alone, as the paper's bound counts it; relay=true: the
 * mixed model with the versions of all. opportunistic=asuman: those who have the freshest version of it send too (see asuman.ts).
 *
 * Provenance: the model from the paper's abstract and a review of it; durations, one-way push, equal weights and the opportunistic
 * schemes as worked out in docs/algorithms.md. push and pull preserve the mean in expectation only; push-pull does.
 *
 *   steps=TAU (5)  rate=R | log | n (log)  mix=push | pull | push-pull (push)  weight=w (0.5)
 *   opportunistic=false | true | asuman (false)  relay=true | false (true)
 *   sources=K | all (all)   only users 0 .. K-1 update, the others pass on what they hear; fewer than all in virtual time only
 */

import { readNumber } from '../../decimal.js';
import type { Algorithm, AlgorithmFactory, Setting } from '../algorithm.js';
import { readRate } from '../rate.js';
import { freshestSend } from './asuman.js';
import { gossipAs } from './gossip.js';
import { numberOption, onlyKnown, stepsOption, wordOption } from './options.js';

type Options = Readonly<Record<string, string>>;

/** c + Exp(rate mu), so that a user makes one version a second on average. */
const duration = 'shifted:c=0.5,mu=2';

export const timely: AlgorithmFactory = (options, setting): Algorithm => {
  onlyKnown('timely', options, ['steps', 'rate', 'mix', 'weight', 'opportunistic', 'relay', 'sources']);
  const { sources = 'all', ...rest } = options;
  const algorithm = scheme(rest, setting);
  if (sources === 'all') return algorithm;
  const count = readNumber(sources, { whole: true, min: 1 }, 'algorithm timely: sources (a number, or all)');
  return count >= setting.nodes ? algorithm : onlySources(algorithm, count);
};

function scheme({ opportunistic = 'false', ...options }: Options, setting: Setting): Algorithm {
  const { relay: _, ...rest } = options;
  switch (wordOption('timely', { opportunistic }, 'opportunistic', ['false', 'true', 'asuman'])) {
    case 'false':
      return { ...gossipAs('timely')({ steps: '5', rate: 'log', ...rest }, setting), clock: duration };
    case 'true':
      return lastUpdaterSends(options, setting.nodes);
    case 'asuman':
      return { ...freshestSend({ steps: '5', rate: 'log', ...options }, setting.nodes), clock: duration };
  }
}

/** The others have no work of their own; their row is what they heard. */
function onlySources(algorithm: Algorithm, count: number): Algorithm {
  return {
    ...algorithm,
    only: 'virtual',
    begin(node, rows, world) {
      if (node < count) algorithm.begin(node, rows, world);
    },
    finish: (node, rows, world) => node >= count || algorithm.finish(node, rows, world),
  };
}

function lastUpdaterSends(options: Options, nodes: number): Algorithm {
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
