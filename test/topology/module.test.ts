import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Edge, graphOf, type TopologyFactory } from '../../src/topology/module.js';
import { topology } from '../../src/topology/topology.js';
import { cases } from '../support/cases.js';
import { connectedGraph } from './arbitrary.js';

const build = (factory: unknown, nodes = 3) => graphOf(factory as TopologyFactory, {}, nodes, 1, './mine.js');
const refused = (code: string, returned: unknown, message: RegExp, nodes = 3) =>
  assert.throws(() => build(() => returned, nodes), { code, message });

test('edges in any order, from either end and repeated, give the graph that they are of', () => {
  fc.assert(
    fc.property(connectedGraph(12), fc.infiniteStream(fc.boolean()), (graph, flips) => {
      const edges: Edge[] = [];
      for (let node = 0; node < graph.nodes; node++)
        for (let a = graph.offsets![node]; a < graph.offsets![node + 1]; a++)
          edges.push(flips.next().value ? [node, graph.targets![a]] : [graph.targets![a], node]);
      const built = build(() => edges, graph.nodes);
      assert.deepEqual([built.offsets, built.targets], [graph.offsets, graph.targets]);
    }),
    cases(500),
  );
});

test('a ready graph keeps its rows and nothing else: functions and claims stay behind', () => {
  const ring = topology('ring', 5, 1);
  const built = build(() => ({ ...ring, lambda2: 99, log: () => {} }), 5);
  assert.deepEqual(built, { name: './mine.js', nodes: 5, directed: false, offsets: ring.offsets, targets: ring.targets });
  assert.equal(structuredClone(build(() => topology('complete', 4, 1), 4)).offsets, undefined);
});

test('the seed fixes what the module draws, and the node count and the options reach it', () => {
  const drawn: TopologyFactory = ({ extra }, { nodes, random }) => {
    const edges: Edge[] = Array.from({ length: nodes - 1 }, (_, node): Edge => [node, node + 1]);
    for (let k = 0; k < Number(extra); k++) {
      const a = Math.floor(random() * nodes);
      edges.push([a, (a + 1 + Math.floor(random() * (nodes - 1))) % nodes]);
    }
    return edges;
  };
  const at = (seed: number) => graphOf(drawn, { extra: '20' }, 30, seed);
  assert.deepEqual(at(1), at(1));
  assert.notDeepEqual(at(1), at(2));
});

test('a module may give a graph whose edges go one way', () => {
  const built = graphOf(() => topology('ring:directed=true', 5, 1), {}, 5, 1, './mine.js');
  assert.deepEqual([built.directed, [...built.targets!]], [true, [1, 2, 3, 4, 0]]);
  const inwards = { name: 'in', nodes: 3, directed: true, offsets: Uint32Array.of(0, 0, 1, 2), targets: Uint32Array.of(0, 0) };
  refused('GRAPH_DISCONNECTED', inwards, /no way from node 0 to node 1/);
});

test('what is no connected graph of the nodes is refused, with the edge', () => {
  refused('GRAPH_INVALID', [[0, 1], [1, 3]], /edge 1: found \[1, 3\].*0 to 2/); // biome-ignore format: a list of edges
  refused('GRAPH_INVALID', [[0, 0]], /edge 0: found \[0, 0\]/);
  refused('GRAPH_INVALID', [[0, 1.5]], /found \[0, 1\.5\]/);
  refused('GRAPH_INVALID', [[0, -1]], /found \[0, -1\]/);
  refused('GRAPH_INVALID', [[0, '1']], /allowed is \[a, b\]/);
  refused('GRAPH_INVALID', [[0, 1, 2]], /found \[0, 1, 2\]/);
  refused('GRAPH_INVALID', ['01'], /found 01/);
  refused('GRAPH_INVALID', [[0, 1]], /node 2 has no edge/);
  refused('GRAPH_DISCONNECTED', [[0, 1], [2, 3]], /components of sizes 2, 2/, 4); // biome-ignore format: a list of edges
  refused('GRAPH_INVALID', topology('ring', 4, 1), /a graph of 4 nodes.*the 3 nodes/);
  const offsets = Uint32Array.of(0, 1, 2, 2);
  refused('GRAPH_INVALID', { nodes: 3, offsets, targets: Uint32Array.of(1, 2) }, /one end only|no edge/);
});

test('what is neither edges nor a graph, and what throws, is the fault of the module', () => {
  for (const returned of [undefined, null, 7, 'ring', {}, Promise.resolve([]), { nodes: 3, offsets: [0, 1, 2, 3], targets: [1] }])
    refused('MODULE_INVALID', returned, /topology \.\/mine\.js: its function must return edges/);
  const thrower = () => {
    throw new Error('no size\nat line 3');
  };
  assert.throws(() => build(thrower), { code: 'MODULE_INVALID', message: /its function threw: no size; correct the module$/ });
});

test('a program is no edge list: the message says how to write a module', () => {
  assert.throws(() => topology('mine.js', 3, 1), { code: 'CONFIG_RANGE', message: /write \.\/mine\.js for a module/ });
  assert.throws(() => topology('./mine.js', 3, 1), { code: 'CONFIG_RANGE', message: /a run loads it/ });
});
