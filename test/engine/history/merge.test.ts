/** Streams of ops are merged into one order that the turns allow. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Posted } from '../../../src/engine/agenda.js';
import { openMerge, Stuck } from '../../../src/engine/history/merge.js';
import { Verb } from '../../../src/engine/op.js';
import { cases } from '../../support/cases.js';

const rows = 6;

/** A linear history of exchanges and descents, dealt to streams at random: each stream keeps the order. */
const dealt = fc
  .record({
    ops: fc.array(fc.record({ a: fc.nat(rows - 1), b: fc.nat(rows - 1), stream: fc.nat(3) }), { maxLength: 60 }),
  })
  .map(({ ops }) => {
    const turns = new Array<number>(rows).fill(0);
    const line: Posted[] = ops.map(({ a, b }) => {
      const verb = a === b ? Verb.descend : Verb.mix;
      const turnA = turns[a]++;
      const turnB = a === b ? turnA : turns[b]++;
      return { verb, a, b, turnA, turnB, handA: -1, handB: -1, x: 0, y: 0, w: 0.5, v: 0 };
    });
    const streams = [0, 1, 2, 3].map(stream => line.filter((_, k) => ops[k].stream === stream));
    return { line, streams };
  });

const streamOf = (ops: readonly Posted[]) => {
  let k = 0;
  return { next: () => ops[k++] ?? null };
};

test('every op comes once, and when its rows have had exactly the ops before it', () => {
  fc.assert(
    fc.property(dealt, ({ line, streams }) => {
      const merge = openMerge(streams.map(streamOf), rows);
      const turns = new Array<number>(rows).fill(0);
      let count = 0;
      for (let op = merge.next(); op; op = merge.next()) {
        assert.equal(op.turnA, turns[op.a]++);
        if (op.b !== op.a) assert.equal(op.turnB, turns[op.b]++);
        count++;
      }
      assert.equal(count, line.length);
      assert.equal(merge.next(), null);
    }),
    cases(1000),
  );
});

test('a history that lacks an op that others build on is refused', () => {
  fc.assert(
    fc.property(dealt, fc.nat(), ({ line, streams }, which) => {
      fc.pre(line.length > 0);
      const lost = line[which % line.length];
      const later = line.slice(line.indexOf(lost) + 1).some(op => [op.a, op.b].some(row => row === lost.a || row === lost.b));
      const merge = openMerge(
        streams.map(ops => streamOf(ops.filter(op => op !== lost))),
        rows,
      );
      const all = () => {
        while (merge.next()) {}
      };
      if (later) assert.throws(all, Stuck);
      else all();
    }),
    cases(1000),
  );
});
