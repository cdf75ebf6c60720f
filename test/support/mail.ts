/**
 * Nodes that only send. `by` is how a message is taken: by a kernel that counts it, and a drop (apply); by one op that averages (absorb), or that
 * moves a mass (merge). `to`: whether one neighbour or all get it; `wait`: after how many pieces of its receiver.
 */

import type { AlgorithmFactory } from '../../src/engine/algorithm.js';

const mail: AlgorithmFactory = ({ by = 'apply', to = 'one', wait = '0' }, { nodes }) => {
  return {
    name: 'mail',
    planes: [
      { name: 'letter', sides: 2, width: 1, carried: true },
      { name: 'taken', sides: 2, width: nodes },
    ],
    sends: true,
    waits: wait !== '0',
    ...(by === 'merge' && { mass: 'push-sum' as const }),
    kernels: {
      sign: ({ to, value }) => void (to.letter[0] = value),
      take({ to, from, other }) {
        to.taken.set(from.taken);
        to.taken[other.letter[0]]++;
      },
    },
    begin(node, rows) {
      if (by === 'apply') rows.apply(node, 'sign', ['letter'], { value: node });
    },
    finish(node, rows, world) {
      const slot = rows.stow(node);
      if (to === 'all') world.broadcast(node, slot);
      else world.send(node, slot, world.peer(node), Number(wait));
      return true;
    },
    arrive(node, slot, rows) {
      if (by === 'merge') return rows.merge(node, slot);
      if (by === 'absorb') return rows.absorb(node, slot, 0.5, 0.5);
      rows.apply(node, 'take', ['taken'], { other: slot });
      rows.drop(slot);
    },
  };
};

export default mail;
