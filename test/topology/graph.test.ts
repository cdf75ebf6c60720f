import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { components, requireConnected } from '../../src/topology/components.js';
import { degree, edges, type Graph, neighbour, place } from '../../src/topology/graph.js';
import { requireValid } from '../../src/topology/validity.js';
import { cases } from '../support/cases.js';
import { anyGraph, connectedGraph, relabelled } from './arbitrary.js';

test('rows hold exactly the pairs that they were built from, ascending, from both ends', () => {
  fc.assert(
    fc.property(anyGraph(20), ({ graph, pairs }) => {
      const expected = Array.from({ length: graph.nodes }, () => new Set<number>());
      for (const [a, b] of pairs) {
        expected[a].add(b);
        expected[b].add(a);
      }
      expected.forEach((others, node) => {
        const row = Array.from({ length: degree(graph, node) }, (_, k) => neighbour(graph, node, k));
        assert.deepEqual(
          row,
          [...others].sort((a, b) => a - b),
        );
        for (let other = 0; other < graph.nodes; other++) assert.equal(place(graph, node, other), row.indexOf(other));
      });
      assert.equal(edges(graph), new Set(pairs.map(([a, b]) => `${Math.min(a, b)} ${Math.max(a, b)}`)).size);
    }),
    cases(500),
  );
});

test('the implicit complete graph answers like a stored one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), nodes => {
      const graph: Graph = { name: 'complete', nodes, directed: false };
      for (let node = 0; node < nodes; node++) {
        const row = Array.from({ length: degree(graph, node) }, (_, k) => neighbour(graph, node, k));
        assert.deepEqual(
          row,
          Array.from({ length: nodes }, (_, other) => other).filter(other => other !== node),
        );
        for (let other = 0; other < nodes; other++) assert.equal(place(graph, node, other), row.indexOf(other));
      }
      assert.equal(edges(graph), (nodes * (nodes - 1)) / 2);
    }),
  );
});

test('component sizes agree with a flood fill, and do not depend on the labels', () => {
  fc.assert(
    fc.property(anyGraph(20), fc.infiniteStream(fc.nat()), ({ graph }, keys) => {
      const seen = new Set<number>();
      const sizes: number[] = [];
      for (let start = 0; start < graph.nodes; start++) {
        if (seen.has(start)) continue;
        const queue = [start];
        seen.add(start);
        for (const node of queue)
          for (let k = 0; k < degree(graph, node); k++) {
            const other = neighbour(graph, node, k);
            if (!seen.has(other)) {
              seen.add(other);
              queue.push(other);
            }
          }
        sizes.push(queue.length);
      }
      assert.deepEqual(
        components(graph),
        sizes.sort((a, b) => b - a),
      );
      const ranked = Array.from({ length: graph.nodes }, (_, node) => [keys.next().value!, node]).sort((a, b) => a[0] - b[0]);
      assert.deepEqual(
        components(
          relabelled(
            graph,
            ranked.map(([, node]) => node),
          ),
        ),
        sizes,
      );
      if (sizes.length > 1)
        assert.throws(() => requireConnected(graph), {
          code: 'GRAPH_DISCONNECTED',
          message: new RegExp(`sizes ${sizes[0]}, ${sizes[1]}`),
        });
      else requireConnected(graph);
    }),
    cases(500),
  );
});

test('a connected graph is valid, and every single fault in it is refused', () => {
  fc.assert(
    fc.property(
      connectedGraph(12),
      fc.nat(),
      fc.nat(),
      fc.constantFrom('range', 'loop', 'repeat', 'one end', 'offsets'),
      (graph, at, value, fault) => {
        requireValid(graph);
        if (graph.nodes === 1) return;
        const offsets = graph.offsets!.slice();
        let targets = graph.targets!.slice();
        const arc = at % targets.length;
        const owner = offsets.findIndex(offset => offset > arc) - 1;
        if (fault === 'range') targets[arc] = graph.nodes + value;
        if (fault === 'loop') targets[arc] = owner;
        if (fault === 'repeat') {
          if (degree(graph, owner) < 2) return;
          targets[offsets[owner] + 1] = targets[offsets[owner]];
        }
        if (fault === 'one end') {
          targets = Uint32Array.from([...targets.subarray(0, arc), ...targets.subarray(arc + 1)]);
          for (let node = owner + 1; node < offsets.length; node++) offsets[node]--;
        }
        if (fault === 'offsets') offsets[value % 2 === 0 ? 0 : graph.nodes]++;
        assert.throws(() => requireValid({ ...graph, offsets, targets }), { code: 'GRAPH_INVALID' });
      },
    ),
    cases(1000),
  );
});

test('a graph without nodes, with half of its rows or with an isolated node is refused', () => {
  const refused = (graph: Graph, message: RegExp) => assert.throws(() => requireValid(graph), { code: 'GRAPH_INVALID', message });
  refused({ name: 'mine', nodes: 0, directed: false }, /found 0 nodes/);
  refused({ name: 'mine', nodes: 2.5, directed: false }, /found 2.5 nodes/);
  refused({ name: 'mine', nodes: 2, directed: false, targets: Uint32Array.of(1, 0) }, /offsets has undefined/);
  const isolated = { nodes: 3, offsets: Uint32Array.of(0, 1, 2, 2), targets: Uint32Array.of(1, 0) };
  refused({ name: 'mine', directed: false, ...isolated }, /node 2 has no edge/);
  requireValid({ name: 'mine', directed: true, ...isolated });
  requireValid({ name: 'alone', nodes: 1, directed: false, offsets: Uint32Array.of(0, 0), targets: new Uint32Array(0) });
});
