/** Reading a history: its head, its checks, and the ops of its streams, a block at a time. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Check, corrupt, Kind, readBlock, readCheck, readHead } from '../engine/history/blocks.js';
import { decode, Malformed, openMemory } from '../engine/history/code.js';
import type { Stream } from '../engine/history/merge.js';
import { HearsayError } from '../errors.js';
import type { HistoryHead } from './history.js';

export interface HistoryFile {
  readonly head: HistoryHead;
  readonly bytes: number;
  /** Between two checks: nothing before the first is after it, and so on. */
  readonly parts: readonly Part[];
  /** The streams of ops. They end at the end of the part that was opened last. */
  streams(rows: number): readonly Stream[];
  open(part: Part): void;
  close(): void;
}

export interface Part {
  readonly blocks: readonly { readonly stream: number; readonly from: number }[];
  readonly check: Check;
}

/** Looks through the whole file once, checksums included. Throws DATA_NOT_FOUND, HISTORY_CORRUPT, HISTORY_VERSION. */
export function openHistory(path: string): HistoryFile {
  let file: number;
  try {
    file = openSync(path, 'r');
    if (!fstatSync(file).isFile()) throw new Error('it is no plain file');
  } catch (error) {
    throw new HearsayError('DATA_NOT_FOUND', `${path}: ${(error as Error).message}; give the file that --record wrote`, {
      cause: error,
    });
  }
  const read = (from: number, length: number) => {
    const bytes = Buffer.alloc(length);
    let count = 0;
    for (let got = 1; got > 0 && count < length; count += got) got = readSync(file, bytes, count, length - count, from + count);
    return bytes.subarray(0, count);
  };
  try {
    const { head, end } = readHead(read, path);
    const parts = scan(read, end, path);
    const bytes = fstatSync(file).size;
    const waiting = new Map<number, number[]>();
    const found = [...new Set(parts.flatMap(({ blocks }) => blocks.map(({ stream }) => stream)))].sort((a, b) => a - b);
    return {
      head: head as HistoryHead,
      bytes,
      parts,
      open(part) {
        for (const { stream, from } of part.blocks) waiting.set(stream, [...(waiting.get(stream) ?? []), from]);
      },
      streams: rows => found.map(stream => streamOf(stream, rows)),
      close: () => closeSync(file),
    };

    function streamOf(stream: number, rows: number): Stream {
      const memory = openMemory(rows);
      let payload = new Uint8Array(0);
      let at = 0;
      let from = 0;
      return {
        next() {
          while (at === payload.length) {
            const next = waiting.get(stream)?.shift();
            if (next === undefined) return null;
            from = next;
            payload = readBlock(read, from, path)!.block.payload as Uint8Array<ArrayBuffer>;
            at = 0;
          }
          try {
            const op = decode(payload, at, memory);
            at = op.end;
            return op;
          } catch (error) {
            throw error instanceof Malformed ? corrupt(path, from, error.message) : error;
          }
        },
      };
    }
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function scan(read: (from: number, length: number) => Uint8Array, start: number, path: string): Part[] {
  const parts: Part[] = [];
  let blocks: { stream: number; from: number }[] = [];
  let ended = false;
  for (let from = start; ; ) {
    const found = readBlock(read, from, path);
    if (!found) break;
    if (ended) throw corrupt(path, from, 'bytes behind the end');
    const { block, end } = found;
    if (block.kind === Kind.ops) blocks.push({ stream: block.stream, from });
    else {
      parts.push({ blocks, check: readCheck(block.payload, path, from) });
      blocks = [];
      ended = block.kind === Kind.end;
    }
    from = end;
  }
  if (!ended) throw new HearsayError('HISTORY_CORRUPT', `${path}: the file has no end: its run was cut off; record it again`);
  return parts;
}
