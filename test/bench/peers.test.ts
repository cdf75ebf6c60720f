import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runPeer } from '../../bench/peers/run.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

/** A stand-in for Python: answers the probe with `blas`, counts its runs in a file, and runs `body` as a shell script. */
function stand(name: string, blas: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nif [ "$1" = -c ]; then echo ${blas}; exit 0; fi\necho run >> ${path}.runs\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('a peer that is not installed, or runs on the plain BLAS, is a reason', async () => {
  const none = await runPeer('torch_step.py', [], { pythons: [join(folder, 'none')] });
  assert.ok(none.lines === null && /none has no PyTorch/.test(none.reason));
  const slow = await runPeer('torch_step.py', [], { pythons: [stand('slow', 'reference', 'exit 1')] });
  assert.ok(slow.lines === null && /libopenblas0-pthread/.test(slow.reason));
});

test('the lines of a peer are read; its failure is a reason', async () => {
  const good = await runPeer('torch_step.py', ['--rounds', '3'], {
    pythons: [stand('good', 'openblas', `echo '{"a":1}'; echo "{\\"b\\":\\"$2 $3\\"}"`)],
  });
  assert.deepEqual(good.lines, [{ a: 1 }, { b: '--rounds 3' }]);
  const bad = await runPeer('torch_step.py', [], {
    pythons: [stand('bad', 'openblas', 'echo first >&2; echo boom >&2; exit 3')],
  });
  assert.ok(bad.lines === null && /failed: boom/.test(bad.reason));
  const noise = await runPeer('torch_step.py', [], { pythons: [stand('noise', 'openblas', 'echo hello')] });
  assert.ok(noise.lines === null && /failed/.test(noise.reason));
});

test('a run that had to share its cores is thrown away and repeated, not for ever', async () => {
  const path = stand('busy', 'mkl', `echo '{"cpuOverWall":1.5}'`);
  const busy = await runPeer('torch_hogwild.py', [], { pythons: [path], leastCpuOverWall: 1.9, retries: 2 });
  assert.ok(busy.lines === null && /1\.50 where 1\.9 is needed, 3 times/.test(busy.reason));
  assert.equal(readFileSync(`${path}.runs`, 'utf8'), 'run\nrun\nrun\n');
  const later = stand(
    'later',
    'mkl',
    `[ $(wc -l < ${join(folder, 'later')}.runs) -lt 2 ] && echo '{"cpuOverWall":1.5}' || echo '{"cpuOverWall":1.95}'`,
  );
  const calm = await runPeer('torch_hogwild.py', [], { pythons: [later], leastCpuOverWall: 1.9 });
  assert.deepEqual(calm.lines, [{ cpuOverWall: 1.95 }]);
});

test('PyTorch itself, where it is installed: the ways agree and lines come out', async t => {
  const found = await runPeer('torch_step.py', ['--models', 'softmax', '--rounds', '1', '--seconds', '0.02'], { limit: 120 });
  if (found.lines === null) return t.skip(found.reason);
  assert.equal(found.lines.length, 6);
  for (const line of found.lines) assert.ok(Number(line.stepsPerSecond) > 0 && line.threads === 1, JSON.stringify(line));
});

const gossipy = 'bench/peers/gossipy_run.py';
const runGossipy = (...args: string[]) =>
  spawnSync('python3', [gossipy, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: '' },
  });
const noPython = spawnSync('python3', ['-V']).status === 0 ? false : 'no python3 here';

test('gossipy that is not there, or not whole, is one line and status 3', { skip: noPython }, () => {
  mkdirSync(join(folder, 'part', 'gossipy'), { recursive: true });
  writeFileSync(join(folder, 'part', 'gossipy', '__init__.py'), 'import a_module_that_nobody_has');
  writeFileSync(join(folder, 'part', 'gossipy', 'simul.py'), '');
  for (const [args, reason] of [
    [[join(folder, 'nowhere')], /nowhere holds no package gossipy/],
    [[join(folder, 'part')], /No module named 'a_module_that_nobody_has'/],
  ] as const) {
    const { status, stdout, stderr } = runGossipy(...args);
    assert.deepEqual([status, stdout, stderr.trim().split('\n').length], [3, '', 1], stderr);
    assert.match(stderr, reason);
  }
  const { status, stderr } = runGossipy('--delay', 'never');
  assert.equal(status, 2);
  assert.match(stderr, /found 'never', allowed is constant:TICKS/);
});
