import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, count, duration, figure, many, percent } from '../../src/cli/figures.js';
import { deathLine, progress, sampleLine, startLine } from '../../src/cli/progress.js';
import { summarize } from '../../src/cli/statistics.js';
import { doneLines, summaryLines } from '../../src/cli/summary.js';
import { parseExperiment } from '../../src/engine/experiment.js';
import type { Death, Done } from '../../src/engine/observer.js';
import { done, sample, start } from './stage.js';

const five = parseExperiment({ epochs: 5 });

test('figures', () => {
  assert.deepEqual([count(12_345.6), percent(0.97123), percent(0.031, 1)], ['12,346', '97.12 %', '3.1 %']);
  assert.deepEqual([0, 0.0912, 3.1449, 123.4, 12_345, 2e7, 3.1e-5, Number.NaN].map(figure), [
    '0',
    '0.0912',
    '3.14',
    '123',
    '12,345',
    '2.00e+7',
    '3.10e-5',
    'NaN',
  ]);
  assert.deepEqual([0.4, 9.99, 9.999, 59.97, 245, 7800].map(duration), [
    '0.40 s',
    '9.99 s',
    '10.0 s',
    '1 min 00 s',
    '4 min 05 s',
    '2 h 10 min',
  ]);
  assert.deepEqual([0, 1023, 1024, 27_682_406, 2 ** 32].map(bytes), ['0 bytes', '1023 bytes', '1.0 KiB', '26.4 MiB', '4.0 GiB']);
  assert.deepEqual([many(1, 'node'), many(16, 'node')], ['1 node', '16 nodes']);
});

test('a line of a sample: speed since the one before, time left at the speed so far', () => {
  const first = sample({ epoch: 1, seconds: 2, steps: 1000 });
  const second = sample({ epoch: 2, seconds: 3, steps: 2000 });
  assert.equal(
    sampleLine(second, first, five),
    'epoch 2.00/5  ETA 4.50 s  loss 0.0912  accuracy 97.12 %  staleness 1.25  32,000 samples/s  consensus 0.00314',
  );
  assert.match(
    sampleLine(first, undefined, parseExperiment({ seconds: 8 })),
    /^epoch 1\.00 {2}ETA 6\.00 s .* 16,000 samples\/s /,
  );
  assert.match(sampleLine(first, undefined, parseExperiment({ steps: 4000 })), / ETA 6\.00 s /);
});

test('before the first step there is no speed and no time left; regression has no accuracy', () => {
  const line = sampleLine(sample({ epoch: 0, seconds: 0, steps: 0, accuracy: null }), undefined, five);
  assert.equal(line, 'epoch 0.00/5  loss 0.0912  staleness 1.25  consensus 0.00314');
});

test('a death says where, of what, and what becomes of the node', () => {
  const death: Death = {
    ...{ event: 'death', seconds: 1, thread: 1, incarnation: 0, node: 3, asked: false, freed: 1, completed: false },
    reason: 'Worker exited\n\u0007 with code 7',
    quarantined: false,
  };
  assert.equal(deathLine(death), 'thread 1 died at node 3: Worker exited with code 7; another takes its place');
  assert.match(deathLine({ ...death, node: null }), /^thread 1 died: /);
  assert.match(deathLine({ ...death, quarantined: true }), /; the third time in a row: node 3 is left out from now on$/);
  let text = '';
  const shown = progress({ write: part => (text += part) }, five, {});
  shown.show({ ...death, asked: true });
  assert.equal(text, '', 'whoever asked for it knows');
  shown.show(death);
  assert.equal(text, `${deathLine(death)}\n`);
});

test('the start says what runs on what', () => {
  assert.equal(
    startLine(start(five)),
    'digits: 20,000 + 4,000 rows | mlp:128: 101,770 parameters | 16 nodes on 2 threads, complete | swarm | kernels relaxed (fastest of 3) | 26.4 MiB shared',
  );
});

test('a model that others compute is told of on a line of its own, and so is what that costs', () => {
  let text = '';
  const print = progress({ write: part => (text += part), isTTY: false }, five, {});
  const note = 'TensorFlow.js 4.22.0 computes in plain JavaScript, many times slower';
  const event = start(five);
  print.show({ ...event, model: { ...event.model, backend: { name: 'tfjs 4.22.0 cpu', note } } });
  assert.equal(text, `${startLine(event)}\n${note}\n`);
});

test('a terminal has one line that renews itself; elsewhere each is its own', () => {
  const events = [start(five), sample({ epoch: 1 }), sample({ epoch: 2, seconds: 2 }), done()];
  const shown = (tty: boolean, env: Record<string, string>, columns = 200) => {
    let text = '';
    const print = progress({ write: part => (text += part), isTTY: tty, columns }, five, env);
    print.say('loading data');
    for (const event of events) print.show(event);
    return text;
  };
  const plain = shown(false, {});
  assert.equal(plain.split('\n').length, 4);
  assert.ok(!plain.includes('\x1b') && !plain.includes('\r'));
  assert.equal(shown(true, { TERM: 'dumb' }), plain);
  const live = shown(true, {});
  assert.equal(live.split('\n').length, 3, 'the start, the line, and its end');
  assert.deepEqual(
    live.split('\r\x1b[K').map(part => part.slice(0, 7)),
    ['', 'loading', 'digits:', 'epoch 1', 'epoch 2'],
  );
  assert.ok(live.includes('\x1b[1maccuracy 97.12 %\x1b[22m'));
  const grey = shown(true, { NO_COLOR: '1' });
  assert.ok(grey.includes('\r\x1b[K') && !grey.includes('\x1b[1m'));
  const narrow = (columns: number) => shown(true, { NO_COLOR: '1' }, columns).split('\r\x1b[K')[3];
  assert.equal(narrow(80), 'epoch 1.00/5  ETA 4.00 s  loss 0.0912  accuracy 97.12 %  staleness 1.25');
  assert.equal(narrow(40), 'epoch 1.00/5  ETA 4.00 s  loss 0.0912', 'a field is there or not');
  assert.equal(narrow(8), 'epoch 1', 'never wider than the terminal, or it would not renew itself');
});

test('the end of a run, with a target, deaths and no accuracy', () => {
  const target = { metric: 'accuracy', value: 0.97, best: 0.9712 } as const;
  const text = doneLines(done({ target, secondsToTarget: 0.7, deaths: 1, stopReason: 'until' }), '/runs/1', five).join('\n');
  assert.match(text, /^target {5}reached after 0\.70 s of training \(best accuracy 97\.12 %, wanted 97\.00 %\)$/m);
  assert.match(text, /1 thread died and was replaced/);
  assert.match(text, /stopped at the target/);
  assert.match(text, /^kept in \/runs\/1$/m);
  assert.doesNotMatch(doneLines(done({ accuracy: null, worstAccuracy: null }), null, five).join('\n'), /accuracy/);
});

test('a target that was missed is said, with the best that there was', () => {
  const text = (target: Done['target']) => doneLines(done({ target }), null, five).join('\n');
  const missed = text({ metric: 'accuracy', value: 0.98, best: 0.9712 });
  assert.match(missed, /^target {5}not reached \(best accuracy 97\.12 %, wanted 98\.00 %\)$/m);
  assert.match(missed, /stopped at the last epoch/);
  assert.match(
    text({ metric: 'loss', value: 0.01, best: 0.0912 }),
    /^target {5}not reached \(best loss 0\.0912, wanted 0\.0100\)$/m,
  );
  assert.match(text({ metric: 'accuracy', value: 0.98, best: null }), /best accuracy none/);
  assert.doesNotMatch(text(null), /^target/m);
});

test('several runs: mean, deviation with n - 1, and the worst in the direction of each number', () => {
  const runs = [1, 2, 3].map(k => {
    const target = { metric: 'accuracy', value: 0.9, best: 0.9 + k / 100 } as const;
    return done({ accuracy: 0.9 + k / 100, loss: k, stepsPerSecond: 100 * k, target, secondsToTarget: k === 2 ? null : k });
  });
  const { metrics } = summarize(runs);
  assert.deepEqual(metrics.loss, { mean: 2, deviation: 1, worst: 3 });
  assert.deepEqual(metrics.stepsPerSecond, { mean: 200, deviation: 100, worst: 100 });
  assert.equal(metrics.accuracy.worst, 0.91);
  assert.equal(metrics['target.best'].worst, 0.91);
  assert.equal(metrics['staleness.p99'].mean, 4);
  assert.ok(!('secondsToTarget' in metrics), 'no mean of what one run did not reach');
  assert.ok(Math.abs(metrics.targetReached.mean - 2 / 3) < 1e-12 && metrics.targetReached.worst === 0);
  assert.deepEqual(summarize(runs.slice(0, 1)).metrics.loss, { mean: 1, deviation: 0, worst: 1 });
  const lines = summaryLines(summarize(runs)).join('\n');
  assert.match(lines, /^3 runs\naccuracy +mean 92\.00 %, deviation 1\.00 %, worst 91\.00 %\n/);
  assert.match(lines, /^target +reached in 2 of 3$/m);
  assert.ok(!('targetReached' in summarize([done()]).metrics), 'nobody asked for one');
});

test('several runs: every number, however deep it lies, and no list', () => {
  const wide = (mean: number) => ({ mean, p50: 1, p99: 4, max: 9 });
  const virtual = {
    time: 30,
    events: 1000,
    live: 16,
    joined: 0,
    left: 0,
    crashed: 0,
    lost: 5,
    lostPieces: 0,
    lostSteps: 0,
    refused: 0,
  };
  const runs = [1, 3].map(k => done({ versions: wide(k), age: wide(k / 2), virtual: { ...virtual, live: 10 * k } }));
  const { metrics } = summarize(runs);
  assert.equal(metrics['versions.mean'].mean, 2);
  assert.equal(metrics['versions.max'].worst, 9);
  assert.equal(metrics['age.mean'].worst, 1.5);
  assert.equal(metrics['virtual.lost'].mean, 5);
  assert.equal(metrics['virtual.live'].worst, 10);
  assert.deepEqual(
    Object.keys(metrics).filter(key => /perThread|quarantined|perNode/.test(key)),
    [],
  );
  assert.match(summaryLines(summarize(runs)).join('\n'), /^versions\.mean +mean 2\.00, deviation 1\.41, worst 3\.00$/m);
});

test('a simulation that learns nothing has no line of learning, of busy neighbours or of the times of threads', () => {
  const nothing = parseExperiment({ data: 'none', model: 'none', deterministic: true, time: 10 });
  const virtual = {
    time: 10,
    events: 1000,
    live: 16,
    joined: 0,
    left: 0,
    crashed: 0,
    lost: 0,
    lostPieces: 0,
    lostSteps: 0,
    refused: 0,
  };
  const ended = done({ virtual, accuracy: null, perThread: [] });
  const text = doneLines(ended, null, nothing).join('\n');
  assert.doesNotMatch(text, /loss|consensus|busy|gossip|hash/);
  assert.match(text, /^exchanges +312, 242\.3 MiB$/m);
  const noise = { ...nothing, model: 'noise:4' };
  assert.match(
    doneLines({ ...ended, alone: 2 }, null, noise).join('\n'),
    /MiB; 2 commits went alone\nnodes +consensus [\s\S]*\nhash /,
  );
  const line = sampleLine(sample({ virtual, accuracy: null }), undefined, nothing);
  assert.doesNotMatch(line, /loss|consensus/);
});

test('where lines stay, thousands of samples are a few lines, and the last is one of them', () => {
  let output = '';
  let time = 0;
  const shown = progress({ write: text => (output += text) }, five, {}, () => time);
  shown.show(start(five));
  for (let k = 1; k <= 20_000; k++) {
    time = k; // a sample a millisecond: 20 seconds
    shown.show(sample({ epoch: k / 4000, seconds: k / 1000, steps: k }));
  }
  shown.show(done());
  const lines = output.trimEnd().split('\n');
  assert.ok(lines.length > 100 && lines.length < 250, `${lines.length}`);
  assert.match(lines[1], /^epoch 0\.00\/5 /);
  assert.match(lines.at(-1)!, /^epoch 5\.00\/5 /);
});
