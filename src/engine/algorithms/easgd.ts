/**
 * Elastic averaging SGD, the asynchronous form: every worker keeps its own model on a spring to a centre. After H local steps,
 *
 *   e = alpha (x_i - c),   x_i = x_i - e,   c = c + e       (x_i: with its local progress)
 *
 * The model of all is the centre. alpha is the strength of the spring: the paper's moving rate over the number of workers.
 */

import { numeric } from '../../settings.js';
import { builtIn, steps } from './builtin.js';

const unset = Number.NaN;

const description = {
  name: 'easgd',
  about: 'models on springs to a centre',
  source: {
    method: 'EASGD',
    authors: 'Zhang, Choromanska, LeCun',
    venue: 'NIPS',
    year: 2015,
    arxiv: '1412.6651',
    provenance: 'standard method, the asynchronous form, from memory',
  },
  keeps: { what: ['sums', 'hull'], note: 'the sum of all workers and the centre' },
  settings: {
    steps: steps(4),
    alpha: numeric('how far a worker and the centre move towards each other', { min: 0, max: 1 }, unset, '0.9 / nodes'),
  },
} as const;

export const easgd = builtIn(description, ({ steps, alpha }, { nodes, capacity }) => {
  const centre = capacity; // the extra row behind the nodes
  const a = Number.isNaN(alpha) ? 0.9 / nodes : alpha;
  return {
    name: 'easgd',
    averages: true,
    extraRows: 1,
    sharedRow: centre,
    begin(node, rows, world) {
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows) {
      rows.combine([node, centre], [node, rows.delta(node), centre], [1 - a, 1 - a, a, a, a, 1 - a]);
      return true;
    },
  };
});
