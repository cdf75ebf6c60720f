/**
 * Version vectors: N_i^j is the newest version of node i's model whose effect is contained in row j (Mitra and Ulukus 2024, section on
 * staleness; rules in docs/algorithms.md). Beside it lies the time at which that version was made, for the age of information. They
 * move with the ops: an own update counts one up, whatever is averaged in brings its maximum. Where the plane has two sides they
 * flip with the row; with one side (a simulation, whose driver is alone) they change in place.
 *
 *   a row:  tracked i32, padded to an even number | tracked f64: seconds
 */

import type { Row } from './algorithm.js';
import type { Arena } from './arena.js';
import { type Cell, isDelta, rowOf } from './cell.js';
import { Control, controlWord, type Plane, planeNamed, rowAddress } from './layout.js';
import { maskOf } from './sides.js';
import type { Words } from './words.js';

export interface Versions {
  /** The bit of the turn word that flips with them. */
  readonly mask: number;
  readonly tracked: number;
  /** row := row, with the node's own update number counted up. */
  own(row: Row, node: Row): void;
  /**
   * Both rows := maximum of both; own updates of `ownA` and `ownB` (-1: none) are counted up, before it (`first`: both rows contain
   * both) or after it (each its own).
   */
  merge(a: Row, b: Row, ownA: Row, ownB: Row, first: boolean): void;
  /** row := maximum of the row and `from`, then `own`'s update is counted up (-1: none). `from` stays. */
  absorb(row: Row, from: Row, own: Row): void;
  /**
   * Each target that is a row's params := maximum over the operands whose weight is not 0: the delta of a node is its own update, any
   * other plane of a row contains what the row does (see cell.ts). `rows` are those of the layout.
   */
  sum(targets: readonly Cell[], operands: readonly Cell[], weights: readonly number[], rows: number): void;
  /** to := from, but the number of its own updates never falls. With `only` (not -1), nothing but that node's version is copied. */
  copy(to: Row, from: Row, only?: Row): void;
  /** row := row. */
  keep(row: Row): void;
  /** Version of tracked source `source` in a row, and when it was made: for whoever holds the row. */
  version(row: Row, source: number): number;
  made(row: Row, source: number): number;
  /** Version of `node` in a row; -1 when that node is not tracked. */
  of(row: Row, node: Row): number;
  /** The node that tracked source `source` is. */
  nodeOf(source: number): Row;
}

/** Exact up to this many nodes; beyond, this many sources are tracked, evenly spread. */
export const exactNodes = 2000;
export const trackedBeyond = 64;
/** In a live run they cost time at every op. */
export const trackedLive = 64;

export function trackedSources(nodes: number, asked: number | null, live: boolean): number {
  return Math.min(nodes, asked ?? (live ? trackedLive : nodes <= exactNodes ? nodes : trackedBeyond));
}

/** Words of a row. */
export function versionWords(tracked: number): number {
  return tracked + (tracked & 1) + 2 * tracked;
}

/** How many sources a plane of versions has room for. */
export function trackedIn(plane: Plane): number {
  const width = plane.width!;
  return width % 3 === 1 ? (width - 1) / 3 : width / 3; // an odd number is padded by one word
}

/** `address(row, other)` is the byte address of the current side of a row's versions, or of the other side. */
export function openVersions(
  buffer: ArrayBufferLike,
  plane: Plane,
  nodes: number,
  tracked: number,
  address: (row: Row, other: 0 | 1) => number,
  time: () => number,
): Versions {
  const ints = new Int32Array(buffer);
  const doubles = new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8));
  const times = (tracked + (tracked & 1)) / 2;
  const two = plane.sides === 2;
  const sourceOf = new Int32Array(nodes).fill(-1);
  const nodeOf = (source: number) => Math.floor((source * nodes) / tracked);
  for (let source = 0; source < tracked; source++) sourceOf[nodeOf(source)] = source;

  function count(to: number, node: Row): void {
    const source = node < 0 ? -1 : sourceOf[node];
    if (source < 0) return;
    ints[(to >>> 2) + source]++;
    doubles[(to >>> 3) + times + source] = time();
  }

  function copyTo(to: number, from: number): void {
    if (to === from) return;
    for (let k = to >>> 2, f = from >>> 2, end = k + tracked; k < end; k++, f++) ints[k] = ints[f];
    for (let k = (to >>> 3) + times, f = (from >>> 3) + times, end = k + tracked; k < end; k++, f++) doubles[k] = doubles[f];
  }

  function keepOnly(to: number, source: number): void {
    for (let k = 0; k < tracked; k++) {
      if (k === source) continue;
      ints[(to >>> 2) + k] = 0;
      doubles[(to >>> 3) + times + k] = 0;
    }
  }

  function maximum(to: number, a: number, b: number): void {
    const t = to >>> 2;
    const x = a >>> 2;
    const y = b >>> 2;
    const made = (to >>> 3) + times;
    const madeX = (a >>> 3) + times;
    const madeY = (b >>> 3) + times;
    for (let k = 0; k < tracked; k++) {
      const p = ints[x + k];
      const q = ints[y + k];
      if (p >= q) {
        ints[t + k] = p;
        doubles[made + k] = doubles[madeX + k];
      } else {
        ints[t + k] = q;
        doubles[made + k] = doubles[madeY + k];
      }
    }
  }

  return {
    mask: maskOf(plane),
    tracked,
    own(row, node) {
      const to = address(row, 1);
      if (two) copyTo(to, address(row, 0));
      count(to, node);
    },
    merge(a, b, ownA, ownB, first) {
      const toA = address(a, 1);
      const toB = address(b, 1);
      maximum(toA, address(a, 0), address(b, 0));
      if (first) {
        count(toA, ownA);
        count(toA, ownB);
      }
      copyTo(toB, toA);
      if (!first) {
        count(toA, ownA);
        count(toB, ownB);
      }
    },
    absorb(row, from, own) {
      const to = address(row, 1);
      maximum(to, address(row, 0), address(from, 0));
      count(to, own);
    },
    sum(targets, operands, weights, rows) {
      const shared = weights.length === operands.length;
      const results: { versions: Int32Array; times: Float64Array }[] = [];
      for (let t = 0; t < (shared ? 1 : targets.length); t++) {
        const found = new Int32Array(tracked);
        const made = new Float64Array(tracked);
        // Rows first: an own update is counted up from what the node had.
        for (const own of [false, true]) {
          operands.forEach((operand, k) => {
            if (weights[t * operands.length + k] === 0 || isDelta(operand, rows) !== own) return;
            const row = rowOf(operand, rows);
            const from = address(row, 0);
            for (let source = 0; source < tracked; source++) {
              if (own && source !== sourceOf[row]) continue;
              const version = ints[(from >>> 2) + source] + (own ? 1 : 0);
              if (version < found[source]) continue;
              found[source] = version;
              made[source] = own ? time() : doubles[(from >>> 3) + times + source];
            }
          });
        }
        results.push({ versions: found, times: made });
      }
      targets.forEach((row, t) => {
        if (row >= rows) return; // another plane: what the model contains stays
        const { versions, times: made } = results[shared ? 0 : t];
        const to = address(row, 1);
        ints.set(versions, to >>> 2);
        doubles.set(made, (to >>> 3) + times);
      });
    },
    copy(to, from, only = -1) {
      const target = address(to, 1);
      const source = to < nodes ? sourceOf[to] : -1;
      const before = address(to, 0);
      const version = source < 0 ? 0 : ints[(before >>> 2) + source];
      const made = source < 0 ? 0 : doubles[(before >>> 3) + times + source];
      copyTo(target, address(from, 0));
      if (only >= 0) keepOnly(target, sourceOf[only]);
      if (source >= 0 && version > ints[(target >>> 2) + source]) {
        ints[(target >>> 2) + source] = version;
        doubles[(target >>> 3) + times + source] = made;
      }
    },
    keep(row) {
      if (two) copyTo(address(row, 1), address(row, 0));
    },
    version: (row, source) => ints[(address(row, 0) >>> 2) + source],
    of: (row, node) => (sourceOf[node] < 0 ? -1 : ints[(address(row, 0) >>> 2) + sourceOf[node]]),
    made: (row, source) => doubles[(address(row, 0) >>> 3) + times + source],
    nodeOf,
  };
}

/** Version vectors, where the memory has room for them. */
export function versionsOf({ layout, memory }: Arena, words: Words, time: () => number): Versions | undefined {
  const plane = planeNamed(layout, 'versions');
  if (!plane) return undefined;
  const side = (row: number, other: 0 | 1) => {
    if (plane.sides === 1 || row >= layout.models) return rowAddress(layout, plane, row, 0);
    return rowAddress(layout, plane, row, ((words.load(controlWord(layout, row, Control.Turn)) >>> plane.bit) & 1) ^ other);
  };
  return openVersions(memory.buffer, plane, layout.shape.nodes, trackedIn(plane), side, time);
}
