/** Writing a history: streams of ops gather in blocks, blocks go to the file, in the order in which things are known to have happened. */

import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Posted } from '../engine/agenda.js';
import type { Experiment } from '../engine/experiment.js';
import { blockBytes, type Check, checkPayload, headBytes, Kind } from '../engine/history/blocks.js';
import { encode, type Memory, mostBytes, openMemory } from '../engine/history/code.js';
import type { HistoryHead } from '../engine/history/head.js';
import { parametersHash } from '../engine/metrics.js';
import { openKernels } from '../models/kernels/choose.js';
import { reserve } from '../models/kernels/memory.js';
import { packing } from '../models/kernels/packing.js';
import { type Product, productNames, readPlan, type SetName } from '../models/kernels/plan.js';
import { isModule, parseSpec, savedModelOf } from '../spec.js';
import { unwritable } from '../unwritable.js';
import { moduleKeys } from './failures.js';
import { modelPath } from './loaded.js';
import type { Prepared } from './prepare.js';
import { version } from './version.js';

export interface HistoryWriter {
  /** Whole ops of a live stream, as a recorder wrote them, in pieces. They are copied. */
  take(stream: number, pieces: readonly Uint8Array[]): void;
  /** The next op of the only stream of a simulation. */
  note(op: Posted): void;
  /**
   * Everybody is parked, and all that happened has been taken: closes the blocks, and writes what the parameters are. The last one ends
   * the file.
   */
  check(steps: number, seconds: number, last: boolean): void;
  /** A run that has failed: the file stays without an end. */
  close(): void;
  /** What is in the file now. */
  written(): Recorded;
}

/** What became of a history. */
export interface Recorded {
  readonly path: string;
  readonly bytes: number;
  /** False where it has no end: then it can be played up to `steps`, as one that was cut off. */
  readonly isWhole: boolean;
  /** Local steps up to its last check; null before the first. */
  readonly steps: number | null;
}

const blockSize = 2 ** 15;

/**
 * Opens the file for writing. Throws OUTPUT_UNWRITABLE. When later it can't be written any more (the disk is full), `warn` is told once,
 * nothing is recorded from then on, and the file stays as one that was cut off.
 */
export function writeHistory(path: string, prepared: Prepared, warn: (text: string) => void): HistoryWriter {
  const { arena } = prepared;
  let file: number;
  try {
    file = openSync(path, 'w');
  } catch (error) {
    throw unwritable(`--record ${path}`, error);
  }
  const streams = new Map<number, Buffer[]>();
  let written = 0;
  let memory: Memory | undefined;
  let staging = Buffer.alloc(blockSize + mostBytes(0));
  let staged = 0;
  let isOpen = true;
  let isWhole = false;
  let checked: number | null = null;

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    streams.clear();
    staged = 0;
    try {
      closeSync(file);
    } catch (error) {
      isWhole = false; // some file systems find out here that they have no room
      giveUp(error);
    }
  }

  function write(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
    written += bytes.length;
  }

  /** Says whether the bytes were written: all of them, or the recording is over. */
  function put(bytes: Uint8Array): boolean {
    if (!isOpen) return false;
    try {
      write(bytes);
      return true;
    } catch (error) {
      try {
        ftruncateSync(file, written); // no part of a block stays behind
      } catch {
        // What was cut off is left out by a reader too.
      }
      close();
      giveUp(error);
      return false;
    }
  }

  function giveUp(error: unknown): void {
    const { code, message } = unwritable(`--record ${path}`, error);
    const rest = checked === null ? 'nothing of it can be played' : `--partial plays it up to step ${checked}`;
    warn(`${code}: ${message}; the run goes on and is not recorded any more, ${rest}`);
  }

  function flush(stream: number): void {
    const pieces = streams.get(stream);
    if (!pieces || pieces.length === 0) return;
    put(blockBytes({ kind: Kind.ops, stream, payload: Buffer.concat(pieces) }));
    streams.set(stream, []);
  }

  function flushNotes(): void {
    if (staged === 0) return;
    put(blockBytes({ kind: Kind.ops, stream: 0, payload: staging.subarray(0, staged) }));
    staged = 0;
  }

  function mark(kind: number, steps: number, seconds: number): void {
    for (const stream of streams.keys()) flush(stream);
    flushNotes();
    if (!isOpen) return;
    const check: Check = { steps, seconds, parametersHash: parametersHash(arena) };
    if (!put(blockBytes({ kind, stream: 0, payload: checkPayload(check) }))) return;
    checked = steps;
    isWhole = kind === Kind.end;
  }

  try {
    write(headBytes(headOf(prepared)));
  } catch (error) {
    closeSync(file);
    throw unwritable(`--record ${path}`, error);
  }
  return {
    take(stream, pieces) {
      if (!isOpen) return;
      const kept = streams.get(stream) ?? [];
      kept.push(Buffer.concat(pieces));
      streams.set(stream, kept);
      if (kept.reduce((sum, piece) => sum + piece.length, 0) >= blockSize) flush(stream);
    },
    note(op) {
      if (!isOpen) return;
      memory ??= openMemory(arena.layout.rows);
      const lists = op.lists;
      const numbers = lists ? 2 * lists.targets.length + 2 * lists.operands.length + lists.weights.length : 0;
      if (staging.length < staged + mostBytes(numbers)) {
        const larger = Buffer.alloc(staged + mostBytes(numbers) + blockSize);
        staging.copy(larger, 0, 0, staged);
        staging = larger;
      }
      staged = encode(staging, staged, op, memory);
      if (staged >= blockSize) flushNotes();
    },
    check(steps, seconds, last) {
      mark(last ? Kind.end : Kind.check, steps, seconds);
      if (last) close();
    },
    close,
    written: () => ({ path, bytes: written, isWhole, steps: checked }),
  };
}

export function headOf(prepared: Prepared): HistoryHead {
  const { experiment, arena, kernels, recipe } = prepared;
  const { shape } = arena.layout;
  return {
    experiment,
    ...(recipe.model.backend && { backend: recipe.model.backend.name }),
    hearsay: version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    kernels: { set: kernels.set, probe: probeOf(kernels.set) },
    data: dataHash(prepared),
    modules: modulesOf(experiment),
    nodes: shape.nodes,
    slots: shape.slots ?? 0,
    parameters: shape.parameters,
    initialHash: parametersHash(arena),
  };
}

/** sha256 of everything that is read-only in the memory, and of the graph. */
function dataHash({ arena, graph }: Prepared): string {
  const { layout, memory } = arena;
  const hash = createHash('sha256');
  hash.update(new Uint8Array(memory.buffer, layout.train.inputs, layout.bytes - layout.train.inputs));
  if (graph.offsets) hash.update(graph.offsets).update(graph.targets!);
  return hash.digest('hex');
}

/**
 * sha256 of the files of the user's own modules, of a saved model's model.json, and of the weights that all nodes start from. `lost` is
 * called for one that can't be read.
 */
export function modulesOf(
  experiment: Experiment,
  lost: (key: string, name: string, cause: unknown) => never = (_key, _name, cause) => {
    throw cause;
  },
): Record<string, string> {
  const found: Record<string, string> = {};
  const look = (key: string, name: string, path: () => string) => {
    let text: Buffer;
    try {
      text = readFileSync(path());
    } catch (error) {
      return lost(key, name, error);
    }
    found[key] = createHash('sha256').update(text).digest('hex');
  };
  for (const key of moduleKeys) {
    const { name } = parseSpec(experiment[key], key);
    const saved = savedModelOf(name);
    if (isModule(name) || saved !== undefined)
      look(key, name, () => saved ?? (name.startsWith('file:') ? fileURLToPath(name) : name));
  }
  const { init } = experiment;
  if (init !== null) look('init', init, () => modelPath(init));
  return found;
}

/** The hash of products that show how kernels round: another processor or library may do it differently. Throws KERNELS_UNAVAILABLE. */
export function probeOf(name: Prepared['kernels']['set']): string {
  const { set, others } = readPlan(name);
  const probes = new Map<string, () => Uint8Array>();
  const add = (set: SetName, product: Product) =>
    probes.set(`${set} ${product.name} ${product.inputs} ${product.outputs}`, () => probe(set, product));
  // Of a large product its beginning tells: what differs is the order of its sums.
  const some = (size: number) => Math.min(size, 1024);
  add(set, { name: 'forward', inputs: 61, outputs: 13 });
  if (set === 'blas') for (const name of productNames) add(set, { name, inputs: 784, outputs: 128 });
  for (const { set, name, inputs, outputs } of others) add(set, { name, inputs: some(inputs), outputs: some(outputs) });
  const hash = createHash('sha256');
  for (const bytes of probes.values()) hash.update(bytes());
  return hash.digest('hex');
}

/** What a product of 32 rows gives. */
function probe(set: SetName, { name, inputs, outputs }: Product): Uint8Array {
  const rows = 32;
  const lengths = [rows * inputs, inputs * outputs, outputs, rows * outputs, rows * inputs, packing(rows, inputs, outputs)];
  const places = lengths.map((_, k) => lengths.slice(0, k).reduce((sum, n) => sum + 4 * Math.ceil((n + 8) / 32) * 32, 0));
  const memory = reserve(places.at(-1)! + 4 * lengths.at(-1)! + 1024, 'a look at the kernels', 'close other programs');
  const [x, weights, bias, y, dx, work] = places;
  for (const [k, place] of [x, weights, bias, y].entries()) {
    const floats = new Float32Array(memory.buffer, place, lengths[k]);
    for (let i = 0; i < floats.length; i++) floats[i] = ((i * 2654435761) % 4093) / 1000 - 2;
  }
  const kernels = openKernels(set, memory);
  if (name === 'forward') kernels.forward(y, x, weights, bias, rows, inputs, outputs, work);
  else if (name === 'backward') kernels.backward(dx, y, weights, rows, inputs, outputs, work);
  else kernels.accumulate(weights, bias, x, y, rows, inputs, outputs, 0, work);
  const [from, length] = { forward: [y, rows * outputs], backward: [dx, rows * inputs], accumulate: [weights, inputs * outputs] }[
    name
  ];
  return new Uint8Array(memory.buffer.slice(from, from + 4 * length));
}
