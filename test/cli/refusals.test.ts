/**
 * Every bad input: a named code, one line that says what and where, the status of the code, no thread started, no file left, and all
 * that within 200 ms of computing. The rows are in refusals/: a line each.
 */

import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, exitStatus } from '../../src/errors.js';
import { resume, simulate, train } from '../../src/threads/train.js';
import { cpuMilliseconds } from '../support/cpu.js';
import { refused } from '../support/refused.js';
import { data } from './refusals/data.js';
import { experiments } from './refusals/experiments.js';
import { writeFiles } from './refusals/files.js';
import { flags } from './refusals/flags.js';
import { graphs } from './refusals/graphs.js';
import { kept } from './refusals/kept.js';
import { type Section, wordsOf } from './refusals/rows.js';
import { realTrainer } from './refusals/trainer.js';
import { play } from './stage.js';

const sections: readonly Section[] = [...flags, experiments, ...data, ...graphs, ...kept];

const root = mkdtempSync(join(tmpdir(), 'hearsay-refusals-'));
const [folder, drafts] = ['work', 'tmp'].map(name => join(root, name));
const [home, temporary] = [process.cwd(), process.env.TMPDIR];
const busy = createServer();

/** Threads that anybody started in this process. */
let threads = 0;
process.on('worker', () => threads++);

before(async () => {
  for (const path of [folder, drafts]) mkdirSync(path);
  process.chdir(folder);
  process.env.TMPDIR = drafts;
  await writeFiles();
  await new Promise<void>(resolve => busy.listen(0, '127.0.0.1', resolve));
  // The first command of a process loads what the others need.
  for (const command of ['train', 'serve', 'report']) await play([command, '--help']);
  for (const words of [
    ['serve', 'none'],
    ['train', '--data', 'none.csv'],
  ])
    await play(words, { trainer: realTrainer });
});

after(() => {
  busy.close();
  process.chdir(home);
  if (temporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = temporary;
  rmSync(root, { recursive: true });
});

test('there are as many rows as were promised, and none twice', () => {
  const rows = sections.flatMap(section =>
    section.rows.map(row => JSON.stringify([section.file, ...wordsOf(section, row), section.file && row[1]])),
  );
  assert.ok(rows.length >= 120, `${rows.length} rows`);
  assert.deepEqual(
    rows.filter((row, k) => rows.indexOf(row) < k),
    [],
  );
});

test('a thread and a file are seen where there are any', async () => {
  const [files, started] = [listing(root), threads];
  await new Worker('', { eval: true }).terminate();
  assert.equal(threads, started + 1);
  writeFileSync(join(drafts, 'left'), '');
  assert.notDeepEqual(listing(root), files);
  rmSync(join(drafts, 'left'));
});

test('a signal that is aborted already: ABORTED, at once, from every way to begin', () => {
  const signal = AbortSignal.abort();
  const started = threads;
  for (const begin of [() => train({}, { signal }), () => simulate({}, { signal }), () => resume('run', { signal })])
    refused(begin, 'ABORTED', 'the signal was aborted before the run started');
  assert.equal(exitStatus('ABORTED'), 130);
  assert.equal(threads, started);
});

for (const section of sections) {
  for (const row of section.rows) {
    const [code, given, ...says] = row;
    const words = wordsOf(section, row);
    const shown = JSON.stringify(section.file === undefined ? words.join(' ') : `${section.file}: ${given}`).slice(0, 90);
    test(`${section.what}: ${shown}: ${code}`, async () => {
      if (section.file !== undefined) writeFileSync(section.file, given as string);
      await refuse(
        code,
        words.map(word => word.replace('{port}', String((busy.address() as AddressInfo).port))),
        says,
        section,
      );
    });
  }
}

async function refuse(
  code: ErrorCode,
  words: readonly string[],
  says: readonly string[],
  { early = false, milliseconds = 200 }: Section,
): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && least >= milliseconds; attempt++) {
    const files = listing(root);
    const started = threads;
    const begin = cpuMilliseconds();
    const { status, stdout, stderr, loads, exits } = await play(words, { trainer: realTrainer });
    least = Math.min(least, cpuMilliseconds() - begin);
    assert.match(stderr.replace(/^dashboard .*\n/, ''), new RegExp(`^hearsay: ${code}: [^\\n]{20,1200}\\n$`));
    for (const word of says) assert.ok(stderr.includes(word), `${word}: ${stderr}`);
    assert.equal(status, exitStatus(code));
    assert.equal(status, 2);
    assert.equal(stdout, '', 'no event: nothing was begun');
    assert.deepEqual(exits, []);
    if (early) assert.equal(loads, 0, 'nothing was loaded');
    // What could not listen is closed soon.
    for (let turn = 0; turn < 100 && sockets().length > 1; turn++) await new Promise(setImmediate);
    assert.equal(threads, started, 'a thread was started');
    assert.deepEqual(listing(root), files, 'files are as they were');
    assert.deepEqual(sockets(), ['TCPServerWrap'], 'nobody listens but the busy port of these tests');
  }
  assert.ok(least < milliseconds, `took ${least} ms`);
}

/** Each file below the folder: its name, its size, and when it was written. */
function listing(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true }).map(entry => {
    const file = join(entry.parentPath, entry.name);
    const { size, mtimeMs } = lstatSync(file);
    return `${relative(root, file)} ${entry.isDirectory() ? '' : `${size} ${mtimeMs}`}`;
  });
}

function sockets(): string[] {
  return process.getActiveResourcesInfo().filter(kind => /Server|Socket|MessagePort|Worker/.test(kind));
}
