/** How much memory a run may take, and a run that is refused because it would take more. */

import { freemem } from 'node:os';
import { largestNodes, layout, type Shape } from '../engine/layout.js';
import { HearsayError } from '../errors.js';
import { gib } from '../size.js';

/** Bytes that this process may still take: what is free, or what its control group leaves it. */
export function availableMemory(): number {
  return process.availableMemory?.() ?? freemem();
}

/** Throws MEMORY_LIMIT (need, available, largest node count that fits) for a shape beyond what is available. */
export function requireMemory(shape: Shape, available = availableMemory()): void {
  const { bytes } = layout(shape);
  if (bytes <= available) return;
  const fits = largestNodes(shape, available);
  throw new HearsayError(
    'MEMORY_LIMIT',
    `memory: ${shape.nodes} nodes x ${shape.parameters} parameters need ${gib(bytes)}, found ${gib(available)} available: ` +
      `${fits > 0 ? `use at most ${fits} nodes` : 'use a smaller model or less data'}`,
  );
}
