/**
 * Coupled distributed stochastic approximation: x solves a problem that rests on a parameter theta, which is learnt at the same time. All
 * nodes take a step of both, then average with their neighbours, behind a barrier (adapt, then combine):
 *
 *   x_i = sum over j of w_ij (x_j - a_k g_j(x_j, theta_j)),   theta_i = sum over j of w_ij (theta_j - c_k phi_j(theta_j))
 *
 * a_k is the rate of the optimizer, meant to be t / (k + K): sgd:rate=t,schedule=harmonic,offset=K. c_k = ratio x a_k. What theta is, the
 * model says: its layers of the group 'theta', where its gradient is phi. W is that of dpsgd; on a model without such layers this is
 * dpsgd:order=commit.
 */

import { HearsayError } from '../../errors.js';
import type { Layer } from '../../models/model.js';
import { numeric } from '../../settings.js';
import { builtIn, requireSgd } from './builtin.js';
import { averagingAround, weights } from './dpsgd.js';

const description = {
  name: 'cdsa',
  about: 'a model and the parameter that it rests on, learnt at once by rounds',
  source: {
    method: 'CDSA',
    authors: 'Yang, Lei',
    year: 2024,
    arxiv: '2404.13669',
    provenance: "the paper's abstract and a review of it; the form of the steps is memory",
  },
  keeps: { what: ['mean', 'hull'] },
  settings: {
    ratio: numeric("rate of the group 'theta' over that of the others", { above: 0, max: 1e6 }, 1),
    weights,
  },
} as const;

export const cdsa = builtIn(description, ({ ratio, weights }, setting, where) => {
  const { layers } = setting;
  const rounds = averagingAround('cdsa', { steps: () => 1, order: 'commit', weights });
  if (ratio === 1) return rounds;
  const theta = layers?.filter(({ group }) => group === 'theta') ?? [];
  if (layers && theta.length === 0) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: ratio is that of the group 'theta', found a model without one; take coupled:UNKNOWNS or a module whose layers say group: 'theta', or leave it out`,
    );
  }
  requireSgd(setting, where, `ratio=${ratio}`, 'it divides gradients by their size, and the ratio would fall out');
  return {
    ...rounds,
    planes: [{ name: 'divisor', sides: 2 }],
    descent: { divide: 'divisor' },
    kernels: {
      spread({ to: { divisor } }) {
        divisor.fill(1);
        for (const layer of theta) divisor.fill(1 / ratio, layer.offset, layer.offset + sizeOf(layer));
      },
    },
    begin(node, rows, world) {
      rows.apply(node, 'spread', ['divisor']);
      rounds.begin(node, rows, world);
    },
  };
});

function sizeOf({ shape }: Layer): number {
  return shape.reduce((product, side) => product * side, 1);
}
