/**
 * The scale-robust timely system of Mitra and Ulukus (arXiv 2404.19749): every user trains for a shifted-exponential time, tau local
 * steps a piece, and, independently, sends its model to a uniform other one at the ticks of a Poisson clock. Receipt of k's model at j:
 * x_j = (x_j + x_k)/2. With rate log n the staleness stays bounded however many users there are (docs/algorithms.md has the closed forms).
 *
 * opportunistic=true: instead of ticking by itself, only the user who updated last sends, at the rate of the whole network (n x rate),
 * until another one updates. relay=false: its message carries its own version alone, as the paper's bound counts it; relay=true: the
 * mixed model with the versions of all. opportunistic=asuman: those who have the freshest version of it send too (see asuman.ts).
 */

import { readNumber } from '../../decimal.js';
import { HearsayError } from '../../errors.js';
import { oneOf, optional, type Setting, type Values } from '../../settings.js';
import type { Algorithm } from '../algorithm.js';
import { freshestSend } from './asuman.js';
import { builtIn, rate, steps, weight } from './builtin.js';
import { gossiping, mix } from './gossip.js';

/** c + Exp(rate mu), so that a user makes one version a second on average. */
const duration = 'shifted:c=0.5,mu=2';

const sources: Setting<number> = {
  about: 'only the users below K update, the others pass on what they hear; fewer than all in virtual time only',
  range: 'a whole number from 1, or all',
  otherwise: Number.POSITIVE_INFINITY,
  fallback: 'all',
  read: (text, where) =>
    text === 'all' ? Number.POSITIVE_INFINITY : readNumber(text, { whole: true, min: 1 }, `${where} (a number, or all)`),
};

const description = {
  name: 'timely',
  about: 'gossip beside shifted-exponential work, at rate ln n',
  source: {
    authors: 'Mitra, Ulukus',
    year: 2024,
    arxiv: '2404.19749',
    provenance:
      "the paper's abstract and a review of it; one-way push and equal weights are memory, the accounting of opportunistic=true our own reading; asuman from the abstract of its paper",
  },
  keeps: { what: ['mean in expectation', 'hull'], note: 'mix=push-pull: the mean itself' },
  settings: {
    steps: steps(5),
    rate: rate('log'),
    mix: optional(mix, 'push; push alone with opportunistic'),
    weight,
    opportunistic: oneOf('who sends: all, by their own clocks; the last who updated; it and those with its freshest version', [
      'false',
      'true',
      'asuman',
    ]),
    relay: optional(
      oneOf('with opportunistic=true, the message carries all versions, or its own alone', ['true', 'false']),
      'true',
    ),
    sources,
  },
} as const;

type Timely = Values<typeof description.settings>;

export const timely = builtIn(description, (values, { nodes }, where) => {
  const algorithm = scheme(values, nodes, where);
  return values.sources >= nodes ? algorithm : onlySources(algorithm, values.sources);
});

function scheme(values: Timely, nodes: number, where: string): Algorithm {
  const { opportunistic, mix, relay } = values;
  if (mix !== undefined && opportunistic !== 'false') throw foreign(where, 'mix', 'false', opportunistic);
  if (relay !== undefined && opportunistic !== 'true') throw foreign(where, 'relay', 'true', opportunistic);
  switch (opportunistic) {
    case 'false':
      return { ...gossiping('timely', { ...values, mix: mix ?? 'push' }, nodes), clock: duration };
    case 'true':
      return lastUpdaterSends(values, nodes);
    case 'asuman':
      return { ...freshestSend({ ...values, rate: values.rate(nodes) }, nodes), clock: duration };
  }
}

function foreign(where: string, key: string, owner: string, found: string): HearsayError {
  return new HearsayError(
    'CONFIG_RANGE',
    `${where}: ${key} belongs to opportunistic=${owner}, found opportunistic=${found}; leave it out`,
  );
}

/** The others have no work of their own; their row is what they heard. */
function onlySources(algorithm: Algorithm, count: number): Algorithm {
  return {
    ...algorithm,
    only: 'virtual',
    sources: count,
    begin(node, rows, world) {
      if (node < count) algorithm.begin(node, rows, world);
    },
    finish: (node, rows, world) => node >= count || algorithm.finish(node, rows, world),
  };
}

function lastUpdaterSends({ steps, rate, weight, relay = 'true' }: Timely, nodes: number): Algorithm {
  const budget = nodes * rate(nodes);
  return {
    name: 'timely',
    averages: true,
    among: 'pair',
    pairs: true,
    clock: duration,
    clocks: [{ name: 'burst', rate: 0 }],
    sends: true,
    only: 'virtual', // between two pieces of work no time passes on the clock of the wall in which it could send
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
      world.send(node, rows.stow(node, { versions: relay === 'true' ? 'all' : 'own' }), world.peer(node));
      world.after(node, world.exponential(node, 'burst') / budget, 0);
    },
    arrive(node, slot, rows) {
      rows.absorb(node, slot, 1 - weight, weight);
    },
  };
}
