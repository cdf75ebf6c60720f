/** What runs leave behind, however they end, and what `hearsay report` makes of it. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { manifestOf, withoutPaths } from '../../../src/cli/report/manifest.js';
import { reportOf } from '../../../src/cli/report/write.js';
import { parseExperiment } from '../../../src/engine/experiment.js';
import { HearsayError } from '../../../src/errors.js';
import { train } from '../../../src/threads/train.js';
import { fakeTrainer, play, start } from '../stage.js';
import { keep, tagsOf, wordsOf } from './kept.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8');
const manifest = (...path: string[]) => JSON.parse(read(...path, 'manifest.json'));

test('a run leaves a report, and a manifest of what it was, on what, by which command, and what came of it', async () => {
  const before = Date.now();
  await play(['train', '--nodes', '8', '--out', join(folder, 'run'), '--quiet']);
  const { command, words, machine, started, outcome, kernels, versions, experiment } = manifest('run');
  assert.equal(command, 'hearsay train --nodes 8');
  assert.deepEqual(words, ['train', '--nodes', '8']);
  assert.ok(machine.cpu && machine.cores >= 1 && machine.usable >= 1 && machine.memory > 2 ** 20);
  assert.equal(machine.platform, `${process.platform} ${process.arch}`);
  assert.deepEqual([kernels.set, versions.hearsay, experiment.nodes], ['relaxed', '0.1.0', 8]);
  assert.ok(Date.parse(started) >= before - 1 && Date.parse(outcome.ended) >= Date.parse(started));
  assert.deepEqual([outcome.stopReason, outcome.accuracy, outcome.parametersHash], ['epochs', 0.9712, 'ab'.repeat(32)]);
  const html = read('run', 'report.html');
  tagsOf(html);
  assert.match(wordsOf(html), /Accuracy 97\.12 %, 96\.41 % at the worst node, .* stopped at the last epoch\./);
});

test('while it runs, the manifest says no outcome, and no report of a run before stands beside it', async () => {
  const out = join(folder, 'running');
  await play(['train', '--out', out, '--quiet']);
  assert.ok(existsSync(join(out, 'report.html')));
  let seen: unknown;
  await play(['train', '--out', out, '--quiet'], {
    trainer: fakeTrainer({ endless: true }),
    during: signal =>
      setTimeout(() => {
        seen = [manifest('running').outcome, existsSync(join(out, 'report.html'))];
        signal();
      }, 20),
  });
  assert.deepEqual(seen, [null, false]);
});

test('a run that Ctrl-C stopped has its report too', async () => {
  const out = join(folder, 'stopped');
  const { status } = await play(['train', '--out', out, '--quiet'], {
    trainer: fakeTrainer({ endless: true }),
    during: signal => setTimeout(signal, 20),
  });
  assert.equal(status, 130);
  assert.equal(manifest('stopped').outcome.stopReason, 'aborted');
  assert.match(wordsOf(read('stopped', 'report.html')), /stopped by hand\./);
});

test('a run that failed has a report with its error, and none of a run before', async () => {
  const out = join(folder, 'failed');
  await play(['train', '--out', out, '--quiet']);
  const failure = new HearsayError('DIVERGED', 'node 3: the loss became <b>NaN</b>');
  const { status } = await play(['train', '--out', out, '--quiet'], { trainer: fakeTrainer({ failure }) });
  assert.equal(status, 3);
  assert.deepEqual(manifest('failed').outcome.error, { code: 'DIVERGED', message: 'node 3: the loss became <b>NaN</b>' });
  const html = read('failed', 'report.html');
  tagsOf(html);
  assert.match(wordsOf(html), /Failed after 625 steps: DIVERGED: node 3: the loss became <b>NaN<\/b>/);
  await play(['train', '--out', out, '--quiet'], { trainer: fakeTrainer({ failure: new TypeError('x is not a function') }) });
  assert.deepEqual(manifest('failed').outcome.error, { code: 'INTERNAL', message: 'x is not a function' });
});

test('several seeds have a report each, and one above them, also when the last of them fails', async () => {
  const out = join(folder, 'seeds');
  await play(['train', '--out', out, '--repeats', '2', '--quiet'], {
    trainer: fakeTrainer({ accuracy: ({ seed }) => 0.9 + seed / 100 }),
  });
  const html = read('seeds', 'report.html');
  tagsOf(html);
  const words = wordsOf(html);
  assert.match(words, /2 seeds .*2 runs: accuracy 91\.50 % on average, with a deviation of 0\.71 %\./);
  assert.match(words, /seed-1 .*seed-2/);
  assert.match(words, /hearsay train --seed 2/);
  assert.ok(existsSync(join(out, 'seed-1', 'report.html')));
  const trainer = (experiment: { seed: number }) =>
    fakeTrainer({ failure: experiment.seed === 2 ? new HearsayError('DIVERGED', 'node 0') : undefined })(experiment as never);
  const failed = join(folder, 'failed seeds');
  await play(['train', '--out', failed, '--repeats', '3', '--quiet'], { trainer });
  assert.deepEqual(readdirSync(failed).sort(), ['metrics.jsonl', 'report.html', 'seed-1', 'seed-2']);
  assert.match(wordsOf(read('failed seeds', 'report.html')), /Failed after 625 steps: DIVERGED: node 0/);
});

test('no variable of the environment, and no path that was not given, is in the manifest', async () => {
  const failure = new HearsayError('MODEL_FAILED', "./mine.js: Cannot find module '/home/someone/secret/deep.js' from /etc/x/y");
  await play(['train', '--data', 'data/given.csv', '--out', join(folder, 'private'), '--quiet'], {
    trainer: fakeTrainer({ failure }),
  });
  const text = read('private', 'manifest.json');
  for (const value of [process.env.PATH, process.env.HOME, process.cwd(), folder, '/home/someone', '/etc/x'])
    assert.ok(!value || !text.includes(value), value);
  assert.ok(text.includes('data/given.csv') && text.includes("'.../deep.js'"));
});

test('paths that were not given are cut to their last part', () => {
  const of = (text: string) => withoutPaths(text, 'hearsay train --data /data/mnist --model ./m.js');
  assert.equal(of('no file /data/mnist here'), 'no file /data/mnist here');
  assert.equal(of("in '/a/b/c.js': 3 / 4 of and/or, 1/2 s/d"), "in '.../c.js': 3 / 4 of and/or, 1/2 s/d");
  assert.equal(of('at file:///a/b.js:3:4'), 'at .../b.js:3:4');
  assert.equal(of('C:\\Users\\me\\x.js'), '.../x.js');
});

test('hearsay report writes the page of a run anew, and says where it is', async () => {
  const path = keep(join(folder, 'old'));
  const { status, stdout, stderr, loads } = await play(['report', path]);
  assert.deepEqual([status, stdout, stderr, loads], [0, `${join(path, 'report.html')}\n`, '', 0]);
  tagsOf(read('old', 'report.html'));
  const elsewhere = join(folder, 'elsewhere.html');
  await play(['report', path, '--out', elsewhere]);
  assert.equal(read('elsewhere.html'), read('old', 'report.html'));
});

test('hearsay report of several writes one page', async () => {
  const paths = ['one', 'two'].map(name => keep(join(folder, name)));
  const out = join(folder, 'both.html');
  const { status, stdout } = await play(['report', ...paths, '--out', out]);
  assert.deepEqual([status, stdout], [0, `${out}\n`]);
  assert.match(wordsOf(read('both.html')), /2 runs compared/);
  assert.deepEqual(readdirSync(paths[0]).sort(), ['manifest.json', 'metrics.jsonl']);
});

test('of folders with several seeds, each seed is a run', async () => {
  for (const name of ['first', 'second'])
    for (const seed of [1, 2]) keep(join(folder, name, `seed-${seed}`), { experiment: { seed } });
  const out = join(folder, 'four.html');
  const { status } = await play(['report', join(folder, 'first'), join(folder, 'second'), '--out', out]);
  assert.equal(status, 0);
  assert.match(wordsOf(read('four.html')), /4 runs compared.*first\/seed-1 .*second\/seed-2/);
});

test('a damaged seed is said above the others', async () => {
  for (const seed of [1, 2]) keep(join(folder, 'half', `seed-${seed}`), { experiment: { seed } });
  for (const name of ['metrics.jsonl', 'manifest.json']) writeFileSync(join(folder, 'half', 'seed-2', name), 'x');
  const { status } = await play(['report', join(folder, 'half')]);
  assert.equal(status, 0);
  assert.match(wordsOf(read('half', 'report.html')), /seed-2: report: .*manifest\.json is no JSON.*seed-1/);
});

test('a real run that diverges leaves its report, with the node and the step', async () => {
  const words = [
    'train',
    '--data',
    'synthetic:rows=300,test=40',
    '--model',
    'linear',
    '--nodes',
    '3',
    '--batch',
    '4',
    '--threads',
    '1',
  ];
  const out = join(folder, 'diverged');
  const { status } = await play([...words, '--optimizer', 'sgd:rate=1e6', '--evaluate-every', '3', '--out', out, '--quiet'], {
    trainer: train,
  });
  assert.equal(status, 3);
  assert.equal(manifest('diverged').outcome.error.code, 'DIVERGED');
  const html = read('diverged', 'report.html');
  tagsOf(html);
  assert.match(wordsOf(html), /Failed.*: DIVERGED: node \d: the loss or a weight became NaN or infinite/);
  assert.match(
    wordsOf(html),
    /hearsay train --data synthetic:rows=300,test=40 --model linear --nodes 3 --threads 1 --optimizer sgd:rate=1e6/,
  );
});

test('the library that a variable of the environment names is neither in the manifest nor on the page', () => {
  const note = 'simd 0.3 ms a step; no BLAS: HEARSAY_BLAS=/opt/mine/libfast.so: it has no cblas_sgemm';
  const experiment = parseExperiment({});
  const begun = { ...start(experiment), kernels: { set: 'simd', note } };
  assert.doesNotMatch(JSON.stringify(manifestOf(begun, experiment, new Date())), /HEARSAY|libfast/);
  const html = reportOf(keep(join(folder, 'blas'), { start: begun, manifest: false }));
  assert.doesNotMatch(html, /HEARSAY|libfast/);
  assert.match(html, /simd \(simd 0\.3 ms a step\)/);
});

test('hearsay report refuses what is no run, a run twice, too many, and a place that can not be written', async () => {
  const path = keep(join(folder, 'good'));
  writeFileSync(join(folder, 'file'), '');
  const many = Array.from({ length: 25 }, (_, k) => keep(join(folder, 'many', `${k}`)));
  for (const [words, line] of [
    [[], /^hearsay: CONFIG_MISSING: /],
    [[join(folder, 'nowhere')], /^hearsay: DATA_NOT_FOUND: report: .*no such folder/],
    [[path, `${path}/`], /^hearsay: CONFIG_TYPE: report: .* is given twice/],
    [
      [path, '--out', join(folder, 'file', 'x.html')],
      /^hearsay: OUTPUT_UNWRITABLE: report: .*give a file in a folder that exists/,
    ],
    [[path, '--to', 'x'], /^hearsay: CONFIG_UNKNOWN_KEY: /],
    [many, /^hearsay: CONFIG_RANGE: report: found 25 runs, allowed are 24/],
  ] as const) {
    const { status, stderr, stdout } = await play(['report', ...words]);
    assert.deepEqual([status, stdout], [2, ''], stderr);
    assert.match(stderr, line);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
  }
});
