/** A recorder's ring goes round many times: what is taken out of it, whenever, is whole ops in order. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode, openMemory } from '../../../src/engine/history/code.js';
import { drain, openRecorder, threadRing } from '../../../src/engine/history/recorder.js';
import { openIntent, perform, targetTurn } from '../../../src/engine/intent.js';
import { layout, type Shape } from '../../../src/engine/layout.js';
import { Verb } from '../../../src/engine/op.js';
import { sharedWords } from '../../../src/engine/words.js';
import { cases } from '../../support/cases.js';

const empty = { rows: 0, features: 1, width: 4 } as const;
const nodes = 5;
const shape: Shape = {
  ...{ nodes, extraRows: 0, parameters: 1, threads: 1, planes: [{ name: 'params', sides: 2 }], scratch: 0, partials: 0 },
  ...{ ring: 512, train: empty, test: empty, parts: 0 },
};

test('what is drained at once is whole ops, and together they are all ops', () => {
  const at = layout(shape);
  fc.assert(
    fc.property(
      fc.array(fc.record({ a: fc.nat(nodes - 1), step: fc.integer({ min: 1, max: nodes - 1 }), take: fc.boolean() }), {
        minLength: 100,
        maxLength: 200,
      }),
      ops => {
        const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
        const words = sharedWords(memory.buffer);
        const ring = threadRing(memory.buffer, at, 0);
        const scribe = openRecorder(
          words,
          ring,
          at,
          0,
          () => 0,
          () => {},
        );
        const intent = openIntent(words, at, 0, true);
        const reading = openMemory(at.rows);
        const found: [number, number][] = [];
        const takeOut = () =>
          drain(words, ring, at, 0, pieces => {
            const bytes = Buffer.concat(pieces);
            for (let from = 0; from < bytes.length; ) {
              const op = decode(bytes, from, reading); // throws when the piece ends within an op
              found.push([op.a, op.b]);
              from = op.end;
            }
          });
        const pairs = ops.map(({ a, step }) => [a, (a + step) % nodes]);
        ops.forEach(({ take }, k) => {
          const [a, b] = pairs[k];
          if (take || k % 8 === 7) takeOut(); // the ring has room for some ten
          scribe.reserve(0);
          targetTurn(intent, a, 1);
          targetTurn(intent, b, 1);
          scribe.note(intent, Verb.mix, a, b, k, 0, 0.3, 0);
          perform(intent);
        });
        takeOut();
        assert.deepEqual(found, pairs);
      },
    ),
    cases(100),
  );
});
