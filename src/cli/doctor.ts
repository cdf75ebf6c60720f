/** `hearsay doctor`: what works on this machine, and what to install. Nothing is assumed; each line was tried. */

import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { blas as findBlas } from '../models/kernels/blas.js';
import { supports } from '../models/kernels/simd.js';
import { openTensorFlow, plainCost } from '../models/tensorflow/backend.js';
import { type Cores, cores } from '../threads/cores.js';
import { availableMemory } from '../threads/memory.js';
import { bytes, figure } from './figures.js';

/** Works, or why not. */
type Trial = { readonly works: true; readonly note: string } | { readonly works: false; readonly note: string };

export interface Findings {
  readonly event: 'doctor';
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly cores: Cores;
  readonly simd: Trial;
  readonly relaxedSimd: Trial & { readonly flag: boolean };
  /** Largest shared WebAssembly memory that could be reserved, in bytes. */
  readonly sharedMemory: number;
  readonly memory: { readonly total: number; readonly available: number };
  readonly blas: Trial;
  /** `used`: what models of TensorFlow.js would be computed by; null without any. */
  readonly tensorflow: { readonly node: Trial; readonly plain: Trial; readonly used: string | null };
  /** What to do for more, most useful first. */
  readonly advice: readonly string[];
}

export async function examine(): Promise<Findings> {
  const simd: Trial = supports('simd') ? { works: true, note: 'kernels simd' } : { works: false, note: 'kernels reference only' };
  const relaxed = supports('relaxed');
  const flag = relaxed && Number.parseInt(process.versions.node, 10) < 22;
  const findings: Findings = {
    event: 'doctor',
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    cores: cores(),
    simd,
    relaxedSimd: relaxed
      ? { works: true, flag, note: flag ? 'kernels relaxed; V8 flag set by hearsay itself' : 'kernels relaxed' }
      : { works: false, flag: false, note: 'not in this Node' },
    sharedMemory: largestSharedMemory(),
    memory: { total: totalmem(), available: availableMemory() },
    blas: blasTrial(),
    tensorflow: { node: await loads('@tensorflow/tfjs-node'), plain: await loads('@tensorflow/tfjs'), used: await backendUsed() },
    advice: [],
  };
  return { ...findings, advice: advise(findings) };
}

/** The findings for people. */
export function report(findings: Findings): string[] {
  const { cores: found, blas, tensorflow } = findings;
  const quota = found.quota ? `, quota ${figure(found.quota.cores)} (${found.quota.from})` : ', no quota';
  const rows: [boolean, string, string][] = [
    [true, 'node', `${findings.node}, V8 ${findings.v8}, ${findings.platform}`],
    [true, 'cores', `${found.available} available${quota}: ${found.usable} threads by default`],
    [findings.simd.works, 'WebAssembly SIMD', findings.simd.note],
    [findings.relaxedSimd.works, 'relaxed SIMD', findings.relaxedSimd.note],
    [findings.sharedMemory === limit, 'shared memory', `${bytes(findings.sharedMemory)} can be reserved`],
    [true, 'memory', `${bytes(findings.memory.available)} available of ${bytes(findings.memory.total)}`],
    [blas.works, 'BLAS', blas.note],
    [tensorflow.node.works, 'TensorFlow (node)', tensorflow.node.note],
    [
      tensorflow.plain.works,
      'TensorFlow.js',
      `${tensorflow.plain.note}${tensorflow.used ? `; models run on ${tensorflow.used}` : ''}`,
    ],
  ];
  const lines = rows.map(([works, name, text]) => `${works ? 'yes' : 'no '}  ${name.padEnd(17)}  ${text}`);
  return [...lines, ...findings.advice.map(text => `- ${text}`)];
}

export function advise({ simd, relaxedSimd, sharedMemory, blas, tensorflow }: Findings): string[] {
  const advice: string[] = [];
  if (!simd.works) advice.push('no WebAssembly SIMD: training works, but slowly; use Node 20.19 or newer on x86-64 or ARM64');
  else if (!relaxedSimd.works) advice.push('no relaxed SIMD: use Node 22 or newer for fused multiply-add');
  if (sharedMemory < limit)
    advice.push(`only ${bytes(sharedMemory)} of shared memory can be reserved: raise ulimit -v for larger runs`);
  if (!blas.works) advice.push(`no kernels blas: ${blas.note}`);
  if (!tensorflow.node.works && !tensorflow.plain.works) {
    advice.push('no TensorFlow.js, for --model tfjs:PATH/model.json and modules that build one: npm install @tensorflow/tfjs');
  } else if (!tensorflow.node.works) {
    advice.push(`TensorFlow.js computes in plain JavaScript, ${plainCost}: npm install @tensorflow/tfjs-node`);
  }
  return advice;
}

const page = 65_536;
const limit = 65_536 * page;

/** Reserving takes addresses, not memory: pages come when they are touched. */
function largestSharedMemory(): number {
  for (let pages = limit / page; pages >= 1; pages /= 2) {
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer.byteLength;
    } catch {
      // Half of it, then.
    }
  }
  return 0;
}

/** A library was loaded, and multiplies. */
function blasTrial(): Trial {
  const found = findBlas();
  if (typeof found === 'string') return { works: false, note: found };
  return { works: true, note: `${found.library}: kernels blas` };
}

async function backendUsed(): Promise<string | null> {
  try {
    return (await openTensorFlow(import.meta.url)).name;
  } catch {
    return null;
  }
}

/** Really loads the package: one whose binary is missing resolves, and fails only then. */
async function loads(name: string): Promise<Trial> {
  const require = createRequire(import.meta.url);
  let path: string;
  try {
    path = require.resolve(name);
  } catch {
    return { works: false, note: 'not installed' };
  }
  try {
    await import(path);
    return { works: true, note: `${name} ${versionOf(path, name)}`.trim() };
  } catch (error) {
    const [line] = String((error as Error).message).split('\n');
    return { works: false, note: `installed, but does not load: ${line.slice(0, 120)}` };
  }
}

/** The version in the package.json above a module. */
function versionOf(path: string, name: string): string {
  const root = path.slice(0, path.lastIndexOf(join('node_modules', name)) + join('node_modules', name).length);
  try {
    return createRequire(import.meta.url)(join(root, 'package.json')).version;
  } catch {
    return '';
  }
}
