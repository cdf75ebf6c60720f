/** The live driver, in one thread: what it serves first. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlgorithmFactory, Row } from '../../src/engine/algorithm.js';
import { Header } from '../../src/engine/layout.js';
import { serve } from '../../src/engine/live.js';
import { rehearse } from '../../src/testing/rehearsal.js';

test('a piece that a dead thread left pending is finished before another one begins', () => {
  for (const orphan of [0, 2, 3]) {
    const served: [half: string, node: Row][] = [];
    const algorithm: AlgorithmFactory = () => ({
      name: 'noting',
      begin: (node, rows) => {
        served.push(['begin', node]);
        rows.descend(node, { steps: 1 });
      },
      finish: (node, rows) => {
        served.push(['finish', node]);
        rows.commit(node);
        if (served.length > 6) stage.words.store(Header.Stop, 1);
        return true;
      },
    });
    const stage = rehearse({ algorithm, nodes: 4, parameters: 3 });
    const { words, arena, rows, world } = stage;
    words.store(Header.PauseAt, 1000);
    stage.begin(orphan);
    served.length = 0;
    serve({
      words,
      layout: arena.layout,
      thread: 0,
      shard: [0, 1, 2, 3],
      rows,
      algorithm: stage.algorithm,
      world,
      factor: () => 1,
      now: () => 0,
      doubles: new Float64Array(arena.memory.buffer, 0, 8),
      times: { working: 0, gossip: 0, blocked: 0, publish() {} },
      job() {},
    });
    assert.deepEqual(served[0], ['finish', orphan]);
    assert.deepEqual(served[1], ['begin', (orphan + 1) % 4]);
    stage.requireClean();
  }
});
