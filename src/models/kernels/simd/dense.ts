// The three products of a dense layer, in blocks that lie packed in the second-level cache.
import { BLOCK_COLUMNS, BLOCK_DEPTH, BLOCK_ROWS } from '../blocking';
import { panelsOf } from './cut';
import { FUSED } from './fused';
import { packColumns, packTen, packTransposed } from './pack';
import { ACROSS, DOWN, across, down } from './product';
import { tenAccumulate, tenBackward1, tenBackward2, tenBackward3 } from './tiles';
import { addRows, dots } from './vector';

// Ten outputs have tiles of their own (ten.mjs).
// @ts-ignore: decorator
@inline
function isTen(outputs: i32): bool {
  return !FUSED && outputs == 10;
}

// W or x is packed where many tiles read it, or where its rows lie so far apart that caches suffer.
// @ts-ignore: decorator
@inline
function worthPacking(rows: i32, columns: i32): bool {
  return rows >= 64 || (rows >= 24 && columns > 128);
}

// The depth of blocks that cut k evenly.
function depthOf(k: i32): i32 {
  const blocks = (k + BLOCK_DEPTH - 1) / BLOCK_DEPTH;
  return min(BLOCK_DEPTH, ((k + blocks - 1) / blocks + 3) & ~3);
}

// y = x W + bias
export function forward(
  y: usize, x: usize, weights: usize, bias: usize, rows: i32, inputs: i32, outputs: i32, work: usize,
): void {
  if (outputs == 1) {
    dots(y, x, weights, bias, rows, inputs);
    return;
  }
  const dx = <usize>inputs * 4;
  const dy = <usize>outputs * 4;
  const packed = worthPacking(rows, outputs);
  for (let k0 = 0, depth = depthOf(inputs); k0 < inputs; k0 += depth) {
    depth = min(depth, inputs - k0);
    for (let j0 = 0; j0 < outputs; j0 += BLOCK_COLUMNS) {
      const width = min(BLOCK_COLUMNS, outputs - j0);
      const b = weights + <usize>k0 * dy + <usize>j0 * 4;
      if (packed) packColumns(work, b, dy, width, depth, DOWN);
      for (let i0 = 0; i0 < rows; i0 += BLOCK_ROWS) {
        const height = min(BLOCK_ROWS, rows - i0);
        const a = x + <usize>i0 * dx + <usize>k0 * 4;
        const c = y + <usize>i0 * dy + <usize>j0 * 4;
        const from = k0 ? c : bias + <usize>j0 * 4;
        down(a, dx, packed ? work : b, packed ? 0 : dy, from, k0 ? dy : 0, c, dy, height, depth, width);
      }
    }
  }
}

// dx = dy W'
export function backward(
  dx: usize, dy: usize, weights: usize, rows: i32, inputs: i32, outputs: i32, work: usize,
): void {
  const stride = <usize>inputs * 4;
  const wide = <usize>outputs * 4;
  for (let k0 = 0, depth = depthOf(outputs); k0 < outputs; k0 += depth) {
    depth = min(depth, outputs - k0);
    for (let j0 = 0; j0 < inputs; j0 += BLOCK_COLUMNS) {
      const width = min(BLOCK_COLUMNS, inputs - j0);
      packTransposed(work, weights + <usize>j0 * wide + <usize>k0 * 4, wide, width, depth, DOWN);
      const done = isTen(outputs) ? backwardTen(dx + <usize>j0 * 4, stride, dy, work, rows, width) : 0;
      if (done == width) continue;
      const b = work + <usize>(done * depth) * 4;
      for (let i0 = 0; i0 < rows; i0 += BLOCK_ROWS) {
        const height = min(BLOCK_ROWS, rows - i0);
        const a = dy + <usize>i0 * wide + <usize>k0 * 4;
        const c = dx + <usize>i0 * stride + <usize>(j0 + done) * 4;
        down(a, wide, b, 0, k0 ? c : 0, stride, c, stride, height, depth, width - done);
      }
    }
  }
}

// The whole panels of a block; returns their columns.
function backwardTen(c: usize, dc: usize, a: usize, b: usize, rows: i32, width: i32): i32 {
  const panels = panelsOf(width, DOWN);
  for (; rows >= 3 && rows != 4; rows -= 3, a += 120, c += 3 * dc) tenBackward3(a, b, c, dc, panels);
  for (; rows >= 2; rows -= 2, a += 80, c += 2 * dc) tenBackward2(a, b, c, dc, panels);
  if (rows) tenBackward1(a, b, c, dc, panels);
  return panels * DOWN;
}

// W (+)= x' dy, bias (+)= column sums of dy
export function accumulate(
  weights: usize, bias: usize, x: usize, dy: usize, rows: i32, inputs: i32, outputs: i32, keep: i32, work: usize,
): void {
  if (outputs == 1) addRows(weights, x, dy, rows, inputs, keep);
  else {
    const dx = <usize>inputs * 4;
    const wide = <usize>outputs * 4;
    const room = worthPacking(rows, outputs) ? work : 0;
    const right = work + <usize>BLOCK_DEPTH * 24;
    for (let k0 = 0, depth = depthOf(rows); k0 < rows; k0 += depth) {
      depth = min(depth, rows - k0);
      const a = x + <usize>k0 * dx;
      const b = dy + <usize>k0 * wide;
      const done = isTen(outputs) ? accumulateTen(weights, a, dx, b, keep | k0, inputs, depth, right) : 0;
      if (done == inputs) continue;
      for (let j0 = 0; j0 < outputs; j0 += BLOCK_COLUMNS) {
        const width = min(BLOCK_COLUMNS, outputs - j0);
        const c = weights + <usize>done * wide + <usize>j0 * 4;
        packColumns(right, b + <usize>j0 * 4, wide, width, depth, ACROSS);
        across(a + <usize>done * 4, dx, right, c, wide, keep | k0, inputs - done, depth, width, room);
      }
    }
  }
  columnSums(bias, dy, rows, outputs, keep);
}

// Rows of W in fours; returns how many.
function accumulateTen(c: usize, a: usize, da: usize, b: usize, keep: i32, inputs: i32, depth: i32, work: usize): i32 {
  packTen(work, b, depth);
  tenAccumulate(a, da, work, c, keep, depth, inputs >> 2);
  return inputs & ~3;
}

// Sixteen columns at a time, in vectors of which the last may go over some columns again; fewer than four one by one.
export function columnSums(to: usize, from: usize, rows: i32, n: i32, keep: i32): void {
  const stride = <usize>n * 4;
  const zero = f32x4.splat(0);
  let at: usize = 0;
  for (; at + 16 <= stride; at += 64) {
    const last = stride - 16;
    const at1 = min(at + 16, last), at2 = min(at + 32, last), at3 = min(at + 48, last);
    let s0 = keep ? v128.load(to + at) : zero, s1 = keep ? v128.load(to + at1) : zero;
    let s2 = keep ? v128.load(to + at2) : zero, s3 = keep ? v128.load(to + at3) : zero;
    for (let r = 0, row = from; r < rows; r++, row += stride) {
      s0 = f32x4.add(s0, v128.load(row + at));
      s1 = f32x4.add(s1, v128.load(row + at1));
      s2 = f32x4.add(s2, v128.load(row + at2));
      s3 = f32x4.add(s3, v128.load(row + at3));
    }
    v128.store(to + at, s0);
    v128.store(to + at1, s1);
    v128.store(to + at2, s2);
    v128.store(to + at3, s3);
  }
  for (; at < stride; at += 4) {
    let sum: f32 = keep ? load<f32>(to + at) : 0;
    for (let r = 0, row = from + at; r < rows; r++, row += stride) sum += load<f32>(row);
    store<f32>(to + at, sum);
  }
}

// Every row of y = from
export function spread(y: usize, from: usize, rows: i32, n: i32): void {
  for (; rows > 0; rows--) {
    let at = from;
    let k = n;
    for (; k >= 4; k -= 4, at += 16, y += 16) v128.store(y, v128.load(at));
    for (; k > 0; k--, at += 4, y += 4) store<f32>(y, load<f32>(at));
  }
}
