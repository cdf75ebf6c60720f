/** The memory that kernels work on, and the one way to it: a machine that has none left to give is said to be such. */

import { HearsayError } from '../../errors.js';
import { gib } from '../../size.js';

/** A byte offset into the memory that a set of kernels was opened on. */
export type Address = number;

/** A shared WebAssembly.Memory (the type is spelt out so that users need no browser typings). */
export interface Memory {
  readonly buffer: SharedArrayBuffer;
}

/**
 * Shared memory of at least so many bytes, all zero, that never grows. `what` needs it, and with `remedy` it would need less. Throws
 * MEMORY_LIMIT when it can't be had.
 */
export function reserve(bytes: number, what: string, remedy: string): Memory {
  const pages = Math.ceil(bytes / 65536);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const refused = 'which this machine does not give (V8 asks for 8 GiB of addresses beside it: ulimit -v)';
    throw new HearsayError('MEMORY_LIMIT', `memory: ${what} needs ${gib(bytes)}, ${refused}: raise its limits, or ${remedy}`, {
      cause,
    });
  }
}
