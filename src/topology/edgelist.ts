/** Graphs from text: one edge a line. */

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { HearsayError } from '../errors.js';
import type { Graph } from './graph.js';
import { undirected } from './rows.js';
import { requireValid } from './validity.js';

/**
 * An undirected graph from lines `i j` with 0 <= i, j < nodes; what follows a `#` is a comment, blank lines are skipped, an edge
 * may be given twice and from either end. Throws GRAPH_INVALID: a line that is not two node numbers, an endpoint out of range, a
 * self loop, a node without an edge.
 */
export function parseEdgeList(text: string, name: string, nodes: number): Graph {
  const ends: number[] = [];
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const stop = newline < 0 ? text.length : newline;
    line++;
    const fields = text.slice(start, stop).split('#', 1)[0].trim();
    start = stop + 1;
    if (fields === '') continue;
    const [, a, b] = /^(\d{1,10})\s+(\d{1,10})$/.exec(fields) ?? [];
    const refuse = (allowed: string) =>
      new HearsayError('GRAPH_INVALID', `topology ${name}, line ${line}: found '${fields.slice(0, 60)}', allowed is ${allowed}`);
    if (b === undefined) throw refuse("two node numbers with a space between, as in '0 1'");
    if (Number(a) >= nodes || Number(b) >= nodes)
      throw refuse(`node numbers 0 to ${nodes - 1}; correct the line or raise --nodes`);
    if (Number(a) === Number(b)) throw refuse('an edge between two different nodes; remove the line');
    ends.push(Number(a), Number(b));
  }
  const graph = undirected(name, nodes, ends);
  requireValid(graph);
  return graph;
}

/** The text of an edge-list file of at most 512 MiB. Throws DATA_NOT_FOUND (no such file, no plain file), DATA_TOO_LARGE. */
export function readEdgeList(path: string): string {
  const limit = 512 * 2 ** 20;
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // a plain open of a FIFO would wait for a writer
  } catch (cause) {
    throw new HearsayError(
      'DATA_NOT_FOUND',
      `topology file ${path}: cannot be read (${(cause as Error).message}); check the path`,
      { cause },
    );
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile())
      throw new HearsayError('DATA_NOT_FOUND', `topology file ${path}: not a plain file; name a text file of lines 'i j'`);
    if (found.size > limit)
      throw new HearsayError(
        'DATA_TOO_LARGE',
        `topology file ${path}: found ${found.size} bytes, allowed are ${limit}; take a smaller graph`,
      );
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
