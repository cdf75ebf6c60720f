/**
 * The embedded data: 28 x 28 grey digits that the program draws itself, so that everything runs without a download. A digit is one
 * of several hands (strokes.ts) whose points shake, bent by a smooth random field, put through a random affine map, drawn with a
 * pen of random width and pressure, over a background with stray marks and grain. Our own construction. The strengths are chosen
 * so that a linear classifier reaches 90 % and 128 hidden units 97.9 % (measured in test/data/digits.test.ts, HEARSAY_LONG=1).
 * Additions, products, quotients and square roots only: the same bytes in every engine.
 */

import { HearsayError } from '../errors.js';
import { normal, type Source, source, uniform, word } from '../random.js';
import type { Dataset, Split } from './dataset.js';
import { type Ink, ink } from './ink.js';
import { hands, type Stroke } from './strokes.js';

const side = 28;
const largest = 2_000_000;

/**
 * `train` + `test` digits (1 to 2,000,000 each) for `seed`. Image i depends on seed, split and i alone: a smaller set is the
 * beginning of a larger one. Throws CONFIG_RANGE.
 */
export function digits(seed: number, train = 20_000, test = 4_000): Split {
  return { train: draw(source(seed, 'digits train'), train), test: draw(source(seed, 'digits test'), test) };
}

function draw(random: Source, rows: number): Dataset {
  if (!Number.isInteger(rows) || rows < 1 || rows > largest) {
    throw new HearsayError('CONFIG_RANGE', `digits: ${rows} rows asked for; a whole number from 1 to ${largest} is allowed`);
  }
  const inputs = new Uint8Array(rows * side * side);
  const targets = new Int32Array(rows);
  const sheet = ink(side);
  for (let row = 0; row < rows; row++) {
    const image = inputs.subarray(row * side * side, (row + 1) * side * side);
    targets[row] = drawDigit(sheet, dice(random, row), image);
  }
  const shape = [side, side];
  return { name: 'digits', rows, features: side * side, inputs, scale: 1 / 255, shift: 0, shape, targets, classes: 10 };
}

/** The draws of one image, one after the other. */
interface Dice {
  uniform(low: number, high: number): number;
  normal(deviation: number): number;
  below(bound: number): number;
  word(): number;
}

function dice(random: Source, row: number): Dice {
  let next = 0;
  return {
    uniform: (low, high) => low + (high - low) * uniform(random, row, next++),
    normal: deviation => deviation * Math.max(-2.5, Math.min(2.5, normal(random, row, next++))),
    below: bound => Math.floor(uniform(random, row, next++) * bound),
    word: () => word(random, row, next++),
  };
}

/** Draws one digit into `image` and returns which. */
function drawDigit(sheet: Ink, dice: Dice, image: Uint8Array): number {
  const label = dice.below(10);
  const strokes = hands[label][dice.below(hands[label].length)];
  const bend = bending(dice);
  const place = placing(dice);
  const radius = dice.uniform(0.75, 1.75);
  const pressure = dice.uniform(-0.25, 0.25);
  const soft = dice.uniform(0.9, 1.5);
  const strength = dice.uniform(0.72, 1);
  sheet.clear();
  clutter(sheet, dice);
  for (const stroke of strokes) {
    const points = curve(stroke, dice);
    const count = points.length / 2;
    for (let k = 0; k < points.length; k += 2) {
      bend(points, k);
      place(points, k);
    }
    sheet.line(points, count, radius * (1 + pressure), radius * (1 - pressure), soft, strength);
  }
  expose(sheet.light, dice, image);
  return label;
}

/** Shaky points, then a Catmull-Rom spline through them, `pieces` straight pieces a span. Doubled points (corners) shake together. */
function curve(stroke: Stroke, dice: Dice): Float64Array {
  const pieces = 4;
  const n = stroke.length / 2;
  const shaken = new Float64Array(stroke.length);
  for (let i = 0; i < n; i++) {
    const corner = i > 0 && stroke[2 * i] === stroke[2 * i - 2] && stroke[2 * i + 1] === stroke[2 * i - 1];
    shaken[2 * i] = corner ? shaken[2 * i - 2] : stroke[2 * i] + dice.normal(0.03);
    shaken[2 * i + 1] = corner ? shaken[2 * i - 1] : stroke[2 * i + 1] + dice.normal(0.03);
  }
  const points = new Float64Array(2 * ((n - 1) * pieces + 1));
  for (let axis = 0; axis < 2; axis++) {
    const at = (i: number) => shaken[2 * Math.max(0, Math.min(n - 1, i)) + axis];
    for (let i = 0; i < n - 1; i++) {
      const p = at(i - 1);
      const q = at(i);
      const r = at(i + 1);
      const s = at(i + 2);
      for (let k = 0; k < pieces; k++) {
        const t = k / pieces;
        points[2 * (i * pieces + k) + axis] = q + 0.5 * t * (r - p + t * (2 * p - 5 * q + 4 * r - s + t * (3 * (q - r) + s - p)));
      }
    }
    points[points.length - 2 + axis] = at(n - 1);
  }
  return points;
}

/** Elastic distortion: a field of random shifts on a 4 x 4 grid over the box, blended smoothly between the grid points. */
function bending(dice: Dice): (points: Float64Array, k: number) => void {
  const cells = 3;
  const shifts = new Float64Array(2 * (cells + 1) * (cells + 1));
  for (let i = 0; i < shifts.length; i++) shifts[i] = dice.normal(0.057);
  const ease = (t: number) => t * t * (3 - 2 * t);
  return (points, k) => {
    const x = Math.max(0, Math.min(0.999, points[k])) * cells;
    const y = Math.max(0, Math.min(0.999, points[k + 1])) * cells;
    const i = Math.floor(x);
    const j = Math.floor(y);
    const u = ease(x - i);
    const v = ease(y - j);
    for (let axis = 0; axis < 2; axis++) {
      const a = shifts[2 * (j * (cells + 1) + i) + axis];
      const b = shifts[2 * (j * (cells + 1) + i + 1) + axis];
      const c = shifts[2 * ((j + 1) * (cells + 1) + i) + axis];
      const d = shifts[2 * ((j + 1) * (cells + 1) + i + 1) + axis];
      points[k + axis] += (a + (b - a) * u) * (1 - v) + (c + (d - c) * u) * v;
    }
  };
}

/** Affine map from the box to pixels: size, width, slant, rotation (by the tangent of half the angle), shift. */
function placing(dice: Dice): (points: Float64Array, k: number) => void {
  const height = dice.uniform(16.5, 21.5);
  const width = height * dice.uniform(0.58, 0.9);
  const slant = dice.normal(0.17);
  const t = dice.normal(0.065);
  const cosine = (1 - t * t) / (1 + t * t);
  const sine = (2 * t) / (1 + t * t);
  const left = 13.5 + dice.normal(1.1);
  const top = 13.5 + dice.normal(1);
  return (points, k) => {
    const y = (points[k + 1] - 0.5) * height;
    const x = (points[k] - 0.5) * width - slant * y;
    points[k] = left + cosine * x - sine * y;
    points[k + 1] = top + sine * x + cosine * y;
  };
}

/** Up to three faint stray marks. */
function clutter(sheet: Ink, dice: Dice): void {
  const marks = dice.below(4);
  const points = new Float64Array(4);
  for (let k = 0; k < marks; k++) {
    for (let i = 0; i < 2; i++) points[i] = dice.uniform(0, side);
    for (let i = 2; i < 4; i++) points[i] = points[i - 2] + dice.normal(4);
    sheet.line(points, 2, dice.uniform(0.4, 0.9), 0.5, 1.2, dice.uniform(0.1, 0.4));
  }
}

/** Light to bytes, with a sloping background and grain (the sum of two bytes of a word: two pixels a word). */
function expose(light: Float32Array, dice: Dice, image: Uint8Array): void {
  const paper = dice.uniform(0, 15);
  const across = dice.uniform(-13, 13) / side;
  const down = dice.uniform(-13, 13) / side;
  const grain = dice.uniform(2.5, 20) / 104; // 104: deviation of the sum of two uniform bytes
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x += 2, at += 2) {
      const noise = dice.word();
      const under = paper + across * x + down * y;
      image[at] = byte(Math.max(light[at] * 255, under) + ((noise & 255) + ((noise >>> 8) & 255) - 255) * grain);
      image[at + 1] = byte(Math.max(light[at + 1] * 255, under) + (((noise >>> 16) & 255) + (noise >>> 24) - 255) * grain);
    }
  }
}

function byte(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0;
}
