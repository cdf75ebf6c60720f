/** Messages of a live run whose thread dies: at whatever step it does, its successor delivers what was sent, once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { view } from '../../src/engine/arena.js';
import { parseExperiment } from '../../src/engine/experiment.js';
import { Control, controlWord, planeNamed } from '../../src/engine/layout.js';
import { massOf } from '../../src/engine/mass.js';
import { openPost, type Post } from '../../src/engine/post.js';
import { recover } from '../../src/engine/recovery.js';
import { openSeat, type Seat } from '../../src/engine/seat.js';
import { sideOf } from '../../src/engine/sides.js';
import { sharedWords, type Words } from '../../src/engine/words.js';
import { openKernels } from '../../src/models/kernels/choose.js';
import { prepare } from '../../src/threads/prepare.js';
import { isClean } from '../../src/threads/supervisor.js';
import { wordsWith } from '../support/words.js';

const mail = new URL('../support/mail.js', import.meta.url).href;
const nodes = 4;

class Dead extends Error {}

/** One thread that serves four nodes, as often as one likes from the start. */
async function office(options: string) {
  const algorithm = `${mail}:${options}`;
  const experiment = parseExperiment({
    algorithm,
    nodes,
    threads: 1,
    data: 'digits:100',
    kernels: 'simd',
    batch: 1,
    seconds: 60,
  });
  const prepared = await prepare(experiment);
  const { arena, recipe, graph } = prepared;
  const { layout, memory } = arena;
  const fresh = new Uint8Array(memory.buffer).slice();
  const real = sharedWords(memory.buffer);
  const kernels = openKernels('simd', memory);
  const slots = Array.from({ length: layout.shape.slots! }, (_, k) => layout.models + k);
  const read = (row: number, word: number) => real.load(controlWord(layout, row, word));
  const senders = new Set(slots.map(slot => controlWord(layout, slot, Control.Sender)));
  const receivers = new Set(slots.map(slot => controlWord(layout, slot, Control.Receivers)));
  const count = { stowed: 0, sent: 0 };

  /** Sees each stow and each sending, whoever does or redoes it; `step` is told of every one and may die in it. */
  const seen = (step: () => void): Words =>
    wordsWith(real, {
      load(index) {
        step();
        return real.load(index);
      },
      compareExchange(index, expected, value) {
        step();
        return real.compareExchange(index, expected, value);
      },
      exchange(index, value) {
        step();
        return real.exchange(index, value);
      },
      store(index, value) {
        step();
        const isNew = real.load(index) === 0 && value !== 0;
        if (isNew && senders.has(index)) count.stowed++;
        if (isNew && receivers.has(index)) count.sent++;
        real.store(index, value);
      },
    });

  function sit(words: Words): { seat: Seat; post: Post; serve: (node: number) => void } {
    let post!: Post;
    const seat = openSeat(arena, kernels, recipe, prepared.assignment(0), () => 0, { words });
    const world = {
      ...seat.world,
      time: () => 0,
      age: () => 0,
      send: (...given: Parameters<Post['send']>) => post.send(...given),
      broadcast: (...given: Parameters<Post['broadcast']>) => post.broadcast(...given),
      after: (...given: Parameters<Post['after']>) => post.after(...given),
    };
    post = openPost(seat, graph, world);
    return {
      seat,
      post,
      serve(node) {
        const { algorithm } = recipe;
        post.makeRoom();
        algorithm.begin(node, seat.rows, world);
        algorithm.finish(node, seat.rows, world);
        real.store(controlWord(layout, node, Control.Committed), read(node, Control.Committed) + 1);
        post.pieceDone(node);
      },
    };
  }

  return {
    /** What became of it when its thread died at step `death`, and a successor went on; undefined when it had ended before. */
    run(death: number) {
      new Uint8Array(memory.buffer).set(fresh);
      Object.assign(count, { stowed: 0, sent: 0 });
      const order = [0, 1, 2, 3, 2, 1, 0, 3];
      let steps = 0;
      let served = 0;
      let died = false;
      const mortal = seen(() => {
        if (++steps > death) throw new Dead();
      });
      try {
        const { serve } = sit(mortal);
        for (; served < order.length; served++) serve(order[served]);
      } catch (error) {
        if (!(error instanceof Dead)) throw error;
        died = true;
        recover(
          seen(() => {}),
          layout,
          0,
        );
      }
      const { serve, post } = sit(seen(() => {}));
      for (; served < order.length; served++) serve(order[served]);
      for (let node = 0; node < nodes; node++) {
        real.store(controlWord(layout, node, Control.Committed), 100);
        post.pieceDone(node);
      }
      const rows = Array.from({ length: nodes }, (_, node) => node);
      const sum = (of: (node: number) => number) => rows.reduce((total, node) => total + of(node), 0);
      const taken = (node: number) => view(arena, sideOf(real, layout, node, planeNamed(layout, 'taken')!), nodes);
      return {
        ...count,
        died,
        clean: isClean(arena),
        left: slots.filter(slot => read(slot, Control.Sender) !== 0).length,
        counted: sum(node => taken(node).reduce((a, b) => a + b, 0)),
        ops: sum(node => read(node, Control.Turn) >>> 8),
        mass: sum(node => massOf(real, layout, node)),
      };
    },
  };
}

for (const [options, receivers] of [
  ['by=apply', 1],
  ['by=apply,wait=3', 1],
  ['by=apply,to=all', nodes - 1],
  ['by=absorb', 1],
  ['by=absorb,wait=2', 1],
  ['by=absorb,to=all', nodes - 1],
  ['by=merge', 1],
  ['by=merge,wait=3', 1],
] as const) {
  test(`${options}: whenever the thread dies, what was sent is taken once, and nothing else`, { timeout: 60_000 }, async () => {
    const { run } = await office(options);
    for (let death = 1; ; death++) {
      const { died, stowed, sent, counted, ops, mass, clean, left } = run(death);
      const what = `death after ${death} steps`;
      assert.ok(clean, `${what}: a lock or an intent is left`);
      assert.equal(left, 0, `${what}: ${left} messages are left`);
      if (options.startsWith('by=apply')) assert.equal(counted, receivers * sent, what);
      if (options.startsWith('by=absorb')) assert.equal(ops, stowed + receivers * sent, what);
      if (options.startsWith('by=merge')) assert.equal(mass, nodes, what);
      assert.ok(stowed - sent <= 1, `${what}: ${stowed} were stowed, ${sent} sent`);
      if (!died) {
        assert.equal(stowed, 8);
        assert.equal(sent, 8);
        assert.ok(death > 300, `it died at ${death} steps only`);
        break;
      }
    }
  });
}
