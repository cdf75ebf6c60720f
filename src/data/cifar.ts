/**
 * The binary files of CIFAR-10 and CIFAR-100 (A. Krizhevsky's page "The CIFAR-10 dataset", "Binary version"): rows of labels (one byte;
 * of CIFAR-100 two, coarse then fine) and 3 x 32 x 32 bytes, channel after channel. No header: the size says how many rows there are.
 */

import { HearsayError } from '../errors.js';
import type { Dataset } from './dataset.js';

export interface Cifar {
  readonly name: string;
  /** Bytes of labels before each image; the last of them is the label. */
  readonly labelBytes: 1 | 2;
  readonly classes: 10 | 100;
}

export const cifar10: Cifar = { name: 'CIFAR-10', labelBytes: 1, classes: 10 };
/** By the fine label. */
export const cifar100: Cifar = { name: 'CIFAR-100', labelBytes: 2, classes: 100 };

/** Channels, height, width, as they are stored. */
const shape = [3, 32, 32];
const pixels = 3 * 32 * 32;

/** Which of the two a file is, by the names that they are given out under: CIFAR-100's are train.bin and test.bin. */
export function cifarNamed(file: string): Cifar {
  return /(^|[/\\])(train|test)\.bin(\.gz)?$/i.test(file) ? cifar100 : cifar10;
}

/**
 * The rows of one file after the other, as one data set. Throws DATA_CORRUPT (offset) for a size that is no whole number of rows,
 * DATA_LABEL (row and offset), DATA_TOO_LARGE for more than 2^31 bytes of images.
 */
export function cifarDataset(
  name: string,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  kind: Cifar,
): Dataset {
  const { labelBytes, classes } = kind;
  const stride = labelBytes + pixels;
  for (const file of files) {
    const whole = Math.floor(file.bytes.length / stride);
    if (whole > 0 && file.bytes.length === whole * stride) continue;
    const found = `${file.bytes.length} bytes, ${whole} rows of ${stride} bytes and then, from offset ${whole * stride}, an unfinished one`;
    throw new HearsayError(
      'DATA_CORRUPT',
      `${file.name}: found ${found}, allowed are whole rows of ${kind.name}; fetch it again`,
    );
  }
  const rows = files.reduce((sum, { bytes }) => sum + bytes.length / stride, 0);
  if (rows * pixels > 2 ** 31) {
    throw new HearsayError(
      'DATA_TOO_LARGE',
      `${name}: ${rows} rows have ${rows * pixels} bytes of images, allowed are 2^31; take fewer files`,
    );
  }
  const inputs = new Uint8Array(rows * pixels);
  const targets = new Int32Array(rows);
  let row = 0;
  for (const file of files) {
    for (let at = 0; at < file.bytes.length; at += stride, row++) {
      const label = file.bytes[at + labelBytes - 1];
      if (label >= classes) {
        const where = `row ${at / stride}, offset ${at + labelBytes - 1}`;
        throw new HearsayError(
          'DATA_LABEL',
          `${file.name}: ${where}: found label ${label}, allowed is a whole number from 0 to ${classes - 1} (${kind.name}); fetch it again`,
        );
      }
      targets[row] = label;
      inputs.set(file.bytes.subarray(at + labelBytes, at + stride), row * pixels);
    }
  }
  return { name, rows, features: pixels, inputs, scale: 1 / 255, shift: 0, shape, targets, classes };
}
