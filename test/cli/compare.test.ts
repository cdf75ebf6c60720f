import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { differ } from '../../src/cli/compare/noise.js';
import { columnsOf, type Outcome, ofSeveral, rowsOf, tableLines } from '../../src/cli/compare/table.js';
import type { Running, Trainer } from '../../src/cli/train.js';
import { type Experiment, parseExperiment } from '../../src/engine/experiment.js';
import type { Done } from '../../src/engine/observer.js';
import { HearsayError } from '../../src/errors.js';
import { simulate } from '../../src/index.js';
import { calibrate } from '../../src/threads/calibration.js';
import { draft, type Preparing } from '../../src/threads/prepare.js';
import { tagsOf, wordsOf } from './report/kept.js';
import { done, fakeTrainer, type Play, play as playWords } from './stage.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

/** Accuracies of runs: swarm is the best but for a hair, local shares its noise, none is far below. */
const accuracies: Record<string, number> = { swarm: 0.95, local: 0.949, none: 0.8 };
const accuracy = ({ algorithm, seed }: Experiment) =>
  accuracies[algorithm] + (algorithm === 'local' ? [0, 0.01, -0.01, 0.002][seed] : 0.001 * seed);
const trainer = fakeTrainer({ accuracy });
/** Data are loaded for the checks before the first run: few rows will do. */
const play = (words: readonly string[], given?: Play) => playWords([...words, '--data', 'digits:600'], given);
const objects = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));

test('the same job for each algorithm, all of them with one seed before the next seed', async () => {
  const { status, experiments } = await play(['compare', 'swarm', 'none', '--nodes', '4', '--repeats', '2', '--seed', '7'], {
    trainer,
  });
  assert.equal(status, 0);
  assert.deepEqual(
    experiments.map(({ algorithm, seed, nodes }) => [algorithm, seed, nodes]),
    [
      ['swarm', 7, 4],
      ['none', 7, 4],
      ['swarm', 8, 4],
      ['none', 8, 4],
    ],
  );
  assert.deepEqual(
    experiments.map(({ kernels }) => kernels),
    ['auto', 'relaxed', 'relaxed', 'relaxed'],
    'what was the fastest for the first is for all',
  );
});

test('the table marks the best, and what is not told apart from it', async () => {
  const { status, stdout, stderr } = await play(['compare', 'swarm', 'local', 'none', '--repeats', '3'], { trainer });
  assert.equal(status, 0);
  const [head, swarm, local, none, , legend, kept] = stdout.split('\n');
  assert.match(head, /^algorithm +loss +accuracy +worst node +consensus +steps +exchanges +bytes +seconds$/);
  assert.match(swarm, /^swarm .* 95\.20 % \+-0\.10 % \* /);
  assert.match(local, /^local .* 94\.97 % \+-1\.01 % ~ /);
  assert.match(none, /^none .* 80\.20 % \+-0\.10 % {4}/);
  assert.match(legend, /^\* {2}best +~ {2}not told apart from the best by 3 seeds/);
  assert.match(kept, /^nothing was written; use --out DIR/);
  assert.match(stderr, /^digits: 20,000 \+ 4,000 rows \| [^\n]*\nrun 1 of 9 {2}swarm, seed 1 {2}ETA [^\n]*accuracy 95\.10 %/);
  assert.match(stderr, /\nrun 9 of 9 {2}none, seed 3 {2}loss [^\n]* in [\d.]+ s\n$/);
});

test('one run each tells nothing from noise', async () => {
  const { stdout } = await play(['compare', 'swarm', 'local'], {
    trainer: fakeTrainer({ accuracy: ({ algorithm }) => accuracies[algorithm] }),
  });
  assert.match(stdout, /95\.00 % \* /);
  assert.ok(!stdout.includes('~') && !stdout.includes('+-'));
  assert.match(stdout, /\* {2}best of one run each; --repeats K /);
});

test('programs get the events of every run with its algorithm and seed, then the table, and nothing else', async () => {
  const { status, stdout, stderr } = await play(['compare', 'swarm', 'none', '--repeats', '2', '--json'], { trainer });
  assert.deepEqual([status, stderr], [0, '']);
  const events = objects(stdout);
  const table = events.pop();
  assert.deepEqual(
    events.map(({ event, algorithm, seed }) => [event, algorithm, seed]),
    [
      ['swarm', 1],
      ['none', 1],
      ['swarm', 2],
      ['none', 2],
    ].flatMap(run => ['start', 'sample', 'sample', 'done'].map(event => [event, ...run])),
  );
  assert.deepEqual([table.event, table.stopReason, table.repeats, table.out], ['table', 'end', 2, null]);
  assert.deepEqual(
    table.rows.map(({ algorithm, runs }: { algorithm: string; runs: number }) => [algorithm, runs]),
    [
      ['swarm', 2],
      ['none', 2],
    ],
  );
  const { mean, deviation, of, mark } = table.rows[0].values.accuracy;
  assert.ok(Math.abs(mean - 0.9515) < 1e-12 && Math.abs(deviation - Math.SQRT1_2 / 1000) < 1e-12);
  assert.deepEqual([of, mark, table.rows[1].values.accuracy.mark], [2, 'best', null]);
});

test('--out keeps the table, the picture and every event', async () => {
  const out = join(folder, 'kept');
  const { stdout } = await play(['compare', 'swarm', 'none', '--repeats', '2', '--out', out], { trainer });
  assert.ok(stdout.endsWith(`kept in ${out}\n`));
  assert.deepEqual(readdirSync(out).sort(), ['compare.svg', 'events.jsonl', 'report.html', 'rows.csv']);
  const [head, swarm, none] = readFileSync(join(out, 'rows.csv'), 'utf8')
    .split('\n')
    .map(line => line.split(','));
  const column = head.indexOf('accuracy');
  assert.deepEqual(head.slice(column, column + 3), ['accuracy', 'accuracy_deviation', 'accuracy_mark']);
  assert.equal(swarm[0], 'swarm');
  assert.ok(Math.abs(Number(swarm[column]) - 0.9515) < 1e-12);
  assert.equal(swarm[column + 2], 'best');
  assert.deepEqual([none[0], none[1], none[column + 2]], ['none', '2', '']);
  const svg = readFileSync(join(out, 'compare.svg'), 'utf8');
  for (const title of ['loss of the mean model', 'accuracy of the mean model'])
    assert.equal(svg.split(`>${title}</text>`).length, 4, `${title}: against time, steps and bytes`);
  for (const title of ['accuracy of the worst node', 'consensus distance', 'swarm', 'none'])
    assert.ok(svg.includes(`>${title}</text>`), title);
  assert.match(svg, /means of 2 runs/);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  const html = readFileSync(join(out, 'report.html'), 'utf8');
  tagsOf(html);
  const said = wordsOf(html);
  for (const text of [
    'swarm, none: digits:600, mlp:128, 16 nodes',
    'hearsay compare swarm none --data digits:600 --repeats 2',
    '95.15 % * +- 0.07 %',
  ])
    assert.ok(said.includes(text), text);
  assert.match(said, /swarm came out best in accuracy, with 95\.15 %: 2 runs of each/);
  const events = objects(readFileSync(join(out, 'events.jsonl'), 'utf8'));
  assert.equal(events.length, 17);
  assert.equal(events[16].event, 'table');
});

test('Ctrl-C ends the run in hand, and the table has those before it: status 130', async () => {
  const out = join(folder, 'stopped');
  let signal = () => {};
  const second: Trainer = (experiment): Running => {
    const endless = experiment.algorithm === 'none';
    if (endless) setTimeout(signal, 20);
    return fakeTrainer({ accuracy, endless })(experiment);
  };
  const { status, stdout, stderr, experiments } = await play(['compare', 'swarm', 'none', 'local', '--out', out], {
    trainer: second,
    during: interrupt => {
      signal = interrupt;
    },
  });
  assert.equal(status, 130);
  assert.deepEqual(
    experiments.map(({ algorithm }) => algorithm),
    ['swarm', 'none'],
  );
  assert.match(stderr, /\nhearsay: stopping; [^\n]*\n/);
  assert.match(stderr, /\nhearsay: none, seed 1: stopped by hand, and left out of the table\n/);
  assert.match(stdout, /^algorithm +runs .*\nswarm +1 .*\nnone +0 +- /);
  assert.ok(!/^local/m.test(stdout));
  assert.equal(objects(readFileSync(join(out, 'events.jsonl'), 'utf8')).at(-1).stopReason, 'aborted');
});

test('--continue takes the runs that came to their end, does the others, and makes the same table', async () => {
  const words = ['compare', 'swarm', 'local', 'none', '--repeats', '2', '--out', join(folder, 'continued')];
  const file = join(folder, 'continued', 'events.jsonl');
  const whole = await play(words, { trainer });
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const again = await play([...words, '--continue'], { trainer });
  assert.deepEqual([again.status, again.stdout, again.experiments.length], [0, whole.stdout, 0]);
  assert.match(again.stderr, /^hearsay: 6 runs of 6 are in /);
  // Four lines a run. The seventh is a sample of the second run, and is cut off.
  writeFileSync(file, `${lines.slice(0, 6).join('\n')}\n${lines[6].slice(0, 50)}`);
  const rest = await play([...words, '--continue', '--kernels', 'relaxed'], { trainer });
  assert.deepEqual([rest.status, rest.stdout], [0, whole.stdout]);
  assert.deepEqual(
    rest.experiments.map(({ algorithm, seed, kernels }) => [algorithm, seed, kernels]),
    [
      ['local', 1, 'relaxed'],
      ['none', 1, 'relaxed'],
      ['swarm', 2, 'relaxed'],
      ['local', 2, 'relaxed'],
      ['none', 2, 'relaxed'],
    ],
  );
  const last = await play([...words, '--continue'], { trainer });
  assert.deepEqual([last.stdout, last.experiments.length], [whole.stdout, 0]);
  for (const [option, value] of [
    ['batch', '16'],
    ['kernels', 'simd'],
    ['topology', 'ring'],
  ]) {
    const refused = await play([...words, '--continue', `--${option}`, value], { trainer });
    assert.deepEqual([refused.status, refused.experiments.length], [2, 0]);
    const said = new RegExp(
      `^hearsay: CONFIG_RANGE: --continue: ${option}: found "?${value}"?, swarm was run with .* give the same`,
    );
    assert.match(refused.stderr, said);
  }
  const elsewhere = await play(['compare', 'swarm', 'local', '--out', join(folder, 'fresh'), '--continue'], { trainer });
  assert.equal(elsewhere.experiments.length, 2);
  const nowhere = await play(['compare', 'swarm', 'local', '--continue'], { trainer });
  assert.match(nowhere.stderr, /^hearsay: CONFIG_MISSING: --continue: found no --out/);
});

test('a run that diverges is a result, the others go on: status 3', async () => {
  const failure = new HearsayError('DIVERGED', 'node 3, step 17: loss is NaN');
  const diverging: Trainer = experiment =>
    fakeTrainer({ accuracy, failure: experiment.algorithm === 'none' ? failure : undefined })(experiment);
  const { status, stdout, stderr } = await play(['compare', 'none', 'swarm', '--repeats', '2'], { trainer: diverging });
  assert.equal(status, 3);
  assert.match(stderr, /\nhearsay: DIVERGED: none, seed 1: node 3, step 17: loss is NaN\n/);
  assert.match(stdout, /\nnone +0, 2 diverged +- .*\nswarm +2 .* 95\.15 % /);
});

test('a run that fails otherwise ends all, with the table of those before it', async () => {
  const failure = new HearsayError('MODEL_FAILED', 'node 3: boom');
  const failing: Trainer = experiment =>
    fakeTrainer({ accuracy, failure: experiment.algorithm === 'none' ? failure : undefined })(experiment);
  const { status, stdout, stderr } = await play(['compare', 'swarm', 'none', 'local'], { trainer: failing });
  assert.equal(status, 4);
  assert.match(stdout, /\nswarm .* 95\.10 % \*/);
  assert.ok(stderr.endsWith('hearsay: MODEL_FAILED: node 3: boom\n'));
  const out = join(folder, 'nothing');
  const early = () => {
    throw new HearsayError('DATA_NOT_FOUND', 'data: there is no file x');
  };
  assert.equal((await play(['compare', 'swarm', 'none', '--out', out], { trainer: early })).status, 2);
  assert.ok(!existsSync(out));
});

for (const [words, code, message] of [
  [['swarm'], 'CONFIG_MISSING', /compare: found 1 algorithm, allowed are two or more/],
  [['swarm', 'local', 'swarm'], 'CONFIG_TYPE', /compare: 'swarm' is given twice/],
  [['swarm', 'locl'], 'CONFIG_RANGE', /compare: found 'locl'.*did you mean local/],
  [['swarm', 'local:stpes=2'], 'CONFIG_UNKNOWN_KEY', /compare: local has no setting 'stpes'/],
  [['swarm', 'timely:opportunistic=true'], 'CONFIG_RANGE', /'timely:opportunistic=true': it belongs to virtual time/],
  [['swarm', './none-such.js'], 'MODULE_INVALID', /\.\/none-such\.js: the module can't be loaded/],
  [['swarm', 'local', '--algorithm', 'none'], 'CONFIG_UNKNOWN_KEY', /no option '--algorithm'; it belongs to hearsay train/],
  [['swarm', 'local', '--nodes', '0'], 'CONFIG_RANGE', /--nodes: found '0'/],
] as const) {
  test(`compare ${words.join(' ')}: ${code} before anything starts`, async () => {
    const { status, stdout, stderr, loads } = await play(['compare', ...words]);
    assert.deepEqual([status, stdout, loads], [2, '', 0]);
    assert.match(stderr, new RegExp(`^hearsay: ${code}: .*\n$`));
    assert.match(stderr, message);
  });
}

for (const [words, code, message] of [
  [['local', 'sgp:peers=one'], 'GRAPH_INVALID', /topology complete: .* sgp:peers=one sends in turn/],
  [['local', 'cdsa:ratio=2'], 'CONFIG_RANGE', /ratio is that of the group 'theta', found a model without one/],
  [['local', 'choco', '--average', 'corrected'], 'CONFIG_RANGE', /average: found 'corrected', but algorithm choco averages no/],
  [['gossip', 'local', '--deterministic', '--slots', '9'], 'CONFIG_RANGE', /slots: found 9, but algorithm local sends no/],
] as const) {
  test(`compare ${words.join(' ')}: ${code} before the first of them trains`, async () => {
    const out = join(folder, 'unborn');
    const { status, stdout, stderr, experiments } = await play(['compare', ...words, '--out', out]);
    assert.deepEqual([status, stdout, experiments], [2, '', []]);
    assert.match(stderr, new RegExp(`^hearsay: ${code}: .*\n$`));
    assert.match(stderr, message);
    assert.ok(!existsSync(out));
  });
}

test('data are loaded once for the checks of all', async () => {
  const given: boolean[] = [];
  const planner = {
    calibrate,
    draft(experiment: Experiment, preparing: Preparing = {}) {
      given.push(preparing.split !== undefined);
      return draft(experiment, preparing);
    },
  };
  assert.equal((await play(['compare', 'swarm', 'local', 'none'], { trainer, planner })).status, 0);
  assert.deepEqual(given, [false, true, true]);
});

test('a model that all share has no worst node and no consensus, and is the best of neither', () => {
  const run = (algorithm: string, nodes: number, consensus: number): Outcome => {
    const last = done({ consensus, worstOf: { nodes, rows: 1000 } });
    return { algorithm, seed: 1, samples: [], done: last, diverged: null };
  };
  const experiment = parseExperiment({ nodes: 16 });
  const outcomes = [run('asgd', 1, 0), run('swarm', 16, 0.1), run('local', 16, 0.2)];
  const columns = columnsOf(experiment, outcomes);
  const rows = rowsOf(['asgd', 'swarm', 'local'], outcomes, columns);
  assert.deepEqual(Object.keys(rows[0].values), ['loss', 'accuracy', 'steps', 'exchanges', 'bytes', 'seconds']);
  assert.deepEqual(
    rows.map(({ values }) => values.consensus?.mark),
    [undefined, 'best', null],
  );
  assert.match(tableLines(rows, columns, 1)[1], /^asgd +0\.0912 \* +97\.12 % \* +- +- +1,250 /);
  const alone = [outcomes[0]];
  assert.ok(!columnsOf(experiment, alone).some(({ key }) => key === 'consensus'));
});

test('real runs of asgd, easgd and hogwild are known to have one model', async () => {
  const input = { data: 'digits:600', nodes: 4, steps: 8, threads: 1 } as const;
  const consensus = ofSeveral((done: Done) => done.consensus);
  for (const algorithm of ['asgd', 'easgd', 'hogwild']) {
    const { done } = await simulate({ ...input, algorithm }).result;
    assert.equal(consensus(done), null, algorithm);
  }
  const { done } = await simulate({ ...input, algorithm: 'swarm' }).result;
  assert.equal(consensus(done), done.consensus);
});

test('a difference is told from noise by its standard error over the seeds that both have', () => {
  const of = (...values: number[]) => values.map((value, k) => ({ seed: k + 1, value }));
  assert.equal(differ(of(1, 2, 3, 4), of(2, 3, 4, 5.01)), true, 'seeds are hard alike: the differences hardly vary');
  assert.equal(differ(of(1, 2, 3, 4), of(4, 3, 2, 1.5)), false);
  assert.equal(differ(of(0, 1, 2, 1), of(0, 0, 0, 0)), false, '1 +- 0.41, and t is 3.18: up to 1.30 may be chance');
  assert.equal(differ(of(0.4, 1.4, 2.4, 1.4), of(0, 0, 0, 0)), true);
  assert.equal(differ(of(1, 2), of(2, 3.1)), true);
  assert.equal(differ(of(1, 2), of(2, 3.5)), false, 'two seeds need differences that hardly vary: t is 12.7');
  assert.equal(differ(of(1), of(2)), undefined);
  assert.equal(
    differ(
      [
        { seed: 1, value: 1 },
        { seed: 2, value: 1 },
      ],
      [{ seed: 3, value: 5 }],
    ),
    undefined,
  );
  assert.equal(differ(of(1, 1, 1), of(1, 1, 1)), false);
});

test('in a process: real runs in virtual time, twice the same table', () => {
  const words = [
    'compare',
    'swarm',
    'local',
    'none',
    '--deterministic',
    '--data',
    'synthetic:rows=200,test=50',
    '--model',
    'linear',
  ];
  const limits = [
    '--nodes',
    '4',
    '--batch',
    '5',
    '--steps',
    '200',
    '--repeats',
    '2',
    '--threads',
    '1',
    '--until',
    'loss=0.02',
    '--json',
  ];
  const run = () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('dist/src/cli/main.js'), ...words, ...limits], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.deepEqual([status, stderr], [0, '']);
    return objects(stdout).at(-1);
  };
  const [first, second] = [run(), run()];
  const bare = ({ rows }: { rows: { algorithm: string; values: Record<string, unknown> }[] }) =>
    rows.map(({ algorithm, values: { seconds: _, ...values } }) => ({ algorithm, values }));
  assert.deepEqual(bare(first), bare(second));
  assert.deepEqual(
    bare(first).map(({ algorithm }) => algorithm),
    ['swarm', 'local', 'none'],
  );
  for (const { values } of bare(first))
    assert.ok((values.loss as { mean: number }).mean > 0 && (values.time as { mean: number }).mean > 0);
});
