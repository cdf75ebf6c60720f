/**
 * The named graphs without randomness. Every generator takes any number of nodes that its family has (1 and 2 where they make
 * sense) and states its second Laplacian eigenvalue where that is known (Brouwer and Haemers, Spectra of Graphs, section 1.4).
 */

import { HearsayError } from '../errors.js';
import type { Graph } from './graph.js';
import { directed, undirected } from './rows.js';

/** Everyone meets everyone. Implicit: it takes no memory at any size. */
export function complete(nodes: number): Graph {
  return { name: 'complete', nodes, directed: false, lambda2: nodes > 1 ? nodes : undefined };
}

/** A closed chain: i meets i-1 and i+1. Two nodes share one edge. */
export function ring(nodes: number): Graph {
  return chords('ring', nodes, nodes > 1 ? [1] : [], ringLambda2(nodes));
}

/** A closed chain in one direction: i sends to i+1. */
export function directedRing(nodes: number): Graph {
  return arcs('ring:directed=true', nodes, nodes > 1 ? [1] : []);
}

/** Rows x columns with both directions closed; node = row * columns + column. A side of 2 has one edge where a longer one has two. */
export function torus(rows: number, columns: number, name = `torus:${rows}x${columns}`): Graph {
  const nodes = rows * columns;
  const ends: number[] = [];
  for (let node = 0; node < nodes; node++) {
    const column = node % columns;
    if (columns > 1) ends.push(node, node - column + ((column + 1) % columns));
    if (rows > 1) ends.push(node, (node + columns) % nodes);
  }
  const sides = [rows, columns].filter(side => side > 1).map(side => ringLambda2(side)!);
  return undirected(name, nodes, ends, { lambda2: sides.length > 0 ? Math.min(...sides) : undefined });
}

/** The torus with the most nearly square sides. Throws GRAPH_INVALID when `nodes` has no two factors above 1. */
export function squareTorus(nodes: number): Graph {
  let rows = Math.floor(Math.sqrt(nodes));
  while (rows > 1 && nodes % rows !== 0) rows--;
  if (rows >= 2) return torus(rows, nodes / rows, 'torus');
  throw new HearsayError(
    'GRAPH_INVALID',
    `topology torus: found ${nodes} nodes, allowed is rows x columns with both at least 2; take another number of nodes, or ring`,
  );
}

/** Corners of a cube: i meets every i with one bit flipped. Throws GRAPH_INVALID unless `nodes` is a power of two. */
export function hypercube(nodes: number): Graph {
  const dimensions = Math.round(Math.log2(nodes));
  if (2 ** dimensions !== nodes)
    throw new HearsayError(
      'GRAPH_INVALID',
      `topology hypercube: found ${nodes} nodes, allowed is a power of two; the nearest is ${2 ** dimensions}`,
    );
  const offsets = Uint32Array.from({ length: nodes + 1 }, (_, node) => node * dimensions);
  const targets = new Uint32Array(nodes * dimensions);
  for (let node = 0; node < nodes; node++) {
    for (let bit = 0; bit < dimensions; bit++) targets[offsets[node] + bit] = node ^ (1 << bit);
    targets.subarray(offsets[node], offsets[node + 1]).sort();
  }
  return { name: 'hypercube', nodes, directed: false, offsets, targets, lambda2: nodes > 1 ? 2 : undefined };
}

/** Node 0 meets everyone; the others meet node 0 alone. */
export function star(nodes: number): Graph {
  const ends = Uint32Array.from({ length: 2 * (nodes - 1) }, (_, k) => (k % 2 === 0 ? 0 : (k + 1) / 2));
  return undirected('star', nodes, ends, { lambda2: nodes > 2 ? 1 : nodes > 1 ? 2 : undefined });
}

/**
 * The exponential graph, made symmetric for pairwise averaging: i meets i + 2^k and i - 2^k (mod nodes) for all 2^k < nodes.
 */
export function exponential(nodes: number): Graph {
  return chords('exponential', nodes, powersBelow(nodes), undefined);
}

/** The original: i sends to i + 2^k (mod nodes). Source: Assran and others, Stochastic Gradient Push, ICML 2019, section 3. */
export function directedExponential(nodes: number): Graph {
  return arcs('exponential:directed=true', nodes, powersBelow(nodes));
}

function powersBelow(nodes: number): number[] {
  const powers: number[] = [];
  for (let power = 1; power < nodes; power *= 2) powers.push(power);
  return powers;
}

/** i sends to i + s (mod nodes) for every step s, 0 < s < nodes. */
function arcs(name: string, nodes: number, steps: readonly number[]): Graph {
  return directed(
    name,
    nodes,
    Array.from({ length: nodes }, (_, node) => steps.flatMap(step => [node, (node + step) % nodes])).flat(),
  );
}

/** The circulant graph: i meets i + s and i - s (mod nodes) for every step s, 0 < s < nodes. */
function chords(name: string, nodes: number, steps: readonly number[], lambda2: number | undefined): Graph {
  const ends = new Uint32Array(2 * nodes * steps.length);
  let stored = 0;
  for (const step of steps)
    for (let node = 0; node < nodes; node++) {
      ends[stored++] = node;
      ends[stored++] = (node + step) % nodes;
    }
  return undirected(name, nodes, ends, { lambda2 });
}

function ringLambda2(nodes: number): number | undefined {
  if (nodes < 3) return nodes === 2 ? 2 : undefined;
  return 4 * Math.sin(Math.PI / nodes) ** 2; // 2 - 2 cos(2 pi / n) without its cancellation
}
