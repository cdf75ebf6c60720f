// How a product is cut: C into panels of columns, a panel into tiles of rows. tiles.mjs writes a tile for each size that comes up.
import { FUSED } from './fused';

// The columns of the next panel when `left` are left, and most panels have `most` (8 or 12). The last ones are cut so that none
// is so narrow that its few sums would wait for each other.
export function widthOf(left: i32, most: i32): i32 {
  if (most == 8) return left > 12 || left <= 8 ? min(8, left) : left;
  return left > 16 ? 12 : left > 12 ? 8 : left;
}

// How many panels of `most` columns come first.
export function panelsOf(n: i32, most: i32): i32 {
  const rest = n % most;
  return n / most - <i32>(n > most && rest > 0 && rest <= 4);
}

// @ts-ignore: decorator
@inline
export function padded(n: i32): i32 {
  return (n + 3) & ~3;
}

// The height of most tiles of a panel.
// @ts-ignore: decorator
@inline
export function heightOf(width: i32): i32 {
  return width > 8 ? 3 : FUSED ? 6 : 5;
}

// The tiles of full height among `rows` rows. Where a low rest would be left, one tile less: 32 = 4 x 6 + 2 x 4, 31 = 9 x 3 + 2 x 2.
export function tilesOf(rows: i32, width: i32): i32 {
  const height = heightOf(width);
  const rest = rows % height;
  return rows / height - <i32>(rows > height && rest == (height == 6 ? 2 : height == 3 ? 1 : 0) && rest > 0);
}

// The height of the next tile for the `left` rows beyond those.
// @ts-ignore: decorator
@inline
export function lowOf(left: i32, width: i32): i32 {
  return FUSED && width <= 8 && left >= 4 ? 4 : left >= 2 ? 2 : 1;
}
