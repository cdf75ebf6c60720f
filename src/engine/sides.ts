/** Which side of a two-sided plane is current: one bit of the row's turn word. */

import type { Address } from '../models/kernels/kernels.js';
import type { Row } from './algorithm.js';
import { Control, controlWord, type Layout, type Plane, rowAddress } from './layout.js';

/** The bit that a plane has in the turn word. */
export function maskOf(plane: Plane): number {
  return plane.bit < 0 ? 0 : 1 << plane.bit;
}

/**
 * Address of the current side of a plane of a row, or with `other` = 1 of its spare side: for whoever holds it, or while everybody is
 * parked.
 */
export function sideOf(
  words: { load(index: number): number },
  layout: Layout,
  row: Row,
  plane: Plane,
  other: 0 | 1 = 0,
): Address {
  const side = plane.bit < 0 ? 0 : ((words.load(controlWord(layout, row, Control.Turn)) >>> plane.bit) & 1) ^ other;
  return rowAddress(layout, plane, row, side);
}
