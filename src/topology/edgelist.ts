/** Graphs from text: one edge a line. */

import { HearsayError } from '../errors.js';
import { quote } from '../spec.js';
import { eachLine, readText } from '../text.js';
import type { Graph } from './graph.js';
import { directed, undirected } from './rows.js';
import { requireValid } from './validity.js';

/**
 * A graph from lines `i j` with 0 <= i, j < nodes; what follows a `#` is a comment, blank lines are skipped, an edge may be given twice
 * and from either end. `i -> j` is an edge that goes one way; where there is one, the graph is directed, and `i j` are two. Throws
 * GRAPH_INVALID: a line that is not two node numbers, an endpoint out of range, a self loop, a node without an edge.
 */
export function parseEdgeList(text: string, name: string, nodes: number): Graph {
  const both: number[] = [];
  const arcs: number[] = [];
  eachLine(text, (line, number) => {
    const [, a, arrow, b] = /^(\d{1,10})\s*(\s|->)\s*(\d{1,10})$/.exec(line) ?? [];
    const refuse = (allowed: string) =>
      new HearsayError('GRAPH_INVALID', `topology ${name}, line ${number}: found ${quote(line)}, allowed is ${allowed}`);
    if (b === undefined) throw refuse("two node numbers with a space between, as in '0 1', or an arrow, as in '0 -> 1'");
    if (Number(a) >= nodes || Number(b) >= nodes)
      throw refuse(`node numbers 0 to ${nodes - 1}; correct the line or raise --nodes`);
    if (Number(a) === Number(b)) throw refuse('an edge between two different nodes; remove the line');
    (arrow === '->' ? arcs : both).push(Number(a), Number(b));
  });
  for (let e = 0; arcs.length > 0 && e < both.length; e += 2) arcs.push(both[e], both[e + 1], both[e + 1], both[e]);
  const graph = arcs.length > 0 ? directed(name, nodes, arcs) : undirected(name, nodes, both);
  requireValid(graph);
  return graph;
}

/** The text of an edge-list file of at most 512 MiB. Throws DATA_NOT_FOUND (no such file, no plain file), DATA_TOO_LARGE. */
export function readEdgeList(path: string): string {
  return readText(path, 'topology file', "lines 'i j'");
}
