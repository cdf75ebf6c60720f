// Products of matrices by tiles, C = from + A B. Sums run over k in order, starting from what is added to, so multiply-then-add gives
// the reference's bits for every shape.
import { heightOf, lowOf, padded, panelsOf, tilesOf, widthOf } from './cut';
import { FUSED } from './fused';
import { copyColumns } from './pack';
import { columnTiles, rowTiles } from './tiles';

// The columns of most panels of `down`: see tiles.mjs.
// @ts-ignore: decorator
@inline
export const DOWN: i32 = FUSED ? 8 : 12;

// The columns of most panels of `across`.
// @ts-ignore: decorator
@inline
export const ACROSS: i32 = 8;

// A (m x k) as rows. The outer loop takes a panel of columns of B, which stays in the first-level cache, and goes down the rows.
// db = 0: B is packed in panels of DOWN. `from` may be C itself, one row for all (df = 0), or nothing (0: start at zero).
export function down(
  a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, m: i32, k: i32, n: i32,
): void {
  let high = 0, tiles = 0;
  for (let j = 0; j < n; ) {
    const width = widthOf(n - j, DOWN);
    const wide = padded(width);
    const tail = width - wide + 4;
    const right = b + <usize>(db ? j : j * k) * 4;
    const step = db ? db : <usize>wide * 4;
    const start = from ? from + <usize>j * 4 : 0;
    const fall = from ? df : 0;
    const out = c + <usize>j * 4;
    if (high != heightOf(wide)) {
      high = heightOf(wide);
      tiles = tilesOf(m, wide);
    }
    if (tiles) rowTiles(high, wide, a, da, right, step, start, fall, out, dc, k, tail, tiles);
    for (let i = high * tiles; i < m; ) {
      const low = lowOf(m - i, wide);
      const at = <usize>i;
      rowTiles(low, wide, a + at * da, da, right, step, start + at * fall, fall, out + at * dc, dc, k, tail, 1);
      i += low;
    }
    j += width;
  }
}

// A (m x k) as columns, and B in panels of ACROSS: C = (keep C) + A B. The outer loop takes some columns of A and goes across the panels,
// so C is written row after row. Where there is `room`, the columns are copied there first: they lie far apart.
export function across(
  a: usize, da: usize, b: usize, c: usize, dc: usize, keep: i32, m: i32, k: i32, n: i32, room: usize,
): void {
  const panels = n > 12 ? panelsOf(n, ACROSS) : 0;
  const rest = n - panels * ACROSS;
  const last = b + <usize>(panels * ACROSS * k) * 4;
  if (!panels) {
    onePanel(a, da, b, c, dc, keep, m, k, n);
    return;
  }
  const high = heightOf(ACROSS);
  for (let i = 0; i < m; ) {
    const height = m - i >= high ? high : lowOf(m - i, ACROSS);
    let left = a + <usize>i * 4;
    let step = da;
    if (room) {
      copyColumns(room, left, da, height, k);
      left = room;
      step = <usize>height * 4;
    }
    const out = c + <usize>i * dc;
    columnTiles(height, ACROSS, left, step, 0, b, <usize>k * 4 * ACROSS, out, dc, 4 * ACROSS, keep, k, 4, panels);
    if (rest) onePanel(left, step, last, out + <usize>panels * 4 * ACROSS, dc, keep, height, k, rest);
    i += height;
  }
}

// The same with few columns in C: down the one panel.
function onePanel(a: usize, da: usize, b: usize, c: usize, dc: usize, keep: i32, m: i32, k: i32, n: i32): void {
  const wide = padded(n);
  const tail = n - wide + 4;
  const high = heightOf(wide);
  const tiles = tilesOf(m, wide);
  if (tiles) columnTiles(high, wide, a, da, <usize>high * 4, b, 0, c, dc, <usize>high * dc, keep, k, tail, tiles);
  for (let i = high * tiles; i < m; ) {
    const low = lowOf(m - i, wide);
    columnTiles(low, wide, a + <usize>i * 4, da, 0, b, 0, c + <usize>i * dc, dc, 0, keep, k, tail, 1);
    i += low;
  }
}
