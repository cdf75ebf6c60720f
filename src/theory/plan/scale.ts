/** Who is heard, where unequal links lead, and how many nodes pay. */

import { averagingWeights } from '../participation.js';
import type { Network } from './network.js';
import { type Said, type Statement, sayer } from './statement.js';

/** A gradient and its noise, at one place: |g|^2 without the part that noise adds, and the trace of a batch's covariance. */
export interface Scatter {
  readonly squared: number;
  readonly trace: number;
}

const say = sayer('scale');

export function plannedScale({ scheme, nodes }: Network, scatter?: Scatter): Said {
  const statements: Statement[] = [];
  const notes: string[] = [];
  if (scheme.kind === 'rounds' && scheme.heard) {
    const most = scheme.server ? Math.max(...averagingWeights(scheme.heard)) * nodes : 1;
    const ground = scheme.server
      ? 'E[1{heard} / number heard] for equal curvatures; 1 is unbiased'
      : 'the exchange keeps the mean of all (Xiang and others, arXiv 2404.10091); what the server sends is biased by O(eta H)';
    statements.push(say('largest weight of a node, over 1/n', most, 'times', 'theorem', ground));
    const silent = scheme.heard.reduce((product, p) => product * (1 - p), 1);
    statements.push(
      say(
        'nodes heard in a round',
        scheme.heard.reduce((sum, p) => sum + p, 0),
        'nodes',
        'theorem',
        `the sum of the chances; nobody is heard in ${Number(silent.toPrecision(3))} of the rounds`,
      ),
    );
  }
  if (scatter && scheme.kind !== 'alone') {
    const ground =
      'tr(Sigma) / |g|^2: with so many nodes a mean gradient is half noise, and more of them gain little (McCandlish et al. 2018, arXiv 1812.06162)';
    if (scatter.squared > 0 && scatter.trace > 0)
      statements.push(
        say(
          'nodes with which the mean gradient is half noise',
          scatter.trace / scatter.squared,
          'nodes',
          'approximation',
          ground,
        ),
      );
    else notes.push('scale: the gradient is lost in its noise, or has none: how many nodes pay is not known');
  }
  return { statements, notes };
}
