/** `hearsay doctor`: what works on this machine, and what to do for more. Nothing is assumed; each line was tried. */

import { existsSync, statSync } from 'node:fs';
import { optionalPath, toggle } from '../engine/option.js';
import { kernelChecks } from './doctor/arithmetic.js';
import { attempt, type Check, type Status } from './doctor/check.js';
import { clockCheck, coresCheck, languageCheck, memoryCheck, nodeCheck, sharedMemoryCheck } from './doctor/machine.js';
import { diskCheck, loopbackCheck, packageChecks, threadsCheck } from './doctor/surroundings.js';
import type { Output } from './line.js';

export const doctorOptions = {
  out: optionalPath({
    about: 'folder that is tried: where runs will be kept',
    range: 'a FOLDER',
    fallback: 'runs where it is, else this folder',
  }),
  json: toggle({ about: 'one JSON object on stdout, for programs' }),
};

export interface DoctorSettings {
  readonly out: string | null;
  readonly json: boolean;
}

export interface Findings {
  readonly event: 'doctor';
  /** The worst of all. */
  readonly status: Status;
  readonly checks: readonly Check[];
}

/** Returns the exit status: 0, or 1 when there is a fault: then runs do not work here. */
export async function doctorCommand({ out, json }: DoctorSettings, stdout: Output): Promise<number> {
  const findings = await examine(out ?? (isFolder('runs') ? 'runs' : '.'));
  stdout.write(json ? `${JSON.stringify(findings)}\n` : `${report(findings).join('\n')}\n`);
  return findings.status === 'fault' ? 1 : 0;
}

/** Looks at everything; `out` is the folder that is written into. */
export async function examine(out = '.'): Promise<Findings> {
  const checks = [
    nodeCheck(),
    languageCheck(),
    coresCheck(),
    memoryCheck(),
    await attempt('shared memory', () => sharedMemoryCheck(), 'raise ulimit -v: no run can begin'),
    await attempt(
      'threads',
      () => threadsCheck(),
      'no thread can be started: raise ulimit -u, or the limit of processes of the container',
    ),
    clockCheck(),
    ...kernelChecks(),
    await attempt('disk', () => diskCheck(out), `nothing can be kept in ${out}: give a folder that can be written with --out`),
    await attempt(
      'loopback',
      () => loopbackCheck(),
      'no --serve and no hearsay serve: allow this process to listen on 127.0.0.1',
      'warning',
    ),
    ...(await packageChecks()),
  ];
  return { event: 'doctor', status: worst(checks), checks };
}

const severity: readonly Status[] = ['ok', 'missing', 'warning', 'fault'];

export function worst(checks: readonly Check[]): Status {
  return severity[Math.max(0, ...checks.map(({ status }) => severity.indexOf(status)))];
}

const marks: Readonly<Record<Status, string>> = { ok: 'ok  ', missing: 'no  ', warning: 'warn', fault: 'BAD ' };

/** The findings for people: a line each, then what to do, the worst first. */
export function report({ checks }: Pick<Findings, 'checks'>): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ status, name, found }) => `${marks[status]}  ${name.padEnd(width)}  ${found}`);
  const bad = checks
    .filter(({ remedy }) => remedy !== null)
    .sort((a, b) => severity.indexOf(b.status) - severity.indexOf(a.status));
  return [...lines, ...bad.map(({ name, remedy }) => `- ${name}: ${remedy}`)];
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
