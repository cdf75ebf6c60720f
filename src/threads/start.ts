/** The first event of a run: what it is, on what, by what. */

import type { Start } from '../engine/observer.js';
import { edges } from '../topology/graph.js';
import { spectralGap } from '../topology/spectrum.js';
import { modulesOf } from './basis.js';
import type { Prepared } from './prepare.js';
import { version } from './version.js';

/** Edges of a graph up to which its spectral gap is worked out for the start event. */
const gapEdges = 1e6;

export function startOf({ experiment, threads, kernels, recipe, split, graph, arena }: Prepared): Start {
  const cheap = !graph.directed && (!graph.offsets || edges(graph) <= gapEdges);
  return {
    event: 'start',
    experiment: { ...experiment, threads },
    threads,
    kernels: { set: kernels.set, note: kernels.note },
    model: {
      name: recipe.model.name,
      parameters: recipe.model.parameters,
      ...(recipe.model.backend && { backend: recipe.model.backend }),
    },
    modules: modulesOf(experiment),
    data: {
      name: split.train.name,
      train: split.train.rows,
      test: split.test.rows,
      features: split.train.features,
      classes: split.train.classes,
    },
    graph: { name: graph.name, nodes: graph.nodes, edges: edges(graph), gap: cheap ? spectralGap(graph).lambda2 : null },
    memoryBytes: arena.layout.bytes,
    versions: { hearsay: version, node: process.versions.node, v8: process.versions.v8 },
  };
}
