/** The graph of an experiment: built in, from a file, or from a user's own module. Drawn once, by the thread that sets a run up. */

import { HearsayError } from '../errors.js';
import { isModule, parseSpec } from '../spec.js';
import type { Graph } from '../topology/graph.js';
import { graphOf, type TopologyFactory } from '../topology/module.js';
import { topology } from '../topology/topology.js';
import type { Algorithm } from './algorithm.js';
import type { Experiment } from './experiment.js';
import { loadModule } from './modules.js';

/** Throws the errors of `topology` and of `graphOf`, and MODULE_INVALID for a module that can't be loaded. */
export async function openGraph({ topology: text, nodes, seed }: Experiment): Promise<Graph> {
  const spec = parseSpec(text, 'topology');
  if (!isModule(spec.name)) return topology(text, nodes, seed);
  return graphOf(await loadModule<TopologyFactory>(spec, 'topology'), spec.options, nodes, seed, text);
}

/** Throws GRAPH_INVALID for a graph that the algorithm can't work on: it says so itself, or it needs edges that go both ways. */
export function requireGraphFor(algorithm: Algorithm, graph: Graph): void {
  if (algorithm.requireGraph) algorithm.requireGraph(graph);
  else if (graph.directed) {
    throw new HearsayError(
      'GRAPH_INVALID',
      `topology ${graph.name}: its edges go one way, algorithm ${algorithm.name} needs both; take sgp, which only sends, or gossip:mix=push, or another topology`,
    );
  }
}
