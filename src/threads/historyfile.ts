/** Reading a history: its head, its checks, and the ops of its streams, a block at a time. */

import { closeSync, readSync } from 'node:fs';
import { type Block, type Check, CutOff, corrupt, Kind, readBlock, readCheck, readHead } from '../engine/history/blocks.js';
import { decode, Malformed, openMemory } from '../engine/history/code.js';
import { type HistoryHead, parseHead } from '../engine/history/head.js';
import type { Stream } from '../engine/history/merge.js';
import { HearsayError } from '../errors.js';
import { openPlain } from '../plainfile.js';

export interface HistoryFile {
  readonly head: HistoryHead;
  readonly bytes: number;
  /** False when the file was cut off behind the last of the parts. */
  readonly isWhole: boolean;
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

/**
 * Looks through the whole file once, checksums included. With `partial`, one that was cut off is read up to its last check. Throws
 * DATA_NOT_FOUND, HISTORY_CORRUPT, HISTORY_VERSION.
 */
export function openHistory(path: string, partial = false): HistoryFile {
  let file: number;
  let size: number;
  try {
    ({ file, size } = openPlain(path));
  } catch (error) {
    throw new HearsayError('DATA_NOT_FOUND', `${path}: ${(error as Error).message}; give the file that --record wrote`, {
      cause: error,
    });
  }
  const read = (from: number, length: number) => {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - from)));
    let count = 0;
    for (let got = 1; got > 0 && count < bytes.length; count += got)
      got = readSync(file, bytes, count, bytes.length - count, from + count);
    return bytes.subarray(0, count);
  };
  try {
    const { head, end } = readHead(read, path);
    const { parts, isWhole } = scan(read, end, path, size, partial);
    const waiting = new Map<number, number[]>();
    const found = [...new Set(parts.flatMap(({ blocks }) => blocks.map(({ stream }) => stream)))].sort((a, b) => a - b);
    return {
      head: parseHead(head, path),
      bytes: size,
      isWhole,
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

function scan(
  read: (from: number, length: number) => Uint8Array,
  start: number,
  path: string,
  size: number,
  partial: boolean,
): { parts: Part[]; isWhole: boolean } {
  const parts: Part[] = [];
  let blocks: { stream: number; from: number }[] = [];
  let ended = false;
  for (let from = start; ; ) {
    const found = blockAt(from);
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
  if (!ended && !(partial && parts.length > 0)) throw cutOff();
  return { parts, isWhole: ended };

  /** Null at the end of the file, and where it was cut off. */
  function blockAt(from: number): { block: Block; end: number } | null {
    try {
      return readBlock(read, from, path);
    } catch (error) {
      if (error instanceof CutOff && !ended) return null;
      throw error;
    }
  }

  function cutOff(): HearsayError {
    const last = parts.at(-1)?.check;
    const remedy = last
      ? `up to its check at step ${last.steps} it can be played: add --partial`
      : 'there is no check before that up to which it could be played; record it again';
    return new HearsayError('HISTORY_CORRUPT', `${path}: the run was cut off: ${size} bytes, and no end among them; ${remedy}`);
  }
}
