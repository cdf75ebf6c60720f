/** The machine that a run was on, as far as its speed depends on it. */

import { cpus, totalmem } from 'node:os';
import { cores } from '../../threads/cores.js';

export interface Machine {
  readonly cpu: string;
  /** Cores that the process may use, and those that a quota leaves it. */
  readonly cores: number;
  readonly usable: number;
  /** Bytes. */
  readonly memory: number;
  readonly platform: string;
}

export function machine(): Machine {
  const { available, usable } = cores();
  return {
    cpu: cpus()[0]?.model.trim() ?? 'not known',
    ...{ cores: available, usable, memory: totalmem() },
    platform: `${process.platform} ${process.arch}`,
  };
}
