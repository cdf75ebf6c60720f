/** What is around the program: threads, the disk, the network of this machine, packages. */

import { rmSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { makeFolder, removeFolders } from '../../makefolder.js';
import { openTensorFlow, plainCost } from '../../models/tensorflow/backend.js';
import { replaceFile } from '../../threads/replacefile.js';
import { type RoundTrip, roundTrip } from '../../threads/roundtrip.js';
import { bytes, figure } from '../figures.js';
import { type Check, judged, not, ok } from './check.js';

export async function threadsCheck(look: () => Promise<RoundTrip> = roundTrip): Promise<Check> {
  const { start, median, longest } = await look();
  const found = `one starts in ${figure(start)} ms, and answers in ${figure(median)} microseconds (at most ${figure(longest)})`;
  const remedy =
    'threads wake each other slowly: a busy machine, or more threads than cores; give --threads, or close other programs';
  return judged(median < 500, 'warning', 'threads', found, remedy, { values: { start, median, longest } });
}

/** Bytes of a checkpoint of a run of usual size. */
const usual = 2 ** 22;
const little = 2 ** 30;

/** Writes into the folder as checkpoints are written, and takes all of it back. Throws what the system says. */
export async function diskCheck(out: string): Promise<Check> {
  const folder = resolve(out);
  const made = makeFolder(folder);
  const file = join(folder, `.hearsay.${process.pid}.doctor`);
  try {
    const part = new Uint8Array(usual);
    const times: number[] = [];
    for (let k = 0; k < 3; k++) {
      const before = performance.now();
      await replaceFile(file, part);
      times.push(performance.now() - before);
    }
    const [, median] = times.sort((a, b) => a - b);
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    const found = `${out}: ${bytes(usual)} are written, on the disk and renamed in ${figure(median)} ms; ${bytes(free)} free`;
    const values = { folder, milliseconds: median, free };
    if (free < little) return not('warning', 'disk', found, 'make room: a run goes on without what it can not write', { values });
    const remedy = 'checkpoints take long here: give another --out, or fewer of them (--checkpoint-every 300s)';
    return judged(median < 500, 'warning', 'disk', found, remedy, { values });
  } finally {
    rmSync(file, { force: true });
    removeFolders(folder, made);
  }
}

/** A port of this machine, as the dashboard takes one. */
export async function loopbackCheck(host = '127.0.0.1'): Promise<Check> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  await new Promise(resolve => server.close(resolve));
  return ok('loopback', `${host} can be listened on: --serve shows runs`);
}

interface Package {
  readonly name: string;
  readonly gives: string;
}

const optional: readonly Package[] = [
  { name: 'hyparquet', gives: 'Parquet files' },
  { name: 'koffi', gives: 'kernels blas' },
  { name: 'fast-check', gives: 'hearsay/testing' },
];

export async function packageChecks(load: (name: string) => Promise<string> = loaded): Promise<Check[]> {
  const found = await Promise.all(optional.map(one => packageCheck(one, load)));
  return [...found, ...(await tensorflowChecks(load))];
}

async function packageCheck({ name, gives }: Package, load: (name: string) => Promise<string>): Promise<Check> {
  try {
    return ok(name, `${await load(name)}: ${gives}`);
  } catch (error) {
    return not('missing', name, (error as Error).message, `no ${gives}: npm install ${name}`);
  }
}

async function tensorflowChecks(load: (name: string) => Promise<string>): Promise<Check[]> {
  const [native, plain] = ['@tensorflow/tfjs-node', '@tensorflow/tfjs'];
  const reasons = await Promise.all(
    [native, plain].map(name =>
      load(name).then(
        version => ({ version }),
        (error: Error) => ({ error }),
      ),
    ),
  );
  const [fast, slow] = reasons;
  const used = 'version' in fast || 'version' in slow ? await backendUsed() : null;
  const isNative = 'version' in fast;
  const remedy = 'no models of TensorFlow.js (--model tfjs:PATH/model.json): npm install @tensorflow/tfjs';
  const computed = used === null ? '' : `; models run on ${used}`;
  return [
    isNative
      ? ok(native, `${fast.version}${computed}`)
      : not(
          'missing',
          native,
          fast.error.message,
          'version' in slow ? `TensorFlow.js computes in plain JavaScript, ${plainCost}: npm install ${native}` : remedy,
        ),
    'version' in slow
      ? ok(plain, `${slow.version}${isNative ? '' : computed}`)
      : not('missing', plain, slow.error.message, remedy),
  ];
}

async function backendUsed(): Promise<string | null> {
  try {
    return (await openTensorFlow(import.meta.url)).name;
  } catch {
    return null;
  }
}

/** The version of a package that really loads: one whose binary is missing resolves, and fails only then. Throws why it does not. */
async function loaded(name: string): Promise<string> {
  const require = createRequire(import.meta.url);
  let path: string;
  try {
    path = require.resolve(name);
  } catch (error) {
    // Some have no entry for require, and load all the same.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw new Error('not installed');
    path = name;
  }
  try {
    await import(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(
      code === 'ERR_MODULE_NOT_FOUND' ? 'not installed' : `installed, but does not load: ${message.split('\n')[0].slice(0, 120)}`,
    );
  }
  return versionOf(path, name);
}

/** The version in the package.json above a module. */
function versionOf(path: string, name: string): string {
  const require = createRequire(import.meta.url);
  const at = path.lastIndexOf(join('node_modules', name));
  try {
    const root = at < 0 ? name : path.slice(0, at + join('node_modules', name).length);
    return require(at < 0 ? `${name}/package.json` : join(root, 'package.json')).version;
  } catch {
    return 'installed';
  }
}
