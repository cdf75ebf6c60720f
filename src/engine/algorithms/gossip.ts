/**
 * Gossip learning: nodes learn by themselves; beside that, each sends its model (push), asks for one (pull), or averages with a partner
 * (push-pull), at random times of its own, independent of its work. Receipt of b at a: a = (1-w) a + w b.
 */

import { oneOf, type Setting, type Values } from '../../settings.js';
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
    provenance: 'memory, in the averaging form; the independent clocks are those of timely',
  },
  keeps: { what: ['mean in expectation', 'hull'], note: 'mix=push-pull: the mean itself' },
  settings: { steps: steps(4), rate: rate('1'), mix, weight },
} as const;

export const gossip = builtIn(description, (values, { nodes }) => gossiping('gossip', values, nodes));

/** Gossip under any name. */
export function gossiping(
  name: string,
  { steps, rate, mix, weight }: Values<typeof description.settings>,
  nodes: number,
): Algorithm {
  return {
    name,
    pairs: true,
    clocks: [{ name: 'gossip', rate: rate(nodes) }],
    pairwise: mix !== 'push',
    sends: mix === 'push',
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
      rows.absorb(node, slot, 1 - weight, weight);
    },
  };
}
