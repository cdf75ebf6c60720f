import type { Kernels, Memory } from './kernels.js';
import { attentionKernels } from './reference/attention.js';
import { denseKernels } from './reference/dense.js';
import { elementKernels } from './reference/elements.js';
import { activationKernels, lossKernels, updateKernels } from './reference/functions.js';
import { latticeKernels } from './reference/lattice.js';
import { dropoutKernels, normKernels } from './reference/norm.js';
import { planeKernels } from './reference/planes.js';
import { rowKernels } from './reference/rows.js';
import { windowKernels } from './reference/windows.js';

/** The specification of all kernels, and the oracle of their tests: plain TypeScript, one loop a kernel, slow on purpose. */
export function reference(memory: Memory): Kernels {
  return {
    name: 'reference',
    memory,
    ...rowKernels(memory),
    ...elementKernels(memory),
    ...denseKernels(memory),
    ...windowKernels(memory),
    ...planeKernels(memory),
    ...normKernels(memory),
    ...attentionKernels(memory),
    ...dropoutKernels(memory),
    ...activationKernels(memory),
    ...lossKernels(memory),
    ...updateKernels(memory),
    ...latticeKernels(memory),
  };
}
