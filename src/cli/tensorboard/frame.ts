/** TFRecord: frames of one message each (tensorflow/core/lib/io/record_writer.h). */

import { crc32c } from './crc32c.js';

/**
 * length (8 bytes) | CRC of it (4) | message | CRC of that (4), all little-endian. CRCs are masked: a CRC of bytes that hold CRCs is a weak
 * one.
 */
export function frame(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(message.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(message.length), true);
  view.setUint32(8, masked(crc32c(bytes.subarray(0, 8))), true);
  bytes.set(message, 12);
  view.setUint32(12 + message.length, masked(crc32c(message)), true);
  return bytes;
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
