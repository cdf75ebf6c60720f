/** A queue as an array kept in order: what every other must agree with. */

import type { Queue } from '../../src/engine/queue.js';

export function sortedQueue(capacity: number): Queue {
  const order: number[] = [];
  const times = new Float64Array(capacity);
  const before = (a: number, b: number) => times[a] < times[b] || (times[a] === times[b] && a < b);
  return {
    get size() {
      return order.length;
    },
    push(id, time) {
      times[id] = time;
      let [low, high] = [0, order.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (before(order[middle], id)) low = middle + 1;
        else high = middle;
      }
      order.splice(low, 0, id);
    },
    pop: () => order.shift() ?? -1,
    peek: () => (order.length > 0 ? times[order[0]] : Number.POSITIVE_INFINITY),
    timeOf: id => times[id],
    has: id => order.includes(id),
    remove(id) {
      const at = order.indexOf(id);
      if (at >= 0) order.splice(at, 1);
      return at >= 0;
    },
  };
}
