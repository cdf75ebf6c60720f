import type { Kernels, Memory } from './kernels.js';
import { activationKernels } from './reference/activation.js';
import { attentionKernels } from './reference/attention.js';
import { denseKernels } from './reference/dense.js';
import { dropoutKernels } from './reference/dropout.js';
import { elementKernels } from './reference/elements.js';
import { factorKernels } from './reference/factor.js';
import { gatherKernels } from './reference/gather.js';
import { latticeKernels } from './reference/lattice.js';
import { lossKernels } from './reference/loss.js';
import { normKernels } from './reference/norm.js';
import { planeKernels } from './reference/planes.js';
import { rotationKernels } from './reference/rotation.js';
import { rowKernels } from './reference/rows.js';
import { sparseKernels } from './reference/sparse.js';
import { updateKernels } from './reference/update.js';
import { windowKernels } from './reference/windows.js';

/** The specification of all kernels, and the oracle of their tests: plain TypeScript, one loop a kernel, slow on purpose. */
export function reference(memory: Memory): Kernels {
  return {
    name: 'reference',
    memory,
    ...rowKernels(memory),
    ...elementKernels(memory),
    ...gatherKernels(memory),
    ...sparseKernels(memory),
    ...factorKernels(memory),
    ...denseKernels(memory),
    ...activationKernels(memory),
    ...lossKernels(memory),
    ...windowKernels(memory),
    ...planeKernels(memory),
    ...normKernels(memory),
    ...attentionKernels(memory),
    ...dropoutKernels(memory),
    ...updateKernels(memory),
    ...latticeKernels(memory),
    ...rotationKernels(memory),
  };
}
