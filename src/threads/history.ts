/** Writing a history: streams of ops gather in blocks, blocks go to the file, in the order in which things are known to have happened. */

import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { Posted } from '../engine/agenda.js';
import { blockBytes, type Check, checkPayload, headBytes, Kind } from '../engine/history/blocks.js';
import { encode, type Memory, mostBytes, openMemory } from '../engine/history/code.js';
import type { HistoryHead } from '../engine/history/head.js';
import { parametersHash } from '../engine/metrics.js';
import { unwritable } from '../unwritable.js';
import { basisOf } from './basis.js';
import type { Prepared } from './prepare.js';

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
  const { arena } = prepared;
  const { nodes, slots = 0 } = arena.layout.shape;
  return { ...basisOf(prepared), nodes, slots, initialHash: parametersHash(arena) };
}
