/** The real program in its own process: exit status, streams and the rules that only a process shows. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';

const main = resolve('dist/src/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'poisoned.json'), '{"nodes": 4, "__proto__": {"nodes": 8}}');

const rows: readonly (readonly [string, ...string[]])[] = [
  ['CONFIG_RANGE', 'train', '--nodes', '0'],
  ['CONFIG_RANGE', 'train', '--nodes='],
  ['CONFIG_RANGE', 'train', '--nodes', '0x10'],
  ['CONFIG_RANGE', 'train', '--steps', '9007199254740993'],
  ['CONFIG_RANGE', 'train', '--epochs', '1', '--seconds', '2'],
  ['CONFIG_TYPE', 'train', '--nodes', '4', '--nodes', '4'],
  ['CONFIG_UNKNOWN_KEY', 'train', '--ndoes', '4'],
  ['CONFIG_UNKNOWN_KEY', 'train', '--config', 'poisoned.json'],
  ['CONFIG_MISSING', 'train', '--config', 'none.json'],
  ['CONFIG_MISSING', 'train', '--batch'],
  ['CONFIG_UNKNOWN_KEY', 'trian'],
  ['KERNELS_UNAVAILABLE', 'train', '--kernels', 'blas'],
  ['OUTPUT_UNWRITABLE', 'train', '--out', 'poisoned.json', '--nodes', '1'],
];

for (const [code, ...words] of rows) {
  test(`hearsay ${words.join(' ')}: ${code}, status 2`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-proto=throw', main, ...words], options());
    assert.match(stderr, new RegExp(`^hearsay: ${code}: [^\\n]+\\n$`));
    assert.equal(stdout, '');
    assert.equal(status, 2);
    assert.deepEqual(readdirSync(folder), ['poisoned.json']);
  });
}

test('help and version: status 0 on stdout', () => {
  for (const words of [['--help'], ['train', '--help'], ['--version']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], options());
    assert.equal(status, 0);
    assert.ok(stdout.length > 3);
    assert.equal(stderr, '');
  }
});

test('a reader that goes away ends the program quietly', async () => {
  const child = spawn(process.execPath, [main, 'train', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', part => {
    stderr += part;
  });
  const status = await new Promise(done => child.on('close', done));
  assert.equal(stderr, '');
  assert.equal(status, 0);
});

function options() {
  return { cwd: folder, encoding: 'utf8', timeout: 20_000 } as const;
}
