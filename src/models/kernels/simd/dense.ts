// The three products of a dense layer, as one blocked product of packed panels. Sums run over k in order, starting from what is
// added to, so multiply-then-add gives the reference's bits for every shape and blocking.
import { BLOCK_COLUMNS, BLOCK_DEPTH, BLOCK_ROWS } from '../blocking';
import { packRows, packTransposed } from './pack';
import { tile } from './tile';
import { addRows, dots } from './vector';

// The first floats of the work memory are for tiles of odd width, then come the packed panels.
const SPARE: usize = 256;

// y = x W + bias
export function forward(
  y: usize, x: usize, weights: usize, bias: usize, rows: i32, inputs: i32, outputs: i32, work: usize,
): void {
  if (outputs == 1) {
    dots(y, x, weights, bias, rows, inputs);
    return;
  }
  const stride = <usize>inputs << 2;
  const wide = <usize>outputs << 2;
  for (let k0 = 0; k0 < inputs; k0 += BLOCK_DEPTH) {
    const depth = min(BLOCK_DEPTH, inputs - k0);
    const b = weights + <usize>k0 * wide;
    const panels = work + SPARE;
    for (let i0 = 0; i0 < rows; i0 += BLOCK_ROWS) {
      const height = min(BLOCK_ROWS, rows - i0);
      const c = y + <usize>i0 * wide;
      packRows(panels, x + <usize>i0 * stride + (<usize>k0 << 2), stride, height, depth);
      byColumns(panels, b, wide, k0 ? c : bias, k0 ? wide : 0, c, wide, height, depth, outputs, work);
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
  // the right panels follow as many left ones as these shapes need
  const right = left + (<usize>((min(rows, BLOCK_ROWS) * min(outputs, BLOCK_DEPTH) + 31) & ~31) << 2);
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
    for (let k0 = 0; k0 < rows; k0 += BLOCK_DEPTH) {
      const depth = min(BLOCK_DEPTH, rows - k0);
      const right = dy + <usize>k0 * wide;
      byRows(x + <usize>k0 * stride, stride, right, wide, weights, wide, keep | k0, inputs, depth, outputs, work);
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
    for (let i = 0; i < m; ) {
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

// C = (keep C) + A' B for A and B as they lie: the outer loop takes columns of A, and C is written row after row.
function byRows(a: usize, da: usize, b: usize, db: usize, c: usize, dc: usize, keep: i32, m: i32, k: i32, n: i32, spare: usize): void {
  const narrow = n > 8 && n <= 12;
  for (let i = 0; i < m; ) {
    const height = narrow ? min(4, heightOf(m - i)) : heightOf(m - i);
    for (let j = 0; j < n; ) {
      let width = widthOf(n - j);
      if (height == 6 && width > 8) width = 8;
      const out = c + <usize>i * dc + (<usize>j << 2);
      tile(height, width, a + (<usize>i << 2), da, b + (<usize>j << 2), db, keep ? out : 0, dc, out, dc, k, spare);
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
