/** Damage to histories: files taken apart, changed, and put together again, with checksums that fit. */

import { type Block, blockBytes, headBytes, readBlock, readHead } from '../../src/engine/history/blocks.js';

export interface Parsed {
  head: Record<string, unknown>;
  blocks: Block[];
}

/** The parts of a file that is whole. */
export function parsed(bytes: Uint8Array): Parsed {
  const read = (from: number, length: number) => bytes.subarray(from, from + length);
  const { head, end } = readHead(read, 'file');
  const blocks: Block[] = [];
  for (let found = readBlock(read, end, 'file'); found; found = readBlock(read, found.end, 'file')) {
    blocks.push({ ...found.block, payload: Uint8Array.from(found.block.payload) });
  }
  return { head: head as Record<string, unknown>, blocks };
}

/** Where the blocks begin, and where the file ends. */
export function boundaries(bytes: Uint8Array): number[] {
  const read = (from: number, length: number) => bytes.subarray(from, from + length);
  const places = [readHead(read, 'file').end];
  for (let found = readBlock(read, places[0], 'file'); found; found = readBlock(read, found.end, 'file')) places.push(found.end);
  return places;
}

export function assembled({ head, blocks }: Parsed): Uint8Array {
  return Buffer.concat([headBytes(head), ...blocks.map(blockBytes)]);
}
