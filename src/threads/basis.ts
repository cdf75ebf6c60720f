/** What a run rests on, read off it, and looked for again by whoever plays it or goes on with it. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Basis } from '../engine/basis.js';
import type { Experiment } from '../engine/experiment.js';
import { type ErrorCode, HearsayError } from '../errors.js';
import { isModule, parseSpec, savedModelOf } from '../spec.js';
import { moduleKeys } from './failures.js';
import { modelPath } from './loaded.js';
import type { Prepared } from './prepare.js';
import { probeOf } from './probe.js';
import { version } from './version.js';

/** Of a run, read once. */
const known = new WeakMap<Prepared, Basis>();

export function basisOf(prepared: Prepared): Basis {
  const basis = known.get(prepared) ?? readBasis(prepared);
  known.set(prepared, basis);
  return basis;
}

function readBasis(prepared: Prepared): Basis {
  const { experiment, arena, kernels, recipe } = prepared;
  return {
    experiment,
    ...(recipe.model.backend && { backend: recipe.model.backend.name }),
    hearsay: version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    kernels: { set: kernels.set, probe: probeOf(kernels.set) },
    data: dataHash(prepared),
    modules: modulesOf(experiment),
    parameters: arena.layout.shape.parameters,
  };
}

/** sha256 of everything that is read-only in the memory, and of the graph. */
function dataHash({ arena, graph }: Prepared): string {
  const { layout, memory } = arena;
  const hash = createHash('sha256');
  // One update takes less than 2 GiB.
  for (let at = layout.train.inputs; at < layout.bytes; at += 2 ** 30)
    hash.update(new Uint8Array(memory.buffer, at, Math.min(2 ** 30, layout.bytes - at)));
  if (graph.offsets) hash.update(graph.offsets).update(graph.targets!);
  return hash.digest('hex');
}

/**
 * sha256 of the files of the user's own modules, of a saved model's model.json, and of the weights that all nodes start from. `lost` is
 * called for one that can't be read.
 */
export function modulesOf(
  experiment: Experiment,
  lost: (key: string, name: string, cause: unknown) => never = (_key, _name, cause) => {
    throw cause;
  },
): Record<string, string> {
  const found: Record<string, string> = {};
  const look = (key: string, name: string, path: () => string) => {
    let text: Buffer;
    try {
      text = readFileSync(path());
    } catch (error) {
      return lost(key, name, error);
    }
    found[key] = createHash('sha256').update(text).digest('hex');
  };
  for (const key of moduleKeys) {
    const { name } = parseSpec(experiment[key], key);
    const saved = savedModelOf(name);
    if (isModule(name) || saved !== undefined)
      look(key, name, () => saved ?? (name.startsWith('file:') ? fileURLToPath(name) : name));
  }
  const { init } = experiment;
  if (init !== null) look('init', init, () => modelPath(init));
  return found;
}

/** How whoever looks complains: by which code, what was done with the run, and what shall be done now. */
export interface Demand {
  readonly code: ErrorCode;
  readonly did: 'recorded' | 'saved';
  readonly does: 'replay' | 'resume';
}

/** Throws KERNELS_MISMATCH when this machine does not round as that of the run. */
export function requireKernels({ kernels: { set, probe } }: Basis, path: string, { did, does }: Demand): void {
  if (probeOf(set) === probe) return;
  const start = did === 'recorded' ? 'record' : 'start';
  throw new HearsayError(
    'KERNELS_MISMATCH',
    `${path}: ${did} with kernels ${set} on a machine that rounds differently from this one; ${does} it there, or ${start} with --kernels simd, which are the same everywhere`,
  );
}

/** Throws what is demanded when a module, or the file of the first weights, is not that of the run: before any of its code is run. */
export function requireModules({ modules }: Basis, experiment: Experiment, path: string, demand: Demand): void {
  const refuse = (what: string) => refused(path, what, demand);
  const found = modulesOf(experiment, (key, name) => refuse(`${fileOf(key)}, ${name}, is not there any more`));
  for (const key of new Set([...Object.keys(modules), ...Object.keys(found)])) {
    if (found[key] !== modules[key]) refuse(`${fileOf(key)}, ${experiment[key as 'model']}, has changed since`);
  }
}

function fileOf(key: string): string {
  return `the ${key === 'init' ? 'file' : 'module'} of --${key}`;
}

/** Throws what is demanded. */
export function refused(path: string, what: string, { code, did, does }: Demand): never {
  throw new HearsayError(code, `${path}: ${what}; ${does} needs the same files as the ${did} run`);
}

/** Throws what is demanded when data or model are not those of the run, and KERNELS_MISMATCH for another one who computes it. */
export function requireSame(then: Basis, found: Basis, path: string, demand: Demand): void {
  const { did, does } = demand;
  if (found.backend !== then.backend) {
    const [theirs, ours] = [then.backend, found.backend].map(name => name ?? 'the kernels');
    const remedy = `${does} it where the same one loads (hearsay doctor says which does)`;
    throw new HearsayError('KERNELS_MISMATCH', `${path}: ${did} with a model computed by ${theirs}, here by ${ours}; ${remedy}`);
  }
  const were = `${did} were ${then.parameters}`;
  if (found.parameters !== then.parameters) refused(path, `the model has ${found.parameters} parameters, ${were}`, demand);
  if (found.data !== then.data) {
    refused(path, `--data ${found.experiment.data} holds other data than the ${did} run had`, demand);
  }
}
