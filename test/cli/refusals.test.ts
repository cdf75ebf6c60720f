/** Records with exactly one poisoned field: a named code, status 2, one line, no trainer loaded, no file left, within 200 ms. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ErrorCode } from '../../src/errors.js';
import { cpuMilliseconds } from '../support/cpu.js';
import { play } from './stage.js';

type Row = readonly [code: ErrorCode, ...words: string[]];

const flags: readonly Row[] = [
  // numbers that JavaScript would take for others
  ['CONFIG_RANGE', '--nodes='],
  ['CONFIG_RANGE', '--nodes', ' '],
  ['CONFIG_RANGE', '--nodes', '0x10'],
  ['CONFIG_RANGE', '--nodes', '1e3'],
  ['CONFIG_RANGE', '--nodes', '1_000'],
  ['CONFIG_RANGE', '--nodes', '16 '],
  ['CONFIG_RANGE', '--nodes', 'NaN'],
  ['CONFIG_RANGE', '--nodes', 'Infinity'],
  ['CONFIG_RANGE', '--nodes', 'sixteen'],
  ['CONFIG_RANGE', '--nodes', '１６'],
  ['CONFIG_RANGE', '--seconds', '0x10'],
  ['CONFIG_RANGE', '--seconds', 'Infinity'],
  ['CONFIG_RANGE', '--seconds', '1e999'],
  ['CONFIG_RANGE', '--seconds='],
  ['CONFIG_RANGE', '--epochs', '1,5'],
  // out of range
  ['CONFIG_RANGE', '--nodes', '0'],
  ['CONFIG_RANGE', '--nodes', '-1'],
  ['CONFIG_RANGE', '--nodes', '2.5'],
  ['CONFIG_RANGE', '--nodes', '1000000000'],
  ['CONFIG_RANGE', '--threads', '0'],
  ['CONFIG_RANGE', '--threads', '257'],
  ['CONFIG_RANGE', '--threads', '1.5'],
  ['CONFIG_RANGE', '--batch', '0'],
  ['CONFIG_RANGE', '--steps', '0'],
  ['CONFIG_RANGE', '--steps', '9007199254740993'],
  ['CONFIG_RANGE', '--steps', '99999999999999999999999'],
  ['CONFIG_RANGE', '--epochs', '0'],
  ['CONFIG_RANGE', '--epochs', '-3'],
  ['CONFIG_RANGE', '--seconds', '0'],
  ['CONFIG_RANGE', '--seed', '-1'],
  ['CONFIG_RANGE', '--seed', '9007199254740992'],
  ['CONFIG_RANGE', '--seed', '9007199254740991', '--repeats', '2'],
  ['CONFIG_RANGE', '--repeats', '0'],
  ['CONFIG_RANGE', '--repeats', '1001'],
  ['CONFIG_RANGE', '--validation', '1'],
  ['CONFIG_RANGE', '--validation', '-0.1'],
  ['CONFIG_RANGE', '--evaluate-every', '0'],
  ['CONFIG_RANGE', '--evaluate-every', '0s'],
  ['CONFIG_RANGE', '--evaluate-every', '2.5'],
  ['CONFIG_RANGE', '--evaluate-every', 's'],
  ['CONFIG_RANGE', '--evaluate-every', '5m'],
  // words
  ['CONFIG_RANGE', '--kernels', 'smid'],
  ['CONFIG_RANGE', '--kernels', 'simd,forward:784x128'],
  ['CONFIG_RANGE', '--weights', 'Equal'],
  ['CONFIG_RANGE', '--evaluate', 'all'],
  ['CONFIG_RANGE', '--busy', 'true'],
  ['CONFIG_RANGE', '--data='],
  ['CONFIG_RANGE', '--out='],
  // targets and stragglers
  ['CONFIG_RANGE', '--until', '0.98'],
  ['CONFIG_RANGE', '--until', 'accuracy=98'],
  ['CONFIG_RANGE', '--until', 'accuracy=0'],
  ['CONFIG_RANGE', '--until', 'accuracy='],
  ['CONFIG_RANGE', '--until', 'precision=0.5'],
  ['CONFIG_RANGE', '--until', 'loss=-1'],
  ['CONFIG_RANGE', '--until', 'loss=1=2'],
  ['CONFIG_RANGE', '--straggler', '3'],
  ['CONFIG_RANGE', '--straggler', 'node=16,factor=2'],
  ['CONFIG_RANGE', '--straggler', 'node=1.5,factor=2'],
  ['CONFIG_RANGE', '--straggler', 'node=1,factor=0.5'],
  ['CONFIG_RANGE', '--straggler', 'node=1,factor='],
  ['CONFIG_TYPE', '--straggler', 'node=1,factor=2', '--straggler', 'node=1,factor=3'],
  ['CONFIG_RANGE', '--attack', '3'],
  ['CONFIG_RANGE', '--attack', 'node=3'],
  ['CONFIG_RANGE', '--attack', 'node=16,kind=sign'],
  ['CONFIG_RANGE', '--attack', 'node=1,kind=lie'],
  ['CONFIG_RANGE', '--attack', 'node=1,kind=noise,scale=-1'],
  ['CONFIG_UNKNOWN_KEY', '--attack', 'node=1,kind=noise,size=1'],
  ['CONFIG_TYPE', '--attack', 'node=1,kind=noise', '--attack', 'node=1,kind=nan'],
  ['CONFIG_RANGE', '--nodes', '1', '--attack', 'node=0,kind=sign'],
  ['CONFIG_RANGE', '--diverged', 'ignore'],
  ['CONFIG_RANGE', '--average', 'trimmed:cut=0'],
  ['CONFIG_RANGE', '--average', 'clipped:radius=0'],
  // specs
  ['CONFIG_RANGE', '--model='],
  ['CONFIG_RANGE', '--model', 'mlp:'],
  ['CONFIG_RANGE', '--model', 'mlp:128,,64'],
  ['CONFIG_RANGE', '--model', 'mlb:128'],
  ['CONFIG_RANGE', '--model', '__proto__'],
  ['CONFIG_RANGE', '--model', 'mlp:0'],
  ['CONFIG_RANGE', '--model', 'mlp:128.5'],
  ['CONFIG_RANGE', '--model', 'mlp:0x10'],
  ['CONFIG_RANGE', '--model', 'mlp:128,sigmoid'],
  ['CONFIG_RANGE', '--model', 'softmax:10'],
  ['CONFIG_MISSING', '--model', 'mlp'],
  ['CONFIG_UNKNOWN_KEY', '--model', 'mlp:width=128'],
  ['CONFIG_RANGE', '--optimizer', 'adm'],
  ['CONFIG_RANGE', '--optimizer', 'sgd:rate=0'],
  ['CONFIG_RANGE', '--optimizer', 'sgd:rate=NaN'],
  ['CONFIG_RANGE', '--optimizer', 'sgd:rate=0.1,momentum=1'],
  ['CONFIG_UNKNOWN_KEY', '--optimizer', 'sgd:lr=0.1'],
  ['CONFIG_MISSING', '--optimizer', 'sgd:schedule=cosine', '--seconds', '1'],
  ['CONFIG_RANGE', '--algorithm', 'swarm:steps='],
  ['CONFIG_TYPE', '--algorithm', 'swarm:steps=4,steps=5'],
  ['CONFIG_UNKNOWN_KEY', '--algorithm', 'swarm:__proto__=4'],
  ['CONFIG_RANGE', '--algorithm', 'swram'],
  ['CONFIG_RANGE', '--algorithm', 'toString'],
  ['CONFIG_RANGE', '--algorithm', 'swarm:4'],
  ['CONFIG_RANGE', '--algorithm', 'swarm:steps=0'],
  ['CONFIG_RANGE', '--algorithm', 'swarm:steps=geometric:0x10'],
  ['CONFIG_RANGE', '--algorithm', 'swarm:both=yes'],
  ['CONFIG_RANGE', '--algorithm', 'adpsgd:weight=2'],
  ['CONFIG_UNKNOWN_KEY', '--algorithm', 'swarm:step=4'],
  ['CONFIG_UNKNOWN_KEY', '--algorithm', 'allreduce:steps=4'],
  ['CONFIG_RANGE', '--topology', ':4'],
  ['CONFIG_RANGE', '--partition', 'shards'],
  ['CONFIG_RANGE', '--partition', 'shards:0'],
  ['CONFIG_RANGE', '--partition', 'dirichlet:-1'],
  ['CONFIG_RANGE', '--partition', 'dirichlet:0x1'],
  ['CONFIG_RANGE', '--partition', ' iid'],
  // flags themselves
  ['CONFIG_RANGE', '--epochs', '1', '--steps', '10'],
  ['CONFIG_RANGE', '--seconds', '1', '--steps', '10'],
  ['CONFIG_TYPE', '--nodes', '4', '--nodes', '4'],
  ['CONFIG_TYPE', '--json', '--json'],
  ['CONFIG_TYPE', '--config', 'a.json', '--config', 'b.json'],
  ['CONFIG_UNKNOWN_KEY', '--ndoes', '4'],
  ['CONFIG_UNKNOWN_KEY', '--evaluateEvery', '4'],
  ['CONFIG_UNKNOWN_KEY', '--__proto__', '4'],
  ['CONFIG_UNKNOWN_KEY', '-n', '4'],
  ['CONFIG_UNKNOWN_KEY', '--json=true'],
  ['CONFIG_UNKNOWN_KEY', 'digits'],
  ['CONFIG_MISSING', '--nodes'],
  ['OUTPUT_UNWRITABLE', '--out', 'a-file'],
  ['OUTPUT_UNWRITABLE', '--out', 'a-file/run'],
  ['OUTPUT_UNWRITABLE', '--out', '/proc/hearsay'],
];

const configs: readonly (readonly [ErrorCode, string])[] = [
  ['CONFIG_TYPE', ''],
  ['CONFIG_TYPE', '{"nodes": 16'],
  ['CONFIG_TYPE', 'nodes: 16'],
  ['CONFIG_TYPE', '[]'],
  ['CONFIG_TYPE', 'null'],
  ['CONFIG_TYPE', '"digits"'],
  ['CONFIG_TYPE', '{"nodes": "16"}'],
  ['CONFIG_TYPE', '{"nodes": null}'],
  ['CONFIG_TYPE', '{"nodes": [16]}'],
  ['CONFIG_TYPE', '{"model": 3}'],
  ['CONFIG_TYPE', '{"standardize": true}'],
  ['CONFIG_RANGE', '{"standardize": "yes"}'],
  ['CONFIG_TYPE', '{"json": "yes"}'],
  ['CONFIG_TYPE', '{"target": 3}'],
  ['CONFIG_TYPE', '{"kernels": true}'],
  ['CONFIG_TYPE', '{"stragglers": {"node": 1, "factor": 2}}'],
  ['CONFIG_TYPE', '{"stragglers": [3]}'],
  ['CONFIG_TYPE', '{"stragglers": [{"node": "1", "factor": 2}]}'],
  ['CONFIG_TYPE', '{"until": true}'],
  ['CONFIG_RANGE', '{"nodes": 1e400}'],
  ['CONFIG_RANGE', '{"nodes": 2.5}'],
  ['CONFIG_RANGE', '{"threads": 0}'],
  ['CONFIG_RANGE', '{"until": {"metric": "accuracy", "value": 98}}'],
  ['CONFIG_RANGE', '{"until": {"metric": "speed", "value": 1}}'],
  ['CONFIG_RANGE', '{"evaluateEvery": 2.5}'],
  ['CONFIG_RANGE', '{"evaluateEvery": {"value": 2.5, "unit": "steps"}}'],
  ['CONFIG_RANGE', '{"stragglers": [{"node": 99, "factor": 2}]}'],
  ['CONFIG_RANGE', '{"epochs": 1, "seconds": 1}'],
  ['CONFIG_RANGE', '{"repeats": 0}'],
  ['CONFIG_UNKNOWN_KEY', '{"node": 16}'],
  ['CONFIG_UNKNOWN_KEY', '{"__proto__": {"nodes": 4}}'],
  ['CONFIG_UNKNOWN_KEY', '{"constructor": {"prototype": {}}}'],
  ['CONFIG_UNKNOWN_KEY', '{"toString": 1}'],
  ['CONFIG_UNKNOWN_KEY', '{"until": {"metric": "loss", "value": 1, "__proto__": 2}}'],
  ['CONFIG_MISSING', ' '.repeat(2 ** 20 + 1)],
];

let folder: string;
const home = process.cwd();

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
  process.chdir(folder);
  writeFileSync('a-file', 'mine');
  mkdirSync('a-folder');
});

after(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

test('the first command of a process loads what the others need', async () => {
  assert.equal((await play(['train', '--help'])).status, 0);
});

for (const [code, ...words] of flags) {
  test(`${words.map(word => word.slice(0, 40)).join(' ')}: ${code}`, () => refused(code, words));
}

for (const [code, text] of configs) {
  test(`--config with ${text.slice(0, 70) || 'nothing'}: ${code}`, async () => {
    writeFileSync('config.json', text);
    await refused(code, ['--config', 'config.json']);
  });
}

test('--config that is missing, or a folder: CONFIG_MISSING', async () => {
  await refused('CONFIG_MISSING', ['--config', 'none.json']);
  await refused('CONFIG_MISSING', ['--config', 'a-folder']);
});

test('a command that does not exist, and none at all', async () => {
  const { status, stderr } = await play(['trian']);
  assert.equal(status, 2);
  assert.equal(stderr, "hearsay: CONFIG_UNKNOWN_KEY: there is no command 'trian'; did you mean train?\n");
  const none = await play([]);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /Usage: hearsay/);
  assert.equal(none.stdout, '');
});

test('a message names the flag or the place in the file, and the nearest name', async () => {
  assert.match((await play(['train', '--ndoes', '4'])).stderr, /'--ndoes'; did you mean --nodes\?/);
  assert.match((await play(['train', '--evaluate-every', '0'])).stderr, /: --evaluate-every: found '0'/);
  writeFileSync('config.json', '{"batch": 0}');
  assert.match((await play(['train', '--config', 'config.json'])).stderr, /: config\.json: batch: found 0/);
  writeFileSync('config.json', '{"repeat": 3}');
  assert.match((await play(['train', '--config', 'config.json'])).stderr, /did you mean repeats\?/);
});

test('a message says the word that was found, what may stand there, and what to do', async () => {
  const said = async (...words: string[]) => (await play(['train', ...words])).stderr;
  assert.match(await said('digits'), /'digits' belongs to no option; options begin with --/);
  assert.match(await said('--algorithm', 'swarm:4'), /--algorithm: .*takes no plain values; write swarm:steps=4$/m);
  assert.match(
    await said('--algorithm', 'hogwild:mode=safe'),
    /--algorithm: hogwild: mode: found 'safe', allowed is racy \| guarded/,
  );
  assert.match(
    await said('--evaluate-every', '5m'),
    /found '5m', allowed is N \(steps, .*Ts.*Eepochs.*write --evaluate-every 500/,
  );
  assert.match(await said('--partition', 'iid:3'), /--partition: found 'iid:3', iid takes no plain values; write iid$/m);
  assert.match(await said('--partition', 'shard:3'), /found 'shard:3', allowed is iid .*did you mean shards\?/);
  assert.match(await said('--data', 'digits:none'), /--data: digits:ROWS: found 'none', allowed is a whole number/);
  assert.match(await said('--data', 'synthetic:row=3'), /--data: synthetic has no setting 'row', .*did you mean rows\?/);
  assert.match(await said('--topology', 'rign'), /--topology: found 'rign', allowed is complete .*did you mean ring\?/);
  assert.match(await said('--model', 'mlp:0'), /--model: mlp: width 1: found '0'/);
});

test('of a file too, the place is named: the file and the key', async () => {
  for (const [key, value] of Object.entries({
    model: 'mlp:0',
    optimizer: 'sgd:rate=-1',
    algorithm: 'swarm:steps=0',
    partition: 'shards:0',
    data: 'digits:0',
    topology: 'rign',
  })) {
    writeFileSync('config.json', JSON.stringify({ [key]: value }));
    const { stderr } = await play(['train', '--config', 'config.json']);
    assert.match(stderr, new RegExp(`: config\\.json: ${key}: `), stderr);
  }
});

async function refused(code: ErrorCode, words: readonly string[]): Promise<void> {
  const files = readdirSync(folder);
  const begin = cpuMilliseconds();
  const { status, stdout, stderr, loads, experiments } = await play(['train', ...words]);
  const took = cpuMilliseconds() - begin;
  assert.match(stderr, new RegExp(`^hearsay: ${code}: [^\\n]{20,}\\n$`));
  assert.doesNotMatch(stderr, / {4}at /);
  assert.equal(status, 2);
  assert.equal(stdout, '');
  assert.equal(experiments.length, 0);
  assert.equal(loads, 0);
  assert.deepEqual(readdirSync(folder), files);
  assert.ok(took < 200, `took ${took} ms`);
}
