import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Trainer } from '../../src/cli/train.js';
import { parseExperiment } from '../../src/engine/experiment.js';
import { HearsayError } from '../../src/errors.js';
import type { Recorded } from '../../src/threads/history.js';
import { fakeTrainer, play } from './stage.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

test('flags become the experiment', async () => {
  const words = [
    '--nodes',
    '8',
    '--straggler',
    'node=3,factor=10',
    '--straggler',
    'node=4,factor=2.5',
    '--until',
    'accuracy=.98',
  ];
  const { status, experiments } = await play([
    'train',
    ...words,
    '--standardize',
    'features',
    '--evaluate-every',
    '2s',
    '--quiet',
  ]);
  assert.equal(status, 0);
  assert.deepEqual(experiments, [
    parseExperiment({
      nodes: 8,
      stragglers: [
        { node: 3, factor: 10 },
        { node: 4, factor: 2.5 },
      ],
      until: { metric: 'accuracy', value: 0.98 },
      standardize: 'features',
      evaluateEvery: '2s',
    }),
  ]);
});

test('a file is overridden by flags, a limit by any limit', async () => {
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify({ $schema: 'hearsay/schema.json', nodes: 4, batch: 8, epochs: 3, quiet: true }));
  const { experiments, stdout, stderr } = await play(['train', '--config', file, '--nodes', '5', '--steps', '100']);
  assert.deepEqual(experiments, [parseExperiment({ nodes: 5, batch: 8, steps: 100 })]);
  assert.equal(stdout + stderr, '');
});

test('people see progress on stderr and the summary on stdout', async () => {
  const { status, stdout, stderr } = await play(['train', '--epochs', '2']);
  assert.equal(status, 0);
  assert.match(stderr, /^digits: 20,000 \+ 4,000 rows \| mlp:128: 101,770 parameters \| 16 nodes on 2 threads, complete \|/);
  assert.match(stderr, /\nepoch 1\.00\/2 {2}ETA 0\.50 s {2}loss 0\.0912 {2}accuracy 93\.00 %.* 40,000 samples\/s .*\n/);
  assert.match(stdout, /^accuracy {3}97\.12 % mean model, 96\.41 % worst node \(of 16 nodes, 1,000 rows\)\n/);
  assert.match(stdout, /gossip 3\.1 %, blocked 0\.12 % of their time; no thread died\n/);
  assert.match(stdout, /\nhash {7}sha256 (ab){32}\nnothing was written; use --out DIR to keep it\n$/);
});

test('the summary says where the history is, and how far it goes', async () => {
  const told = async (history: Omit<Recorded, 'path'>, ...words: string[]) => {
    const trainer: Trainer = experiment => {
      const running = fakeTrainer()(experiment);
      return { ...running, result: running.result.then(result => ({ ...result, history: { path: 'run.h', ...history } })) };
    };
    const { stdout } = await play(['train', '--record', 'run.h', ...words], { trainer });
    return stdout.trimEnd().split('\n').slice(-2);
  };
  const remedy = 'the model was not kept; use --out DIR to keep it';
  assert.deepEqual(await told({ bytes: 6246, isWhole: true, steps: 100 }), [
    'history in run.h (6.1 KiB); play it with hearsay replay run.h',
    remedy,
  ]);
  assert.deepEqual(await told({ bytes: 6246, isWhole: false, steps: 1200 }), [
    'history in run.h (6.1 KiB, cut off after step 1,200); play that with hearsay replay run.h --partial',
    remedy,
  ]);
  assert.deepEqual(await told({ bytes: 300, isWhole: false, steps: null }), [
    'history in run.h (300 bytes, cut off before its first check: nothing of it can be played)',
    remedy,
  ]);
});

test('programs get one object a line, and nothing else', async () => {
  const { stdout, stderr } = await play(['train', '--json']);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(
    events.map(({ event }) => event),
    ['start', 'sample', 'sample', 'done'],
  );
  assert.deepEqual(parseExperiment(events[0].experiment), parseExperiment({}));
  assert.equal(stderr, '');
});

test('--quiet is silent', async () => {
  const { stdout, stderr } = await play(['train', '--quiet']);
  assert.equal(stdout + stderr, '');
});

test('--repeats runs with seeds in a row and sums up', async () => {
  const accuracy = ({ seed }: { seed: number }) => 0.9 + seed / 100;
  const { stdout, experiments } = await play(['train', '--repeats', '3', '--seed', '5', '--json'], {
    trainer: fakeTrainer({ accuracy }),
  });
  assert.deepEqual(
    experiments.map(({ seed }) => seed),
    [5, 6, 7],
  );
  const summary = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
  assert.equal(summary.event, 'summary');
  assert.equal(summary.repeats, 3);
  assert.ok(Math.abs(summary.metrics.accuracy.mean - 0.96) < 1e-12);
  assert.ok(Math.abs(summary.metrics.accuracy.deviation - 0.01) < 1e-12);
  assert.equal(summary.metrics.accuracy.worst, 0.9 + 5 / 100);
  const people = await play(['train', '--repeats', '3'], { trainer: fakeTrainer({ accuracy }) });
  assert.match(people.stdout, /3 runs\naccuracy {9}mean 92\.00 %, deviation 1\.00 %, worst 91\.00 %\n/);
});

test('--out keeps the metrics, the manifest, the model and a report', async () => {
  const out = join(folder, 'deep', 'run');
  const saved: string[] = [];
  const trainer = fakeTrainer({ save: async path => void saved.push(path) });
  const { status, stdout } = await play(['train', '--out', out], { trainer });
  assert.equal(status, 0);
  assert.deepEqual(readdirSync(out).sort(), ['manifest.json', 'metrics.jsonl', 'report.html']);
  assert.deepEqual(saved, [join(out, 'model.safetensors')]);
  const events = readFileSync(join(out, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(
    events.map(({ event }) => event),
    ['start', 'sample', 'sample', 'done'],
  );
  const { event: _, ...start } = events[0];
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  for (const [key, value] of Object.entries(start)) assert.deepEqual(manifest[key], value, key);
  assert.ok(stdout.endsWith(`kept in ${out}\n`));
  await play(['train', '--out', out, '--quiet'], { trainer });
  assert.equal(
    readFileSync(join(out, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').length,
    4,
    'a second run replaces the first',
  );
});

test('a run that fails leaves no model of another run in its folder', async () => {
  const out = join(folder, 'again');
  const save = async (path: string) => writeFileSync(path, 'a model');
  await play(['train', '--out', out, '--quiet'], { trainer: fakeTrainer({ save }) });
  assert.deepEqual(readdirSync(out).sort(), ['manifest.json', 'metrics.jsonl', 'model.safetensors', 'report.html']);
  const failure = new HearsayError('MODEL_FAILED', 'node 3, algorithm swarm, model ./mine.js, seed 1: tired');
  await play(['train', '--out', out, '--quiet', '--seed', '9'], { trainer: fakeTrainer({ save, failure }) });
  assert.deepEqual(readdirSync(out).sort(), ['manifest.json', 'metrics.jsonl', 'report.html']);
  assert.equal(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')).experiment.seed, 9);
  const early = () => {
    throw new HearsayError('DATA_NOT_FOUND', 'data: there is no file x');
  };
  await play(['train', '--out', out, '--quiet'], { trainer: fakeTrainer({ save }) });
  await play(['train', '--out', out, '--quiet'], { trainer: early });
  assert.ok(existsSync(join(out, 'model.safetensors')), 'nothing was started, so nothing was replaced');
});

test('--out with --repeats has a folder for each seed', async () => {
  const out = join(folder, 'repeats');
  await play(['train', '--out', out, '--repeats', '2', '--quiet']);
  assert.deepEqual(readdirSync(out).sort(), ['metrics.jsonl', 'report.html', 'seed-1', 'seed-2']);
  assert.equal(JSON.parse(readFileSync(join(out, 'seed-2', 'manifest.json'), 'utf8')).experiment.seed, 2);
  assert.equal(JSON.parse(readFileSync(join(out, 'metrics.jsonl'), 'utf8')).event, 'summary');
});

test('a failure before the first event leaves no folder', async () => {
  const out = join(folder, 'none', 'at', 'all');
  const trainer = () => {
    throw new HearsayError('DATA_NOT_FOUND', 'data: there is no file x');
  };
  const { status, stderr } = await play(['train', '--out', out], { trainer });
  assert.equal(status, 2);
  assert.equal(stderr, 'hearsay: DATA_NOT_FOUND: data: there is no file x\n');
  assert.ok(!existsSync(join(folder, 'none')));
});

test('when the disk fails in the middle, training goes on and says so once', async () => {
  const out = join(folder, 'full');
  const trainer = fakeTrainer({
    save: async () => {
      throw new Error('ENOSPC: no space left on device');
    },
    accuracy: () => {
      // After the first sample the metrics can be written no more: a folder stands in their place.
      rmSync(join(out, 'metrics.jsonl'), { force: true, recursive: true });
      mkdirSync(join(out, 'metrics.jsonl'));
      return 0.5;
    },
  });
  const { status, stdout, stderr } = await play(['train', '--out', out, '--json'], { trainer });
  assert.equal(status, 0);
  assert.equal(stdout.trimEnd().split('\n').length, 4);
  const [metrics, model, ...rest] = stderr.split('\n');
  assert.match(metrics, /^hearsay: OUTPUT_UNWRITABLE: metrics\.jsonl: EISDIR.*; the run goes on without it$/);
  assert.match(
    model,
    /^hearsay: OUTPUT_UNWRITABLE: model\.safetensors: ENOSPC: no space left on device; the model was not kept$/,
  );
  assert.deepEqual(rest, ['']);
});

test('a failing run ends in one line and its status', async () => {
  const cases = [
    [
      new HearsayError('DIVERGED', 'node 3, step 17:\nloss is NaN, last finite 2.3'),
      3,
      'DIVERGED: node 3, step 17: loss is NaN, last finite 2.3',
    ],
    [new HearsayError('WORKER_LOST', 'thread 1 died 5 times in a minute'), 4, 'WORKER_LOST: thread 1 died 5 times in a minute'],
    [new HearsayError('MODEL_FAILED', 'node 3: \x1b[31mboom'), 4, 'MODEL_FAILED: node 3: [31mboom'],
    [
      new TypeError('x is not a function'),
      1,
      'INTERNAL: x is not a function (a fault of hearsay itself; HEARSAY_DEBUG=1 shows where)',
    ],
  ] as const;
  for (const [failure, expected, line] of cases) {
    const { status, stderr } = await play(['train', '--json'], { trainer: fakeTrainer({ failure }) });
    assert.equal(status, expected);
    assert.equal(stderr, `hearsay: ${line}\n`);
  }
  const { stderr } = await play(['train', '--json'], {
    trainer: fakeTrainer({ failure: new TypeError('x') }),
    env: { HEARSAY_DEBUG: '1' },
  });
  assert.match(stderr, /^hearsay: INTERNAL: x\nTypeError: x\n {4}at /);
});

test('on a terminal an error, or a warning, has a line of its own', async () => {
  const failure = new HearsayError('DIVERGED', 'node 3: the loss is NaN');
  const { stderr } = await play(['train'], { trainer: fakeTrainer({ failure }), isTTY: true, columns: 0 });
  assert.match(stderr, /staleness[^\n]+\nhearsay: DIVERGED: node 3: the loss is NaN\n$/);
  const stopped = await play(['train'], {
    trainer: fakeTrainer({ endless: true }),
    isTTY: true,
    during: signal => setTimeout(signal, 20),
  });
  assert.match(stopped.stderr, /[^\n]\nhearsay: stopping; once more to end what does not stop\n/);
});

test('Ctrl-C stops, saves, reports: 130', async () => {
  const out = join(folder, 'stopped');
  const saved: string[] = [];
  const trainer = fakeTrainer({ endless: true, save: async path => void saved.push(path) });
  const { status, stdout, experiments, exits } = await play(['train', '--out', out, '--repeats', '3'], {
    trainer,
    during: signal => setTimeout(signal, 20),
  });
  assert.equal(status, 130);
  assert.equal(experiments.length, 1, 'no further repeat');
  assert.match(stdout, /stopped by hand/);
  assert.deepEqual(saved, [join(out, 'seed-1', 'model.safetensors')]);
  assert.match(readFileSync(join(out, 'seed-1', 'metrics.jsonl'), 'utf8'), /"done"/);
  assert.deepEqual(exits, []);
});

test('a second Ctrl-C ends the threads, and what was committed is kept', async () => {
  const out = join(folder, 'twice');
  const saved: string[] = [];
  const { status, stdout, stderr, exits } = await play(['train', '--out', out], {
    trainer: fakeTrainer({ endless: true, deaf: true, save: async path => void saved.push(path) }),
    during: signal =>
      setTimeout(() => {
        signal();
        signal();
      }, 20),
  });
  assert.equal(status, 130);
  assert.deepEqual(exits, []);
  assert.deepEqual(saved, [join(out, 'model.safetensors')]);
  assert.match(stderr, /stopping; .*\nhearsay: ending the threads where they are; .*\n/);
  assert.match(stdout, /stopped by hand/);
});

test('a third Ctrl-C, or a second before anything began, ends the process at once, with what was recorded on disk', async () => {
  const out = join(folder, 'thrice');
  let recorded = '';
  const thrice = await play(['train', '--out', out], {
    trainer: fakeTrainer({ endless: true }),
    during: signal =>
      setTimeout(() => {
        recorded = readFileSync(join(out, 'metrics.jsonl'), 'utf8');
        for (let k = 0; k < 3; k++) signal();
      }, 20),
  });
  assert.deepEqual(thrice.exits, [130]);
  assert.equal(recorded.trimEnd().split('\n').length, 2);
  const early = await play(['train'], {
    trainer: fakeTrainer({ endless: true }),
    during: signal => {
      signal();
      signal();
    },
  });
  assert.deepEqual(early.exits, [130]);
});

test('when the reader of stdout goes away, the run stops quietly', async () => {
  const { status, stderr } = await play(['train', '--json'], {
    trainer: fakeTrainer({ endless: true }),
    during: (_, breakPipe) => setTimeout(breakPipe, 20),
  });
  assert.equal(status, 0);
  assert.equal(stderr, '');
});
