/**
 * Local SGD with scaling: every node takes H local steps divided, coordinate by coordinate, by a diagonal D that is the same on all, and
 * that moves only when all meet.
 *
 *   x_i = x_i - gamma Dhat^-1 g_i,  H times;   x_i = mean over j of x_j;   every so many meetings D moves, at the point where all are then:
 *
 *   rmsprop, adam, adahessian    D^2 = b D^2 + (1-b) h^2        h = mean over j of g_j(x), or of v (H_j v) for the Hessian H_j and random signs v
 *   oasis                        D = b D + (1-b) h              h = mean over j of v (H_j v)
 *   Dhat = max(alpha, |D|), or |D| + alpha
 *
 * D starts as the first h; in adam and adahessian b is (b - b^(t+1)) / (1 - b^(t+1)). Both are one rule here: a sum V = b V + (1-b) h and
 * its weight W = b W + (1-b), D = V / W, in which W is 1 from the first h on, or grows. Over gossip V and W are averaged with the model,
 * so that who knows nothing yet (W = 0) has no say in the average.
 *
 * h is measured in a piece of its own, of one step: divided by infinity, nobody moves in it, and the optimizer's momentum stays too.
 *
 * beta1: a step goes along the first moment m_i = beta1 m_i + (1-beta1) g_i in place of g_i, and m is averaged wherever x is.
 */

import { HearsayError } from '../../errors.js';
import { numeric, oneOf, optional } from '../../settings.js';
import type { Algorithm, Meeting, Row, Rows } from '../algorithm.js';
import type { PlaneShape } from '../layout.js';
import { builtIn, requireSgd, steps } from './builtin.js';
import { rescaling } from './rescaling.js';

const description = {
  name: 'savic',
  about: 'local steps scaled by a common diagonal, then the mean of all',
  source: {
    method: 'SAVIC',
    authors: 'Chezhegov and others',
    year: 2024,
    arxiv: '2406.00846',
    provenance: 'summaries of the paper, the rules of D from memory; over=gossip is our own',
  },
  keeps: { what: ['mean', 'hull'] },
  settings: {
    steps: steps(4),
    rule: oneOf('what D is made of; identity: D = 1, plain local SGD', ['adam', 'rmsprop', 'oasis', 'adahessian', 'identity']),
    b: optional(numeric('how much of D a measurement leaves', { min: 0, below: 1 }, 0), '0.999; oasis 0.99'),
    alpha: optional(numeric('least scale', { above: 0, max: 1e6 }, 0), '0.01'),
    clip: optional(oneOf('how alpha bounds the scale: max(alpha, |D|) or |D| + alpha', ['max', 'add']), 'max'),
    every: optional(numeric('rounds of local steps between two measurements', { whole: true, min: 1, max: 1e6 }, 0), '1'),
    scaling: optional(oneOf('one D for all, or each node its own', ['global', 'local']), 'global'),
    beta1: numeric('how much of the first moment of gradients a step leaves; 0: none', { min: 0, below: 1 }, 0),
    over: oneOf('the mean of all behind a barrier, or the average with a drawn neighbour', ['barrier', 'gossip']),
  },
} as const;

/** What belongs to D. */
const ofScale = ['b', 'alpha', 'clip', 'every', 'scaling'] as const;

export const savic = builtIn(description, (values, setting, where) => {
  const { steps, rule, b, alpha = 0.01, clip = 'max', every = 1, scaling = 'global', beta1, over } = values;
  const idle = rule === 'identity' ? ofScale.find(name => values[name] !== undefined) : undefined;
  if (idle !== undefined)
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${idle} with rule=identity, where D = 1; take another rule, or leave ${idle} out`,
    );
  if (beta1 > 0 && setting.momentum)
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found beta1=${beta1} with momentum of the optimizer, which would be a second one; leave one of them out, as in --optimizer sgd:rate=R`,
    );
  if (rule !== 'identity')
    requireSgd(setting, where, `rule=${rule}`, 'it divides gradients itself, and D would fall out; rule=identity fits');
  if (beta1 > 0) requireSgd(setting, where, `beta1=${beta1}`, 'it has moments of its own; beta1=0 fits');
  const isGlobal = scaling === 'global';
  const meets = over === 'barrier';
  const scales = rule !== 'identity';
  const isMoving = beta1 > 0;
  const bends = rule === 'oasis' || rule === 'adahessian';
  /** Of a round: meetings so far, or pieces of the node. */
  const isMeasured = (round: number) => scales && round % (1 + every) === 0;
  const statistic = meets && isGlobal ? 'mean' : 'measured';

  const between: Pick<Algorithm, 'finish' | 'meet'> = meets
    ? {
        finish(node, rows) {
          rows.commit(node, { meet: true });
          return true;
        },
        meet(rows) {
          if (!isMeasured(rows.number)) average(rows, rows.live, rows.live);
          else if (isGlobal) average(rows, planes(rows, 'mean'), planes(rows, 'measured'));
        },
      }
    : {
        finish(node, rows, world) {
          if (isMeasured(world.pieces(node))) rows.commit(node);
          else rows.mixAndCommit(node, world.peer(node));
          return true;
        },
      };

  return {
    name: 'savic',
    averages: true,
    pairwise: !meets,
    ...between,
    begin(node, rows, world) {
      const measures = isMeasured(meets ? world.meetings() : world.pieces(node));
      if (measures) rows.apply(node, 'stand', ['scale']);
      else if (scales) rows.apply(node, 'rescale', ['scale', 'sum', 'weight']);
      rows.descend(node, { steps: measures ? 1 : steps(node, world) });
    },
    planes: [...(scales ? planesOfScale : []), ...(scales && statistic === 'mean' ? [mean] : []), ...(isMoving ? [moment] : [])],
    mixes: scales && !meets && isGlobal ? ['sum', 'weight'] : [],
    ...((scales || isMoving) && {
      descent: {
        ...(scales && { divide: 'scale', [bends ? 'curvature' : 'gradient']: 'measured' }),
        ...(isMoving && { moment: 'moment', beta: beta1 }),
      },
      kernels: {
        stand: ({ to }) => void to.scale.fill(Number.POSITIVE_INFINITY),
        rescale: rescaling({
          statistic,
          b: b ?? (rule === 'oasis' ? 0.99 : 0.999),
          alpha,
          isSquared: rule !== 'oasis',
          isGradual: rule === 'adam' || rule === 'adahessian',
          isAdded: clip === 'add',
        }),
      },
    }),
  };
});

const mean = { name: 'mean', sides: 2 } as const;
const planesOfScale: readonly PlaneShape[] = [
  { name: 'scale', sides: 2 },
  { name: 'sum', sides: 2 },
  { name: 'weight', sides: 2, width: 1 },
  { name: 'measured', sides: 1 },
];
const moment = { name: 'moment', sides: 2 } as const;

const planes = (rows: Pick<Rows, 'plane'> & Meeting, name: string) => rows.live.map(row => rows.plane(row, name));

function average(rows: Meeting, targets: readonly Row[], operands: readonly number[]): void {
  rows.combine(
    targets,
    operands,
    operands.map(() => 1 / operands.length),
  );
}
