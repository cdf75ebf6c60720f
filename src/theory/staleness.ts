/**
 * Staleness of gossip: S_i^j, how many versions of node i node j has not heard of, where whoever receives a model has heard of all
 * that its sender had (the model of Mitra and Ulukus, arXiv 2404.19749). Going back in time from an instant, what j knows of i is as
 * old as the first passage time X of i to j; versions are made independently of gossip, so E[S_i^j] = Lambda E[X], whatever the law
 * of the updates. The worst receiver's X has the law of the time that a broadcast takes. Our own derivation; the paper states orders
 * of growth.
 */

import type { Graph } from '../topology/graph.js';
import { completePassage } from './complete.js';
import { type Estimate, exact, type Sampling, scaled, shifted } from './estimate.js';
import { contactRate, type Gossip, requireGossip } from './flow.js';
import { averagePassage, passageFrom } from './passage.js';
import { requireNumber } from './range.js';
import { sourceAge, type UpdateLaw } from './updates.js';

/** Expected staleness in versions: of all pairs, and of the receiver that is farthest behind. */
export interface Staleness {
  /** E[S_i^j], averaged over the receivers j other than i. */
  readonly mean: Estimate;
  /** E[max over j of S_i^j]. */
  readonly worst: Estimate;
}

/**
 * Expected staleness, averaged over all sources i. `updateRate` is Lambda, versions per unit of time of a node, above 0. On the
 * complete graph the mean is Lambda H_(n-1) / lambda and the worst Lambda 2 (n-1) H_(n-1) / (n lambda); on a ring they are
 * n Lambda / (2 lambda) and (n-1) Lambda / lambda; with 2 lambda for lambda when calls move information both ways. Throws
 * CONFIG_RANGE (rates, sampling) and GRAPH_DISCONNECTED: there staleness grows without bound.
 */
export function staleness(graph: Graph, gossip: Gossip, updateRate: number, sampling?: Sampling): Staleness {
  requireUpdates(updateRate);
  const { mean, broadcast } = averagePassage(graph, gossip, sampling);
  return { mean: scaled(mean, updateRate), worst: scaled(broadcast, updateRate) };
}

/** The same for one source, and for each of its receivers: `to[j]` is E[S_source^j]. Throws as `staleness` does. */
export function stalenessOf(
  source: number,
  graph: Graph,
  gossip: Gossip,
  updateRate: number,
  sampling?: Sampling,
): Staleness & { readonly to: readonly Estimate[] } {
  requireUpdates(updateRate);
  const { to, mean, broadcast } = passageFrom(graph, gossip, source, sampling);
  const versions = (time: Estimate) => scaled(time, updateRate);
  return { to: to.map(versions), mean: versions(mean), worst: versions(broadcast) };
}

/**
 * s_k on the complete graph: the expected staleness of the best informed of `receivers` given nodes other than the source (1 to
 * nodes - 1). Throws CONFIG_RANGE.
 */
export function bestStaleness(nodes: number, receivers: number, gossip: Gossip, updateRate: number): Estimate {
  requireNumber('nodes', nodes, { whole: true, min: 2, max: 2 ** 25 });
  requireNumber('receivers', receivers, { whole: true, min: 1, max: nodes - 1 });
  requireGossip(gossip);
  requireUpdates(updateRate);
  return exact(updateRate * completePassage(nodes, contactRate(gossip), receivers));
}

/**
 * Mean age of information, averaged over pairs: the time since the newest version that j has of i was made, X plus the age
 * of the newest version at the source. Throws as `staleness` does.
 */
export function meanAge(graph: Graph, gossip: Gossip, law: UpdateLaw, sampling?: Sampling): Estimate {
  const age = sourceAge(law);
  return shifted(averagePassage(graph, gossip, sampling).mean, age);
}

function requireUpdates(updateRate: number): void {
  requireNumber('update rate', updateRate, { above: 0 });
}
