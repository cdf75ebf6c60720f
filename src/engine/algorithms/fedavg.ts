/**
 * Federated averaging over links that go on and off: every node takes H local steps from the server's model; the server hears only
 * those whose link is on, and sends its new model to all.
 *
 *   who=active  server = mean of the active;  all x_i = server                 (nobody active: the server stays)
 *   who=all     server = server + (1/n) sum over the active of (x_i - server)   those who are silent count as unmoved
 *
 * `active` is biased towards the nodes that are heard more often, which is what FedPBC mends. The server is a row of its own.
 */

import { oneOf } from '../../settings.js';
import type { Meeting } from '../algorithm.js';
import { linkSettings, openActivity } from './activity.js';
import { builtIn, steps } from './builtin.js';

const description = {
  name: 'fedavg',
  about: 'a server averages those whom it hears, and tells all',
  source: {
    method: 'FedAvg',
    authors: 'McMahan and others',
    year: 2017,
    arxiv: '1602.05629',
    provenance: 'the baselines in the public code of arXiv 2404.10091, with its links',
  },
  keeps: { what: ['hull'] },
  settings: { steps: steps(5), who: oneOf('whom the server counts', ['active', 'all']), ...linkSettings },
} as const;

export const fedavg = builtIn(description, (options, { nodes, capacity }, where) => {
  const active = openActivity(options, nodes, where);
  const server = capacity; // the extra row behind the nodes
  return {
    name: 'fedavg',
    averages: true,
    extraRows: 1,
    begin(node, rows, world) {
      rows.descend(node, { steps: options.steps(node, world) });
    },
    finish(node, rows) {
      rows.commit(node, { meet: true });
      return true;
    },
    meet(meeting: Meeting) {
      const heard = active(meeting);
      const each = 1 / (options.who === 'all' ? meeting.live.length : heard.length);
      const rest = options.who === 'all' || heard.length === 0 ? 1 - heard.length / meeting.live.length : 0;
      meeting.combine([...meeting.live, server], [server, ...heard], [rest, ...heard.map(() => each)]);
    },
  };
});
