/** Folders in which anything may stand: a report of what is there, or an error that says what is wrong. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { mostSamples, readRun } from '../../../src/cli/report/record.js';
import { reportOf } from '../../../src/cli/report/write.js';
import { HearsayError } from '../../../src/errors.js';
import { cases } from '../../support/cases.js';
import { sample } from '../stage.js';
import { course, keep, metricsOf, tagsOf, wordsOf } from './kept.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
/** A folder with these files. */
function holding(files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = join(folder, `damaged-${count++}`);
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

/** A page, or an error with one of the codes. */
function attempt(path: string): string {
  try {
    const html = reportOf(path);
    tagsOf(html);
    return html;
  } catch (error) {
    assert.ok(error instanceof HearsayError, String(error));
    assert.match(error.code, /^DATA_(NOT_FOUND|CORRUPT|TOO_LARGE)$/);
    assert.ok(error.message.startsWith('report: ') && !error.message.includes('\n'), error.message);
    return error.code;
  }
}

test('every beginning of the metrics gives a page of what is there', () => {
  const text = metricsOf({ samples: course(3) });
  const path = holding({});
  const first = text.indexOf('\n');
  for (let length = 0; length <= text.length; length += 1 + (length % 97)) {
    writeFileSync(join(path, 'metrics.jsonl'), text.slice(0, length));
    const html = attempt(path);
    if (length < first) assert.equal(html, length === 0 ? 'DATA_NOT_FOUND' : 'DATA_CORRUPT', `${length}`);
    else assert.match(html, /^<!doctype html>/, `${length}`);
  }
  writeFileSync(join(path, 'metrics.jsonl'), text.slice(0, -20));
  assert.match(wordsOf(reportOf(path)), /the last line of metrics\.jsonl is cut off/);
  writeFileSync(join(path, 'metrics.jsonl'), text.slice(0, -1));
  assert.doesNotMatch(wordsOf(reportOf(path)), /cut off/, 'only the newline is gone');
});

test('any bytes in the place of any others give a page or a named error', () => {
  const whole = keep(join(folder, 'whole'));
  const files = ['metrics.jsonl', 'manifest.json'].map(name => [name, readFileSync(join(whole, name))] as const);
  fc.assert(
    fc.property(fc.nat(1), fc.nat(), fc.uint8Array({ maxLength: 8 }), (which, at, bytes) => {
      const changed = files.map(([name, content], k) => {
        if (k !== which) return [name, content] as const;
        const copy = Buffer.from(content);
        copy.set(bytes.subarray(0, copy.length - (at % copy.length)), at % copy.length);
        return [name, copy] as const;
      });
      for (const [name, content] of changed) writeFileSync(join(whole, name), content);
      attempt(whole);
    }),
    cases(100),
  );
});

test('any JSON in the place of an event, or of the manifest, gives a page or a named error', () => {
  const events = metricsOf({ samples: course(2) })
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  const places = events.flatMap((event, k) => Object.keys(event).map(key => [k, key] as const));
  const path = holding({});
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue(), fc.boolean(), ([k, key], value, both) => {
      const changed = events.map((event, at) => (at === k ? { ...event, [key]: value } : event));
      writeFileSync(join(path, 'metrics.jsonl'), changed.map(event => JSON.stringify(event)).join('\n'));
      if (both) writeFileSync(join(path, 'manifest.json'), JSON.stringify(changed[0]));
      else rmSync(join(path, 'manifest.json'), { force: true });
      attempt(path);
    }),
    cases(100),
  );
});

test('what is no run is said, with its code', () => {
  const file = join(folder, 'a file');
  writeFileSync(file, 'x');
  const refused = (path: string, code: string, message: RegExp) => assert.throws(() => readRun(path), { code, message });
  refused(join(folder, 'nowhere'), 'DATA_NOT_FOUND', /there is no such folder; give the --out FOLDER of a run$/);
  refused(file, 'DATA_NOT_FOUND', /it is no folder/);
  refused(holding({}), 'DATA_NOT_FOUND', /found no manifest\.json, and no event in a metrics\.jsonl/);
  refused(holding({ 'metrics.jsonl': '{"a":1}\n[]\n' }), 'DATA_CORRUPT', /2 lines of metrics\.jsonl are no event/);
  refused(holding({ 'manifest.json': '{' }), 'DATA_CORRUPT', /manifest\.json is no JSON/);
  refused(holding({ 'manifest.json': '{"scripts":{}}' }), 'DATA_CORRUPT', /manifest\.json is none of a run/);
  const folders = holding({});
  for (const name of ['metrics.jsonl', 'manifest.json']) mkdirSync(join(folders, name));
  refused(folders, 'DATA_CORRUPT', /manifest\.json is no plain file; metrics\.jsonl is no plain file/);
});

test('a FIFO is not waited for', { skip: process.platform === 'win32' }, () => {
  const path = holding({ 'manifest.json': readFileSync(join(keep(join(folder, 'for fifo')), 'manifest.json')) });
  assert.equal(spawnSync('mkfifo', [join(path, 'metrics.jsonl')]).status, 0);
  assert.match(wordsOf(reportOf(path)), /metrics\.jsonl is no plain file/);
});

test('a file beyond the limit is refused before it is read', () => {
  const path = holding({});
  const file = openSync(join(path, 'metrics.jsonl'), 'w');
  ftruncateSync(file, 2 ** 31);
  closeSync(file);
  assert.throws(() => readRun(path), { code: 'DATA_TOO_LARGE', message: /found 2147483648 bytes, allowed are 1073741824/ });
});

test('a line without an end, deep nesting and keys of prototypes are lines that are no events', () => {
  const good = metricsOf({ samples: course(2) });
  const bad = [
    `{"event":"sample","x":"${'a'.repeat(5 * 2 ** 20)}"}`,
    '['.repeat(100_000),
    '{"event":"sample","__proto__":{"steps":1}}',
    good.split('\n')[1].replace('"steps":100', '"steps":"100"'),
    '\0\0\0\0',
  ];
  const record = readRun(holding({ 'metrics.jsonl': `${bad.join('\n')}\n${good}` }));
  assert.deepEqual(record.faults, ['5 lines of metrics.jsonl are no event of a run, and left out']);
  assert.equal(record.samples.length, 2);
  assert.ok(record.done);
  const named = JSON.parse(good.split('\n')[0]);
  const odd = JSON.stringify(named).replace('"modules":{}', '"modules":{"__proto__":"x"}');
  assert.match(attempt(holding({ 'metrics.jsonl': `${odd}\n` })), /^<!doctype|^DATA_CORRUPT$/);
});

test('of more samples than are kept, equally many are left out everywhere, and the last one stays', () => {
  const total = 3 * mostSamples + 5;
  const lines = Array.from({ length: total }, (_, k) => JSON.stringify(sample({ steps: k + 1 })));
  const { samples, every } = readRun(holding({ 'metrics.jsonl': lines.join('\n') }));
  assert.ok(samples.length <= mostSamples + 1);
  assert.equal(every, 4);
  assert.equal(samples.at(-1)!.steps, total);
  assert.ok(samples.slice(1, -1).every(({ steps }, k) => steps - samples[k].steps === every));
});

test('a run that went on from an earlier state has its steps once', () => {
  const [a, b] = [course(6), course(6).slice(3)];
  const text = [...a, ...b].map(one => JSON.stringify(one)).join('\n');
  const { samples } = readRun(holding({ 'metrics.jsonl': text }));
  assert.deepEqual(
    samples.map(({ steps }) => steps),
    [100, 200, 300, 400, 500, 600],
  );
});

test('an experiment of another version is shown as it was kept, without a command', () => {
  const path = keep(join(folder, 'other version'), { manifest: false });
  const file = join(path, 'metrics.jsonl');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"batch":32', '"batch":32,"warp":9'));
  const words = wordsOf(reportOf(path));
  assert.match(words, /the experiment is none of this version: .*warp/);
  assert.match(words, /Options of another version.* warp 9 /);
  assert.match(words, /This version has not all of its options/);
});

test('a folder from before there were manifests with commands has a page all the same', () => {
  const path = holding({});
  const [first, ...rest] = metricsOf().trimEnd().split('\n');
  writeFileSync(join(path, 'metrics.jsonl'), [first, ...rest].join('\n'));
  writeFileSync(join(path, 'manifest.json'), JSON.stringify(JSON.parse(first), null, 2));
  const words = wordsOf(reportOf(path));
  assert.match(words, /hearsay train --threads 2 With hearsay 0\.1\.0/);
  assert.doesNotMatch(words, /Started/);
});

test('a command in a file is not trusted: what a page shows is one command of ours, quoted', () => {
  const path = keep(join(folder, 'foreign command'));
  const file = join(path, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const say = (words: readonly string[], more = {}) => {
    const experiment = { ...manifest.experiment, ...more };
    writeFileSync(file, JSON.stringify({ ...manifest, experiment, words, command: `${words.join(' ')}; touch harmed` }));
    return /<code>(.*?)<\/code>/s
      .exec(reportOf(path))?.[1]
      .replace(/<\/?span>/g, '')
      .replaceAll('&#39;', "'");
  };
  assert.equal(say(['train', '--threads', '2']), 'hearsay train --threads 2');
  const other = { ofAnotherVersion: 1 };
  assert.equal(
    say(['train', '--nodes', '4; touch x', '&&', 'ls'], other)?.replaceAll('&#38;', '&'),
    "hearsay train --nodes '4; touch x' '&&' ls",
  );
  assert.equal(say(['rm', '-rf'], other), undefined);
});

test('texts and lists of any length give a page that is not long, soon', () => {
  const long = 'x'.repeat(200_000);
  const stragglers = Array.from({ length: 20_000 }, (_, node) => ({ node, factor: 2 }));
  const perThread = Array.from({ length: 20_000 }, (_, thread) => ({ thread, steps: 1, working: 1, gossip: 1, blocked: 1 }));
  const start = {
    kernels: { set: long, note: long },
    model: { name: long, parameters: 1 },
    data: { name: long, train: 1, test: 1, features: 1, classes: 2 },
  };
  const path = keep(join(folder, 'long texts'), {
    experiment: { nodes: 100_000, stragglers },
    start,
    done: { perThread, parametersHash: long, quarantined: stragglers.map(({ node }) => node) },
  });
  const before = performance.now();
  const html = reportOf(path);
  assert.ok(performance.now() - before < 5000, `${performance.now() - before} ms`);
  tagsOf(html);
  assert.ok(html.length < 300_000, `${html.length}`);
  assert.match(wordsOf(html), /the first 32 of 20000/);
  assert.match(wordsOf(html), /the experiment in manifest\.json is a file for --config/);
});

test('a long file is read in little memory', () => {
  const path = keep(join(folder, 'long file'), { samples: course(10) });
  const file = openSync(join(path, 'metrics.jsonl'), 'a');
  const lines = course(100).map(one => JSON.stringify(one));
  for (let k = 0; k < 700; k++)
    writeFileSync(file, `${lines.map(line => line.replace(/"steps":\d+/, `"steps":${k + 2000}`)).join('\n')}\n`);
  closeSync(file);
  const program = `import { reportOf } from ${JSON.stringify(resolve('dist/src/cli/report/write.js'))}; console.log(reportOf(${JSON.stringify(path)}).length)`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--max-old-space-size=80', '--input-type=module', '-e', program],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(status, 0, stderr.slice(0, 2000));
  assert.ok(Number(stdout) > 10_000 && Number(stdout) < 300_000, stdout);
});
