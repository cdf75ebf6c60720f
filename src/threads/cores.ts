/** How many threads may really run at once: the cores of the process, capped by the processor quota of its control group. */

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

export interface Cores {
  /** Cores that the operating system lets this process use. */
  readonly available: number;
  /** Processor seconds a second that the control group grants, and where that is written; null without a quota. */
  readonly quota: { readonly cores: number; readonly from: string } | null;
  /** Threads to start by default: at least 1. */
  readonly usable: number;
}

/** The text of a file, or undefined when it cannot be read. */
export type Read = (path: string) => string | undefined;

export function cores(available = availableParallelism(), read: Read = readText): Cores {
  const quota = cgroupQuota(read);
  // A quota of 1.5 cores keeps two threads waiting for each other, so it is rounded down.
  const usable = Math.max(1, quota ? Math.min(available, Math.floor(quota.cores)) : available);
  return { available, quota, usable };
}

/** The number of threads of a run: as asked for, or every usable core; never more than there are nodes. */
export function threadCount(asked: number | null, nodes: number, { usable } = cores()): number {
  return Math.min(asked ?? usable, nodes);
}

/** The tightest quota from the process's own control group up to the root: version 2 (cpu.max) or version 1 (cpu.cfs_quota_us). */
export function cgroupQuota(read: Read = readText): Cores['quota'] {
  let tightest: Cores['quota'] = null;
  for (const { from, cores } of quotas(read)) {
    if (cores > 0 && Number.isFinite(cores) && cores < (tightest?.cores ?? Number.POSITIVE_INFINITY)) tightest = { cores, from };
  }
  return tightest;
}

function* quotas(read: Read): Generator<{ from: string; cores: number }> {
  // One line a hierarchy: number:controllers:path. Version 2 is number 0 without controllers.
  for (const line of (read('/proc/self/cgroup') ?? '0::/').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    if (controllers === '') {
      for (const folder of upwards('/sys/fs/cgroup', path)) {
        const [quota, period] = (read(`${folder}/cpu.max`) ?? 'max').trim().split(/\s+/);
        if (quota !== 'max') yield { from: `${folder}/cpu.max`, cores: Number(quota) / Number(period ?? 100_000) };
      }
    } else if (controllers.split(',').includes('cpu')) {
      for (const mount of ['/sys/fs/cgroup/cpu', `/sys/fs/cgroup/${controllers}`]) {
        for (const folder of upwards(mount, path)) {
          const quota = Number(read(`${folder}/cpu.cfs_quota_us`) ?? -1);
          if (quota > 0)
            yield { from: `${folder}/cpu.cfs_quota_us`, cores: quota / Number(read(`${folder}/cpu.cfs_period_us`) ?? 100_000) };
        }
      }
    }
  }
}

/** `mount`/a/b, `mount`/a, `mount`: inside a container the path may not exist below the mount, but the mount itself does. */
function* upwards(mount: string, path: string): Generator<string> {
  const parts = path.split('/').filter(part => part !== '');
  for (let depth = parts.length; depth >= 0; depth--) yield [mount, ...parts.slice(0, depth)].join('/');
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
