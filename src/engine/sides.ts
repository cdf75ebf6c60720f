/** Which side of a two-sided plane is current: one bit of the row's turn word. */

import type { Address } from '../models/kernels/kernels.js';
import type { Row } from './algorithm.js';
import { Control, controlWord, type Layout, type Plane, rowAddress } from './layout.js';

/** The bit that a plane has in the turn word. */
export function maskOf(plane: Plane): number {
  return plane.bit < 0 ? 0 : 1 << plane.bit;
}

/** Address of the current side of a plane of a row: for whoever holds it, or while everybody is parked. */
export function currentSide(words: { load(index: number): number }, layout: Layout, row: Row, plane: Plane): Address {
  const turn = words.load(controlWord(layout, row, Control.Turn));
  return rowAddress(layout, plane, row, plane.bit < 0 ? 0 : (turn >>> plane.bit) & 1);
}
