/** Node, cores, memory and the clock. */

import { totalmem } from 'node:os';
import { type Cores, cores } from '../../threads/cores.js';
import { availableMemory } from '../../threads/memory.js';
import { bytes, figure } from '../figures.js';
import { type Check, judged, not } from './check.js';

/** The least version that runs everything: engines in package.json. */
const leastNode = [20, 19];

export function nodeCheck({ node, v8 } = process.versions): Check {
  const [major, minor] = node.split('.').map(Number);
  const fine = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  const found = `${node}, V8 ${v8}, ${process.platform} ${process.arch}`;
  return judged(fine, 'fault', 'node', found, `use Node ${leastNode.join('.')} or newer`, { values: { node, v8 } });
}

/** What threads in shared memory need of the language. */
export function languageCheck(atomics: object = Atomics, isShared = typeof SharedArrayBuffer === 'function'): Check {
  const [waits, pauses] = ['waitAsync', 'pause'].map(name => name in atomics);
  const found = [
    isShared ? 'SharedArrayBuffer' : 'no SharedArrayBuffer',
    waits ? 'Atomics.waitAsync' : 'no Atomics.waitAsync',
    pauses ? 'Atomics.pause' : 'no Atomics.pause (nothing needs it)',
  ].join(', ');
  const values = { sharedArrayBuffer: isShared, waitAsync: waits, pause: pauses };
  return judged(
    isShared && waits,
    'fault',
    'shared words',
    found,
    'use Node 20.19 or newer, without flags that lock shared memory',
    {
      values,
    },
  );
}

export function coresCheck(found: Cores = cores()): Check {
  const { available, quota, usable } = found;
  const limit = quota ? `, quota ${figure(quota.cores)} (${quota.from})` : ', no quota';
  const text = `${available} available${limit}: ${usable} thread${usable === 1 ? '' : 's'} by default`;
  const remedy = quota
    ? 'one thread at a time: raise the quota of the control group (docker --cpus) for more'
    : 'one core: nodes take turns, and nothing is gained by threads';
  return judged(usable > 1, 'warning', 'cores', text, remedy, { values: { available, quota, usable } });
}

/** Bytes below which a run of usual size is near the limit. */
const little = 2 ** 30;

export function memoryCheck(
  { total, available, limit }: { total: number; available: number; limit: number | null } = {
    ...{ total: totalmem(), available: availableMemory(), limit: groupLimit() },
  },
): Check {
  const group = limit === null ? '' : `, limit of the control group ${bytes(limit)}`;
  const found = `${bytes(available)} available of ${bytes(total)}${group}; one run has 4 GiB at most`;
  const remedy = 'close other programs, or raise the limit (docker --memory): MEMORY_LIMIT says how many nodes fit';
  return judged(available >= little, 'warning', 'memory', found, remedy, { values: { total, available, limit } });
}

/** What the control group allows; null without a limit. */
function groupLimit(): number | null {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 && limit < totalmem() ? limit : null;
}

const page = 65_536;
const largest = 65_536 * page;

/** Reserving takes addresses, not memory: pages come when they are touched. */
export function sharedMemoryCheck(reserve: (pages: number) => number = reservePages): Check {
  let most = 0;
  for (let pages = largest / page; pages >= 1 && most === 0; pages /= 2) {
    try {
      most = reserve(pages);
    } catch {
      // Half of it, then.
    }
  }
  const grown = most > 0 && grows();
  const found = `${bytes(most)} can be reserved${grown ? ', and grows in place' : ''}`;
  const values = { sharedMemory: most, grows: grown };
  if (most === 0) return not('fault', 'shared memory', found, 'raise ulimit -v: no run can begin', { values });
  return judged(most === largest && grown, 'warning', 'shared memory', found, 'raise ulimit -v for larger runs', { values });
}

function reservePages(pages: number): number {
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer.byteLength;
}

/** What was written stays where it was, and can be read through views from before. */
function grows(): boolean {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 3, shared: true });
  const before = new Int32Array(memory.buffer);
  memory.grow(2);
  before[7] = 42;
  return memory.buffer.byteLength === 3 * page && new Int32Array(memory.buffer)[7] === 42;
}

/** The least step of the clock that times are taken by, in milliseconds. */
export function clockCheck(now: () => number = () => performance.now()): Check {
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 20; k++) {
    const before = now();
    let after = now();
    while (after === before) after = now();
    if (after < before)
      return not('fault', 'clock', 'it goes back', 'times of runs mean nothing here: look at the virtual machine');
    least = Math.min(least, after - before);
  }
  const found = `steps of ${figure(1000 * least)} microseconds`;
  const remedy = 'times of single pieces of work are coarse: a browser-like clock, or a slow virtual machine';
  return judged(least <= 0.1, 'warning', 'clock', found, remedy, { values: { milliseconds: least } });
}
