/** What an algorithm is told of the world: its draws are counted, and those of a purpose are its own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { none } from '../../src/engine/algorithms/none.js';
import { exponential, source, uniform } from '../../src/random.js';
import { rehearse } from '../../src/testing/rehearsal.js';

const [seed, nodes] = [5, 3];
const open = () => rehearse({ algorithm: none, nodes, parameters: 4, seed });

test('waiting times are the draws of a node one after the other, whatever they are for, and go on in the memory', () => {
  const { world } = open();
  const purposes = ['wait', 'wait', 'reach', 'wait'];
  for (let node = 0; node < nodes; node++) {
    const found = purposes.map(purpose => world.exponential(node, purpose));
    const expected = purposes.map((purpose, draw) => exponential(source(seed, purpose), node, draw));
    assert.deepEqual(found, expected);
  }
});

test('a draw is that of the pieces which the node has finished, unless it is named', () => {
  const { world, begin, finish } = open();
  const drawn = (draw: number) => uniform(source(seed, 'coin'), 1, draw);
  assert.deepEqual(
    [world.random(1, 'coin'), world.random(1, 'coin'), world.random(1, 'coin', 7)],
    [drawn(0), drawn(0), drawn(7)],
  );
  begin(1);
  finish(1);
  assert.deepEqual([world.pieces(1), world.pieces(2), world.random(1, 'coin')], [1, 0, drawn(1)]);
});

test('a signal is the last one, with its number; in the beginning there is none', () => {
  const { world } = open();
  assert.equal(world.signalled(), -1);
  world.signal(2, 9);
  world.signal(0);
  assert.deepEqual([world.signalled(), world.signalNumber()], [0, 0]);
  world.signal(2, 9);
  assert.deepEqual([world.signalled(), world.signalNumber()], [2, 9]);
});
