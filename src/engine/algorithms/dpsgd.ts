/**
 * Decentralized parallel SGD: in every round all nodes take H local steps from their own model, and average with their neighbours, behind
 * a barrier.
 *
 *   order=mix      x_i = sum over j of w_ij x_j + D_i            the gradient is that of the point before the average
 *   order=commit   x_i = sum over j of w_ij (x_j + D_j)          adapt, then combine
 *
 * W is symmetric and doubly stochastic, so both keep the mean, which moves by the mean of all D. On a graph where all have r neighbours
 * every weight is 1 / (r + 1), whichever rule. Only models travel: with order=mix a node needs nobody's gradient.
 */

import { oneOf, type Values } from '../../settings.js';
import type { Algorithm, Order } from '../algorithm.js';
import { builtIn, steps } from './builtin.js';
import { type edgeWeights, identity, sumOfBoth, symmetric } from './mixing.js';

type Rule = keyof typeof edgeWeights;

export const weights = oneOf<Rule>('of an edge: by the larger degree of its ends, or the same for all', [
  'metropolis',
  'uniform',
]);

const description = {
  name: 'dpsgd',
  about: 'local steps, then an average with all neighbours, behind a barrier',
  source: {
    method: 'D-PSGD',
    authors: 'Lian and others',
    venue: 'NIPS',
    year: 2017,
    arxiv: '1705.09056',
    provenance:
      'standard method, from memory; order=commit is the adapt-then-combine form (Sayed and others); more than one step is our own',
  },
  keeps: { what: ['mean', 'hull'] },
  settings: {
    steps: steps(1),
    order: oneOf<Order>('what comes first', ['mix', 'commit']),
    weights,
  },
} as const;

export const dpsgd = builtIn(description, values => averagingAround('dpsgd', values));

/** Averages over neighbourhoods, under any name. */
export function averagingAround(name: string, { steps, order, weights }: Values<typeof description.settings>): Algorithm {
  return {
    name,
    keepsDelta: true,
    averages: true,
    among: 'neighbours',
    begin(node, rows, world) {
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows) {
      rows.meet(node);
      return true;
    },
    meet(meeting) {
      const { live } = meeting;
      const mixing = symmetric(meeting, weights);
      const operands = [...live, ...live.map(meeting.delta)];
      meeting.combine(live, operands, sumOfBoth(mixing, order === 'mix' ? identity(live.length) : mixing));
    },
  };
}
