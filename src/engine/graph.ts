/** The graph of an experiment: built in, from a file, or from a user's own module. Drawn once, by the thread that sets a run up. */

import { isModule, parseSpec } from '../spec.js';
import type { Graph } from '../topology/graph.js';
import { graphOf, type TopologyFactory } from '../topology/module.js';
import { topology } from '../topology/topology.js';
import type { Experiment } from './experiment.js';
import { loadModule } from './modules.js';

/** Throws the errors of `topology` and of `graphOf`, and MODULE_INVALID for a module that can't be loaded. */
export async function openGraph({ topology: text, nodes, seed }: Experiment): Promise<Graph> {
  const spec = parseSpec(text, 'topology');
  if (!isModule(spec.name)) return topology(text, nodes, seed);
  return graphOf(await loadModule<TopologyFactory>(spec, 'topology'), spec.options, nodes, seed, text);
}
