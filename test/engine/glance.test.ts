/** What a look says of single nodes is what the verbs did. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openGlance } from '../../src/engine/glance.js';
import { algorithms } from '../../src/index.js';
import { rehearse } from '../../src/testing/rehearsal.js';
import { topology } from '../../src/topology/topology.js';
import { cases } from '../support/cases.js';

test('whom each node met, how far behind its piece is, and its steps', () => {
  const turns = fc.array(fc.tuple(fc.nat(8), fc.boolean()), { maxLength: 40 });
  fc.assert(
    fc.property(turns, fc.nat(1000), (moves, seed) => {
      const graph = topology('torus', 9, 1);
      const stage = rehearse({ algorithm: algorithms.adpsgd, nodes: 9, parameters: 3, graph, seed });
      const look = openGlance(stage.arena, graph, seed);
      const snapshots = new Map<number, number>();
      look();
      for (const [node, looks] of moves) {
        const met = new Map<number, number>();
        if (stage.isPending(node)) {
          met.set(node, stage.rows.mixAndCommit(node, stage.world.peer(node)));
          snapshots.delete(node);
        } else {
          stage.begin(node);
          snapshots.set(node, stage.turn(node));
        }
        const { nodes, steps } = look();
        for (let k = 0; k < 9; k++) {
          assert.equal(nodes.drew[k], met.get(k) ?? -1);
          assert.equal(nodes.behind[k], snapshots.has(k) ? stage.turn(k) - snapshots.get(k)! : 0);
          assert.equal(nodes.steps[k], stage.steps(k));
          assert.equal(nodes.alive[k], 1);
        }
        assert.equal(
          steps,
          nodes.steps.reduce((sum, own) => sum + own, 0),
        );
        if (looks)
          assert.ok(
            look().nodes.drew.every(other => other === -1),
            'nothing is told twice',
          );
      }
    }),
    cases(200),
  );
});
