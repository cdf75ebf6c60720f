/** Losses of pieces that are done again. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { Control, controlWord } from '../../src/engine/layout.js';
import { countLosses } from '../../src/engine/losses.js';
import { sharedWords, type Words } from '../../src/engine/words.js';
import { rehearse } from '../../src/testing/rehearsal.js';
import { wordsWith } from '../support/words.js';

/** Both memories of a thread that dies at its write number `last`. */
function mortal(words: Words, doubles: Float64Array, last: number): [Words, Float64Array] {
  let writes = 0;
  const write = <T>(how: () => T): T => {
    if (++writes > last) throw new Error('dead');
    return how();
  };
  const written: Words = wordsWith(words, { store: (index, value) => write(() => words.store(index, value)) });
  const numbers = new Proxy(doubles, {
    get: (target, key) => Reflect.get(target, key),
    set: (target, key, value) => write(() => Reflect.set(target, key, value)),
  });
  return [written, numbers];
}

test('whenever a thread dies while it counts the losses of a piece, the piece done again counts once', () => {
  let deaths = 0;
  for (let last = 0; last < 20; last++) {
    const { arena } = rehearse({ algorithm: algorithms.none, nodes: 2, parameters: 1 });
    const { layout, memory } = arena;
    const words = sharedWords(memory.buffer);
    const doubles = new Float64Array(memory.buffer, 0, layout.planes[0].offset / 8);
    const sums = () => [Control.Loss, Control.LossSteps].map(word => doubles[controlWord(layout, 1, word) / 2]);
    const commit = () => {
      const word = controlWord(layout, 1, Control.Committed);
      words.store(word, words.load(word) + 1);
    };
    countLosses(words, doubles, layout, 1, 4, 2.5);
    commit();
    try {
      countLosses(...mortal(words, doubles, last), layout, 1, 3, 1.25);
    } catch {
      deaths++;
    }
    // The successor's snapshot is another one, so its loss is another one too.
    countLosses(words, doubles, layout, 1, 3, 1.5);
    assert.deepEqual(sums(), [4, 7], `death after ${last} writes`);
    commit();
    countLosses(words, doubles, layout, 1, 1, 0.5);
    assert.deepEqual(sums(), [4.5, 8]);
    assert.equal(doubles[controlWord(layout, 0, Control.Loss) / 2], 0);
  }
  assert.equal(deaths, 5, 'a death before each write');
});
