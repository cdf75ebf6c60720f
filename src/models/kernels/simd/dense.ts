// The three products of a dense layer, as one blocked product of packed panels. Sums run over k in order, starting from what is
// added to, so multiply-then-add gives the reference's bits for every shape and blocking.
import { BLOCK_COLUMNS, BLOCK_DEPTH, BLOCK_ROWS } from '../blocking';
import { narrow } from './narrow';
import { packColumns, packRows, packTile, packTransposed } from './pack';
import { strip4x10, strip6x8, tile } from './tile';
import { addRows, dots } from './vector';

// The first floats of the work memory are for tiles of odd width, then come the packed panels.
const SPARE: usize = 256;

// Bytes of a block of left panels.
// @ts-ignore: decorator
@inline
function leftBytes(rows: i32, depth: i32): usize {
  return <usize>((min(rows, BLOCK_ROWS) * min(depth, BLOCK_DEPTH) + 31) & ~31) << 2;
}

// Right panels are packed where many tiles read each of them, or where rows lie so far apart that caches suffer.
// @ts-ignore: decorator
@inline
function worthPacking(rows: i32, columns: i32): bool {
  return rows >= 64 || (rows >= 24 && columns > 128);
}

// y = x W + bias
export function forward(
  y: usize, x: usize, weights: usize, bias: usize, rows: i32, inputs: i32, outputs: i32, work: usize,
): void {
  if (outputs == 1) {
    dots(y, x, weights, bias, rows, inputs);
    return;
  }
  if (outputs > 8 && outputs <= 12) {
    narrow(y, x, weights, bias, rows, inputs, outputs, work);
    return;
  }
  const stride = <usize>inputs << 2;
  const wide = <usize>outputs << 2;
  const left = work + SPARE;
  const right = left + leftBytes(rows, inputs);
  const packed = worthPacking(rows, outputs);
  for (let k0 = 0; k0 < inputs; k0 += BLOCK_DEPTH) {
    const depth = min(BLOCK_DEPTH, inputs - k0);
    for (let j0 = 0; j0 < outputs; j0 += BLOCK_COLUMNS) {
      const width = min(BLOCK_COLUMNS, outputs - j0);
      const b = weights + <usize>k0 * wide + (<usize>j0 << 2);
      if (packed) packColumns(right, b, wide, width, depth);
      for (let i0 = 0; i0 < rows; i0 += BLOCK_ROWS) {
        const height = min(BLOCK_ROWS, rows - i0);
        const c = y + <usize>i0 * wide + (<usize>j0 << 2);
        const from = k0 ? c : bias + (<usize>j0 << 2);
        packRows(left, x + <usize>i0 * stride + (<usize>k0 << 2), stride, height, depth);
        byColumns(left, packed ? right : b, packed ? 0 : wide, from, k0 ? wide : 0, c, wide, height, depth, width, work);
      }
    }
  }
}

// dx = dy W'
export function backward(
  dx: usize, dy: usize, weights: usize, rows: i32, inputs: i32, outputs: i32, work: usize,
): void {
  const stride = <usize>inputs << 2;
  const wide = <usize>outputs << 2;
  const left = work + SPARE;
  const right = left + leftBytes(rows, outputs);
  for (let k0 = 0; k0 < outputs; k0 += BLOCK_DEPTH) {
    const depth = min(BLOCK_DEPTH, outputs - k0);
    for (let j0 = 0; j0 < inputs; j0 += BLOCK_COLUMNS) {
      const width = min(BLOCK_COLUMNS, inputs - j0);
      packTransposed(right, weights + <usize>j0 * wide + (<usize>k0 << 2), wide, width, depth);
      for (let i0 = 0; i0 < rows; i0 += BLOCK_ROWS) {
        const height = min(BLOCK_ROWS, rows - i0);
        const c = dx + <usize>i0 * stride + (<usize>j0 << 2);
        packRows(left, dy + <usize>i0 * wide + (<usize>k0 << 2), wide, height, depth);
        byColumns(left, right, 0, k0 ? c : 0, stride, c, stride, height, depth, width, work);
      }
    }
  }
}

// W (+)= x' dy, bias (+)= column sums of dy
export function accumulate(
  weights: usize, bias: usize, x: usize, dy: usize, rows: i32, inputs: i32, outputs: i32, keep: i32, work: usize,
): void {
  const stride = <usize>inputs << 2;
  const wide = <usize>outputs << 2;
  if (outputs == 1) addRows(weights, x, dy, rows, inputs, keep);
  else {
    const left = work + SPARE;
    const right = left + (<usize>BLOCK_DEPTH * 6 << 2);
    const packed = worthPacking(rows, outputs);
    for (let k0 = 0; k0 < rows; k0 += BLOCK_DEPTH) {
      const depth = min(BLOCK_DEPTH, rows - k0);
      const a = x + <usize>k0 * stride;
      for (let j0 = 0; j0 < outputs; j0 += BLOCK_COLUMNS) {
        const width = min(BLOCK_COLUMNS, outputs - j0);
        const b = dy + <usize>k0 * wide + (<usize>j0 << 2);
        const c = weights + (<usize>j0 << 2);
        if (packed) packColumns(right, b, wide, width, depth);
        byRows(a, stride, packed ? right : b, packed ? 0 : wide, c, wide, keep | k0, inputs, depth, width, work, packed ? left : 0);
      }
    }
  }
  columnSums(bias, dy, rows, outputs, keep);
}

// The heights of tiles: sixes, and fours where sixes leave a rest of 2 or 4 (32 = 4 x 6 + 2 x 4), so that few rows go in low tiles.
// @ts-ignore: decorator
@inline
export function heightOf(left: i32): i32 {
  if (left >= 6 && left != 8) return 6;
  if (left >= 4) return 4;
  return left >= 2 ? 2 : 1;
}

// How many tiles of six come first.
function sixes(m: i32): i32 {
  let count = 0;
  for (; heightOf(m) == 6; m -= 6) count++;
  return count;
}

// @ts-ignore: decorator
@inline
export function widthOf(left: i32): i32 {
  return left > 12 || left <= 8 ? min(8, left) : left;
}

// C = from + A B for packed panels of A: the outer loop takes a panel of columns of B, which stays in the first-level cache.
// db = 0: B is packed in panels too.
function byColumns(
  a: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, m: i32, k: i32, n: i32, spare: usize,
): void {
  for (let j = 0; j < n; ) {
    const width = widthOf(n - j);
    const high = width > 8 ? 4 : 6;
    let panel = a;
    const right = db ? b + (<usize>j << 2) : b + (<usize>(j * k) << 2);
    const step = db ? db : <usize>((width + 3) & ~3) << 2;
    let i = 0;
    if (k <= 16 && !from && !db && width == 8) {
      const count = sixes(m);
      strip6x8(panel, right, c + (<usize>j << 2), dc, k, count);
      i = 6 * count;
      panel += <usize>(i * k) << 2;
    }
    for (; i < m; ) {
      const height = heightOf(m - i);
      const start = from ? from + <usize>i * df + (<usize>j << 2) : 0;
      const out = c + <usize>i * dc + (<usize>j << 2);
      const left = <usize>height << 2;
      if (height > high) {
        // a panel of six rows under three vectors of columns: four rows, then two
        tile(4, width, panel, left, right, step, start, df, out, dc, k, spare);
        tile(2, width, panel + 16, left, right, step, start ? start + 4 * df : 0, df, out + 4 * dc, dc, k, spare);
      } else tile(height, width, panel, left, right, step, start, df, out, dc, k, spare);
      panel += <usize>(height * k) << 2;
      i += height;
    }
    j += width;
  }
}

// C = (keep C) + A' B for A as it lies: the outer loop takes columns of A, and C is written row after row. Where `panel` is given,
// those columns are copied there first. db = 0: B is packed in panels.
function byRows(
  a: usize, da: usize, b: usize, db: usize, c: usize, dc: usize, keep: i32, m: i32, k: i32, n: i32, spare: usize, panel: usize,
): void {
  const few = n > 8 && n <= 12;
  let i = 0;
  if (n == 10 && db && !panel) {
    strip4x10(a, da, b, db, c, dc, k, keep, m >> 2);
    i = m & ~3;
  }
  for (; i < m; ) {
    const height = few ? min(4, heightOf(m - i)) : heightOf(m - i);
    let left = a + (<usize>i << 2);
    let step = da;
    if (panel) {
      packTile(panel, left, da, height, k);
      left = panel;
      step = <usize>height << 2;
    }
    for (let j = 0; j < n; ) {
      const width = widthOf(n - j);
      const out = c + <usize>i * dc + (<usize>j << 2);
      const right = db ? b + (<usize>j << 2) : b + (<usize>(j * k) << 2);
      const next = db ? db : <usize>((width + 3) & ~3) << 2;
      if (height == 6 && width > 8) {
        // the last columns of a wide C: four rows, then two
        tile(4, width, left, step, right, next, keep ? out : 0, dc, out, dc, k, spare);
        tile(2, width, left + 16, step, right, next, keep ? out + 4 * dc : 0, dc, out + 4 * dc, dc, k, spare);
      } else tile(height, width, left, step, right, next, keep ? out : 0, dc, out, dc, k, spare);
      j += width;
    }
    i += height;
  }
}

function columnSums(to: usize, from: usize, rows: i32, n: i32, keep: i32): void {
  const stride = <usize>n << 2;
  for (let j = 0; j < n; ) {
    const at = <usize>j << 2;
    if (n - j >= 4) {
      let sum = keep ? v128.load(to + at) : f32x4.splat(0);
      for (let r = 0, row = from + at; r < rows; r++, row += stride) sum = f32x4.add(sum, v128.load(row));
      v128.store(to + at, sum);
      j += 4;
    } else {
      let sum: f32 = keep ? load<f32>(to + at) : 0;
      for (let r = 0, row = from + at; r < rows; r++, row += stride) sum += load<f32>(row);
      store<f32>(to + at, sum);
      j++;
    }
  }
}
