/** A real run, and what it left, damaged in every way. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { writeNpy } from '../../../src/data/npy.js';
import { play } from '../stage.js';
import { realTrainer } from './trainer.js';
import { flipped, folder, pipe, write } from './write.js';

/** A real run, what it left, and that damaged in every way. */
export async function runs(): Promise<void> {
  const words =
    'simulate --data good.csv --model logistic --nodes 4 --batch 2 --steps 40 --parallel never --keep-nodes --out run --record good.history --quiet';
  const { status, stderr } = await play(words.split(' '), { trainer: realTrainer });
  assert.equal(status, 0, stderr);
  cpSync('run', 'nodes-run', { recursive: true });
  const weights = readFileSync('run/nodes.npy').subarray(-12);
  rmSync('run/nodes.npy');
  const model = readFileSync('run/model.safetensors');
  write('nan.safetensors', withNan(model));
  cpSync('run', 'piped-nodes', { recursive: true });
  pipe('piped-nodes/nodes.npy');
  cpSync('run', 'other-nodes', { recursive: true });
  write('other-nodes/nodes.npy', writeNpy({ shape: [4, 7], values: new Float32Array(28) }));
  watched();
  histories(readFileSync('good.history'));
  checkpoints(readFileSync('run/checkpoints/000001.checkpoint'), weights);
}

/** The last four bytes are those of a NaN. */
function withNan(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set([0, 0, 0xc0, 0x7f], copy.length - 4);
  return copy;
}

/** What `serve` and `report` look at. */
function watched(): void {
  const [manifest, metrics] = ['manifest.json', 'metrics.jsonl'].map(name => readFileSync(join('run', name), 'utf8'));
  const deep = `{"event":"sample","a":${'['.repeat(200_000)}${']'.repeat(200_000)}}\n`;
  const run = (name: string, changed: Readonly<Record<string, string>>) =>
    folder(name, { 'manifest.json': manifest, 'metrics.jsonl': metrics, ...changed });
  run('no-metrics', {});
  rmSync('no-metrics/metrics.jsonl');
  run('bad-manifest', { 'manifest.json': '{"experiment": ' });
  run('deep-manifest', { 'manifest.json': deep });
  run('list-manifest', { 'manifest.json': '[1, 2]' });
  run('bad-metrics', { 'metrics.jsonl': 'no JSON\n' });
  run('deep-metrics', { 'metrics.jsonl': deep });
  run('long-manifest', { 'manifest.json': ' '.repeat(2 ** 22 + 1) });
  run('long-metrics', { 'metrics.jsonl': ' '.repeat(2 ** 22 + 1) });
  run('bad-both', { 'manifest.json': '{', 'metrics.jsonl': '{\n' });
  run('deep-both', { 'manifest.json': deep, 'metrics.jsonl': deep });
  for (const [name, files] of Object.entries({
    'piped-manifest': ['manifest.json'],
    'piped-metrics': ['metrics.jsonl'],
    'piped-both': ['manifest.json', 'metrics.jsonl'],
  })) {
    run(name, {});
    for (const file of files) {
      rmSync(join(name, file));
      pipe(join(name, file));
    }
  }
  folder('piped-events');
  pipe('piped-events/events.jsonl');
  folder('folders-for-files');
  for (const name of ['manifest.json', 'metrics.jsonl']) mkdirSync(join('folders-for-files', name));
}

function histories(good: Buffer): void {
  write('cut.history', good.subarray(0, good.length - 5));
  write('long.history', good, new Uint8Array(16));
  write('flipped.history', flipped(good, good.length - 40));
  write('newer.history', flipped(good, 7));
  write(
    'deep.history',
    historyWith(good, () => `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
  );
  write(
    'other-data.history',
    historyWith(good, text => text.replace(/good\.csv/g, 'good.npz')),
  );
}

/** The history with another head, and a checksum that fits. */
function historyWith(bytes: Buffer, change: (text: string) => string): Buffer {
  const length = bytes.readUInt32LE(8);
  return Buffer.concat([
    headed(bytes.subarray(0, 8), change(bytes.toString('utf8', 12, 12 + length))),
    bytes.subarray(16 + length),
  ]);
}

function headed(start: Uint8Array, text: string): Buffer {
  const head = Buffer.from(text);
  const whole = Buffer.concat([start, wordOf(head.length), head]);
  return Buffer.concat([whole, wordOf(crc32(whole))]);
}

function wordOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** `weights` are bytes of a row of the first model. */
function checkpoints(good: Buffer, weights: Buffer): void {
  write('cut.checkpoint', good.subarray(0, -1));
  write('long.checkpoint', good, 'x');
  write('flipped.checkpoint', flipped(good, good.length - 100));
  write('newer.checkpoint', flipped(good, 8));
  const at = good.indexOf(weights);
  assert.ok(at > 0, 'the weights of a node are in its checkpoint');
  const poisoned = Buffer.from(good);
  poisoned.fill(255, at, at + weights.length);
  write(
    'nan.checkpoint',
    checkpointWith(poisoned, text => text),
  );
  write(
    'no-head.checkpoint',
    checkpointWith(good, text => text.slice(1)),
  );
  write(
    'shape.checkpoint',
    checkpointWith(good, text => text.replace(/("shape":\{[^}]*"parameters":)\d+/, '$19')),
  );
  write(
    'other-data.checkpoint',
    checkpointWith(good, text => text.replace(/good\.csv/g, 'good.npz')),
  );
}

/** The checkpoint with another head, and a hash that fits. */
function checkpointWith(bytes: Buffer, change: (text: string) => string): Buffer {
  const length = bytes.readUInt32LE(12);
  const head = Buffer.from(change(bytes.toString('utf8', 24, 24 + length)));
  const whole = Buffer.concat([
    bytes.subarray(0, 12),
    wordOf(head.length),
    bytes.subarray(16, 24),
    head,
    bytes.subarray(24 + length, -32),
  ]);
  return Buffer.concat([whole, createHash('sha256').update(whole).digest()]);
}
