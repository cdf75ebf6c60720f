/** The one shared memory of a run: allocated once, never grown, attached by every thread. */

import type { Dataset, Split } from '../data/dataset.js';
import type { Partition } from '../data/partition.js';
import { spreadOf } from '../data/sparse.js';
import { staysBytes, writeValues } from '../data/standardize.js';
import type { Memory } from '../models/kernels/kernels.js';
import { reserve } from '../models/kernels/memory.js';
import { readShape, writeShape } from './header.js';
import { isNarrow, type Layout, layout, type Shape, type TablePlaces, type TableShape } from './layout.js';

export interface Arena {
  readonly memory: Memory;
  readonly layout: Layout;
}

/** Lays out and allocates. Throws MEMORY_LIMIT, before anything is allocated when the shape alone says so. All bytes are zero. */
export function allocate(shape: Shape): Arena {
  const what = `a run of ${shape.nodes} nodes x ${shape.parameters} parameters`;
  return layOut(reserve(layout(shape).bytes, what, 'use fewer nodes or a smaller model'), shape);
}

/** Lays out a memory that is there already, large enough, and zero as far as the shape reaches. */
export function layOut(memory: Memory, shape: Shape): Arena {
  writeShape(new Int32Array(memory.buffer, 0, 1024), shape);
  return attach(memory);
}

/** The arena in a memory that another thread has laid out. */
export function attach(memory: Memory): Arena {
  return { memory, layout: layout(readShape(new Int32Array(memory.buffer, 0, 1024))) };
}

/** A view of `length` floats at a byte address. */
export function view(arena: Arena, address: number, length: number): Float32Array {
  return new Float32Array(arena.memory.buffer, address, length);
}

/** Copies data, as values of one scale, and partition into the arena; from then on they are read-only. */
export function writeData(arena: Arena, split: Split, parts: Partition): void {
  const { layout: at, memory } = arena;
  const bytes = new Uint8Array(memory.buffer);
  const put = (address: number, values: Uint8Array | Float32Array | Int32Array | Uint32Array | Uint16Array) =>
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), address);
  const putTable = (to: TablePlaces, shape: TableShape, dataset: Dataset) => {
    const { inputs, features, standard, sparse } = dataset;
    if (shape.ones) {
      // nothing: the columns say it all
    } else if (!standard || staysBytes(dataset)) put(to.inputs, inputs);
    else writeValues(new Float32Array(memory.buffer, to.inputs, inputs.length), inputs, 0, features, dataset, standard);
    if (sparse) {
      put(to.offsets, sparse.offsets);
      put(to.columns, isNarrow(features) ? Uint16Array.from(sparse.columns) : sparse.columns);
      put(to.spread, spreadOf(sparse, features));
    }
    put(to.targets, dataset.targets);
  };
  putTable(at.train, at.shape.train, split.train);
  putTable(at.test, at.shape.test, split.test);
  put(at.partOffsets, parts.offsets);
  put(at.partIndices, parts.indices);
}
