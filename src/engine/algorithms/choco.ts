/**
 * CHOCO-SGD: decentralized SGD with compressed messages, behind a barrier. After H local steps,
 *
 *   q_i = C(x_i - h_i),   h_i = h_i + q_i,   x_i = x_i + gamma sum over j of w_ij (h_j - h_i)
 *
 * x with its local progress. W is symmetric and doubly stochastic, so the sum of all models is kept whatever C does; with C the identity
 * and gamma = 1 the average is that of W. Public copies start at 0, as in the paper's code.
 *
 *   quasi=MU  quasi-global momentum: see quasi.ts
 */

import { builtIn, steps } from './builtin.js';
import { compress, consensusStep, contraction, publishing, stepOf } from './compressed.js';
import { identity, sumOfBoth, symmetric } from './mixing.js';
import { openQuasi, quasi } from './quasi.js';

const description = {
  name: 'choco',
  about: 'local steps, then a step towards compressed neighbours, behind a barrier',
  source: {
    method: 'CHOCO-SGD',
    authors: 'Koloskova, Stich, Jaggi',
    venue: 'ICML',
    year: 2019,
    arxiv: '1902.00340',
    provenance: 'rule as in the public code of its authors, its order of sending and averaging shifted by half a round',
  },
  keeps: { what: ['mean'] },
  settings: { steps: steps(1), compress, gamma: consensusStep, quasi },
} as const;

export const choco = builtIn(description, ({ steps, compress, gamma, quasi }, setting, where) => {
  const { parameters } = setting;
  const compressor = contraction(compress, parameters, where);
  const step = gamma ?? stepOf(compressor, parameters);
  const momentum = openQuasi(quasi, setting, where);
  return {
    name: 'choco',
    keepsDelta: true,
    bits: compressor.bits(parameters),
    planes: [{ name: 'hat', sides: 2 }, ...momentum.planes],
    descent: momentum.descent,
    kernels: { publish: publishing(compressor), ...momentum.kernels },
    begin(node, rows, world) {
      const count = steps(node, world);
      momentum.turn(node, rows, count);
      rows.descend(node, { steps: count });
    },
    finish(node, rows) {
      rows.apply(node, 'publish', ['hat']);
      rows.commit(node, { meet: true });
      return true;
    },
    meet(meeting) {
      const { live } = meeting;
      const own = identity(live.length);
      const towards = symmetric(meeting, 'metropolis').map((row, i) => row.map((w, j) => step * (w - own[i][j])));
      meeting.combine(live, [...live, ...live.map(node => meeting.plane(node, 'hat'))], sumOfBoth(own, towards));
    },
  };
});
