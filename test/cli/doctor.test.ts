import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advise, examine, report } from '../../src/cli/doctor.js';
import { play } from './stage.js';

test('the doctor tries everything and says it in lines', async () => {
  const findings = await examine();
  assert.equal(findings.node, process.versions.node);
  assert.ok(findings.cores.usable >= 1 && findings.cores.usable <= findings.cores.available);
  assert.ok(findings.sharedMemory >= 65_536 && findings.sharedMemory <= 2 ** 32);
  assert.ok(findings.memory.available > 0 && findings.memory.available <= findings.memory.total);
  const lines = report(findings);
  assert.ok(
    lines.some(line => /TensorFlow\.js +@tensorflow\/tfjs 4\.\S+; models run on tfjs 4\.\S+ (cpu|tensorflow)$/.test(line)),
    lines.join('\n'),
  );
  assert.ok(lines.length >= 9 && lines.every(line => /^(yes|no {2}|- )/.test(line)), lines.join('\n'));
});

test('advice follows from what is missing', async () => {
  const findings = await examine();
  const bad = { works: false, note: 'not installed' } as const;
  const poor = advise({
    ...findings,
    relaxedSimd: { ...bad, flag: false },
    sharedMemory: 2 ** 31,
    blas: bad,
    tensorflow: { node: bad, plain: bad, used: null },
  });
  assert.equal(poor.length, 4);
  const good = { works: true, note: '' } as const;
  const rich = advise({
    ...findings,
    simd: good,
    relaxedSimd: { ...good, flag: false },
    sharedMemory: 2 ** 32,
    blas: good,
    tensorflow: { node: good, plain: good, used: 'tfjs 4.22.0 tensorflow' },
  });
  assert.deepEqual(rich, []);
  const slow = advise({ ...findings, tensorflow: { node: bad, plain: good, used: 'tfjs 4.22.0 cpu' } });
  assert.match(slow.at(-1)!, /computes in plain JavaScript, .* times .*: npm install @tensorflow\/tfjs-node/);
});

test('doctor --json is one object, and loads no trainer', async () => {
  const { status, stdout, loads } = await play(['doctor', '--json']);
  assert.equal(status, 0);
  assert.equal(loads, 0);
  assert.equal(JSON.parse(stdout).event, 'doctor');
});
