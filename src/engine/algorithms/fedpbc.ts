/**
 * Postponed broadcast: every node takes H local steps from its own model; the server averages those whose link is on, and sends the mean,
 * at the end of the round, to the same ones. So the active average among themselves, implicit gossip, and unequal links bias nothing.
 *
 *   A = the active;  for i in A: x_i = mean over A;  the others keep theirs       (A empty: nothing)
 *
 * The mixing matrix is 1/|A| on A x A, the identity elsewhere: doubly stochastic.
 */

import { linkSettings, openActivity } from './activity.js';
import { builtIn, steps } from './builtin.js';

const description = {
  name: 'fedpbc',
  about: 'those whose links are on average among themselves',
  source: {
    method: 'FedPBC',
    authors: 'Xiang, Ioannidis, Yeh, Joe-Wong, Su',
    year: 2024,
    arxiv: '2404.10091',
    provenance: "the authors' public code",
  },
  keeps: { what: ['mean', 'hull'] },
  settings: { steps: steps(5), ...linkSettings },
} as const;

export const fedpbc = builtIn(description, (options, { nodes }, where) => {
  const active = openActivity(options, nodes, where);
  return {
    name: 'fedpbc',
    averages: true,
    begin(node, rows, world) {
      rows.descend(node, { steps: options.steps(node, world) });
    },
    finish(node, rows) {
      rows.commit(node, { meet: true });
      return true;
    },
    meet(meeting) {
      const heard = active(meeting);
      if (heard.length === 0) return;
      meeting.combine(
        heard,
        heard,
        heard.map(() => 1 / heard.length),
      );
    },
  };
});
