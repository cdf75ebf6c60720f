/** A model on a small memory of its own, with room for some rows of data, whichever way it reads them. */

import type { Dataset, Places } from '../data/dataset.js';
import { writeRow } from '../data/sparse.js';
import { type Unit, writeValues } from '../data/standardize.js';
import { type KernelsName, openKernels } from '../models/kernels/choose.js';
import type { Kernels } from '../models/kernels/kernels.js';
import { reserve } from '../models/kernels/memory.js';
import type { Batch, Chance, Model, Session } from '../models/model.js';

/** Where rows come from: a data set, or what somebody gives. Without targets they are 0. */
export type Source = Unit & {
  readonly inputs: ArrayLike<number>;
  readonly sparse?: Places;
  readonly standard?: Dataset['standard'];
  readonly targets?: ArrayLike<number>;
};

export interface Desk {
  readonly kernels: Kernels;
  readonly session: Session;
  readonly weights: Float32Array;
  readonly gradient: Float32Array;
  /** rows x outputs */
  readonly outputs: Float32Array;
  /** Numbers of sparse rows that there is room for. */
  readonly entries: number;
  /** Those rows of `source`, as the model takes them. */
  lay(source: Source, numbers: ArrayLike<number>, chance?: Chance): Batch;
}

/** Numbers that the fullest `rows` rows in a row have: what a model of sparse rows needs room for. */
export function entriesOf({ sparse, standard }: Pick<Source, 'sparse' | 'standard'>, rows: number, features: number): number {
  if (!sparse || standard) return rows * features;
  const { offsets } = sparse;
  let most = 0;
  for (let row = 0; row + 1 < offsets.length; row += rows)
    most = Math.max(most, offsets[Math.min(row + rows, offsets.length - 1)] - offsets[row]);
  return most;
}

/** Room for `rows` rows at a time, of sparse ones for so many entries. `purpose` says what it is for, if there is no memory. */
export function openDesk(
  model: Model,
  { features, classes }: Pick<Dataset, 'features' | 'classes'>,
  set: KernelsName,
  rows: number,
  entries: number,
  purpose: string,
): Desk {
  const { parameters, outputs, reads } = model;
  let end = 1024;
  const take = (floats: number) => {
    const address = end;
    end += Math.ceil((floats * 4 + 16) / 128) * 128;
    return address;
  };
  const workspace = model.workspace(rows);
  const isSparse = reads === 'sparse';
  const room = isSparse ? entries : rows * features;
  const at = {
    weights: take(parameters),
    gradient: take(parameters),
    work: take(workspace),
    inputs: take(room),
    columns: take(isSparse ? room : 0),
    offsets: take(rows + 1),
    numbers: take(rows),
    targets: take(rows),
    outputs: take(rows * outputs),
  };
  const memory = reserve(end, `model ${model.name}, ${purpose},`, 'use a smaller model');
  const { buffer } = memory;
  const floats = (address: number, n: number) => new Float32Array(buffer, address, n);
  const words = (address: number, n: number) => new Uint32Array(buffer, address, n);
  const inputs = floats(at.inputs, room);
  const columns = words(at.columns, isSparse ? room : 0);
  const offsets = words(at.offsets, rows + 1);
  const labels = classes > 0 ? new Int32Array(buffer, at.targets, rows) : floats(at.targets, rows);
  const row = new Float32Array(features);
  const given = new Float32Array(features);
  words(at.numbers, rows).forEach((_, k, numbers) => {
    numbers[k] = k;
  });

  /** `to` := a whole row, whatever it comes from. */
  function writeWhole(to: Float32Array, source: Source, number: number): void {
    const { inputs: from, sparse, standard } = source;
    if (!sparse) writeValues(to, from, number * features, features, source, standard);
    else writeRow(standard ? given : to, from, sparse, number);
    if (sparse && standard) writeValues(to, given, 0, features, source, standard);
  }

  function layWhole(source: Source, numbers: ArrayLike<number>): void {
    for (let k = 0; k < numbers.length; k++) writeWhole(inputs.subarray(k * features, (k + 1) * features), source, numbers[k]);
  }

  /** What is not 0. */
  function laySparse(source: Source, numbers: ArrayLike<number>): void {
    const { inputs: from, sparse, standard } = source;
    let used = 0;
    const put = (column: number, value: number) => {
      columns[used] = column;
      inputs[used++] = value;
    };
    for (let k = 0; k < numbers.length; k++) {
      if (sparse && !standard)
        for (let e = sparse.offsets[numbers[k]]; e < sparse.offsets[numbers[k] + 1]; e++) put(sparse.columns[e], from[e]);
      else {
        writeWhole(row, source, numbers[k]);
        for (let f = 0; f < features; f++) if (row[f] !== 0) put(f, row[f]);
      }
      offsets[k + 1] = used;
    }
  }

  const kernels = openKernels(set, memory);
  return {
    kernels,
    session: model.open(kernels, floats(at.work, workspace), rows),
    weights: floats(at.weights, parameters),
    gradient: floats(at.gradient, parameters),
    outputs: floats(at.outputs, rows * outputs),
    entries: room,
    lay(source, numbers, chance) {
      const count = numbers.length;
      if (isSparse) laySparse(source, numbers);
      else layWhole(source, numbers);
      for (let k = 0; k < count; k++) labels[k] = source.targets?.[numbers[k]] ?? 0;
      const lying = {
        numbers: at.numbers,
        inputs: at.inputs,
        offsets: at.offsets,
        columns: at.columns,
        narrow: 0 as const,
        spread: 0,
        targets: at.targets,
      };
      const batch = { rows: count, inputs: inputs.subarray(0, count * features), targets: labels.subarray(0, count), chance };
      return reads ? { ...batch, lying } : batch;
    },
  };
}
