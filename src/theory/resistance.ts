/** Effective resistance of edges, each a resistor of 1: how much the rest of the graph adds to an edge. */

import { degree, type Graph, neighbour } from '../topology/graph.js';

/**
 * Whether all edges of a connected, undirected graph have the same effective resistance, which is then (nodes - 1) / edges (Foster). It is
 * so where a symmetry takes every edge to every other. With M = (L + J/n)^-1, J all ones, that of an edge (a, b) is M_aa + M_bb - 2 M_ab;
 * with the Cholesky factor L + J/n = C C^T it is |C^-1 (e_a - e_b)|^2. O(nodes^3).
 */
export function edgesAreAlike(graph: Graph): boolean {
  const { nodes } = graph;
  const columns = inverseFactor(shiftedLaplacian(graph), nodes);
  let arcs = 0;
  for (let node = 0; node < nodes; node++) arcs += degree(graph, node);
  const wanted = (2 * (nodes - 1)) / arcs;
  for (let a = 0; a < nodes; a++)
    for (let k = 0; k < degree(graph, a); k++) {
      const b = neighbour(graph, a, k);
      if (b < a) continue;
      let sum = 0;
      for (let row = a; row < nodes; row++) sum += (columns[a * nodes + row] - columns[b * nodes + row]) ** 2;
      if (!(Math.abs(sum / wanted - 1) < 1e-9)) return false;
    }
  return true;
}

function shiftedLaplacian(graph: Graph): Float64Array {
  const { nodes } = graph;
  const matrix = new Float64Array(nodes * nodes).fill(1 / nodes);
  for (let node = 0; node < nodes; node++) {
    matrix[node * nodes + node] += degree(graph, node);
    for (let k = 0; k < degree(graph, node); k++) matrix[node * nodes + neighbour(graph, node, k)] -= 1;
  }
  return matrix;
}

/**
 * C^-1 of a positive definite matrix C C^T, column by column: place `column * n + row`, 0 above the diagonal. Overwrites the matrix by C.
 */
function inverseFactor(matrix: Float64Array, n: number): Float64Array {
  for (let row = 0; row < n; row++)
    for (let column = 0; column <= row; column++) {
      let rest = matrix[row * n + column];
      for (let k = 0; k < column; k++) rest -= matrix[row * n + k] * matrix[column * n + k];
      matrix[row * n + column] = row === column ? Math.sqrt(rest) : rest / matrix[column * n + column];
    }
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column++)
    for (let row = column; row < n; row++) {
      let rest = row === column ? 1 : 0;
      for (let k = column; k < row; k++) rest -= matrix[row * n + k] * inverse[column * n + k];
      inverse[column * n + row] = rest / matrix[row * n + row];
    }
  return inverse;
}
