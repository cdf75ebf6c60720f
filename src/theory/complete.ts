/**
 * First passage on the complete graph, in closed form. Every node contacts every other at `rate` / (nodes - 1), where `rate` is
 * `contactRate` of the gossip, so an informed set of k grows at rate k (n - k) rate / (n - 1).
 */

import { degree, type Graph } from '../topology/graph.js';
import { harmonic } from './harmonic.js';

/** True when everyone meets everyone, stored or not. */
export function isComplete(graph: Graph): boolean {
  for (let node = 0; graph.offsets && node < graph.nodes; node++) if (degree(graph, node) !== graph.nodes - 1) return false;
  return true;
}

/**
 * Mean time until information of a given node has reached at least one of `receivers` given others (1 to nodes - 1), from 2 nodes on:
 * (n-1) / (rate (n-k)) (1/k + ... + 1/(n-1)), and so H_(n-1) / rate for one receiver. It solves the recursion of the version age,
 * (n-k) s_k = (n-1) / (rate k) + (n-k-1) s_(k+1): going back in time, the set of nodes whose information arrives grows until it
 * has the source.
 */
export function completePassage(nodes: number, rate: number, receivers = 1): number {
  return ((nodes - 1) / (rate * (nodes - receivers))) * harmonic(nodes - 1, receivers);
}

/** Mean time until information of a node has reached all: (n-1) / (rate k (n-k)) summed over k, which is 2 (n-1) H_(n-1) / (n rate). */
export function completeBroadcast(nodes: number, rate: number): number {
  return (2 * (nodes - 1) * harmonic(nodes - 1)) / (nodes * rate);
}
