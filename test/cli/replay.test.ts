/** `hearsay replay`: what it takes, and what it says of a history that was played whole, in part, or without a parameter. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ReplayEvent, replay } from '../../src/threads/replay.js';
import { simulate } from '../../src/threads/train.js';
import { play } from './stage.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-replay-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'run.h');

const small = { data: 'none', batch: 1, nodes: 4, threads: 1, evaluateEvery: 50 } as const;
await simulate({ ...small, model: 'noise:4', steps: 2000 }, { record: file }).result;

test('flags are refused as elsewhere: given twice, out of range, unknown', async () => {
  for (const [code, ...words] of [
    ['CONFIG_TYPE', '--threads', '2', '--threads', '3'],
    ['CONFIG_TYPE', '--quiet', '--quiet'],
    ['CONFIG_RANGE', '--threads', '257'],
    ['CONFIG_UNKNOWN_KEY', '--thread', '2'],
  ]) {
    const { status, stderr, stdout, loads } = await play(['replay', file, ...words]);
    assert.match(stderr, new RegExp(`^hearsay: ${code}: [^\\n]+\\n$`), words.join(' '));
    assert.deepEqual([status, stdout, loads], [2, '', 0]);
  }
});

test('a wrong number of threads is not the fault of the history', async () => {
  await assert.rejects(replay(file, { threads: -1 }).result, { code: 'CONFIG_RANGE', message: /^threads: found -1/ });
});

test('played whole: every check, the ops, and the hash', async () => {
  const { status, stdout } = await play(['replay', file, '--threads', '1']);
  assert.equal(status, 0);
  assert.match(
    stdout,
    /^same {7}every check agrees, bit for bit\nops .* bytes each\ntime .* recorded .*\nhash {7}sha256 [0-9a-f]{64}\n$/,
  );
});

test('without a parameter there is no hash to compare, and none is shown', async () => {
  const none = join(folder, 'none.h');
  await simulate({ ...small, model: 'none', steps: 200 }, { record: none }).result;
  const { stdout } = await play(['replay', none, '--threads', '1']);
  assert.match(stdout, /^same {7}every check agrees in its steps; there are no parameters to compare\n/);
  assert.doesNotMatch(stdout, /sha256|bit for bit/);
});

test('stopped before a check: nothing was compared, so no bytes and no hash', async () => {
  const replayer: typeof replay = (path, options) => {
    const running = replay(path, options);
    running.stop();
    return running;
  };
  const { status, stdout } = await play(['replay', file, '--threads', '1'], { replayer });
  assert.equal(status, 130);
  assert.match(
    stdout,
    /^stopped {4}by hand, before the first check: nothing was compared\nops {8}\d+ played \(.*\), 0 of them checked\ntime [^\n;]*\n$/,
  );
  const { stdout: json } = await play(['replay', file, '--threads', '1', '--json'], { replayer });
  const done = JSON.parse(json.trimEnd().split('\n').at(-1)!);
  assert.deepEqual([done.parametersHash, done.bytesPerOp, done.ofSteps], [null, null, 2000]);
});

test('stopped after a check: what was compared, out of what', async () => {
  const replayer: typeof replay = (path, options) => {
    const running = replay(path, options);
    async function* events(): AsyncGenerator<ReplayEvent> {
      for await (const event of running) {
        if (event.event === 'check') running.stop();
        yield event;
      }
    }
    return { ...running, [Symbol.asyncIterator]: () => events() };
  };
  const { stdout } = await play(['replay', file, '--threads', '1'], { replayer });
  assert.match(stdout, /^stopped {4}by hand; every check up to step \d+ of 2,000 agrees, bit for bit\n(.*\n){2}hash /);
});
