/**
 * The potential of gossip, Gamma = sum over nodes of the squared distance to the mean model, when the local work between two exchanges is
 * pure noise: the setting in which the theory of SwarmSGD (Nadiradze et al. 2021, arXiv 1910.12308) bounds it. Here exactly.
 */

import { HearsayError } from '../errors.js';
import { degree, edges, type Graph } from '../topology/graph.js';
import { laplacianSpectrum } from '../topology/spectrum.js';
import { type Estimate, exact } from './estimate.js';
import { requireNumber } from './range.js';
import { edgesAreAlike } from './resistance.js';

/** One of the four rules of an interaction: whose local work it adds, and whether that or the average comes first. */
export interface Interaction {
  /** Both nodes add theirs, or the initiator alone. */
  readonly both: boolean;
  readonly order: 'mix' | 'commit';
}

/**
 * E[Gamma] after an interaction, in the stationary state, when a uniform edge in a uniform direction interacts at every step, and the work
 * of a node is noise with mean 0 and E|noise|^2 = `variance` (above 0). Exact on connected graphs whose edges are all alike (complete,
 * ring, hypercube, square torus), and labelled so. Of those with several kinds of edges (a 3 x 4 torus) it is approximate: it takes each
 * edge for the average one. Which it is, effective resistances say: the models' covariance is a I + b L^+, so the squared difference is
 * the same over all edges where their resistances are. On the complete graph, in units of the variance:
 *
 *   both, commit first (n-1)(1 - 2/n)      both, mix first 2 (n-1)(1 - 1/n)
 *   one, commit first  (n-1)(1/2 - 1/n)    one, mix first  (n-1)(1 - 1/n)
 *
 * and on any such graph for both, commit first: degree x (sum of 1/l over the eigenvalues l > 0 of its Laplacian) - (n-1)/n. Our own
 * derivation: with m edges, an interaction takes the second moment c of the models along an eigenvector of l to c - l c / m + q l / (4m) +
 * v, where q is the mean squared difference over an edge and v what the rule's noise adds along it; the moments sum up to q = 2 sum of v.
 * Throws CONFIG_RANGE, and GRAPH_INVALID for degrees that differ; O(n^3).
 */
export function stationaryPotential(graph: Graph, { both, order }: Interaction, variance: number): Estimate {
  requireNumber('variance', variance, { above: 0 });
  requireNumber('nodes', graph.nodes, { min: 2 });
  const r = degree(graph, 0);
  for (let node = 1; node < graph.nodes; node++) if (degree(graph, node) !== r) throw uneven(graph, node);
  const m = edges(graph);
  const share = variance * (both ? 1 : 0.5);
  const added = (l: number) => (share * (order === 'mix' ? 2 * r : 2 * r - l)) / (2 * m);
  const values = laplacianSpectrum(graph).subarray(1);
  const q = values.reduce((sum, l) => sum + 2 * added(l), 0);
  const value = values.reduce((sum, l) => sum + q / 4 + (m * added(l)) / l, 0);
  return edgesAreAlike(graph) ? exact(value) : { value, how: 'approximate', error: Number.NaN, samples: 0 };
}

function uneven(graph: Graph, node: number): HearsayError {
  const found = `node 0 has ${degree(graph, 0)} neighbours and node ${node} ${degree(graph, node)}`;
  return new HearsayError('GRAPH_INVALID', `topology ${graph.name}: ${found}, allowed is one degree for all`);
}
