/**
 * Gossip learning: nodes learn by themselves; beside that, each sends its model (push), asks for one (pull), or averages with a partner
 * (push-pull), at random times of its own, independent of its work (Ormandi, Hegedus, Jelasity 2013, in the averaging form; the
 * independent clocks are those of Mitra and Ulukus 2024). Receipt of b at a: a = (1-w) a + w b.
 * push-pull preserves the mean; push and pull preserve it in expectation only. All stay within the convex hull.
 *
 *   steps=H or geometric:H  local steps a piece (4)
 *   rate=R | log | n        exchanges that a node starts a second (live: a finished piece); log is ln n (1)
 *   mix=push | pull | push-pull (push); weight=w (0.5)
 */

import type { Algorithm, AlgorithmFactory } from '../algorithm.js';
import { readRate } from '../rate.js';
import { numberOption, onlyKnown, stepsOption, wordOption } from './options.js';

const ways = ['push', 'pull', 'push-pull'] as const;

/** The same under another name, for messages. */
export const gossipAs =
  (name: string): AlgorithmFactory =>
  (options, { nodes }): Algorithm => {
    onlyKnown(name, options, ['steps', 'rate', 'mix', 'weight']);
    const steps = stepsOption(name, options, 4);
    const way = wordOption(name, options, 'mix', ways);
    const weight = numberOption(name, options, 'weight', 0.5, 0, 1);
    return {
      name,
      pairs: true,
      clocks: [{ name: 'gossip', rate: readRate(options.rate ?? '1', nodes, `algorithm ${name}: rate`) }],
      pairwise: way !== 'push',
      sends: way === 'push',
      begin(node, rows, world) {
        rows.descend(node, { steps: steps(node, world) });
      },
      finish(node, rows) {
        rows.commit(node);
        return true;
      },
      tick(node, _clock, rows, world) {
        if (way === 'push') world.send(node, rows.stow(node), world.peer(node));
        else if (way === 'pull') rows.pull(node, world.peer(node), weight);
        else rows.mix(node, world.peer(node), weight);
      },
      arrive(node, slot, rows) {
        rows.absorb(node, slot, 1 - weight, weight);
      },
    };
  };

export const gossip: AlgorithmFactory = gossipAs('gossip');
