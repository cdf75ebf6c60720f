import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openAugment, readAugmentation } from '../../src/engine/augment.js';
import { below, source } from '../../src/random.js';

/** Pads with zeros, cuts a window out, turns it round: each pixel by its own, as the words say. */
function naive(
  image: readonly number[],
  [channels, height, width]: number[],
  pad: number,
  down: number,
  right: number,
  flip: boolean,
) {
  const wide = width + 2 * pad;
  const turned = Array.from({ length: channels * height * width }, (_, k) => {
    const [x, y, c] = [k % width, Math.floor(k / width) % height, Math.floor(k / (width * height))];
    return image[(c * height + y) * width + (flip ? width - 1 - x : x)];
  });
  const padded = Array(channels * (height + 2 * pad) * wide).fill(0);
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        padded[(c * (height + 2 * pad) + y + pad) * wide + x + pad] = turned[(c * height + y) * width + x];
  return Array.from({ length: channels * height * width }, (_, k) => {
    const [x, y, c] = [k % width, Math.floor(k / width) % height, Math.floor(k / (width * height))];
    return padded[(c * (height + 2 * pad) + y + pad - down) * wide + x + pad - right];
  });
}

const taskOf = (shape: readonly number[]) => ({ shape, features: shape.reduce((a, b) => a * b), classes: 2 });

test('flips and crops are those of padding, cutting and turning pixel by pixel', () => {
  fc.assert(
    fc.property(
      fc.record({
        channels: fc.integer({ min: 1, max: 3 }),
        height: fc.integer({ min: 4, max: 7 }),
        width: fc.integer({ min: 4, max: 7 }),
      }),
      fc.record({ pad: fc.integer({ min: 0, max: 3 }), flip: fc.boolean(), rank: fc.constantFrom(2, 3) }),
      fc.record({
        seed: fc.nat(),
        node: fc.nat({ max: 1000 }),
        step: fc.nat({ max: 2 ** 31 }),
        rows: fc.integer({ min: 1, max: 5 }),
      }),
      ({ channels, height, width }, { pad, flip, rank }, { seed, node, step, rows }) => {
        const [c, shape] = rank === 2 ? [1, [height, width]] : [channels, [channels, height, width]];
        const text = [...(flip ? ['flip'] : []), ...(pad > 0 ? [`crop:${pad}`] : [])].join(',') || 'none';
        const { features } = taskOf(shape);
        const inputs = Float32Array.from({ length: rows * features }, (_, k) => k + 1);
        const expected: number[] = [];
        const random = source(seed, 'augment');
        for (let row = 0; row < rows; row++) {
          const draw = (step * rows + row) * 3;
          const shift = (k: number) => (pad > 0 ? below(random, node, draw + k, 2 * pad + 1) - pad : 0);
          const image = Array.from(inputs.subarray(row * features, (row + 1) * features));
          expected.push(...naive(image, [c, height, width], pad, shift(1), shift(2), flip && below(random, node, draw, 2) === 1));
        }
        const augment = openAugment(text, taskOf(shape), seed);
        augment?.(inputs, node, step);
        assert.equal(augment === undefined, text === 'none');
        assert.deepEqual(Array.from(inputs), expected);
      },
    ),
    { numRuns: 2000 },
  );
});

test('what is shifted in is the background', () => {
  const augment = openAugment('crop:2', taskOf([4, 4]), 3, -0.5)!;
  let background = 0;
  for (let step = 0; step < 20; step++) {
    const inputs = new Float32Array(16).fill(7);
    augment(inputs, 1, step);
    assert.ok(inputs.every(value => value === 7 || value === -0.5));
    background += inputs.filter(value => value === -0.5).length;
  }
  assert.ok(background > 0);
});

test('every flip and every shift comes as often as any other', () => {
  const [height, width, pad] = [5, 6, 2];
  const augment = openAugment(`crop:${pad},flip`, taskOf([height, width]), 1)!;
  const counts = new Map<string, number>();
  const draws = 50_000;
  const inputs = new Float32Array(height * width);
  for (let step = 0; step < draws; step++) {
    for (let k = 0; k < inputs.length; k++) inputs[k] = k + 1;
    augment(inputs, step % 7, Math.floor(step / 7));
    // Where the pixel (2, 2) is, and whether its right neighbour is on its right.
    const at = inputs.indexOf(2 * width + 3);
    const key = `${at} ${inputs[at + 1] > inputs[at]}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const expected = draws / (2 * 25);
  assert.equal(counts.size, 50);
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  assert.ok(chiSquare < 95, `chi square ${chiSquare} at 49 degrees of freedom`); // beyond by chance: 1 in 10,000
});

test('the words of the option', () => {
  assert.deepEqual(readAugmentation('none'), { flip: false, pad: 0 });
  assert.deepEqual(readAugmentation('crop:4,flip'), { flip: true, pad: 4 });
  for (const text of [
    '',
    'flop',
    'flip,flip',
    'crop',
    'crop:',
    'crop:0',
    'crop:-1',
    'crop:1.5',
    'crop:1e1',
    'flip,',
    'none,flip',
    'crop:2,crop:3',
    'crop:1001',
  ])
    assert.throws(() => readAugmentation(text, '--augment'), { code: 'CONFIG_RANGE', message: /^--augment/ }, text);
});

test('what is no image, or too small, is refused', () => {
  const bad = (text: string, shape: readonly number[], message: RegExp, more = {}) =>
    assert.throws(() => openAugment(text, { ...taskOf(shape), ...more }, 1), { code: 'CONFIG_RANGE', message });
  bad('flip', [10], /needs images .*found inputs of shape 10; leave it out/);
  bad('flip', [2, 3, 4, 5], /2 x 3 x 4 x 5/);
  bad('flip', [4, 1], /more than 1 pixels/);
  bad('crop:4', [4, 8], /more than 4 pixels/);
  bad('flip', [4, 8], /needs images/, { categories: [9] });
  assert.ok(openAugment('crop:3', taskOf([4, 8]), 1));
});
