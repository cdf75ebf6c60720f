/** The live driver, in one thread: what it serves first, how it pauses, and how slow a slowed node is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlgorithmFactory, Row } from '../../src/engine/algorithm.js';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { Header } from '../../src/engine/layout.js';
import { type LiveContext, serve } from '../../src/engine/live.js';
import type { Words } from '../../src/engine/words.js';
import { type Rehearsal, rehearse } from '../../src/testing/rehearsal.js';
import { wordsWith } from '../support/words.js';

/** Thread 0 of a rehearsal, serving nodes 0..nodes-1. */
function seatOf({ words, arena, rows, world, algorithm }: Rehearsal, change: Partial<LiveContext> = {}): LiveContext {
  return {
    words,
    layout: arena.layout,
    thread: 0,
    shard: rows.live,
    rows,
    algorithm,
    world,
    factor: () => 1,
    now: () => 0,
    doubles: new Float64Array(arena.memory.buffer, 0, arena.layout.planes[0].offset / 8),
    times: { working: 0, gossip: 0, blocked: 0, idle() {}, publish() {} },
    job() {},
    ...change,
  };
}

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
    stage.words.store(Header.PauseAt, 1000);
    stage.begin(orphan);
    served.length = 0;
    serve(seatOf(stage));
    assert.deepEqual(served[0], ['finish', orphan]);
    assert.deepEqual(served[1], ['begin', (orphan + 1) % 4]);
    stage.requireClean();
  }
});

test('whenever a thread dies while it pauses, the supervisor is called', () => {
  for (let death = 1; ; death++) {
    const stage = rehearse({ algorithm: algorithms.none, nodes: 1, parameters: 3 }); // PauseAt is 0: reached at once
    const { words } = stage;
    const sleepThenStop = () => {
      words.store(Header.Stop, 1);
      return 'ok' as const;
    };
    let steps = 0;
    const mortal = new Proxy(words, {
      get: (target, name: keyof Words) =>
        name === 'wait'
          ? sleepThenStop
          : (...given: [number, number, number]) => {
              if (++steps > death) throw new Error('dead');
              return (target[name] as (...given: number[]) => number)(...given);
            },
    });
    let died = false;
    try {
      serve(seatOf(stage, { words: mortal }));
    } catch {
      died = true;
    }
    if (died) serve(seatOf(stage, { words: wordsWith(words, { wait: sleepThenStop }) }));
    assert.notEqual(words.load(Header.Bell), 0, `death after ${death} steps: nobody rang`);
    if (!died) break;
    assert.ok(death < 100);
  }
});

test('a slowed node takes its factor longer, whatever the algorithm', () => {
  for (const [name, options] of [
    ['swarm', { steps: '1' }],
    ['swarm', { steps: '1', both: 'true' }],
    ['hogwild', {}],
    ['hogwild', { mode: 'guarded' }],
    ['none', { steps: '1' }],
  ] as const) {
    let now = 0;
    let begun = 0;
    const inPlace = name === 'hogwild' && !('mode' in options); // the work is all in the finish, and the node rests after it
    const early: number[] = [];
    const algorithm: AlgorithmFactory = (given, setting) => {
      const inner = algorithms[name](given, setting);
      return {
        ...inner,
        begin(node, rows, world) {
          if (node === 1) begun = now;
          inner.begin(node, rows, world);
        },
        finish(node, rows, world) {
          const before = stage.steps(1);
          const finished = inner.finish(node, rows, world);
          if (stage.steps(1) !== before && now < begun + 80) early.push(now - begun);
          return finished;
        },
      };
    };
    const stage = rehearse({ algorithm, options, nodes: 2, parameters: 3, descent: () => void (now += 10) });
    const { words } = stage;
    words.store(Header.PauseAt, 1000);
    const clocked = wordsWith(words, {
      load: index => (index === Header.Stop && now >= 4000 ? 1 : words.load(index)),
      wait(_index, _value, milliseconds) {
        now += milliseconds;
        return 'timed-out';
      },
    });
    serve(seatOf(stage, { words: clocked, now: () => now, factor: node => (node === 1 ? 8 : 1) }));
    const [plain, slowed] = [stage.steps(0), stage.steps(1)];
    const what = `${name} ${JSON.stringify(options)}: ${plain} and ${slowed} steps`;
    assert.ok(slowed >= 40 && slowed <= 51, what); // 4000 / 80, or as soon after as the thread has a moment
    if (!inPlace) assert.deepEqual(early, [], `${what}: milliseconds from a snapshot to its commit`);
    assert.ok('both' in options ? Math.abs(plain - slowed) <= 1 : plain > 6 * slowed, what);
  }
});
