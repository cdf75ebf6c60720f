/**
 * Gossip learning: nodes learn by themselves; beside that, each sends its model (push), asks for one (pull), or averages with a partner
 * (push-pull), at random times of its own, independent of its work. Receipt of b at a:
 *
 *   merge=average   a = (1-w) a + w b
 *   merge=age       a = (t_a a + t_b b) / (t_a + t_b),  t_a = max(t_a, t_b)      t: local steps that a model has seen, and 1 (see ../mass.ts)
 */

import { HearsayError } from '../../errors.js';
import { oneOf, optional, type Setting, type Values } from '../../settings.js';
import type { Algorithm } from '../algorithm.js';
import { builtIn, rate, steps, weight } from './builtin.js';

const directions = oneOf('who gets the model of whom; pairwise is push-pull', ['push', 'pull', 'push-pull']);

export const mix: Setting<'push' | 'pull' | 'push-pull'> = {
  ...directions,
  range: `${directions.range} | pairwise`,
  read: (text, where) => (text === 'pairwise' ? 'push-pull' : directions.read(text, where)),
};

const description = {
  name: 'gossip',
  about: 'local steps; exchanges at random times beside them',
  source: {
    method: 'gossip learning',
    authors: 'Ormandi, Hegedus, Jelasity',
    year: 2013,
    arxiv: '1109.1396',
    provenance:
      'memory, in the averaging form; merge=age as in Hegedus, Danner, Jelasity 2019, from memory; the independent clocks are those of timely',
  },
  keeps: { what: ['mean in expectation', 'hull'], note: 'mix=push-pull: the mean itself' },
  settings: {
    steps: steps(4),
    rate: rate('1'),
    mix,
    merge: oneOf('with mix=push, how a message is taken: by weight, or by the steps that the two models have seen', [
      'average',
      'age',
    ]),
    weight: optional(weight, '0.5; none with merge=age'),
  },
} as const;

export const gossip = builtIn(description, (values, { nodes }, where) => {
  const { mix, merge, weight } = values;
  const refuse = (what: string) => new HearsayError('CONFIG_RANGE', `${where}: ${what}; leave it out`);
  if (merge === 'age' && mix !== 'push') throw refuse(`merge=age belongs to mix=push, found mix=${mix}: ages travel in messages`);
  if (merge === 'age' && weight !== undefined) throw refuse('weight belongs to merge=average, found merge=age: ages weigh');
  return gossiping('gossip', { ...values, weight: weight ?? 0.5 }, nodes);
});

type Gossip = Omit<Values<typeof description.settings>, 'weight' | 'merge'>;

/** Gossip under any name. */
export function gossiping(
  name: string,
  { steps, rate, mix, weight, merge = 'average' }: Gossip & { weight: number; merge?: 'average' | 'age' },
  nodes: number,
): Algorithm {
  return {
    name,
    averages: true,
    among: 'pair',
    pairs: true,
    clocks: [{ name: 'gossip', rate: rate(nodes) }],
    pairwise: mix !== 'push',
    sends: mix === 'push',
    ...(merge === 'age' && { mass: 'age' as const }),
    ...(mix === 'push' && { requireGraph() {} }), // it only sends
    begin(node, rows, world) {
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows) {
      rows.commit(node);
      return true;
    },
    tick(node, _clock, rows, world) {
      if (mix === 'push') world.send(node, rows.stow(node), world.peer(node));
      else if (mix === 'pull') rows.pull(node, world.peer(node), weight);
      else rows.mix(node, world.peer(node), weight);
    },
    arrive(node, slot, rows) {
      if (merge === 'age') rows.merge(node, slot);
      else rows.absorb(node, slot, 1 - weight, weight);
    },
  };
}
