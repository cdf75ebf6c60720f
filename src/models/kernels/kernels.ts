/**
 * The kernels: what every set (reference, simd, relaxed, blas) computes, a kind of them a file in contract/; those in reference/ and simd/
 * have the same names. Addresses are byte offsets into the memory that the set was opened on; counts are in floats. Rows of planes are
 * padded to 32 floats with zeros, so row kernels may round `n` up to 32. `reference.ts` is the specification: plain TypeScript, one loop
 * a kernel.
 */

import type { ActivationKernels } from './contract/activation.js';
import type { AttentionKernels } from './contract/attention.js';
import type { DenseKernels } from './contract/dense.js';
import type { DropoutKernels } from './contract/dropout.js';
import type { ElementKernels } from './contract/elements.js';
import type { FactorKernels } from './contract/factor.js';
import type { GatherKernels } from './contract/gather.js';
import type { LatticeKernels } from './contract/lattice.js';
import type { LossKernels } from './contract/loss.js';
import type { NormKernels } from './contract/norm.js';
import type { PlaneKernels } from './contract/planes.js';
import type { RotationKernels } from './contract/rotation.js';
import type { RowKernels } from './contract/rows.js';
import type { SparseKernels } from './contract/sparse.js';
import type { UpdateKernels } from './contract/update.js';
import type { WindowKernels } from './contract/windows.js';
import type { Memory } from './memory.js';

export type { Address, Memory } from './memory.js';

export interface Kernels
  extends RowKernels,
    ElementKernels,
    GatherKernels,
    SparseKernels,
    FactorKernels,
    DenseKernels,
    ActivationKernels,
    LossKernels,
    WindowKernels,
    PlaneKernels,
    NormKernels,
    AttentionKernels,
    DropoutKernels,
    UpdateKernels,
    LatticeKernels,
    RotationKernels {
  readonly name: 'reference' | 'simd' | 'relaxed' | 'blas';
  readonly memory: Memory;
}
