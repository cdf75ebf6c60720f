/** How fast a graph mixes: the spectrum of its Laplacian L = D - A, and of a mixing matrix. */

import { HearsayError } from '../errors.js';
import { components } from './components.js';
import { eigenvalues } from './eigenvalues.js';
import { degree, type Graph, neighbour } from './graph.js';
import { ends } from './lanczos.js';
import { edgeWeight, requireStochastic, requireSymmetric, selfWeight, type Weights } from './weights.js';

/** Up to here all eigenvalues are computed from the dense matrix. */
export const denseNodes = 512;

/** Multiply-adds that an iterative answer may cost: seconds. */
const work = 5e8;

export type Method = 'closed form' | 'exact' | 'lanczos';

/** A spectral gap, and how it was found. */
export interface Gap {
  /** Second smallest Laplacian eigenvalue (algebraic connectivity); 0 when disconnected, Infinity for a single node. */
  readonly lambda2: number;
  readonly method: Method;
  /** False when Lanczos ran out of work; lambda2 is then an upper bound. */
  readonly converged: boolean;
}

/**
 * The second smallest Laplacian eigenvalue, by what is known of the family, exactly for at most `denseNodes` nodes, else
 * iteratively. `method` asks for one way. Throws GRAPH_INVALID for a directed graph.
 */
export function spectralGap(graph: Graph, method?: Method): Gap {
  requireUndirected(graph);
  const { nodes } = graph;
  if (nodes < 2) return { lambda2: Number.POSITIVE_INFINITY, method: 'closed form', converged: true };
  method ??= graph.lambda2 !== undefined ? 'closed form' : nodes <= denseNodes ? 'exact' : 'lanczos';
  if (method === 'closed form' && graph.lambda2 !== undefined) return { lambda2: graph.lambda2, method, converged: true };
  if (components(graph).length > 1) return { lambda2: 0, method, converged: true };
  if (method === 'exact') return { lambda2: eigenvalues(dense(nodes, laplacian(graph)), nodes, [1])[0], method, converged: true };
  const { smallest, converged } = ends(nodes, laplacian(graph), iterations(graph));
  return { lambda2: smallest, method: 'lanczos', converged };
}

/** All Laplacian eigenvalues, ascending; the first is 0. O(nodes^3). Throws CONFIG_RANGE above 4096 nodes, GRAPH_INVALID when directed. */
export function laplacianSpectrum(graph: Graph): Float64Array {
  requireUndirected(graph);
  return eigenvalues(dense(graph.nodes, laplacian(graph)), graph.nodes);
}

export interface Mixing {
  /** Second largest absolute eigenvalue: a synchronous mixing step shrinks the distance to the mean by at least this factor. */
  readonly rho: number;
  readonly method: Method;
  /** False when Lanczos ran out of work; rho is then a lower bound. */
  readonly converged: boolean;
}

/** The rate of a symmetric mixing matrix. Throws GRAPH_INVALID when rows do not sum to 1 or the weights are not symmetric. */
export function mixingRate(weights: Weights, method?: Method): Mixing {
  requireStochastic(weights);
  requireSymmetric(weights);
  const { graph } = weights;
  if (graph.nodes < 2 || !weights.edges) return { rho: 0, method: 'closed form', converged: true };
  const away = difference(weights);
  if (method === 'exact' || (method === undefined && graph.nodes <= denseNodes)) {
    const [second, last] = eigenvalues(dense(graph.nodes, away), graph.nodes, [1, graph.nodes - 1]);
    return { rho: farthest(second, last), method: 'exact', converged: true };
  }
  const { smallest, largest, converged } = ends(graph.nodes, away, iterations(graph));
  return { rho: farthest(smallest, largest), method: 'lanczos', converged };
}

/** All eigenvalues of a symmetric mixing matrix, the largest (1) first. O(nodes^3). Throws CONFIG_RANGE above 4096 nodes, GRAPH_INVALID. */
export function mixingSpectrum(weights: Weights): number[] {
  requireStochastic(weights);
  requireSymmetric(weights);
  const { nodes } = weights.graph;
  if (!weights.edges) return Array.from({ length: nodes }, (_, k) => (k === 0 ? 1 : 0));
  return [...eigenvalues(dense(nodes, difference(weights)), nodes)].map(value => 1 - value);
}

type Multiply = (x: Float64Array, y: Float64Array) => void;

function laplacian(graph: Graph): Multiply {
  const { nodes, offsets, targets } = graph;
  if (!offsets || !targets)
    return (x, y) => {
      const sum = x.reduce((total, value) => total + value, 0);
      for (let node = 0; node < nodes; node++) y[node] = nodes * x[node] - sum;
    };
  return (x, y) => {
    for (let node = 0; node < nodes; node++) {
      let sum = degree(graph, node) * x[node];
      for (let a = offsets[node]; a < offsets[node + 1]; a++) sum -= x[targets[a]];
      y[node] = sum;
    }
  };
}

/** I - W, whose small eigenvalues keep their digits when W mixes slowly. */
function difference(weights: Weights): Multiply {
  const { graph } = weights;
  return (x, y) => {
    for (let node = 0; node < graph.nodes; node++) {
      let sum = (1 - selfWeight(weights, node)) * x[node];
      for (let k = 0; k < degree(graph, node); k++) sum -= edgeWeight(weights, node, k) * x[neighbour(graph, node, k)];
      y[node] = sum;
    }
  };
}

/** The larger of |1 - a| and |1 - b|. */
function farthest(a: number, b: number): number {
  return Math.max(Math.abs(1 - a), Math.abs(1 - b));
}

/** The n x n matrix of a linear map, column by column. */
function dense(n: number, multiply: Multiply): Float64Array {
  if (n > 4096)
    throw new HearsayError(
      'CONFIG_RANGE',
      `spectrum: found ${n} nodes, allowed are 4096 for all eigenvalues; ask for the gap instead`,
    );
  const matrix = new Float64Array(n * n);
  const unit = new Float64Array(n);
  for (let column = 0; column < n; column++) {
    unit[column] = 1;
    multiply(unit, matrix.subarray(column * n, (column + 1) * n)); // symmetric: a column is a row
    unit[column] = 0;
  }
  return matrix;
}

function iterations(graph: Graph): number {
  const stored = graph.targets?.length ?? graph.nodes;
  return Math.max(64, Math.floor(work / (stored + 10 * graph.nodes)));
}

function requireUndirected(graph: Graph): void {
  if (graph.directed)
    throw new HearsayError(
      'GRAPH_INVALID',
      `topology ${graph.name}: the spectrum is that of an undirected graph, found a directed one`,
    );
}
