/**
 * A topology of one's own: the connected caveman graph (Watts 1999). Nodes live in caves of `size`, all of a cave know each other, and
 * one of each cave knows one of the next, around in a circle. Models agree fast within a cave and slowly between caves.
 *
 *   hearsay train --topology ./dist/examples/caves.js:size=4
 *
 * The module is loaded once, before the threads start. It gives edges, as a list or from a generator; that they make a connected graph
 * of all nodes is checked.
 */

import type { Edge, TopologyFactory } from 'hearsay';

function* caves(options: Readonly<Record<string, string>>, { nodes }: { readonly nodes: number }): Generator<Edge> {
  const size = Number(options.size ?? 4);
  if (!Number.isInteger(size) || size < 1) throw new Error(`size is ${options.size}, a whole number from 1 is needed`);
  for (let first = 0; first < nodes; first += size) {
    const end = Math.min(nodes, first + size); // the last cave may be smaller
    for (let a = first; a < end; a++) for (let b = a + 1; b < end; b++) yield [a, b];
    const next = end % nodes;
    if (next !== first && end - 1 !== next) yield [end - 1, next];
  }
}

export default caves satisfies TopologyFactory;
