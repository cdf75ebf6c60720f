/** Ops as bytes: they come back as they were, and damaged bytes are refused. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Posted } from '../../../src/engine/agenda.js';
import { rowsOf } from '../../../src/engine/cell.js';
import { decode, encode, Malformed, mostBytes, openMemory } from '../../../src/engine/history/code.js';
import { Verb } from '../../../src/engine/op.js';
import { cases } from '../../support/cases.js';

const rows = 12;
const row = fc.integer({ min: 0, max: rows - 1 });
const turn = fc.integer({ min: 0, max: 0xffffff });
const weight = fc.constantFrom(0.5, 0, 1, Math.fround(0.3));
const empty = { turnA: -1, turnB: -1, handA: -1, handB: -1, x: 0, y: 0, w: 0, v: 0 };

const single: fc.Arbitrary<Posted> = fc
  .record({ a: row, b: row, turnA: turn, turnB: turn, x: fc.nat(1e6), y: fc.nat(3), w: weight, v: weight })
  .chain(part =>
    fc.constantFrom(...Object.values(Verb).filter(verb => verb !== Verb.combine)).map(verb => {
      const b =
        verb === Verb.meet || (verb === Verb.apply && part.y % 2 === 0)
          ? -1
          : verb === Verb.commit || verb === Verb.descend
            ? part.b
            : (part.a + 1 + (part.b % (rows - 1))) % rows;
      const same = part.a === b;
      const weighs = [Verb.mixAndCommit, Verb.mixAndCommitBoth, Verb.mix, Verb.pull, Verb.absorb, Verb.apply].includes(
        verb as never,
      );
      return {
        ...empty,
        ...part,
        verb,
        b,
        turnA: verb === Verb.descend && !same ? -1 : part.turnA,
        turnB: b < 0 ? -1 : same ? part.turnA : part.turnB,
        w: weighs ? part.w : 0,
        v: verb === Verb.absorb ? part.v : 0,
      };
    }),
  );

const combined: fc.Arbitrary<Posted> = fc
  .record({
    targets: fc.uniqueArray(fc.integer({ min: 0, max: 5 * rows - 1 }), { minLength: 1, maxLength: 4 }),
    operands: fc.array(fc.integer({ min: 0, max: 5 * rows - 1 }), { minLength: 1, maxLength: 6 }),
    each: fc.boolean(),
    turns: fc.array(turn, { minLength: rows, maxLength: rows }),
    weights: fc.array(weight, { minLength: 24, maxLength: 24 }),
  })
  .map(({ targets, operands, each, turns, weights }) => {
    const lists = { targets, operands, weights: weights.slice(0, operands.length * (each ? targets.length : 1)) };
    return {
      ...empty,
      verb: Verb.combine,
      a: -1,
      b: -1,
      lists,
      touched: rowsOf([...lists.targets, ...lists.operands], rows).map(r => ({ row: r, turn: turns[r], hand: -1 })),
    };
  });

test('ops come back as they were written, in streams of any length', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: single }, combined), { maxLength: 30 }), ops => {
      const bytes = new Uint8Array(ops.length * mostBytes(60));
      const writing = openMemory(rows);
      let end = 0;
      for (const op of ops) end = encode(bytes, end, op, writing);
      const reading = openMemory(rows);
      let at = 0;
      for (const op of ops) {
        const { end: next, ...read } = decode(bytes.subarray(0, end), at, reading);
        assert.deepEqual(read, JSON.parse(JSON.stringify(op)));
        at = next;
      }
      assert.equal(at, end);
    }),
    cases(2000),
  );
});

test('an exchange takes at most 9 bytes and a descent 5, once a stream has seen its rows', () => {
  const memory = openMemory(rows);
  const bytes = new Uint8Array(256);
  const size = (op: Posted) => encode(bytes, 0, op, memory);
  const exchange = { ...empty, verb: Verb.mixAndCommit, a: 3, b: 7, turnA: 900, turnB: 800, x: 400, w: 0.5 };
  size(exchange);
  assert.ok(size({ ...exchange, turnA: 902, turnB: 803, x: 401 }) <= 9);
  assert.ok(size({ ...empty, verb: Verb.descend, a: 3, b: 3, turnA: 905, turnB: 905, x: 4 }) <= 5);
});

test('any bytes give ops or Malformed, and no row that is not there', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), bytes => {
      const memory = openMemory(rows);
      try {
        for (let at = 0; at < bytes.length; ) {
          const op = decode(bytes, at, memory);
          assert.ok(op.a < rows && op.b < rows);
          for (const touched of op.touched ?? []) assert.ok(touched.row < rows);
          at = op.end;
        }
      } catch (error) {
        assert.ok(error instanceof Malformed, String(error));
      }
    }),
    cases(20_000),
  );
});
