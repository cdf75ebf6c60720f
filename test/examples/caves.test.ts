/** How to property-test a topology of one's own: build its graph as a run does, which checks it, and say what it must be. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { degree, neighbour } from 'hearsay';
import { components, graphOf } from 'hearsay/testing';
import caves from '../../examples/caves.js';
import { cases } from '../support/cases.js';

test('caves: connected, everybody of a cave knows the others, and at most two doors lead out', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 12 }), (nodes, size) => {
      const graph = graphOf(caves, { size: String(size) }, nodes, 1); // throws when it is no connected graph of these nodes
      assert.deepEqual(components(graph), [nodes]);
      const cave = (node: number) => Math.floor(node / size);
      const doors = new Map<number, number>();
      for (let node = 0; node < nodes; node++) {
        const known = Array.from({ length: degree(graph, node) }, (_, k) => neighbour(graph, node, k));
        const first = cave(node) * size;
        const others = Array.from({ length: Math.min(size, nodes - first) }, (_, k) => first + k).filter(other => other !== node);
        assert.deepEqual(
          known.filter(other => cave(other) === cave(node)),
          others,
        );
        doors.set(cave(node), (doors.get(cave(node)) ?? 0) + known.length - others.length);
      }
      for (const count of doors.values()) assert.ok(count <= 2, `${count} doors`);
    }),
    cases(1_000),
  );
});
