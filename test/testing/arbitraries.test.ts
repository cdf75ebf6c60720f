import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { anyGraph, components, connectedGraph, partition, play, rehearse, requireValid, schedule } from '../../src/testing.js';
import { cases } from '../support/cases.js';

test('drawn graphs are graphs, and connected where they say so', () => {
  let disconnected = 0;
  fc.assert(
    fc.property(connectedGraph(), anyGraph(), (connected, any) => {
      requireValid(connected);
      assert.equal(any.offsets!.length, any.nodes + 1);
      assert.equal(components(connected).length, 1);
      if (components(any).length > 1) disconnected++;
    }),
    cases(3_000),
  );
  assert.ok(disconnected > 100, 'the disconnected are among them');
});

test('drawn partitions give every node a sample', () => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 9 })
        .chain(nodes => fc.record({ nodes: fc.constant(nodes), owners: partition(nodes, nodes + 20) })),
      ({ nodes, owners }) => {
        assert.equal(owners.length, nodes + 20);
        for (let node = 0; node < nodes; node++) assert.ok(owners.includes(node));
      },
    ),
    cases(1_000),
  );
});

test('every built-in algorithm plays every schedule on every connected graph, and leaves no lock', () => {
  const names = Object.keys(algorithms);
  const setting = connectedGraph(8).chain(graph => fc.record({ graph: fc.constant(graph), order: schedule(graph.nodes) }));
  fc.assert(
    fc.property(fc.constantFrom(...names), setting, fc.integer({ min: 1, max: 70 }), (name, { graph, order }, parameters) => {
      const stage = rehearse({ algorithm: algorithms[name], nodes: graph.nodes, parameters, graph });
      let finished = 0;
      play(stage, order, () => finished++);
      stage.requireClean();
      const steps = Array.from({ length: graph.nodes }, (_, node) => stage.steps(node)).reduce((sum, n) => sum + n, 0);
      // At the barrier a piece may wait for the meeting to commit it.
      const waiting = Array.from({ length: graph.nodes }, (_, node) => node).filter(
        node => stage.hasArrived(node) && stage.isPending(node),
      );
      assert.ok(steps >= finished - waiting.length, 'a piece that was finished has steps');
    }),
    cases(5_000),
  );
});
