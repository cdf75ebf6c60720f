/**
 * AdaGossip: the consensus step of CHOCO-SGD, adapted for each number of a model as Adam adapts rates, behind a barrier. After H local
 * steps,
 *
 *   q_i = C(x_i - h_i),   h_i = h_i + q_i,   G_i = sum over j of w_ij (h_j - h_i)
 *   v_i = beta v_i + (1 - beta) G_i^2
 *   x_i = x_i + min(gamma / (sqrt(v_i / (1 - beta^t)) + 1e-8), 1) G_i         element by element, t messages so far
 *
 * x with its local progress. As in the public code, the correction of v, the bound of 1, and that the average happens when the next piece
 * begins. It keeps no mean: steps differ from node to node. gamma has the unit of a model, unlike that of choco; under strong compression
 * the distance to consensus settles at about gamma. With its local steps it is what the paper calls AdaG-SGD.
 *
 *   quasi=MU  quasi-global momentum: see quasi.ts
 */

import { numeric } from '../../settings.js';
import type { RowKernel } from '../algorithm.js';
import { builtIn, steps } from './builtin.js';
import { compress, contraction, publishing } from './compressed.js';
import { symmetric } from './mixing.js';
import { counts, openQuasi, quasi } from './quasi.js';

const description = {
  name: 'adagossip',
  about: 'choco with a consensus step of its own for each parameter',
  source: {
    method: 'AdaGossip',
    authors: 'Aketi, Hashemi, Roy',
    year: 2024,
    arxiv: '2404.05919',
    provenance: 'rule as in the public code of its authors',
  },
  keeps: { what: [] },
  settings: {
    steps: steps(1),
    compress,
    gamma: numeric('consensus step, in units of a parameter', { above: 0, max: 1e6 }, 0.01),
    beta: numeric('memory of the second moment', { min: 0, below: 1 }, 0.999),
    quasi,
  },
} as const;

export const adagossip = builtIn(description, ({ steps, compress, gamma, beta, quasi }, setting, where) => {
  const { parameters } = setting;
  const compressor = contraction(compress, parameters, where);
  const momentum = openQuasi(quasi, setting, where);
  return {
    name: 'adagossip',
    keepsDelta: true,
    bits: compressor.bits(parameters),
    planes: [
      { name: 'hat', sides: 2 },
      { name: 'error', sides: 2 },
      { name: 'second', sides: 2 },
      ...(quasi > 0 ? momentum.planes : [counts]), // messages, averages, beta^messages
    ],
    descent: momentum.descent,
    kernels: { publish: publishing(compressor, 'count'), average: averaging(gamma, beta), ...momentum.kernels },
    begin(node, rows, world) {
      const count = steps(node, world);
      rows.apply(node, 'average', ['params', 'second', 'count']);
      momentum.turn(node, rows, count);
      rows.descend(node, { steps: count });
    },
    finish(node, rows) {
      rows.apply(node, 'publish', ['hat', 'count']);
      rows.commit(node, { meet: true });
      return true;
    },
    meet(meeting) {
      const { live } = meeting;
      const hats = live.map(node => meeting.plane(node, 'hat'));
      const errors = live.map(node => meeting.plane(node, 'error'));
      const weights = symmetric(meeting, 'metropolis').map((row, i) => row.map((w, j) => (i === j ? w - 1 : w)));
      meeting.combine(errors, hats, weights.flat());
    },
  };
});

/** The step towards the neighbours, once after each meeting. */
function averaging(gamma: number, beta: number): RowKernel {
  return ({ to, from, kernels }) => {
    const { params, error, second, count } = from;
    const [messages, averages, power] = count;
    const powers = Math.fround((averages === 0 ? 1 : power) * beta);
    to.count.set(count);
    to.count.set([messages, averages === messages ? power : powers], 1);
    if (averages === messages) {
      to.params.set(params);
      to.second.set(second);
      return;
    }
    kernels.adapt(
      to.params.byteOffset,
      to.second.byteOffset,
      params.byteOffset,
      second.byteOffset,
      error.byteOffset,
      beta,
      1 - powers,
      gamma,
      params.length,
    );
  };
}
