/** What does not fit is refused with what would, and a machine that gives no memory is said to be such. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requireMemory, type Shape } from '../../src/engine/layout.js';
import { availableMemory } from '../../src/threads/memory.js';

const shapeOf = (nodes: number): Shape => ({
  nodes,
  extraRows: 0,
  parameters: 2 ** 20,
  threads: 2,
  planes: [{ name: 'params', sides: 2 }],
  scratch: 2 ** 20,
  partials: 16,
  train: { rows: 10, features: 10, width: 4 },
  test: { rows: 10, features: 10, width: 4 },
  parts: 10,
});

test('a shape that does not fit is refused with the node count that does, or with none', () => {
  requireMemory(16, shapeOf, 2 ** 30);
  const refuse = (available: number, message: RegExp) =>
    assert.throws(() => requireMemory(16, shapeOf, available), { code: 'MEMORY_LIMIT', message });
  refuse(100 * 2 ** 20, /16 nodes x 1048576 parameters need 0\.1\d GiB.* 0\.10 GiB: use at most 10 nodes$/);
  refuse(2 ** 20, /use a smaller model or less data$/);
});

test('what is available is what the operating system leaves to this process', () => {
  const available = availableMemory();
  assert.ok(available > 0 && available <= totalmem());
  assert.ok(Math.abs(available - process.availableMemory()) < 0.2 * available);
});

test('addresses that run out are no fault of the program', () => {
  const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
  const words = `train --data digits:400 --model softmax --nodes 4 --threads 1 --steps 20 --quiet`;
  for (const kernels of ['simd', 'auto']) {
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', `ulimit -v 4000000; '${process.execPath}' '${main}' ${words} --kernels ${kernels}`],
      {
        encoding: 'utf8',
        timeout: 30_000,
      },
    );
    assert.match(
      stderr,
      /^hearsay: MEMORY_LIMIT: memory: .* needs \d+\.\d\d GiB, which this machine does not give .*: raise its limits, or use .*\n$/,
    );
    assert.equal(status, 2);
  }
});
