import { HearsayError } from '../../errors.js';
import type { Kernels, Memory } from './kernels.js';
import { reference } from './reference.js';
import { supports, wasmKernels } from './simd.js';

export type KernelsName = Kernels['name'];

/** Opens a named set on `memory`. Throws KERNELS_UNAVAILABLE when this machine cannot run it. */
export function openKernels(name: KernelsName, memory: Memory): Kernels {
  if (name === 'reference') return reference(memory);
  if (name === 'simd' || name === 'relaxed') return wasmKernels(name, memory);
  throw new HearsayError('KERNELS_UNAVAILABLE', `kernels: found '${name}'; allowed here: ${available().join(', ')}`);
}

/** The sets that this machine can run, most portable first. */
export function available(): KernelsName[] {
  const names: KernelsName[] = ['reference'];
  if (supports('simd')) names.push('simd');
  if (supports('relaxed')) names.push('relaxed');
  return names;
}

/** A set, and why. */
export interface Choice {
  readonly set: KernelsName;
  readonly note: string;
}

export function chooseKernels(name: KernelsName | 'auto', _model: unknown, _batch: number, _now: () => number): Choice {
  if (name !== 'auto') return { set: name, note: 'as asked for' };
  const set = available().at(-1)!;
  return { set, note: `${set}: the fastest that this machine can run` };
}
