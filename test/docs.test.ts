/** What the documents list is what there is. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { markdownTable } from '../src/cli/algorithms.js';
import { catalogue } from '../src/cli/appendix.js';
import { sampleLine, startLine } from '../src/cli/progress.js';
import { doneLines as replayed } from '../src/cli/replay.js';
import { manifestOf } from '../src/cli/report/manifest.js';
import { doneLines } from '../src/cli/summary.js';
import { algorithms } from '../src/engine/algorithms/table.js';
import { parseExperiment } from '../src/engine/experiment.js';
import * as testing from '../src/testing.js';
import { done, sample, start } from './cli/stage.js';

const read = (name: string) => readFileSync(name, 'utf8');

test('docs/extending.md lists every export of hearsay/testing, and no other', () => {
  const [, list] = read('docs/extending.md').split('What `hearsay/testing` exports');
  const rows = list.split('\n\n')[1].split('\n').slice(2);
  const listed = rows.flatMap(row => [...row.split('|')[1].matchAll(/`(\w+)/g)].map(([, name]) => name));
  assert.deepEqual(listed.sort(), Object.keys(testing).sort());
});

test('docs/algorithms.md has the table of hearsay algorithms --markdown, and a section on each', () => {
  const text = read('docs/algorithms.md');
  assert.equal(/^\| name \|.*\n(\|.*\n)*/m.exec(text)?.[0], `${markdownTable()}\n`, 'put the output of that command there');
  const titles = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title).join(' ');
  for (const name of Object.keys(algorithms)) assert.ok(titles.split(/[ ,]+/).includes(name), `no section on ${name}`);
});

test('the README lists every algorithm', () => {
  const [, row] = /^\| `--algorithm` \|(.*)$/m.exec(read('README.md')) ?? [];
  for (const name of Object.keys(algorithms)) assert.ok(row.includes(`\`${name}\``), name);
});

test('docs/report.md lists what is in a manifest, and nothing else', () => {
  const [, table] = /## manifest\.json\n\n.*\n.*\n((?:\|.*\n)*)/.exec(read('docs/report.md')) ?? [];
  const listed = table.split('\n').flatMap(row => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, key]) => key));
  const experiment = parseExperiment({});
  assert.deepEqual(listed.sort(), Object.keys(manifestOf(start(experiment), experiment, new Date())).sort());
});

/** A line with its numbers, units of size and words in brackets taken out: what a change of the program changes. */
const form = (line: string) =>
  line
    .replace(/sha256 .*/, 'hash')
    .replace(/\([^)]*\)/g, '()')
    .replace(/[\d,.]*\d(e[+-]\d+)?( [KMG]iB| bytes)?/g, '#');

const spread = { mean: 1, p50: 1, p99: 4, max: 4 };

test('the README shows what npm start prints: the same lines, the same fields', () => {
  const [, block] = /`npm start` printed[^`]*```\n([^`]*)```/.exec(read('README.md')) ?? [];
  assert.ok(block, 'the block is there');
  const shown = block.trim().split('\n').map(form);
  const experiment = parseExperiment({ epochs: 20 });
  const first = sample({ epoch: 1 });
  const printed = [
    startLine({ ...start(experiment), kernels: { set: 'relaxed', note: 'simd 0.3 ms' } }),
    ...[2, 3, 4].map(epoch => sampleLine(sample({ epoch, seconds: epoch, steps: 625 * epoch }), first, experiment)),
    '...',
    sampleLine(sample({ epoch: 19, seconds: 19, steps: 12_000 }), first, experiment),
    sampleLine(sample({ epoch: 20, seconds: 20, steps: 12_500 }), first, experiment),
    ...doneLines(done({ versions: spread, age: spread }), null, experiment),
  ].map(form);
  assert.deepEqual(shown, printed);
});

test('the README shows what a simulation prints', () => {
  const [, block] = /hearsay simulate --nodes 1000[^\n]*\n([^`]*)```/.exec(read('README.md')) ?? [];
  const virtual = {
    time: 10,
    events: 1000,
    live: 1000,
    joined: 0,
    left: 0,
    crashed: 0,
    lost: 0,
    lostPieces: 0,
    lostSteps: 0,
    refused: 0,
  };
  const experiment = parseExperiment({ data: 'none', model: 'none', time: 30, deterministic: true });
  const at = (time: number) =>
    sample({ seconds: time, steps: 625 * time, accuracy: null, versions: spread, age: spread, virtual: { ...virtual, time } });
  const printed = [10, 20, 30].map(time => sampleLine(at(time), undefined, experiment));
  const summary = doneLines(done({ ...at(30), event: 'done' }), null, experiment).filter(line =>
    /^(versions|virtual)/.test(line),
  );
  assert.deepEqual(block.trim().split('\n').map(form), [...printed, ...summary].map(form));
});

test('the README shows what a recorded run and its replay print, with one hash', () => {
  const [, block] = /## A race, twice\n\n```\n([^`]*)```/.exec(read('README.md')) ?? [];
  const [first, hash, second, ...rest] = block.trim().split('\n');
  assert.match(first, /^\$ npx hearsay train .* \| grep hash /);
  assert.match(second, /^\$ npx hearsay replay .* \| grep -v time /);
  assert.deepEqual([rest.length, rest.at(-1)], [3, hash]);
  const numbers = { ops: 940, steps: 1880, ofSteps: 1880, seconds: 0.69, recordedSeconds: 0.69, bytesPerOp: 6.59, deaths: 0 };
  const printed = replayed({
    ...numbers,
    stopReason: 'end',
    parameters: 101_770,
    parametersHash: 'ab'.repeat(32),
    played: { perThread: [940], overtaking: 0 },
    versions: { hearsay: '0.1.0', node: '20.20.2' },
  });
  assert.deepEqual(rest.map(form), printed.filter(line => !line.startsWith('time')).map(form));
});

test('docs/simulation.md has every clock, law of speeds, link and churn, with its settings and their defaults', () => {
  const text = read('docs/simulation.md');
  for (const { form, settings } of ['clock', 'speeds', 'link', 'churn'].flatMap(key => catalogue[key])) {
    const [name] = form.split(':');
    assert.ok(text.includes(name), form);
    for (const [key, { fallback }] of Object.entries(settings)) {
      const inTable = new RegExp(`\\| \`${name}\` \\|[^\n]*\`${key}\`[^\n|]*\\(${fallback}\\b`);
      const alone = new RegExp(`\\| \`${key}\` \\| \`?${fallback}`);
      const churn = new RegExp(`rates:[^\n\`]*${key}=[^\n]*each is ${fallback}`);
      assert.ok(
        inTable.test(text) || alone.test(text) || churn.test(text.replaceAll('\n', ' ')),
        `${form}: ${key} (${fallback})`,
      );
    }
  }
});
