/** What an exchange costs: the guard alone, and a whole pair average (turn-over and intent included) against a plain copy. */

import { strict as assert } from 'node:assert';
import type { AlgorithmFactory } from '../src/engine/algorithm.js';
import { ownerWord } from '../src/engine/guard.js';
import { type Holder, holdPair, release } from '../src/engine/hold.js';
import { openKernels } from '../src/models/kernels/choose.js';
import { rehearse } from '../src/testing/rehearsal.js';
import { median, type Row, ratio, sideBySide } from './measure.js';

const onlyMix: AlgorithmFactory = () => ({ name: 'mix', begin() {}, finish: () => true });

export function exchange(): Row[] {
  return [...guard(), ...average()];
}

function guard(): Row[] {
  const stage = rehearse({ algorithm: onlyMix, nodes: 2, parameters: 32 });
  const { words, arena } = stage;
  const holder: Holder = { words, layout: arena.layout, owner: ownerWord(0, 0), spins: 0, now: () => 0, blocked() {} };
  const pair = () => {
    if (!holdPair(holder, 0, 1, false)) throw new Error('a free pair was busy');
    release(holder, 1);
    release(holder, 0);
  };
  pair();
  stage.requireClean();
  const times = sideBySide({ pair }, 30, 10_000);
  const micros = median(times.pair) * 1000;
  return [{ name: 'lock and unlock of a free pair', value: micros, unit: 'us', ratio: 0.5 / micros, of: 'of 0.5 us', bar: 1 }];
}

function average(): Row[] {
  const parameters = 1_000_000;
  const stage = rehearse({ algorithm: onlyMix, nodes: 2, parameters, start: (row, k) => row + (k % 7) });
  const peer = stage.world.peer(0);
  stage.rows.mix(0, peer);
  for (let k = 0; k < parameters; k += 997) {
    for (const row of [0, 1]) assert.equal(stage.params(row)[k], 0.5 + (k % 7));
  }
  const memory = new WebAssembly.Memory({ initial: 512, maximum: 512, shared: true });
  new Float32Array(memory.buffer).fill(1); // pages never written are one page of zeros, and copied from the cache
  const kernels = openKernels('simd', memory);
  // An average reads two rows and writes two; so do two copies.
  const copies = () => {
    kernels.copy(128, 128 + 4 * parameters, parameters);
    kernels.copy(128 + 8 * parameters, 128 + 12 * parameters, parameters);
  };
  const times = sideBySide({ copies, average: () => stage.rows.mix(0, peer) }, 200);
  const bytes = 16 * parameters;
  return [
    {
      name: 'pair average at 1 M parameters',
      value: bytes / median(times.average) / 1e6,
      unit: 'GB/s',
      ratio: ratio(times.copies, times.average),
      of: 'of plain copies',
      bar: 0.7,
    },
  ];
}
