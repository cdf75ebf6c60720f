/** A folder of --out becomes a board, or a refusal that says where it is wrong. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { readBoard } from '../../src/dashboard/kept.js';
import { parseExperiment } from '../../src/engine/experiment.js';
import { HearsayError } from '../../src/errors.js';
import { done, play, sample, start } from '../cli/stage.js';
import { cases } from '../support/cases.js';

const root = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(root, { recursive: true }));
let count = 0;

const manifest = start(parseExperiment({ nodes: 6, topology: 'ring' }));
const whole = [manifest, sample({ steps: 1 }), sample({ steps: 2 }), done()].map(event => `${JSON.stringify(event)}\n`).join('');

function folderOf(metrics: string | undefined, first: string | undefined = JSON.stringify(manifest)): string {
  const path = join(root, `run-${count++}`);
  mkdirSync(path);
  if (first !== undefined) writeFileSync(join(path, 'manifest.json'), first);
  if (metrics !== undefined) writeFileSync(join(path, 'metrics.jsonl'), metrics);
  return path;
}

const countOf = (text: string, event: string) => text.split(`event: ${event}\n`).length - 1;

test('a whole run has its samples, its end and its graph', async () => {
  const text = (await readBoard(folderOf(whole))).whole();
  const [, data] = /event: run\ndata: (.*)\n/.exec(text)!;
  const run = JSON.parse(data);
  assert.equal(run.rows.length, 2);
  assert.equal(run.view.shown, 6);
  assert.equal(new Uint16Array(new Uint8Array(Buffer.from(run.view.edges, 'base64')).buffer).length, 12);
  assert.deepEqual([run.live, countOf(text, 'done'), countOf(text, 'failed')], [false, 1, 0]);
});

test('one that was killed shows what there is, and says so', async () => {
  const text = (await readBoard(folderOf(whole.slice(0, whole.indexOf('"event":"done"') + 5)))).whole();
  assert.deepEqual([countOf(text, 'done'), countOf(text, 'failed')], [0, 1]);
  assert.match(text, /did not come to its end/);
});

test('one that was killed and gone on with is whole; killed again, it is not', async () => {
  const first = whole.slice(0, whole.indexOf('"event":"done"') + 5);
  const text = (await readBoard(folderOf(`${first}\n${whole}`))).whole();
  assert.deepEqual([countOf(text, 'done'), countOf(text, 'failed')], [1, 0]);
  const again = (await readBoard(folderOf(`${whole}${first}`))).whole();
  assert.equal(countOf(again, 'failed'), 1);
});

test('a topology that is a module is not run for a picture', async () => {
  const experiment = { ...manifest.experiment, topology: './evil.js' };
  const text = (await readBoard(folderOf(whole, JSON.stringify({ ...manifest, experiment })))).whole();
  assert.match(text, /a module of its own: it is not drawn/);
});

for (const [what, code, path] of [
  ['no folder', 'DATA_NOT_FOUND', () => join(root, 'nowhere')],
  ['no manifest', 'DATA_NOT_FOUND', () => rmManifest()],
  ['no metrics', 'DATA_NOT_FOUND', () => folderOf(undefined)],
  ['a manifest that is no JSON', 'DATA_CORRUPT', () => folderOf(whole, '{')],
  ['a manifest of another kind', 'DATA_CORRUPT', () => folderOf(whole, '[]')],
  ['a manifest without an experiment', 'DATA_CORRUPT', () => folderOf(whole, '{"event":"start"}')],
  ['a line that is no JSON', 'DATA_CORRUPT', () => folderOf(whole.replace('\n', '\n{"event"\n'))],
  ['a sample without numbers', 'DATA_CORRUPT', () => folderOf('{"event":"sample"}\n')],
  ['a manifest of 5 MB', 'DATA_TOO_LARGE', () => folderOf(whole, ' '.repeat(5e6))],
  ['a line of 5 MB', 'DATA_TOO_LARGE', () => folderOf('x'.repeat(5e6))],
] as const) {
  test(`${what}: ${code}, exit status 2`, async () => {
    const { status, stderr } = await play(['serve', path(), '--port', '0']);
    assert.match(stderr, new RegExp(`^hearsay: ${code}: [^\\n]+\\n$`));
    assert.equal(status, 2);
  });
}

function rmManifest(): string {
  const path = join(root, `run-${count++}`);
  mkdirSync(path);
  return path;
}

test('any change of a byte gives a board or a refusal, nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.string({ minLength: 1, maxLength: 1 }), async (at, letter) => {
      try {
        (await readBoard(folderOf(whole.slice(0, at) + letter + whole.slice(at + 1)))).whole();
      } catch (error) {
        assert.ok(error instanceof HearsayError, String(error));
      }
    }),
    cases(100),
  );
});

test('--host without --serve, a port out of range, a token that is short', async () => {
  const refused = async (words: string[], env = {}) => {
    const { status, stderr, loads } = await play(words, { env });
    assert.deepEqual([status, loads], [2, 0]);
    return stderr;
  };
  assert.match(await refused(['train', '--host', '0.0.0.0']), /CONFIG_MISSING: --host: .*--serve/);
  assert.match(await refused(['train', '--serve', '70000']), /CONFIG_RANGE: --serve: /);
  assert.match(await refused(['train', '--serve', '0x10']), /CONFIG_RANGE: --serve: /);
  assert.match(await refused(['train', '--serve', '0'], { HEARSAY_TOKEN: 'short' }), /CONFIG_RANGE: HEARSAY_TOKEN: /);
});

test('the address is printed, and a run that nobody watches goes on as ever', async () => {
  const { status, stdout, stderr } = await play(['train', '--epochs', '2', '--serve', '0', '--json']);
  assert.equal(status, 0);
  assert.match(stderr, /^dashboard {2}http:\/\/127\.0\.0\.1:\d+\/#[0-9a-f]{32}\n$/);
  assert.equal(stdout.trimEnd().split('\n').length, 4);
});
