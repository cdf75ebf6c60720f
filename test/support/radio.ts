/** Nodes that broadcast their row at even times, without work, and note what arrives. */

import type { AlgorithmFactory } from '../../src/engine/algorithm.js';

export const arrivals: { node: number; time: number; age: number; from: number }[] = [];
export const ticks: { node: number; time: number; number: number }[] = [];

/** rate=R: broadcasts a second. */
const radio: AlgorithmFactory = ({ rate = '1' }) => ({
  name: 'radio',
  planes: [{ name: 'who', sides: 2, width: 1, carried: true }],
  clocks: [{ name: 'call', rate: Number(rate), regular: true }],
  sends: true,
  kernels: {
    sign({ to, value }) {
      to.who[0] = value;
    },
    hear({ to, from, other }) {
      to.who.set(from.who);
      if (other.who[0] > 0) arrivals[arrivals.length - 1] = { ...arrivals[arrivals.length - 1], from: other.who[0] - 1 };
    },
  },
  begin(node, rows) {
    rows.descend(node, { steps: 1 });
  },
  finish(node, rows) {
    rows.commit(node);
    return true;
  },
  tick(node, _clock, rows, world, number) {
    ticks.push({ node, time: world.time(), number });
    rows.apply(node, 'sign', ['who'], { value: node + 1 });
    world.broadcast(node, rows.stow(node));
  },
  arrive(node, slot, rows, world) {
    arrivals.push({ node, time: world.time(), age: world.age(slot), from: -1 });
    rows.apply(node, 'hear', ['who'], { other: slot });
    rows.drop(slot);
  },
});

export default radio;
