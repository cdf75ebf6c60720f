import assert from 'node:assert/strict';
import { test } from 'node:test';
import { available, chooseKernels, openKernels } from '../../../src/models/kernels/choose.js';
import type { Kernels } from '../../../src/models/kernels/kernels.js';
import { namedModel } from '../../../src/models/named.js';
import { task } from '../open.js';
import { sharedMemory } from './arena.js';

const shape = task(20, 4);
const model = namedModel('mlp:16', shape);

test('auto takes the set whose steps are the fastest, by the clock that it is given', () => {
  // a clock by which the second candidate (and then the first) is slow
  for (const [slow, expected] of [
    ['relaxed', 'simd'],
    ['simd', 'relaxed'],
  ]) {
    let time = 0;
    let opened: Kernels['name'] = 'simd';
    const watched = {
      ...model,
      open: (kernels: Kernels, work: Float32Array, rows: number) => {
        opened = kernels.name;
        return model.open(kernels, work, rows);
      },
    };
    const choice = chooseKernels('auto', watched, shape, 8, () => (time += opened === slow ? 2 : 1));
    assert.equal(choice.set.split(',')[0], expected);
    assert.match(choice.note, /simd .* ms, relaxed .* ms a step/);
  }
});

test('a named set is taken as named; one that is not here is refused', () => {
  for (const name of available()) assert.equal(chooseKernels(name, model, shape, 8, () => 0).set, name);
  if (!available().includes('blas')) assert.throws(() => openKernels('blas', sharedMemory(1)), { code: 'KERNELS_UNAVAILABLE' });
  assert.throws(() => chooseKernels('smid', model, shape, 8, () => 0), /did you mean simd/);
});

test('where a step takes long, fewer images are tried, but never fewer rows of a perceptron', () => {
  const images = { features: 128, shape: [2, 8, 8], classes: 4 };
  for (const [name, given, expected] of [
    ['layers:conv-4-3,relu', images, 8],
    ['mlp:16', shape, 32],
  ] as const) {
    // each row takes a millisecond by the clock, and nothing else does
    let time = 0;
    let most = 0;
    const model = namedModel(name, given);
    const slow = {
      ...model,
      open: (kernels: Kernels, work: Float32Array, rows: number) => {
        most = Math.max(most, rows);
        const session = model.open(kernels, work, rows);
        const descend: typeof session.descend = (weights, batch, rate) => {
          time += rows;
          return session.descend!(weights, batch, rate);
        };
        return { ...session, descend };
      },
    };
    const { note } = chooseKernels('auto', slow, given, 32, () => time);
    assert.equal(most, expected, name);
    assert.match(note, /^simd 32.0 ms/);
    if (expected < 32) assert.ok(time <= 150, `${time} ms`);
  }
});
