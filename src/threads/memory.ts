/** How much memory this process may take. */

import { freemem } from 'node:os';

/** Bytes that it may still take: what is free, or what its control group leaves it. */
export function availableMemory(): number {
  return process.availableMemory?.() ?? freemem();
}
