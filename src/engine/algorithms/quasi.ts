/**
 * Quasi-global momentum (Lin, Karimireddy, Stich, Jaggi 2021, arXiv 2102.04761; from memory): the momentum of a node follows the way of
 * its model over whole rounds, averages included, so that it points where all go, not where the node's own data pull it.
 *
 *   m_i = mu m_i + (1 - mu) (x_i at the last round - x_i now) / (rate H),   and a local step goes along g + mu m_i
 *
 * It takes the place of the optimizer's own momentum: leave that out (--optimizer sgd:rate=R). The rate is that of the first step: with a
 * schedule, m follows it late.
 */

import { HearsayError } from '../../errors.js';
import { numeric } from '../../settings.js';
import type { Algorithm, RowKernel, Rows, Setting } from '../algorithm.js';
import type { PlaneShape } from '../layout.js';
import { requireSgd } from './builtin.js';

export const quasi = numeric('quasi-global momentum; 0: none', { min: 0, below: 1 }, 0);

/**
 * Numbers of a row that an algorithm keeps; the last is how many steps the piece has that was begun last, 0 before the first. There is
 * room for few planes, so they share one.
 */
export const counts: PlaneShape = { name: 'count', sides: 2, width: 4 };
const begun = 3;

export interface Quasi extends Required<Pick<Algorithm, 'planes' | 'kernels'>>, Pick<Algorithm, 'descent'> {
  /** At the begin of a piece of so many steps: the last round has ended. */
  turn(node: number, rows: Rows, steps: number): void;
}

/** Throws CONFIG_RANGE, naming `where`, for two momenta, and for an optimizer of which a step says nothing about gradients. */
export function openQuasi(mu: number, setting: Pick<Setting, 'rate' | 'optimizer' | 'momentum'>, where: string): Quasi {
  if (mu === 0) return { planes: [], kernels: {}, turn() {} };
  const { rate, momentum } = setting;
  requireSgd(setting, where, `quasi=${mu}`, 'it reads gradients off the way of the model, as the way over the rate');
  if (momentum)
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found quasi=${mu} with momentum of the optimizer, whose place it takes; leave one of them out, as in --optimizer sgd:rate=R`,
    );
  /** `drift` is mu m, `start` the model at the last round. */
  const follow: RowKernel = ({ to, from, value, kernels }) => {
    const { params, drift, start } = from;
    const [at, was] = [params.byteOffset, start.byteOffset];
    const last = from.count[begun];
    // Asked for twice, as by a thread in the place of a dead one, it finds that the round has been followed.
    const isFollowed = last > 0 && kernels.farthest(was, at, params.length) === 0;
    const gain = last === 0 ? 0 : (mu * (1 - mu)) / (rate * last);
    if (isFollowed) to.drift.set(drift);
    else kernels.follow(to.drift.byteOffset, drift.byteOffset, was, at, mu, gain, params.length);
    to.start.set(params);
    to.count.set(from.count);
    to.count[begun] = value;
  };
  return {
    planes: [counts, { name: 'drift', sides: 2 }, { name: 'start', sides: 2 }],
    descent: { add: 'drift' },
    kernels: { follow },
    turn(node, rows, steps) {
      rows.apply(node, 'follow', ['count', 'drift', 'start'], { value: steps });
    },
  };
}
