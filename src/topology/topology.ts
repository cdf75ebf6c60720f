/** From what the user wrote to a connected graph. */

import { readNumber } from '../decimal.js';
import { HearsayError } from '../errors.js';
import { suggestion } from '../nearest.js';
import { flag, type Named, readSettings } from '../settings.js';
import { expectSettings, isModule, parseSpec, quote, type Spec } from '../spec.js';
import { components, requireConnected } from './components.js';
import { parseEdgeList, readEdgeList } from './edgelist.js';
import { erdosRenyi } from './erdos.js';
import {
  complete,
  directedExponential,
  directedRing,
  exponential,
  hypercube,
  ring,
  squareTorus,
  star,
  torus,
} from './families.js';
import type { Graph } from './graph.js';
import { regular } from './regular.js';
import { smallWorld } from './smallworld.js';

const maximumNodes = 2 ** 25;
const maximumEdges = 2 ** 25;

/** What may be written for a topology, for help texts and errors. */
export const topologySyntax =
  'complete | ring | torus | torus:RxC | hypercube | star | exponential | ring or exponential:directed=true | regular:K | erdos-renyi:P | small-world:K,P | an edge-list FILE | MODULE';

/**
 * The graph that `spec` names (see `topologySyntax`) over `nodes` nodes. A random one is drawn from `seed`, and drawn again, up to
 * 100 times, until it is connected; `redraws` counts that. A spec with a dot, slash or backslash in its name is a file of lines
 * `i j`, given to `read`; a module is loaded by a run alone (`openGraph` of the engine). Throws CONFIG_RANGE or CONFIG_UNKNOWN_KEY
 * (name, parameters), GRAPH_INVALID (no such graph), GRAPH_DISCONNECTED, DATA_NOT_FOUND, DATA_TOO_LARGE (edge-list file).
 */
export function topology(spec: string, nodes: number, seed: number, read: (path: string) => string = readEdgeList): Graph {
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > maximumNodes)
    throw new HearsayError('CONFIG_RANGE', `nodes: found ${nodes}, allowed is a whole number from 1 to ${maximumNodes}`);
  const name = spec.split(':', 1)[0];
  if (Object.hasOwn(families, name)) return families[name].draw(parseSpec(spec, 'topology'), nodes, seed);
  checkTopology(spec);
  const path = parseSpec(spec, 'topology').name;
  if (/\.m?js$/.test(path)) {
    const remedy = isModule(path) ? 'a run loads it; from code, call its function' : `write ./${path} for a module`;
    throw new HearsayError('CONFIG_RANGE', `topology: found ${quote(spec)}, a program where an edge list is read; ${remedy}`);
  }
  const graph = parseEdgeList(read(spec), spec, nodes);
  requireConnected(graph);
  return graph;
}

/** Throws CONFIG_RANGE, naming `where`, for a name that is neither a family nor a file: a check that draws and reads nothing. */
export function checkTopology(spec: string, where = 'topology'): void {
  const name = spec.split(':', 1)[0];
  if (Object.hasOwn(families, name) || /[./\\]/.test(name)) return;
  const hint = suggestion(name, Object.keys(families));
  throw new HearsayError(
    'CONFIG_RANGE',
    `${where}: found ${quote(spec)}, allowed is ${topologySyntax} (./ before a bare file name)${hint}`,
  );
}

interface Family extends Named {
  draw(spec: Spec, nodes: number, seed: number): Graph;
}

function family(form: string, about: string, draw: Family['draw']): Family {
  return { form, about, settings: {}, draw };
}

/** A family without parameters; `degree` bounds the neighbours that a node stores. */
function plain(name: string, about: string, graph: (nodes: number) => Graph, degree: (nodes: number) => number): Family {
  return family(name, about, (spec, nodes) => {
    expectSettings(spec, [], 'topology');
    requireRoom(spec.name, (nodes * degree(nodes)) / 2);
    return graph(nodes);
  });
}

const oneWay = { directed: flag('edges go one way: for algorithms that only send') };

/** The same, of a family that has a form whose edges go one way. */
function eitherWay(
  name: string,
  about: string,
  graph: (nodes: number) => Graph,
  directed: (nodes: number) => Graph,
  degree: (nodes: number) => number,
): Family {
  return {
    ...{ form: name, about, settings: oneWay },
    draw(spec, nodes) {
      const wanted = readSettings(spec, oneWay, 'topology').directed ? directed : graph;
      requireRoom(spec.name, (nodes * degree(nodes)) / 2);
      return wanted(nodes);
    },
  };
}

const families: Readonly<Record<string, Family>> = {
  complete: plain('complete', 'everybody knows everybody', complete, () => 0),
  ring: eitherWay('ring', 'two neighbours each', ring, directedRing, () => 2),
  hypercube: plain('hypercube', 'corners of a cube; a power of two nodes', hypercube, Math.log2),
  star: plain('star', 'node 0 in the middle', star, () => 2),
  exponential: eitherWay(
    'exponential',
    'neighbours at distances 1, 2, 4, ...',
    exponential,
    directedExponential,
    nodes => 2 * Math.log2(nodes),
  ),
  torus: family('torus[:RxC]', 'a grid that closes, as square as the nodes allow, or R x C', (spec, nodes) => {
    expectSettings(spec, [], 'topology', 1);
    if (spec.args.length === 0) return squareTorus(nodes);
    const sides = spec.args[0].split('x');
    if (sides.length !== 2)
      throw new HearsayError('CONFIG_RANGE', `topology torus: found ${quote(spec.args[0])}, allowed is RxC, as in torus:4x8`);
    const [rows, columns] = sides.map((side, k) =>
      readNumber(side, { whole: true, min: 2, max: maximumNodes }, `topology torus:RxC: ${'RC'[k]}`),
    );
    if (rows * columns === nodes) return torus(rows, columns);
    throw new HearsayError(
      'GRAPH_INVALID',
      `topology torus:${rows}x${columns}: found ${rows * columns} places for ${nodes} nodes, allowed is as many places as nodes`,
    );
  }),
  regular: family('regular:K', 'random, K neighbours each (from 1)', (spec, nodes, seed) => {
    const degree = readNumber(values(spec, ['K'])[0], { whole: true, min: 1, max: maximumNodes }, 'topology regular:K: K');
    if (degree === 1 && nodes > 2)
      throw new HearsayError(
        'GRAPH_INVALID',
        `topology regular:1: degree 1 can't connect ${nodes} nodes; allowed is a degree from 2`,
      );
    requireRoom(spec.name, (nodes * Math.min(degree, nodes)) / 2);
    return connected(attempt => regular(nodes, degree, seed, attempt), 'take a larger degree K');
  }),
  'erdos-renyi': family('erdos-renyi:P', 'random, each edge with chance P (0 to 1)', (spec, nodes, seed) => {
    const p = readNumber(values(spec, ['P'])[0], { min: 0, max: 1 }, 'topology erdos-renyi:P: P');
    requireRoom(spec.name, (p * nodes * (nodes - 1)) / 2);
    const enough = Math.min(1, (1.5 * Math.log(nodes)) / nodes).toPrecision(2);
    return connected(attempt => erdosRenyi(nodes, p, seed, attempt), `take a larger P, ${enough} say`);
  }),
  'small-world': family(
    'small-world:K,P',
    'a ring of K neighbours (even, from 2), each edge rewired with chance P',
    (spec, nodes, seed) => {
      const [k, chance] = values(spec, ['K', 'P']);
      const near = readNumber(k, { whole: true, min: 2, max: maximumNodes }, 'topology small-world:K,P: K');
      const p = readNumber(chance, { min: 0, max: 1 }, 'topology small-world:K,P: P');
      requireRoom(spec.name, (nodes * Math.min(near, nodes)) / 2);
      return connected(attempt => smallWorld(nodes, near, p, seed, attempt), 'take a larger K or a smaller P');
    },
  ),
};

/** What may be asked for, for help texts. */
export const topologies: readonly Named[] = [
  ...Object.values(families),
  { form: 'FILE', about: "one edge a line, two node numbers; '0 -> 1' goes one way", settings: {} },
];

/** Draws until connected, at most 100 times again. */
function connected(draw: (attempt: number) => Graph, remedy: string): Graph {
  for (let redraws = 0; ; redraws++) {
    const graph = { ...draw(redraws), redraws };
    if (redraws < 100 && components(graph).length > 1) continue;
    requireConnected(graph, remedy);
    return graph;
  }
}

/** The plain values of the spec: as many as there are `names`. */
function values(spec: Spec, names: readonly string[]): readonly string[] {
  expectSettings(spec, [], 'topology', names.length);
  if (spec.args.length === names.length) return spec.args;
  throw new HearsayError(
    'CONFIG_RANGE',
    `topology ${spec.name}: found ${spec.args.length} values, allowed is ${spec.name}:${names.join(',')}`,
  );
}

function requireRoom(name: string, edges: number): void {
  if (edges <= maximumEdges) return;
  throw new HearsayError(
    'CONFIG_RANGE',
    `topology ${name}: about ${Math.round(edges)} edges, allowed are ${maximumEdges}; take a sparser graph, or complete, which is not stored`,
  );
}
