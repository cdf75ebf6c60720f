/** Files and folders that no command can begin with, written into the working folder; and a few that are as they should be. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { writeNpy } from '../../../src/data/npy.js';
import { writeNpz } from '../../../src/data/npz.js';
import { writeSafetensors } from '../../../src/models/formats/safetensors.js';
import { play } from '../stage.js';
import { realTrainer } from './trainer.js';

/** 40 rows of two classes that a line divides. */
const row = (k: number) => `${k},${(k * 7) % 5},${k < 20 ? 'low' : 'high'}`;
const table = `x,y,label\n${Array.from({ length: 40 }, (_, k) => row(k)).join('\n')}\n`;

const write = (name: string, ...parts: (string | Uint8Array)[]) =>
  writeFileSync(name, Buffer.concat(parts.map(part => Buffer.from(part))));
const latin = (text: string) => Buffer.from(text, 'latin1');
const folder = (name: string, files: Readonly<Record<string, string | Uint8Array>> = {}) => {
  mkdirSync(name, { recursive: true });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(name, file), bytes);
};
const pipe = (path: string) => assert.equal(spawnSync('mkfifo', [path]).status, 0);
const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, k) => (k === at ? byte ^ 64 : byte));
const floats = (...values: number[]) => Float32Array.from(values);

export async function writeFiles(): Promise<void> {
  write('good.csv', table);
  mkdirSync('a-folder');
  mkdirSync('a-folder.json');
  for (const name of ['pipe', 'pipe.json', 'pipe.npy']) pipe(name);
  symlinkSync('nowhere.csv', 'link.csv');
  for (const end of ['csv', 'svm', 'npy', 'npz', 'parquet', 'bin', 'txt', 'csv.gz']) write(`empty.${end}`);
  idxFolders();
  arrays();
  tables();
  await parquets();
  others();
  graphs();
  modules();
  savedModels();
  tensors();
  await runs();
}

function idxFolders(): void {
  const idx = (type: number, sizes: readonly number[], bytes: Uint8Array) =>
    Buffer.concat([
      Buffer.from([
        0,
        0,
        type,
        sizes.length,
        ...sizes.flatMap(size => [size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255]),
      ]),
      bytes,
    ]);
  const labels = idx(
    8,
    [50],
    new Uint8Array(50).map((_, k) => k % 2),
  );
  const mnist = (name: string, images: Uint8Array, labelsOf: Uint8Array = labels) =>
    folder(
      name,
      Object.fromEntries(
        ['train', 't10k'].flatMap(part => [
          [`${part}-images-idx3-ubyte`, images],
          [`${part}-labels-idx1-ubyte`, labelsOf],
        ]),
      ),
    );
  const images = (bytes: number) => idx(8, [50, 2, 2], new Uint8Array(bytes));
  mnist('mnist', images(200));
  mnist('magic', Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]));
  mnist('cut', images(199));
  mnist('cut-head', images(200).subarray(0, 9));
  mnist('long', images(201));
  mnist('fewer', images(200), idx(8, [49], new Uint8Array(49)));
  mnist('nothing', idx(8, [50, 0, 2], new Uint8Array()));
  mnist('huge', idx(8, [65535, 65535, 65535], new Uint8Array(10)));
  mnist('nan-idx', idx(13, [50, 1, 1], Buffer.from(new Uint8Array(200).fill(255))));
  mnist('label-idx', images(200), idx(9, [50], new Uint8Array(50).fill(255)));
  mnist('empty-idx', new Uint8Array());
}

function arrays(): void {
  const good = writeNpy({ shape: [4, 2], values: floats(1, 0, 2, 1, 3, 0, 4, 1) });
  const head = (text: string, length = 118) =>
    latin(`\x93NUMPY\x01\0${String.fromCharCode(length & 255, length >> 8)}${text.padEnd(length - 1)}\n`);
  write('good.npy', good);
  write('magic.npy', flipped(good, 1), new Uint8Array(1));
  write('cut.npy', good.subarray(0, -1));
  write('cut-head.npy', good.subarray(0, 40));
  write('long.npy', good, new Uint8Array(1));
  write('line.npy', writeNpy({ shape: [4], values: floats(1, 2, 3, 4) }));
  write('pickle.npy', head("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"), new Uint8Array(8));
  write('fields.npy', head("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"), new Uint8Array(4));
  write('evil.npy', head("{'descr': __import__('os').system('id'), 'fortran_order': False, 'shape': (1,), }"), new Uint8Array(4));
  write('huge.npy', head("{'descr': '|u1', 'fortran_order': False, 'shape': (65536, 65536), }"));
  write('head.npy', latin('\x93NUMPY\x02\0\xff\xff\xff\x7f'), new Uint8Array(100));
  write('nan.npy', writeNpy({ shape: [4, 2], values: floats(1, 0, 2, 1, Number.NaN, 0, 4, 1) }));
  const x = { shape: [40, 2], values: Float32Array.from({ length: 80 }, (_, k) => (k * 7) % 11) };
  const y = { shape: [40], values: Int32Array.from({ length: 40 }, (_, k) => k % 2) };
  const npz = (entries: Readonly<Record<string, Parameters<typeof writeNpy>[0]>>) => writeNpz(new Map(Object.entries(entries)));
  const whole = npz({ x, y });
  write('good.npz', whole);
  write('cut.npz', [80, 75, 3, 4, 20, 0, 0, 0].map(byte => String.fromCharCode(byte)).join(''));
  write('half.npz', whole.subarray(0, whole.length >> 1));
  write('fewer.npz', npz({ x, y: { shape: [39], values: y.values.subarray(0, 39) } }));
  write('names.npz', npz({ inputs: x, outputs: y }));
  write('label.npz', npz({ x, y: { shape: [40], values: y.values.map(value => value * 70_000) } }));
  write('nan.npz', npz({ x: { shape: [40, 2], values: x.values.map(value => (value === 3 ? Number.NaN : value)) }, y }));
  write('pickle.npz', zipSync({ 'x.npy': readFileSync('pickle.npy'), 'y.npy': writeNpy(y) }));
  write('slip.npz', zipSync({ '../../x.npy': writeNpy(x), '/etc/y.npy': writeNpy(y) }));
  const twice = Buffer.from(zipSync({ 'x.npy': writeNpy(x), 'y.npy': writeNpy(y) }, { level: 0 }));
  for (let at = twice.indexOf('y.npy'); at >= 0; at = twice.indexOf('y.npy', at)) twice.write('x', at);
  write('twice.npz', twice);
  write('many.npz', zipSync(Object.fromEntries(Array.from({ length: 1001 }, (_, k) => [`a${k}.npy`, new Uint8Array(1)]))));
  write('bomb.npz', zipSync({ 'x.npy': new Uint8Array(2 ** 27), 'y.npy': writeNpy(y) }, { level: 9 }));
}

function tables(): void {
  write('header.csv', 'x,y,label\n');
  write('one.csv', 'x,y,label\n1,2,a\n');
  write('blank.csv', '\n \n\n');
  write('short.csv', `${table}1,low\n`);
  write('wide.csv', `${table}1,2,low,high\n`);
  write('zero.csv', `${table}\0\0`);
  write('word.csv', `${table}1,two,low\n`);
  write('hex.csv', `${table}1,0x10,low\n`);
  write('quote.csv', `${table}1,"2,low\n`);
  write('column.csv', 'x\n1\n2\n3\n');
  write('nan.csv', `${table}1,NaN,low\n`);
  write('infinite.csv', `${table}1,-inf,low\n`);
  write('gap.csv', `${table}1,,low\n`);
  write('large.csv', `${table}1,1e39,low\n`);
  write('same.csv', table.replaceAll('high', 'low'));
  write('words.csv', `x,word,label\n${Array.from({ length: 1100 }, (_, k) => `${k},w${k},${k % 2}`).join('\n')}\n`);
  write('other-label.csv', 'x,y,label\n1,2,middle\n3,4,low\n');
  write('other-columns.csv', 'x,label\n1,low\n2,high\n');
  const sparseRows = Array.from({ length: 40 }, (_, k) => `${k % 2} 1:${k} 3:1`).join('\n');
  write('good.svm', sparseRows);
  write('word.svm', `${sparseRows}\n1 2:0.5 3:x\n`);
  write('down.svm', `${sparseRows}\n1 2:0.5 1:1\n`);
  write('zero.svm', `${sparseRows}\n1 0:0.5\n`);
  write('label.svm', `${sparseRows}\none 1:0.5\n`);
  write('cut.svm', `${sparseRows}\n1 1:0.5 3:`);
  write('nan.svm', `${sparseRows}\n1 1:nan\n`);
  write('far.svm', `${sparseRows}\n1 4294967295:1\n`);
  write('dense.svm', `${sparseRows}\n1 1000000000:1\n`);
  write('same.svm', sparseRows.replace(/^\d/gm, '1'));
  const packed = gzipSync(table);
  write('cut.csv.gz', packed.subarray(0, 60));
  write('flipped.csv.gz', flipped(packed, packed.length >> 1));
  write('long.csv.gz', packed, 'and more');
  write('magic.csv.gz', flipped(packed, 2));
  write('bomb.csv.gz', gzipSync(Buffer.alloc(80 * 2 ** 20), { level: 9 }));
}

async function parquets(): Promise<void> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const numbers = Array.from({ length: 40 }, (_, k) => (k * 7) % 11);
  const file = (columns: Parameters<typeof parquetWriteBuffer>[0]['columnData']) =>
    new Uint8Array(parquetWriteBuffer({ columnData: columns }));
  const label = { name: 'label', data: numbers.map(value => value % 2), type: 'INT32' as const };
  const good = file([{ name: 'x', data: numbers, type: 'DOUBLE' }, label]);
  write('cut.parquet', 'PAR1 and no more PAR1');
  write('half.parquet', good.subarray(0, good.length >> 1));
  write('long.parquet', good, 'x');
  write('text.parquet', 'no Parquet, but prose\n');
  write('string.parquet', file([{ name: 'x', data: numbers.map(String), type: 'STRING' }, label]));
  write(
    'nan.parquet',
    file([{ name: 'x', data: numbers.map(value => (value === 3 ? Number.NaN : value)), type: 'DOUBLE' }, label]),
  );
  write(
    'gap.parquet',
    file([{ name: 'x', data: numbers.map(value => (value === 3 ? null : value)), type: 'DOUBLE', nullable: true }, label]),
  );
}

function others(): void {
  const image = new Uint8Array(3073);
  write('half.bin', image, image.subarray(0, 1500));
  write(
    'label.bin',
    image.map((_, k) => (k === 0 ? 11 : 0)),
  );
  folder('mixed', { 'data_batch_1.bin': image, 'train.bin': new Uint8Array(3074) });
  folder('only-test', { 'test_batch.bin': image });
  write('few.txt', 'To be, or not to be.');
  write('latin.txt', latin('d\xe9j\xe0 vu, '.repeat(50)));
  write('cut.txt', Buffer.from('naïve é'.repeat(50)).subarray(0, -1));
  write('scripts.txt', Array.from({ length: 600 }, (_, k) => String.fromCodePoint(0x4e00 + k)).join(''));
  write('same.txt', 'a'.repeat(500));
  const ratings = Array.from({ length: 40 }, (_, k) => `${k % 7}::${k % 5}::${1 + (k % 5)}`).join('\n');
  write('good.dat', ratings);
  write('short.dat', `${ratings}\n1::2\n`);
  write('word.dat', `${ratings}\n1::2::good\n`);
  write('nobody.dat', `${ratings}\n::2::3\n`);
  write('nan.dat', `${ratings}\n1::2::nan\n`);
  write('header.dat', 'user::item::rating\n');
  write('words.trace', '1\ntwo\n');
  write('zero.trace', '1\n0\n');
  write('nan.trace', '1\nnan\n1\n1\n1\n');
  write('two.trace', '1\n2\n');
  write('back.churn', '2 crash 3\n1 crash 2\n');
  write('twice.churn', '1 crash 3\n2 crash 3\n');
  write('last.churn', '1 crash 3\n1 crash 2\n1 crash 1\n1 crash 0\n');
  write('far.churn', '1 join 99\n');
  write('nan.churn', 'nan crash 3\n');
}

function graphs(): void {
  write('split.edges', '0 1\n2 3\n');
  write('one-way.edges', '0 -> 1\n1 -> 2\n2 -> 3\n');
  write('loop.edges', '0 1\n1 1\n1 2\n2 3\n');
  write('far.edges', '0 1\n1 2\n2 3\n3 4\n');
  write('words.edges', '0 1\none two\n');
  write('alone.edges', '0 1\n1 2\n');
  write('none-in.edges', '# nothing yet\n');
  write('binary.edges', new Uint8Array([0, 1, 2, 3, 255, 254]));
  const rows = (offsets: readonly number[], targets: readonly number[], nodes = 4) =>
    `export default () => ({ name: 'own', nodes: ${nodes}, directed: false, offsets: Uint32Array.of(${offsets}), targets: Uint32Array.of(${targets}) });`;
  const edges = (text: string) => `export default () => ${text};`;
  write('split-graph.js', edges('[[0, 1], [2, 3]]'));
  write('loop-graph.js', edges('[[0, 1], [1, 1], [1, 2], [2, 3]]'));
  write('far-graph.js', edges('[[0, 1], [1, 2], [2, 3], [3, 4]]'));
  write('half-edge-graph.js', edges('[[0, 1], [1, 2], [2]]'));
  write('lopsided-graph.js', rows([0, 1, 2, 4, 5], [1, 2, 1, 3, 2])); // 0 -> 1, but not 1 -> 0
  write('alone-graph.js', rows([0, 1, 3, 4, 4], [1, 0, 2, 1]));
  write('other-size-graph.js', rows([0, 1, 2], [1, 0], 2));
}

function modules(): void {
  write('broken.js', 'export default (');
  write('nothing.js', 'export const x = 1;');
  write('number.js', 'export default 4;');
  write('hollow.js', 'export default () => ({});');
  write('throws.js', `export default () => { throw new TypeError('options.width\\nis missing'); };`);
  write('throws-nothing.js', 'export default () => { throw undefined; };');
  write('late.js', 'export default async () => { throw new Error("not today"); };');
  write(
    'negative.js',
    `export default (options, task) => ({ name: 'negative', parameters: -4, outputs: task.classes, layers: [{ name: 'w', offset: 0, shape: [-4] }],
      workspace: () => 0, initialize() {}, open: () => ({ gradient: () => 1, evaluate: () => ({ loss: 1, correct: 0 }), predict() {} }) });`,
  );
}

/** model.json and shards, each wrong in one place. */
function savedModels(): void {
  const weights = [{ name: 'dense/kernel', shape: [2, 2], dtype: 'float32' }];
  const manifest = [{ paths: ['shard.bin'], weights }];
  const good = { format: 'layers-model', modelTopology: { class_name: 'Sequential' }, weightsManifest: manifest };
  const model = (name: string, json: object | string, shard: Uint8Array | null = new Uint8Array(16)) =>
    folder(name, { 'model.json': typeof json === 'string' ? json : JSON.stringify(json), ...(shard && { 'shard.bin': shard }) });
  write('experiment-of-nobody.json', '{"nodes": 4}');
  model('no-json', 'model');
  model(
    'deep',
    `{"format":"layers-model","weightsManifest":[],"modelTopology":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
  );
  model('graph-model', { ...good, format: 'graph-model' });
  model('shardless', good, null);
  model('cut-shard', good, new Uint8Array(15));
  model('long-shard', good, new Uint8Array(17));
  model('outside', { ...good, weightsManifest: [{ paths: ['../good.csv'], weights }] });
  model('huge', { ...good, weightsManifest: [{ paths: ['shard.bin'], weights: [{ ...weights[0], shape: [65536, 65536] }] }] });
  model('strings', { ...good, weightsManifest: [{ paths: ['shard.bin'], weights: [{ ...weights[0], dtype: 'string' }] }] });
}

/** A safetensors file with this header. */
function safetensors(header: unknown, values: Uint8Array, length?: bigint): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([size, text, values]);
}

function tensors(): void {
  const w = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  const values = new Uint8Array(16);
  const good = safetensors({ w, v: { ...w, data_offsets: [8, 16] } }, values);
  write('cut.safetensors', good.subarray(0, -1));
  write('long.safetensors', good, 'x');
  write('gap.safetensors', safetensors({ w, v: { ...w, data_offsets: [12, 20] } }, new Uint8Array(20)));
  write('overlap.safetensors', safetensors({ w, v: { ...w, data_offsets: [4, 12] } }, new Uint8Array(12)));
  write('dtype.safetensors', safetensors({ w: { ...w, dtype: 'O' } }, values.subarray(8)));
  write('no-json.safetensors', safetensors("{'w': 1}", values));
  write('deep.safetensors', safetensors(`{"w":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, values));
  write('head.safetensors', safetensors('{}', new Uint8Array(2 ** 20 + 10), BigInt(2 ** 20 + 1)));
  write('other.safetensors', writeSafetensors([{ name: 'w', shape: [2], values: floats(1, 2) }]));
  const one = [{ name: 'w', shape: [2, 2], values: floats(1, 2, 3, 4) }];
  const task = JSON.stringify({ shape: [2], classes: 2 });
  write('task.safetensors', writeSafetensors(one, { model: 'softmax', task: '{"shape": [2], "classes": -2}' }));
  write('shape.safetensors', writeSafetensors(one, { model: 'softmax', task }));
  write('names-module.safetensors', writeSafetensors(one, { model: './throws.js', task }));
  write('model.pt', zipSync({ 'archive/data.pkl': new Uint8Array(10) }));
  write('model.onnx', 'onnx');
}

/** A real run, what it left, and that damaged in every way. */
async function runs(): Promise<void> {
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
