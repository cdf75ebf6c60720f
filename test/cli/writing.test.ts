/** Ctrl-C while a file is written: the process ends with 130, and what stood there before stands there still. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writing } from '../../src/cli/writing.js';
import { replaceFile, replaceFileBy, tryFile } from '../../src/threads/replacefile.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'model.onnx');

/** What is around a command, with the means to interrupt it. */
function around() {
  const handlers = new Set<() => void>();
  const exits: number[] = [];
  return {
    handlers,
    exits,
    onSignal(handle: () => void) {
      handlers.add(handle);
      return () => void handlers.delete(handle);
    },
    exit: (status: number) => void exits.push(status),
    interrupt: () => handlers.forEach(handle => void handle()),
  };
}

test('in the midst of a file, and between two of them, nothing half written stays', async () => {
  writeFileSync(path, 'mine');
  const process = around();
  let left: string[] = [];
  await assert.rejects(
    writing(process, async () => {
      replaceFileBy(path, file => {
        writeSync(file, 'half');
        process.interrupt();
        left = readdirSync(folder);
      });
    }),
    { code: 'ENOENT' }, // a process that had ended would not have come to this
  );
  assert.deepEqual([left, process.exits], [['model.onnx'], [130]]);
  assert.equal(readFileSync(path, 'utf8'), 'mine');
  const written = replaceFile(path, new Uint8Array(3e7));
  while (!readdirSync(folder).some(name => name.endsWith('.tmp'))) await new Promise(setImmediate);
  await assert.rejects(
    writing(process, async () => {
      process.interrupt();
      left = readdirSync(folder);
      await written;
    }),
    { code: 'ENOENT' },
  );
  assert.deepEqual([left, process.exits], [['model.onnx'], [130, 130]]);
  assert.equal(process.handlers.size, 0);
});

test('undisturbed it gives what the writing gives, and listens no more', async () => {
  const process = around();
  assert.equal(await writing(process, async () => 'done'), 'done');
  assert.deepEqual([process.handlers.size, process.exits], [0, []]);
});

test('a file that can not be written is told before anything is, and the trial leaves nothing', () => {
  rmSync(path, { force: true });
  tryFile(path);
  assert.deepEqual(readdirSync(folder), []);
  for (const [wrong, code] of [
    [folder, 'EISDIR'],
    [join(folder, 'none', 'x.csv'), 'ENOENT'],
  ])
    assert.throws(() => tryFile(wrong), { code });
});
