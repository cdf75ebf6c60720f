/** The real program in its own process: exit status, streams and the rules that only a process shows. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const main = resolve('dist/src/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'poisoned.json'), '{"nodes": 4, "__proto__": {"nodes": 8}}');

const rows: readonly (readonly [string, ...string[]])[] = [
  ['CONFIG_RANGE', 'train', '--nodes', '0'],
  ['CONFIG_RANGE', 'train', '--nodes='],
  ['CONFIG_RANGE', 'train', '--nodes', '0x10'],
  ['CONFIG_RANGE', 'train', '--steps', '9007199254740993'],
  ['CONFIG_RANGE', 'train', '--epochs', '1', '--seconds', '2'],
  ['CONFIG_TYPE', 'train', '--nodes', '4', '--nodes', '4'],
  ['CONFIG_UNKNOWN_KEY', 'train', '--ndoes', '4'],
  ['CONFIG_UNKNOWN_KEY', 'train', '--config', 'poisoned.json'],
  ['CONFIG_MISSING', 'train', '--config', 'none.json'],
  ['CONFIG_MISSING', 'train', '--batch'],
  ['CONFIG_UNKNOWN_KEY', 'trian'],
  ['CONFIG_RANGE', 'train', '--kernels', 'blast'],
  ['OUTPUT_UNWRITABLE', 'train', '--out', 'poisoned.json', '--nodes', '1'],
];

for (const [code, ...words] of rows) {
  test(`hearsay ${words.join(' ')}: ${code}, status 2`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-proto=throw', main, ...words], options());
    assert.match(stderr, new RegExp(`^hearsay: ${code}: [^\\n]+\\n$`));
    assert.equal(stdout, '');
    assert.equal(status, 2);
    assert.deepEqual(readdirSync(folder), ['poisoned.json']);
  });
}

test('help and version: status 0 on stdout', () => {
  for (const words of [['--help'], ['train', '--help'], ['--version']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], options());
    assert.equal(status, 0);
    assert.ok(stdout.length > 3);
    assert.equal(stderr, '');
  }
});

test('a reader that goes away ends the program quietly', async () => {
  const child = spawn(process.execPath, [main, 'train', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', part => {
    stderr += part;
  });
  const status = await new Promise(done => child.on('close', done));
  assert.equal(stderr, '');
  assert.equal(status, 0);
});

function options() {
  return { cwd: folder, encoding: 'utf8', timeout: 20_000 } as const;
}

const good = ['train', '--data', 'good.csv', '--model', 'logistic', '--nodes', '4', '--batch', '2'];
const table = `x,y,label\n${Array.from({ length: 40 }, (_, k) => `${k},${(k * 7) % 5},${k < 20 ? 'low' : 'high'}`).join('\n')}\n`;

test('train --json: lines that parse on stdout, nothing on stderr', () => {
  writeFileSync(join(folder, 'good.csv'), table);
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...good, '--epochs', '2', '--json'], options());
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual([events[0].event, events.at(-1).event], ['start', 'done']);
  assert.equal(events.at(-1).stopReason, 'epochs');
});

test('the manifest is a --config file that runs the same experiment again', () => {
  const out = join(folder, 'first');
  spawnSync(process.execPath, [main, ...good, '--steps', '40', '--out', out, '--quiet'], options());
  const { experiment } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  writeFileSync(join(folder, 'again.json'), JSON.stringify(experiment));
  const { stdout } = spawnSync(process.execPath, [main, 'train', '--config', 'again.json', '--json'], options());
  assert.deepEqual(JSON.parse(stdout.split('\n')[0]).experiment, experiment);
});

test('Ctrl-C: the steps under way are finished, the model and the metrics are kept, status 130', async () => {
  const out = join(folder, 'stopped');
  const child = spawn(process.execPath, [main, ...good, '--seconds', '60', '--evaluate-every', '0.1s', '--out', out], {
    cwd: folder,
  });
  let stdout = '';
  let stderr = '';
  let asked = false;
  child.stdout.on('data', part => {
    stdout += part;
  });
  child.stderr.on('data', part => {
    stderr += part;
    if (!asked && /epoch .*\n.*epoch /.test(stderr)) asked = child.kill('SIGINT'); // once: the second would end the threads
  });
  const status = await new Promise(done => child.on('close', done));
  assert.equal(status, 130);
  assert.match(stdout, /stopped by hand/);
  assert.ok(stdout.endsWith(`kept in ${out}\ngo on       hearsay train --resume ${out}\n`), stdout);
  assert.deepEqual(readdirSync(out).sort(), [
    'checkpoints',
    'manifest.json',
    'metrics.jsonl',
    'model.safetensors',
    'report.html',
  ]);
  const last = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').at(-1)!;
  assert.equal(JSON.parse(last).stopReason, 'aborted');
});

test('Ctrl-C twice: a module that never returns loses nothing that was committed', async () => {
  writeFileSync(
    join(folder, 'endless.js'),
    `let calls = 0;
    export default () => ({
      name: 'endless', parameters: 4, outputs: 2, layers: [{ name: 'w', offset: 0, shape: [4] }],
      workspace: () => 0, initialize() {},
      open: () => ({
        gradient(weights, gradient) { for (calls++; calls > 200; ); gradient.fill(-1); return 1; },
        evaluate: () => ({ loss: 1, correct: 0 }),
        predict() {},
      }),
    });`,
  );
  const out = join(folder, 'terminated');
  const words = ['--model', './endless.js', '--kernels', 'simd', '--optimizer', 'sgd:rate=1', '--steps', '1000000', '--out', out];
  const data = ['train', '--data', 'good.csv', '--nodes', '4', '--batch', '2', '--threads', '2', '--quiet'];
  const child = spawn(process.execPath, [main, ...data, ...words, '--evaluate-every', '20'], { cwd: folder });
  const lines = () => readFileSync(join(out, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  const until = async (holds: () => boolean) => {
    for (let k = 0; k < 500 && !holds(); k++) await sleep(20);
    assert.ok(holds());
  };
  await until(() => existsSync(join(out, 'metrics.jsonl')) && lines().length > 3);
  await sleep(500); // by now both threads are in the endless call
  child.kill('SIGINT');
  await sleep(500);
  assert.equal(child.exitCode, null, 'the module does not return');
  child.kill('SIGINT');
  const status = await new Promise(done => child.on('close', done));
  assert.equal(status, 130);
  const done = JSON.parse(lines().at(-1)!);
  assert.deepEqual([done.event, done.stopReason, done.deaths], ['done', 'aborted', 2]);
  assert.ok(done.steps >= 100, `${done.steps} steps`);
  const bytes = readFileSync(join(out, 'model.safetensors'));
  const weight = bytes.readFloatLE(bytes.length - 4);
  // Each step adds 1 to its node's weights, and averages keep the sum: the mean of the nodes is steps / nodes.
  assert.ok(Math.abs(weight - done.steps / 4) < 1e-3, `${weight} after ${done.steps} steps`);
});

test('a reader that goes away in the middle ends the run quietly, and the process with it', async () => {
  const words = [...good, '--seconds', '60', '--evaluate-every', '0.1s', '--json'];
  const child = spawn(process.execPath, [main, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', part => {
    stderr += part;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const status = await new Promise(done => child.on('close', done));
  assert.equal(stderr, '');
  assert.equal(status, 0);
});
