/**
 * A glance as it goes over the line a few times a second: nodes are bytes, not texts. Losses are 0..254 on a logarithmic scale that
 * leaves two in a hundred nodes beyond each of its ends, 255 where there is none; what is behind, and steps since the frame before, stop
 * at 255.
 */

import type { Glance } from '../engine/glance.js';
import { buckets, lowestOf } from '../engine/histogram.js';
import type { View } from './view.js';

/** What a run says between its events. */
export interface Look extends Glance {
  readonly state: string;
  readonly seconds: number;
  readonly time: number | null;
}

/** Exchanges that one frame shows. */
const mostFlashes = 400;
/** Cells in which all nodes are shown; beyond, one stands for several. */
export const mostCells = 10_000;

export interface Frame {
  readonly state: string;
  readonly seconds: number;
  readonly time: number | null;
  readonly steps: number;
  readonly exchanges: number;
  /** Of each seat: steps, exchanges, and seconds working, gossiping, blocked. */
  readonly seats: readonly (readonly number[])[];
  /** Lowest staleness of a bucket, and commits in it: of those that are not empty. */
  readonly staleness: readonly (readonly [number, number])[];
  /** Over all nodes that have one: lowest, tenth, half, nine tenths, highest; null when none has. */
  readonly loss: readonly number[] | null;
  /** Losses at 0 and at 254 of the scale; those beyond stand at its ends. */
  readonly scale: readonly [number, number] | null;
  /** The largest of all nodes. */
  readonly behind: number;
  readonly alive: number;
  /** Bytes of the nodes shown, base64: loss, behind, steps since the frame before (255 and 0 of one that has left: gone). */
  readonly nodes: { readonly loss: string; readonly behind: string; readonly moved: string; readonly gone: readonly number[] };
  /** Exchanges since the frame before, base64 of u16 pairs: places among the nodes shown. `of`: how many there were among them. */
  readonly flashes: string;
  readonly of: number;
  /** The nodes with the highest losses: number, loss, behind, steps. */
  readonly worst: readonly (readonly number[])[];
  /** Beyond the nodes shown, all of them: loss of each, or the highest of `each` in a row. */
  readonly cells?: { readonly each: number; readonly loss: string };
}

export function openFrames(view: View): (look: Look) => Frame {
  const { shown } = view;
  const place = new Map(Array.from(shown, (node, k) => [node, k]));
  const before = new Uint32Array(shown.length);

  return ({ state, seconds, time, steps, exchanges, seats, staleness, nodes }) => {
    const known = Float32Array.from(nodes.loss.filter((loss, node) => nodes.alive[node] === 1 && !Number.isNaN(loss))).sort();
    const at = (share: number) => round(known[Math.round(share * (known.length - 1))]);
    const loss = known.length > 0 ? [0, 0.1, 0.5, 0.9, 1].map(at) : null;
    const ends = known.length > 0 ? endsOf(known) : null;
    const scale = ends ? scaleOf(ends) : () => 255;
    const bytes = (of: (node: number, k: number) => number) => base64(Uint8Array.from(shown, of));
    const moved = bytes((node, k) => {
      const since = (nodes.steps[node] - before[k]) >>> 0;
      before[k] = nodes.steps[node];
      return Math.min(255, since);
    });
    let behind = 0;
    let alive = 0;
    for (let node = 0; node < nodes.alive.length; node++) {
      behind = Math.max(behind, nodes.behind[node]);
      alive += nodes.alive[node];
    }
    const { pairs, of } = flashesOf(nodes.drew, shown, place);
    return {
      ...{ state, seconds: round(seconds), time: time === null ? null : round(time), steps, exchanges },
      seats: seats.map(({ steps, exchanges, working, gossip, blocked }) => [
        ...[steps, exchanges],
        ...[working, gossip, blocked].map(round),
      ]),
      staleness: Array.from({ length: buckets }, (_, k) => [lowestOf(k), staleness[k]] as const).filter(([, count]) => count > 0),
      ...{ loss, scale: ends && [round(ends[0]), round(ends[1])], behind, alive },
      nodes: {
        loss: bytes(node => scale(nodes.loss[node])),
        behind: bytes(node => Math.min(255, nodes.behind[node])),
        moved,
        gone: Array.from(shown.keys()).filter(k => nodes.alive[shown[k]] === 0),
      },
      ...{ flashes: base64(new Uint8Array(pairs.buffer)), of },
      worst: worstOf(nodes),
      ...(nodes.loss.length > shown.length && { cells: cellsOf(nodes.loss, scale) }),
    };
  };
}

function flashesOf(drew: Int32Array, shown: Uint32Array, place: ReadonlyMap<number, number>): { pairs: Uint16Array; of: number } {
  const all: number[] = [];
  shown.forEach((node, k) => {
    const other = drew[node] < 0 ? undefined : place.get(drew[node]);
    if (other !== undefined) all.push(k, other);
  });
  const of = all.length / 2;
  const step = Math.max(1, of / mostFlashes);
  const pairs: number[] = [];
  for (let k = 0; k < of; k += step) pairs.push(...all.slice(2 * Math.floor(k), 2 * Math.floor(k) + 2));
  return { pairs: Uint16Array.from(pairs), of };
}

const most = 8;

function worstOf({ loss, behind, steps, alive }: Look['nodes']): number[][] {
  const worst: number[] = [];
  for (let node = 0; node < loss.length; node++) {
    if (alive[node] === 0 || Number.isNaN(loss[node])) continue;
    if (worst.length === most && loss[node] <= loss[worst[most - 1]]) continue;
    let k = worst.length;
    while (k > 0 && loss[worst[k - 1]] < loss[node]) k--;
    worst.splice(k, 0, node);
    if (worst.length > most) worst.pop();
  }
  return worst.map(node => [node, round(loss[node]), behind[node], steps[node]]);
}

function cellsOf(loss: Float32Array, scale: (loss: number) => number): { each: number; loss: string } {
  const each = Math.ceil(loss.length / mostCells);
  const cells = new Uint8Array(Math.ceil(loss.length / each)).fill(255);
  for (let node = 0; node < loss.length; node++) {
    const byte = scale(loss[node]);
    const cell = Math.floor(node / each);
    if (byte < 255 && (cells[cell] === 255 || byte > cells[cell])) cells[cell] = byte;
  }
  return { each, loss: base64(cells) };
}

/** A few outliers leave the others their colours, and a loss of nearly nothing does not stretch the scale without end. */
function endsOf(sorted: Float32Array): [number, number] {
  const last = sorted.length - 1;
  const high = sorted[Math.ceil(0.98 * last)];
  return [Math.max(sorted[Math.floor(0.02 * last)], high > 0 ? high / 1e4 : Number.NEGATIVE_INFINITY), high];
}

/** 0..254; 255 for NaN. Where losses are not above 0 the scale is linear. */
function scaleOf([lowest, highest]: readonly [number, number]): (loss: number) => number {
  const curve = (loss: number) => (lowest > 0 ? Math.log(Math.max(loss, lowest)) : loss);
  const low = curve(lowest);
  const width = curve(highest) - low;
  return loss => {
    if (Number.isNaN(loss)) return 255;
    return width > 0 ? Math.min(254, Math.max(0, Math.round((254 * (curve(loss) - low)) / width))) : 0;
  };
}

/** Six significant digits: what a picture shows. */
export function round(value: number): number {
  return Number(value.toPrecision(6));
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
