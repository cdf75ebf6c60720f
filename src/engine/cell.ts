/**
 * What a sum reads and writes, as one number: a plane of a row.
 *
 *   row + rows x place     place 0: params; 1: the delta of the row's pending piece; from 2 on the other planes
 *
 * A history is full of them, so they do not depend on the planes that a driver adds for itself.
 */

import { HearsayError } from '../errors.js';
import type { Row } from './algorithm.js';
import type { Layout, Plane } from './layout.js';
import { maskOf } from './sides.js';

/** Places that a layout may have: params, the delta, and the rest of fourteen planes. */
export const mostPlaces = 15;

/** A plane of a row; a row's own number is its params. */
export type Cell = number;

export const rowOf = (cell: Cell, rows: number): Row => cell % rows;

export const isDelta = (cell: Cell, rows: number): boolean => cell >= rows && cell < 2 * rows;

export const deltaCell = (node: Row, rows: number): Cell => node + rows;

/** The planes by their places: those of drivers left out. */
function placed({ planes }: Layout): readonly Plane[] {
  return planes.filter(({ name }) => name !== 'params' && name !== 'delta' && name !== 'base');
}

/** The place of a plane, which is no delta. */
export function placeOf(layout: Layout, plane: Plane): number {
  return plane === layout.planes[0] ? 0 : 2 + placed(layout).indexOf(plane);
}

/** The plane at a place, which is not that of deltas. */
export function planeAt(layout: Layout, place: number): Plane | undefined {
  return place === 0 ? layout.planes[0] : placed(layout)[place - 2];
}

/** The plane that a cell lies in, which is no delta. */
export function planeOf(layout: Layout, cell: Cell): Plane {
  return planeAt(layout, Math.floor(cell / layout.rows))!;
}

/** The cell of a plane by its name. Throws STATE for one that a sum can't take. */
export function cellNamed(layout: Layout, row: Row, name: string): Cell {
  if (name === 'params') return row;
  const plane = placed(layout).find(plane => plane.name === name && plane.width === undefined);
  if (!plane) {
    const whole = ['params', ...placed(layout).flatMap(({ name, width }) => (width === undefined ? [name] : []))];
    throw new HearsayError('STATE', `rows: '${name}' is no plane of whole rows; there are ${whole.join(', ')}`);
  }
  return row + layout.rows * placeOf(layout, plane);
}

/** True for a cell that stands for something, whatever it was read from. */
export function isCell(layout: Layout, cell: Cell): boolean {
  const place = Math.floor(cell / layout.rows);
  if (cell < 0 || rowOf(cell, layout.rows) >= layout.models) return false;
  if (place < 2) return true;
  const plane = planeAt(layout, place);
  return plane !== undefined && plane.width === undefined;
}

/** True for one that a sum may write: it has a side that nobody reads. */
export function isTarget(layout: Layout, cell: Cell): boolean {
  return isCell(layout, cell) && !isDelta(cell, layout.rows) && planeOf(layout, cell).sides === 2;
}

/** The planes of each target's row that a sum flips, as bits of the turn word; `params` has those that go along with them. */
export function masksOf(layout: Layout, targets: readonly Cell[], params: number): Map<Row, number> {
  const masks = new Map<Row, number>();
  for (const cell of targets) {
    const row = rowOf(cell, layout.rows);
    const mask = cell < layout.rows ? params : maskOf(planeOf(layout, cell));
    masks.set(row, (masks.get(row) ?? 0) | mask);
  }
  return masks;
}

/** The rows of a list of cells, each once, ascending. */
export function rowsOf(cells: Iterable<Cell>, rows: number): Row[] {
  const found = new Set<Row>();
  for (const cell of cells) found.add(rowOf(cell, rows));
  return [...found].sort((a, b) => a - b);
}
