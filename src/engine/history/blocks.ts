/**
 * The blocks of a history file, as bytes. A file is a head and blocks:
 *
 *   'HEARSAY' version | length | JSON of the head | crc32
 *   kind | stream | length | payload | crc32 (of all before it in the block)       ... again and again
 *
 * A block of ops belongs to one stream. A check says that everybody was parked, and what the parameters were: all ops before it in the
 * file come before it. The end is the last check.
 */

import { crc32 } from 'node:zlib';
import { HearsayError } from '../../errors.js';
import { parseJson } from '../../json.js';

export const Kind = { ops: 1, check: 2, end: 3 } as const;

export interface Block {
  readonly kind: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

/** What a check block holds. */
export interface Check {
  /** Local steps before it, over all nodes. */
  readonly steps: number;
  /** Seconds of training, on the clock of the wall. */
  readonly seconds: number;
  readonly parametersHash: string;
}

export const formatVersion = 1;
const magic = 'HEARSAY';
/** Bytes of a block beside its payload: before it and, for the checksum, behind it. */
export const blockHead = 12;
const mostHead = 2 ** 24;
export const mostPayload = 2 ** 26;

export function headBytes(head: object): Uint8Array {
  const text = Buffer.from(JSON.stringify(head));
  const bytes = Buffer.alloc(12 + text.length + 4);
  bytes.write(magic, 0, 'latin1');
  bytes[7] = formatVersion;
  bytes.writeUInt32LE(text.length, 8);
  text.copy(bytes, 12);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 12 + text.length)), 12 + text.length);
  return bytes;
}

export function blockBytes({ kind, stream, payload }: Block): Uint8Array {
  const bytes = Buffer.alloc(blockHead + payload.length + 4);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(stream, 4);
  bytes.writeUInt32LE(payload.length, 8);
  bytes.set(payload, blockHead);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, blockHead + payload.length)), blockHead + payload.length);
  return bytes;
}

/** Reads bytes `from..from+length-1` of the file; fewer at its end. */
export type ReadAt = (from: number, length: number) => Uint8Array;

/** The head, and where the blocks begin. Throws HISTORY_CORRUPT, HISTORY_VERSION. */
export function readHead(read: ReadAt, name: string): { head: unknown; end: number } {
  const first = Buffer.from(read(0, 12));
  if (first.length < 12 || first.toString('latin1', 0, 7) !== magic) {
    throw new HearsayError(
      'HISTORY_CORRUPT',
      `${name}: found ${first.length === 0 ? 'an empty file' : 'other bytes at its start'}, expected a history; record one with --record FILE`,
    );
  }
  if (first[7] !== formatVersion) {
    throw new HearsayError(
      'HISTORY_VERSION',
      `${name}: found a history of version ${first[7]}, this program reads version ${formatVersion}; use the version of hearsay that wrote it`,
    );
  }
  const length = first.readUInt32LE(8);
  if (length > mostHead) throw corrupt(name, 8, `a head of ${length} bytes`);
  const rest = Buffer.from(read(12, length + 4));
  if (rest.length < length + 4) throw corrupt(name, 12 + rest.length, 'the file ends within its head');
  const sum = crc32(rest.subarray(0, length), crc32(first));
  if (sum !== rest.readUInt32LE(length)) throw corrupt(name, 12 + length, 'the checksum of the head does not fit');
  try {
    return { head: parseJson(rest.toString('utf8', 0, length)), end: 12 + length + 4 };
  } catch {
    throw corrupt(name, 12, 'the head is no JSON');
  }
}

/** The file ends within a block: so it is when the writer is killed. */
export class CutOff extends HearsayError {
  constructor(name: string, offset: number) {
    super('HISTORY_CORRUPT', `${name}: at byte ${offset}: the file ends within a block: it was cut off; record the run again`);
  }
}

/**
 * The block at `from`, and where the next one begins; null at the end of the file. Throws HISTORY_CORRUPT, as CutOff where it ends too
 * early.
 */
export function readBlock(read: ReadAt, from: number, name: string): { block: Block; end: number } | null {
  const first = Buffer.from(read(from, blockHead));
  if (first.length === 0) return null;
  if (first.length < blockHead) throw new CutOff(name, from + first.length);
  const kind = first.readUInt32LE(0);
  const length = first.readUInt32LE(8);
  if (kind < Kind.ops || kind > Kind.end || length > mostPayload) throw corrupt(name, from, 'no block begins here');
  const rest = Buffer.from(read(from + blockHead, length + 4));
  if (rest.length < length + 4) throw new CutOff(name, from + blockHead + rest.length);
  const payload = rest.subarray(0, length);
  if (crc32(payload, crc32(first)) !== rest.readUInt32LE(length))
    throw corrupt(name, from, 'the checksum of this block does not fit');
  return {
    block: { kind, stream: first.readUInt32LE(4), payload },
    end: from + blockHead + length + 4,
  };
}

export function corrupt(name: string, offset: number, what: string): HearsayError {
  return new HearsayError('HISTORY_CORRUPT', `${name}: at byte ${offset}: ${what}; record the run again`);
}

/** A check's payload. */
export function checkPayload(check: Check): Uint8Array {
  return Buffer.from(JSON.stringify(check));
}

export function readCheck(payload: Uint8Array, name: string, offset: number): Check {
  try {
    const check = parseJson(Buffer.from(payload).toString('utf8')) as Check;
    if (typeof check.parametersHash === 'string' && Number.isInteger(check.steps) && typeof check.seconds === 'number')
      return check;
  } catch {}
  throw corrupt(name, offset, 'a check that is none');
}
