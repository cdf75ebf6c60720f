/**
 * Where everything lies in the one shared memory. Pure arithmetic from the shape: computed and checked before anything is
 * allocated, and again, with the same result, by whoever attaches to the memory (the header holds the shape: header.ts). The order is
 * that of the fields of `Layout`; docs/design.md section 2 has the picture.
 */

import { HearsayError } from '../errors.js';
import { gib } from '../size.js';

export * from './control.js';

export const threadWords = 256;
export const controlWords = 32;
/** Words of one op that waits for a player. */
export const opWords = 16;
const headerBytes = 4096;
const lineBytes = 128;
const limitBytes = 65536 * 65536;

/** What is stored per row under one name. Two-sided planes change with the row; a one-sided one is private to the serving thread. */
export interface PlaneShape {
  readonly name: string;
  readonly sides: 1 | 2;
  /** Words of a row, when it is not a vector of parameters. */
  readonly width?: number;
  /** True when messages carry it; params always travel. */
  readonly carried?: boolean;
}

export interface TableShape {
  readonly rows: number;
  readonly features: number;
  /** Bytes of one input value: 1 (u8) or 4 (f32). */
  readonly width: 1 | 4;
  /** Entries of all rows, where they are sparse: a number each (f32), unless all are 1, with its column. */
  readonly entries?: number;
  readonly ones?: boolean;
}

/** Byte offsets of a table. `offsets`, `columns` and `spread` are of sparse rows: see `Lying` in models/model.ts. */
export interface TablePlaces {
  readonly inputs: number;
  readonly offsets: number;
  readonly columns: number;
  readonly spread: number;
  readonly targets: number;
}

export interface Shape {
  readonly nodes: number;
  /** Rows beside the nodes: a shared model, a server. */
  readonly extraRows: number;
  /** Messages that may be in flight at once: 0 unless said, as the four below that are not there always. */
  readonly slots?: number;
  readonly parameters: number;
  readonly threads: number;
  /** The first is always `params`. It has two sides, but where one thread does everything alone: then nobody can see a row half-written. */
  readonly planes: readonly PlaneShape[];
  /** Floats of scratch per thread. */
  readonly scratch: number;
  /** f64 partial sums. */
  readonly partials: number;
  /** Bytes of a thread's recorder ring: 0 when nothing is recorded. */
  readonly ring?: number;
  /** Ops that a player may have before it: 0 when nothing is played. */
  readonly ops?: number;
  /** Bytes of a simulation's queue and lists, or of the ticks that were asked for in a live run. */
  readonly events?: number;
  readonly train: TableShape;
  readonly test: TableShape;
  /** Entries of the partition: training rows that belong to some node. */
  readonly parts: number;
}

export interface Plane extends PlaneShape {
  /** Byte offset of row 0, side 0. */
  readonly offset: number;
  /** The bit of the turn word that names its current side; -1 for a one-sided plane. */
  readonly bit: number;
  /** Words of a row, padding included. */
  readonly stride: number;
  /** Byte offset of the first slot's row; -1 when messages do not carry it. */
  readonly slots: number;
}

export interface Layout {
  readonly shape: Shape;
  /** Rows that are models: the nodes and the extra rows. */
  readonly models: number;
  /** All rows: the models, then the slots. */
  readonly rows: number;
  /** Floats of a row, padding included. */
  readonly stride: number;
  readonly control: number;
  readonly threads: number;
  readonly intents: number;
  /** Words of one intent. */
  readonly intentWords: number;
  readonly planes: readonly Plane[];
  readonly mean: number;
  readonly partials: number;
  readonly scratch: number;
  readonly rings: number;
  readonly ops: number;
  /** One word for each op that waits: the number of the descent whose snapshot was taken, plus 1. */
  readonly snapped: number;
  readonly events: number;
  readonly train: TablePlaces;
  readonly test: TablePlaces;
  readonly partOffsets: number;
  readonly partIndices: number;
  readonly bytes: number;
}

/** The shape that a run would have with another number of nodes. */
export type ShapeOf = (nodes: number) => Shape;

/** Bytes that a run takes beside its shared memory. */
export type Beside = (layout: Layout) => number;

/** Lays out a shape. Throws MEMORY_LIMIT (need, limit, a node count that fits) beyond 4 GiB. */
export function layout(shape: Shape): Layout {
  return layOutWithin(limitBytes, 'the limit of one shared memory is', shape, nodes => ({ ...shape, nodes }));
}

/**
 * Throws MEMORY_LIMIT when the shape of a run needs more than one shared memory may have, or, with what it takes `beside` that, than the
 * `free` bytes of this machine.
 */
export function requireMemory(nodes: number, shapeOf: ShapeOf, free: number, beside: Beside = () => 0): void {
  const shape = shapeOf(nodes);
  layOutWithin(limitBytes, 'the limit of one shared memory is', shape, shapeOf);
  layOutWithin(free, 'of this machine are free', shape, shapeOf, beside);
}

function layOutWithin(bytes: number, what: string, shape: Shape, shapeOf: ShapeOf, beside: Beside = () => 0): Layout {
  const placed = place(shape);
  const need = (placed: Layout) => placed.bytes + beside(placed);
  if (need(placed) <= bytes) return placed;
  const { nodes, parameters, slots = 0 } = shape;
  const fits = largestNodes(nodes, shapeOf, placed => need(placed) <= bytes);
  const messages = slots > nodes ? ` and ${slots} messages` : '';
  const remedy = fits > 0 ? `use at most ${fits} nodes` : 'use a smaller model or less data';
  throw new HearsayError(
    'MEMORY_LIMIT',
    `memory: ${nodes} nodes${messages} x ${parameters} parameters need ${gib(need(placed))}, ${what} ${gib(bytes)}: ` +
      (fits === 0 && messages !== '' ? 'use fewer slots' : remedy),
  );
}

/** The largest node count found, up to `most`, whose layout `fits`; 0 when none does. */
function largestNodes(most: number, shapeOf: ShapeOf, fits: (placed: Layout) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(place(shapeOf(middle)))) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Word index of a row's control word. */
export function controlWord(layout: Layout, row: number, word: number): number {
  return (layout.control >>> 2) + row * controlWords + word;
}

/** Word index in a thread's block. */
export function threadWord(layout: Layout, thread: number, word: number): number {
  return (layout.threads >>> 2) + thread * threadWords + word;
}

/** Word index of a thread's intent. */
export function intentWord(layout: Layout, thread: number): number {
  return (layout.intents >>> 2) + thread * layout.intentWords;
}

/** Byte address of one side of a row. */
export function rowAddress(layout: Layout, plane: Plane, row: number, side: number): number {
  if (row >= layout.models) return plane.slots + (row - layout.models) * plane.stride * 4;
  return plane.offset + (row * plane.sides + side) * plane.stride * 4;
}

export function planeNamed(layout: Layout, name: string): Plane | undefined {
  return layout.planes.find(plane => plane.name === name);
}

function place(shape: Shape): Layout {
  const models = shape.nodes + shape.extraRows;
  const { slots = 0, ring = 0, ops = 0, events = 0 } = shape;
  const rows = models + slots;
  const stride = Math.ceil(shape.parameters / 32) * 32;
  const seats = shape.threads + 1;
  // Targets of the largest op: seven words a row (turn, committed, steps, draws, met, hand, place), and a few of the whole.
  const intentWords = Math.ceil((2 + 2 * (7 * models + 16)) / 32) * 32;
  let end = headerBytes;
  const take = (bytes: number) => {
    const start = end;
    end = Math.ceil((end + bytes) / lineBytes) * lineBytes;
    return start;
  };
  const control = take(rows * controlWords * 4);
  const threads = take(seats * threadWords * 4);
  const intents = take(seats * intentWords * 4);
  const takeTable = ({ rows, features, width, entries, ones }: TableShape): TablePlaces => ({
    inputs: take(entries === undefined ? rows * features * width : ones ? 0 : entries * 4),
    offsets: take(entries === undefined ? 0 : (rows + 1) * 4),
    columns: take(entries === undefined ? 0 : entries * (isNarrow(features) ? 2 : 4)),
    spread: take(entries === undefined ? 0 : features * 4),
    targets: take(rows * 4),
  });
  let bit = 0;
  const planes = shape.planes.map((plane, k) => {
    const words = plane.width === undefined ? stride : Math.ceil(plane.width / 32) * 32;
    const { name, sides, width, carried = false } = plane;
    const offset = take(models * sides * words * 4);
    const first = k === 0 || carried ? take(slots * words * 4) : -1;
    // Always these fields in this order: the verbs read them at every op, and objects of one shape are read fastest.
    return { name, sides, width, carried, stride: words, offset, bit: sides === 2 ? bit++ : -1, slots: first };
  });
  if (bit > 8)
    throw new HearsayError(
      'CONFIG_RANGE',
      `planes: found ${bit} that change with a row (${planes.flatMap(({ name, sides }) => (sides === 2 ? [name] : [])).join(', ')}), allowed are 8; sgd without momentum needs none for an optimizer, and --track 0 one less`,
    );
  if (planes.length > 14) throw new HearsayError('CONFIG_RANGE', `planes: found ${planes.length}, at most 14 fit the header`);
  for (const { name } of planes) {
    if (!/^[ -~]{1,29}$/.test(name))
      throw new HearsayError('CONFIG_RANGE', `planes: '${name}' is no name of 1 to 29 ASCII characters`);
  }
  return {
    shape,
    models,
    rows,
    stride,
    control,
    threads,
    intents,
    intentWords,
    planes,
    mean: take(stride * 4),
    partials: take(shape.partials * 8),
    scratch: take(seats * scratchBytes(shape)),
    rings: take(shape.threads * ring),
    ops: take(ops * (opWords + 1) * 4),
    snapped: take(ops * 4),
    events: take(events),
    train: takeTable(shape.train),
    test: takeTable(shape.test),
    partOffsets: take((shape.nodes + 1) * 4),
    partIndices: take(shape.parts * 4),
    bytes: end,
  };
}

/** True where the columns of sparse rows fit 16 bits. */
export function isNarrow(features: number): boolean {
  return features <= 2 ** 16;
}

/** Bytes of one thread's scratch. */
export function scratchBytes(shape: Shape): number {
  return Math.ceil((shape.scratch * 4) / lineBytes) * lineBytes;
}
