/** Graphs, modules, saved models and files of tensors, each wrong in one place. */

import { zipSync } from 'fflate';
import { writeSafetensors } from '../../../src/models/formats/safetensors.js';
import { floats, folder, write } from './write.js';

export function graphs(): void {
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

export function modules(): void {
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
export function savedModels(): void {
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

export function tensors(): void {
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
