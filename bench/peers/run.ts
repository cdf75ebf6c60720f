/** Runs a peer, a program that does the same work on another system, when that system is installed. */

import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The JSON lines that a peer printed, or why there are none. */
export type Peer = { readonly lines: readonly Record<string, unknown>[] } | { readonly lines: null; readonly reason: string };

export interface Settings {
  /** Cores that the peer is pinned to, through taskset. */
  readonly cores?: readonly number[];
  /** A run whose lines say less CPU time over wall time than this did not have its cores to itself: it is thrown away. */
  readonly leastCpuOverWall?: number;
  /** Runs that may be thrown away before giving up. */
  readonly retries?: number;
  /** Seconds after which the peer is stopped. */
  readonly limit?: number;
  /** Interpreters to look for, the first with PyTorch is taken. */
  readonly pythons?: readonly string[];
}

/**
 * Runs `bench/peers/SCRIPT ARGS`: a .py under a Python that has PyTorch with a fast BLAS, a .js, as it was built, under this Node. Nothing
 * is thrown: a peer that is missing, fails or never gets its cores is a reason in words.
 */
export async function runPeer(script: string, args: readonly string[], settings: Settings = {}): Promise<Peer> {
  const { cores, leastCpuOverWall = 0, retries = 3, limit = 600 } = settings;
  const found = script.endsWith('.js') ? { path: process.execPath } : python(settings.pythons ?? ['/usr/bin/python3', 'python3']);
  if ('reason' in found) return { lines: null, reason: found.reason };
  const place = script.endsWith('.js') ? script : `../../../bench/peers/${script}`;
  const words = [found.path, fileURLToPath(new URL(place, import.meta.url)), ...args];
  if (cores) words.unshift('taskset', '-c', cores.join(','));
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run <= retries; run++) {
    let lines: Record<string, unknown>[];
    try {
      const { stdout } = await promisify(execFile)(words[0], words.slice(1), {
        timeout: limit * 1000,
        maxBuffer: 2 ** 26,
        env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
      });
      lines = stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
    } catch (error) {
      const { message, stderr = '' } = error as Error & { stderr?: string };
      return { lines: null, reason: `${script} failed: ${complaint(stderr.trim() || message)}` };
    }
    const busy = lines.map(line => Number(line.cpuOverWall ?? Number.POSITIVE_INFINITY));
    if (busy.every(share => share >= leastCpuOverWall)) return { lines };
    least = Math.min(least, ...busy);
  }
  return {
    lines: null,
    reason: `${script}: CPU time over wall time was ${least.toFixed(2)} where ${leastCpuOverWall} is needed, ${retries + 1} times: the machine is busy`,
  };
}

/** The line that says what is wrong: Python's is the last, Node's the first that names an error. */
function complaint(text: string): string {
  const lines = text.trim().split('\n');
  return (lines.find(line => /^\w*Error( \[\w+\])?: /.test(line)) ?? lines.at(-1)!).slice(0, 200);
}

/** An interpreter with PyTorch and its BLAS. The plain BLAS that a bare Debian has is ten times slower: no peer to be compared with. */
function python(candidates: readonly string[]): { path: string } | { reason: string } {
  const reasons: string[] = [];
  const folder = fileURLToPath(new URL('../../../bench/peers', import.meta.url));
  const probe = `import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True; from torch_model import blas; print(blas())`;
  for (const path of candidates) {
    const { status, stdout } = spawnSync(path, ['-c', probe, folder], { encoding: 'utf8', timeout: 60_000 });
    if (status !== 0) reasons.push(`${path} has no PyTorch`);
    else if (stdout.trim() === 'reference')
      reasons.push(`${path} has PyTorch on the reference BLAS: apt-get install libopenblas0-pthread`);
    else return { path };
  }
  return { reason: `${reasons.join('; ')} (bench/peers/README.md says what to install)` };
}
