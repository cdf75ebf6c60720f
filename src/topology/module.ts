/** Graphs from a user's own function: what a module of `--topology` exports. */

import { HearsayError } from '../errors.js';
import { source, uniform } from '../random.js';
import { requireConnected } from './components.js';
import type { Graph } from './graph.js';
import { undirected } from './rows.js';
import { requireValid } from './validity.js';

/** What a topology may know when it is drawn. */
export interface TopologySetting {
  /** Nodes are numbered 0 .. nodes - 1. */
  readonly nodes: number;
  readonly seed: number;
  /** Uniform in [0, 1): the next of a sequence that the seed fixes. */
  random(): number;
}

/** The two ends of an undirected edge; an edge may be given twice, and from either end. */
export type Edge = readonly [a: number, b: number];

/** The default export of a module that a user writes as a topology: edges (a list, or a generator), or a graph that is ready. */
export type TopologyFactory = (options: Readonly<Record<string, string>>, setting: TopologySetting) => Iterable<Edge> | Graph;

const mostEdges = 2 ** 25;

/**
 * The graph that `factory` gives for `nodes` nodes and `seed`, checked; it keeps nothing of what the user made but the edges. Throws
 * MODULE_INVALID (it throws, or gives neither edges nor a graph), GRAPH_INVALID (no graph of so many nodes),
 * GRAPH_DISCONNECTED, DATA_TOO_LARGE.
 */
export function graphOf(
  factory: TopologyFactory,
  options: Readonly<Record<string, string>>,
  nodes: number,
  seed: number,
  name = 'module',
): Graph {
  const draws = source(seed, 'topology module');
  let draw = 0;
  const setting: TopologySetting = { nodes, seed, random: () => uniform(draws, 0, draw++) };
  const graph = guarded(name, () => {
    const returned: unknown = factory(options, setting);
    return isIterable(returned) ? fromEdges(returned, nodes, name) : fromGraph(returned, nodes, name);
  });
  requireValid(graph);
  requireConnected(graph, 'the module must give edges between them');
  return graph;
}

/** What the user's function throws, in a line that says whose it is. */
function guarded(name: string, build: () => Graph): Graph {
  try {
    return build();
  } catch (cause) {
    if (cause instanceof HearsayError) throw cause;
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new HearsayError('MODULE_INVALID', `topology ${name}: its function threw: ${reason}; correct the module`, { cause });
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function fromEdges(edges: Iterable<unknown>, nodes: number, name: string): Graph {
  const isNode = (end: unknown) => Number.isInteger(end) && (end as number) >= 0 && (end as number) < nodes;
  const ends: number[] = [];
  for (const edge of edges) {
    const [a, b] = Array.isArray(edge) && edge.length === 2 ? edge : [undefined, undefined];
    if (!isNode(a) || !isNode(b) || a === b) {
      const allowed = `[a, b] with two different whole numbers from 0 to ${nodes - 1}`;
      throw new HearsayError(
        'GRAPH_INVALID',
        `topology ${name}: edge ${ends.length / 2}: found ${shown(edge)}, allowed is ${allowed}; correct the module`,
      );
    }
    if (ends.length === 2 * mostEdges) {
      throw new HearsayError(
        'DATA_TOO_LARGE',
        `topology ${name}: more than ${mostEdges} edges, the most that are allowed; take a sparser graph, or complete, which is not stored`,
      );
    }
    ends.push(a, b);
  }
  return undirected(name, nodes, ends);
}

function fromGraph(returned: unknown, nodes: number, name: string): Graph {
  const graph = returned as Partial<Graph> | null | undefined;
  const isArray = (array: unknown) => array === undefined || array instanceof Uint32Array;
  if (typeof graph?.nodes !== 'number' || !isArray(graph.offsets) || !isArray(graph.targets)) {
    throw new HearsayError(
      'MODULE_INVALID',
      `topology ${name}: its function must return edges, [[0, 1], [1, 2], ...] or a generator of them, or a Graph of Uint32Arrays`,
    );
  }
  if (graph.nodes !== nodes) {
    throw new HearsayError(
      'GRAPH_INVALID',
      `topology ${name}: found a graph of ${graph.nodes} nodes, allowed is one of the ${nodes} nodes; correct the module`,
    );
  }
  return { name, nodes, directed: graph.directed === true, offsets: graph.offsets, targets: graph.targets };
}

function shown(edge: unknown): string {
  if (Array.isArray(edge)) return `[${edge.slice(0, 4).map(String).join(', ')}${edge.length > 4 ? ', ...' : ''}]`;
  return String(edge).slice(0, 40);
}
