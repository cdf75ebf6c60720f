import assert from 'node:assert/strict';
import { test } from 'node:test';
import { available, choiceLimit, chooseKernels, openKernels } from '../../../src/models/kernels/choose.js';
import type { Kernels } from '../../../src/models/kernels/kernels.js';
import { type ProductCall, watchProducts } from '../../../src/models/kernels/plan.js';
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

test('a choice ends by its limit, and what is not timed by then is not chosen', () => {
  const deep = namedModel('mlp:8,8,7,7,6,6,5', shape);
  for (const tick of [1, 5, 20, 60, 1000]) {
    let time = 0;
    const { set, note } = chooseKernels('auto', deep, shape, 32, () => (time += tick));
    assert.ok(time <= choiceLimit + 12 * tick, `${time} ms in ticks of ${tick}`);
    assert.ok(!note.includes('Infinity'), note);
    if (tick === 1000) assert.deepEqual([set, note.split(';')[0]], ['simd', 'a step takes too long to be timed']);
  }
});

test('a product that was watched can be made again, by another set too', () => {
  const memory = sharedMemory(400);
  const words = new Float32Array(memory.buffer, 0, 400);
  words.forEach((_, k) => void (words[k] = ((k * 37) % 11) - 5));
  const [rows, inputs, outputs] = [2, 3, 4];
  const seen: ProductCall[] = [];
  const kernels = watchProducts(openKernels('simd', memory), call => void seen.push(call));
  kernels.forward(0, 128, 256, 384, rows, inputs, outputs, 512);
  kernels.backward(640, 0, 256, rows, inputs, outputs, 512);
  kernels.accumulate(768, 896, 128, 0, rows, inputs, outputs, 0, 512);
  const found = words.slice();
  assert.deepEqual(
    seen.map(({ again: _, ...call }) => call),
    (['forward', 'backward', 'accumulate'] as const).map(name => ({ name, rows, inputs, outputs })),
  );
  for (const [at, length] of [
    [0, 8],
    [160, 6],
    [192, 12],
    [224, 4],
  ])
    words.fill(0, at, at + length);
  for (const { again } of seen) again(openKernels('reference', memory));
  for (const [at, length] of [
    [0, 8],
    [160, 6],
    [192, 12],
    [224, 4],
  ])
    assert.deepEqual(words.slice(at, at + length), found.slice(at, at + length));
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
