import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { differenceOf, kernelChecks } from '../../src/cli/doctor/arithmetic.js';
import { attempt, type Check } from '../../src/cli/doctor/check.js';
import {
  clockCheck,
  coresCheck,
  languageCheck,
  memoryCheck,
  nodeCheck,
  sharedMemoryCheck,
} from '../../src/cli/doctor/machine.js';
import { diskCheck, loopbackCheck, packageChecks, threadsCheck } from '../../src/cli/doctor/surroundings.js';
import { type Findings, report } from '../../src/cli/doctor.js';
import { available } from '../../src/models/kernels/choose.js';
import { trial } from '../../src/threads/probe.js';
import { roundTrip } from '../../src/threads/roundtrip.js';
import { play } from './stage.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

const bad = (check: Check, status: Check['status'], remedy: RegExp, found = /./) => {
  assert.equal(check.status, status, JSON.stringify(check));
  assert.match(check.remedy!, remedy);
  assert.match(check.found, found);
};

test('the doctor tries everything, says it in lines, and leaves nothing behind', { timeout: 60_000 }, async () => {
  const out = join(folder, 'new', 'runs');
  const { status, stdout, loads } = await play(['doctor', '--json', '--out', out]);
  assert.equal(loads, 0);
  const { event, checks, status: worst }: Findings = JSON.parse(stdout);
  assert.deepEqual([event, status], ['doctor', 0]);
  assert.notEqual(worst, 'fault');
  const names = checks.map(({ name }) => name);
  const expected = [
    'node',
    'shared words',
    'cores',
    'memory',
    'shared memory',
    'threads',
    'clock',
    'kernels reference',
    'kernels simd',
    'kernels relaxed',
  ];
  expected.push(
    'kernels blas',
    'disk',
    'loopback',
    'hyparquet',
    'koffi',
    'fast-check',
    '@tensorflow/tfjs-node',
    '@tensorflow/tfjs',
  );
  assert.deepEqual([...names].sort(), expected.sort());
  for (const { name, status, found, remedy } of checks) {
    assert.ok(found.length > 0 && !found.includes('\n'), name);
    assert.equal(remedy === null, status === 'ok', name);
  }
  assert.match(
    checks.find(({ name }) => name === '@tensorflow/tfjs')!.found,
    /^4\.\S+; models run on tfjs 4\.\S+ (cpu|tensorflow)$|^4\.\S+$/,
  );
  assert.match(checks.find(({ name }) => name === 'hyparquet')!.found, /^1\.\S+: Parquet files$/);
  assert.deepEqual(readdirSync(folder), [], 'the folder that was tried is gone again');
  const lines = report({ checks });
  assert.equal(lines.length, checks.length + checks.filter(({ remedy }) => remedy !== null).length);
  assert.ok(
    lines.every(line => /^(ok|no|warn|BAD|-) /.test(line)),
    lines.join('\n'),
  );
});

test('what is wrong with the machine comes with what to do', () => {
  bad(nodeCheck({ ...process.versions, node: '18.20.0' }), 'fault', /use Node 20\.19/, /^18\.20\.0, /);
  assert.equal(nodeCheck({ ...process.versions, node: '20.19.0' }).status, 'ok');
  bad(languageCheck({}, true), 'fault', /use Node/, /no Atomics\.waitAsync/);
  bad(languageCheck(Atomics, false), 'fault', /use Node/, /no SharedArrayBuffer/);
  assert.equal(languageCheck({ waitAsync() {} }).status, 'ok', 'nothing needs Atomics.pause');
  bad(
    coresCheck({ available: 8, quota: { cores: 0.5, from: '/sys/cpu.max' }, usable: 1 }),
    'warning',
    /quota/,
    /8 available, quota 0\.500 \(\/sys\/cpu\.max\): 1 thread by/,
  );
  bad(coresCheck({ available: 1, quota: null, usable: 1 }), 'warning', /one core/);
  bad(
    memoryCheck({ total: 2 ** 34, available: 2 ** 28, limit: 2 ** 29 }),
    'warning',
    /docker --memory/,
    /256\.0 MiB available of 16\.0 GiB, limit of the control group 512\.0 MiB/,
  );
  bad(
    sharedMemoryCheck(pages => (pages > 1000 ? assert.fail() : 65_536 * pages)),
    'warning',
    /ulimit -v/,
    /32\.0 MiB can be reserved/,
  );
  bad(
    sharedMemoryCheck(() => assert.fail()),
    'fault',
    /no run can begin/,
  );
  let time = 0;
  bad(
    clockCheck(() => Math.floor(time++ / 4) * 15.6),
    'warning',
    /coarse/,
    /steps of 15,600 microseconds/,
  );
  bad(
    clockCheck(() => -time++),
    'fault',
    /mean nothing/,
  );
});

test('kernels that are wrong are a fault, by the first number that differs', () => {
  const floats = (set: Parameters<typeof trial>[0], product: Parameters<typeof trial>[1]) => {
    const { run, result } = trial(set, product);
    run();
    return new Float32Array(result().buffer);
  };
  const [, fast = 'reference'] = available();
  assert.ok(differenceOf(fast) < 1e-5);
  for (const wrong of [1e9, Number.NaN, Number.POSITIVE_INFINITY]) {
    const spoilt: typeof floats = (set, product) => {
      const found = floats(set, product);
      if (set === fast && product.name === 'accumulate' && product.inputs === 61) found[100] += wrong;
      return found;
    };
    assert.ok(differenceOf(fast, spoilt) > 1e-4, String(wrong));
  }
  const sets = kernelChecks();
  assert.ok(sets.length === 4 && sets.every(({ status }) => status === 'ok' || status === 'missing'), JSON.stringify(sets));
});

test('a thread answers; slow ones are warned of, and one that does not is a fault', async () => {
  const { start, median, longest } = await roundTrip(50);
  assert.ok(start > 0 && median > 0 && longest >= median);
  bad(
    await threadsCheck(async () => ({ start: 40, median: 3000, longest: 9000 })),
    'warning',
    /--threads/,
    /answers in 3,000 microseconds/,
  );
  bad(
    await attempt('threads', () => Promise.reject(new Error('EAGAIN\nat x')), 'raise ulimit -u'),
    'fault',
    /ulimit -u/,
    /^EAGAIN$/,
  );
});

test('a folder that can not be written is a fault, with status 1', { timeout: 60_000 }, async () => {
  writeFileSync(join(folder, 'file'), '');
  const { status, stdout, stderr } = await play(['doctor', '--out', join(folder, 'file')]);
  assert.deepEqual([status, stderr], [1, '']);
  assert.match(stdout, /^BAD +disk +EEXIST/m);
  assert.match(stdout, /^- disk: nothing can be kept in .*file: give a folder that can be written with --out$/m);
  await assert.rejects(diskCheck('/proc/hearsay'), { code: 'ENOENT' });
  assert.deepEqual(readdirSync(folder), ['file']);
});

test('a machine without loopback and without packages says what is then missing', async () => {
  bad(
    await attempt('loopback', () => loopbackCheck('192.0.2.1'), 'no --serve', 'warning'),
    'warning',
    /no --serve/,
    /EADDRNOTAVAIL/,
  );
  const none = await packageChecks(() => Promise.reject(new Error('not installed')));
  assert.equal(none.length, 5);
  for (const check of none) bad(check, 'missing', /: npm install /, /^not installed$/);
  const plain = await packageChecks(async name => {
    if (name === '@tensorflow/tfjs-node') throw new Error('installed, but does not load: no binary');
    return '4.22.0';
  });
  bad(
    plain.find(({ name }) => name === '@tensorflow/tfjs-node')!,
    'missing',
    /computes in plain JavaScript, .* times .*: npm install @tensorflow\/tfjs-node/,
    /no binary/,
  );
});
