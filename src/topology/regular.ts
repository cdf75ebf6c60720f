/** Random regular graphs. */

import { HearsayError } from '../errors.js';
import { below, source } from '../random.js';
import type { Graph } from './graph.js';
import { undirected } from './rows.js';

/**
 * A random graph in which every node has `degree` neighbours: the pairing model (Bollobas 1980), whose loops and repeated edges are then
 * switched away against random good pairs (after McKay and Wormald 1990; without their rejection step, so close to uniform on large
 * graphs, not exactly). Above half of the possible degree the complement is drawn, which is as random. It may be disconnected; `attempt`
 * numbers independent draws under one seed. Throws GRAPH_INVALID when no such graph exists.
 */
export function regular(nodes: number, degree: number, seed: number, attempt = 0): Graph {
  const name = `regular:${degree}`;
  const refuse = (found: string, allowed: string) =>
    new HearsayError(
      'GRAPH_INVALID',
      `topology ${name}: found ${found}, allowed is ${allowed}; take another degree or number of nodes`,
    );
  if (!(degree >= 0 && degree < nodes)) throw refuse(`degree ${degree} with ${nodes} nodes`, `a degree from 0 to ${nodes - 1}`);
  if ((nodes * degree) % 2 !== 0) throw refuse(`${nodes} nodes x degree ${degree}, an odd number of edge ends`, 'an even number');

  const draws = source(seed, 'topology regular');
  let draw = 0;
  const random = (bound: number) => below(draws, attempt, draw++, bound);
  const sparse = degree <= (nodes - 1) / 2;
  const drawn = undirected(name, nodes, pairing(nodes, sparse ? degree : nodes - 1 - degree, random));
  return sparse ? drawn : complement(drawn);
}

type Random = (bound: number) => number;

/** The ends of edge e stand at 2e and 2e + 1. */
function pairing(nodes: number, degree: number, random: Random): Uint32Array {
  const ends = Uint32Array.from({ length: nodes * degree }, (_, k) => k % nodes);
  do shuffle(ends, random);
  while (!untangled(ends, nodes, random));
  return ends;
}

function shuffle(ends: Uint32Array, random: Random): void {
  for (let k = ends.length - 1; k > 0; k--) {
    const other = random(k + 1);
    const end = ends[k];
    ends[k] = ends[other];
    ends[other] = end;
  }
}

/** Switches (a, b), a loop or a repeat, and a good (c, d) to (a, c), (b, d) where both are new. False when that gets stuck. */
function untangled(ends: Uint32Array, nodes: number, random: Random): boolean {
  const key = (a: number, b: number) => (a < b ? a * nodes + b : b * nodes + a);
  const edges = new Set<number>();
  const bad: number[] = [];
  for (let e = 0; e < ends.length; e += 2) {
    const edge = key(ends[e], ends[e + 1]);
    if (ends[e] === ends[e + 1] || edges.has(edge)) bad.push(e);
    else edges.add(edge);
  }
  const waiting = new Set(bad);
  for (let trial = 0; bad.length > 0; trial++) {
    if (trial > 50 * ends.length) return false;
    const e = bad[bad.length - 1];
    const f = 2 * random(ends.length / 2);
    const [a, b, c, d] = [ends[e], ends[e + 1], ends[f], ends[f + 1]];
    if (waiting.has(f) || a === c || b === d || key(a, c) === key(b, d) || edges.has(key(a, c)) || edges.has(key(b, d))) continue;
    edges.delete(key(c, d));
    edges.add(key(a, c)).add(key(b, d));
    ends[e + 1] = c;
    ends[f] = b;
    waiting.delete(e);
    bad.pop();
  }
  return true;
}

function complement(graph: Graph): Graph {
  const { nodes } = graph;
  const offsets = new Uint32Array(nodes + 1);
  const targets = new Uint32Array(nodes * (nodes - 1) - graph.targets!.length);
  let stored = 0;
  for (let node = 0; node < nodes; node++) {
    let next = graph.offsets![node];
    for (let other = 0; other < nodes; other++) {
      if (next < graph.offsets![node + 1] && graph.targets![next] === other) next++;
      else if (other !== node) targets[stored++] = other;
    }
    offsets[node + 1] = stored;
  }
  return { ...graph, offsets, targets };
}
