/** Models out of files again, whoever wrote them: evaluated, predicted with, started from. */

import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zipSync } from 'fflate';
import { readNpy } from '../../src/data/npy.js';
import { openModel } from '../../src/engine/recipe.js';
import { HearsayError } from '../../src/errors.js';
import { continuation, load, loadModel, replay, simulate, train } from '../../src/index.js';
import { writeSafetensors } from '../../src/models/formats/safetensors.js';
import { openStored } from '../../src/threads/loaded.js';
import { modelFile, readModelFile } from '../../src/threads/modelfile.js';
import { readNode } from '../../src/threads/nodesfile.js';
import { apart, kindOf, made, textKind } from '../support/made.js';
import { cases, mutated } from '../support/mutation.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
const run = { data: 'digits:200', model: 'mlp:8', nodes: 3, batch: 8, epochs: 3, kernels: 'simd', threads: 1 } as const;

test('what a run saves is what it had: the same loss and accuracy on its test rows', { timeout: 60_000 }, async () => {
  const { model, done } = await train(run).result;
  const path = join(folder, 'run.safetensors');
  await model.save(path);
  const again = await loadModel(path);
  const { test: held } = await load(run.data, { standardize: 'none' });
  assert.deepEqual(again.evaluate(held), model.evaluate(held));
  assert.equal(again.evaluate(held).accuracy, done.accuracy);
  assert.deepEqual(again.predict(held.inputs), model.predict(held.inputs));
  assert.equal(again.with(again.weights.map(w => -w)).weights[0], -again.weights[0]);
  assert.throws(() => again.with(new Float32Array(3)), { code: 'MODEL_MISMATCH' });
});

test('the models of the nodes are kept beside their mean', { timeout: 60_000 }, async () => {
  const { model } = await simulate({ ...run, algorithm: 'none' }, { nodes: join(folder, 'nodes.npy') }).result;
  await model.save(join(folder, 'model.safetensors'));
  const nodes = await Promise.all([0, 1, 2].map(node => loadModel(folder, { node })));
  const mean = model.weights.map((_, k) => nodes.reduce((sum, { weights }) => sum + weights[k], 0) / 3);
  assert.ok(apart(mean, (await loadModel(folder)).weights) < 1e-6);
  assert.ok(apart(nodes[0].weights, nodes[1].weights) > 1e-3);
  await assert.rejects(loadModel(folder, { node: 3 }), { code: 'CONFIG_RANGE', message: /0 to 2/ });
  await assert.rejects(loadModel(join(folder, 'run.safetensors'), { node: 0 }), { code: 'DATA_NOT_FOUND' });
  await assert.rejects(train({ ...run, algorithm: 'asgd' }, { nodes: join(folder, 'x.npy') }).result, { code: 'CONFIG_RANGE' });
});

test('the file of the nodes is replaced whole, and one row of it is read', { timeout: 60_000 }, async () => {
  const path = join(folder, 'nodes.npy');
  writeFileSync(path, 'as it was');
  const reader = openSync(path, 'r');
  const { model } = await simulate(run, { nodes: path }).result;
  assert.equal(readFileSync(reader, 'utf8'), 'as it was');
  closeSync(reader);
  assert.deepEqual(
    readdirSync(folder).filter(name => name.endsWith('.tmp')),
    [],
  );
  const whole = readNpy(readFileSync(path), path);
  const parameters = model.weights.length;
  for (const node of [0, 2])
    assert.deepEqual(await readNode(path, node, parameters), whole.values.slice(node * parameters, (node + 1) * parameters));
  await assert.rejects(readNode(path, 1, parameters - 1), { code: 'MODEL_MISMATCH' });
  // More nodes than memory has room for: the others are holes.
  const many = join(folder, 'many.npy');
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (2000000, ${parameters}), }`.padEnd(117);
  const head = Buffer.concat([Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0), Buffer.from(`${text}\n`)]);
  writeFileSync(many, head);
  truncateSync(many, head.length + 4 * 2_000_000 * parameters);
  assert.deepEqual(await readNode(many, 1_999_999, parameters), new Float32Array(parameters));
  truncateSync(many, 1000);
  await assert.rejects(readNode(many, 0, parameters), { code: 'DATA_CORRUPT', message: /ends at offset 1000/ });
});

test('a run starts from a file, whoever wrote it, and its history says which', { timeout: 120_000 }, async () => {
  const first = await train(run).result;
  const paths = [join(folder, 'first.safetensors'), join(folder, 'first.npz')];
  await first.model.save(paths[0]);
  await first.model.export(paths[1], { format: 'npz' });
  const record = join(folder, 'run.history');
  const starts = [];
  for (const init of paths) {
    // A rate so small that nothing moves.
    const { start, model, history } = await simulate({ ...run, init, optimizer: 'sgd:rate=1e-30', epochs: 1 }, { record }).result;
    assert.ok(apart(model.weights, first.model.weights) < 1e-6);
    assert.match(start.modules.init, /^[0-9a-f]{64}$/);
    assert.equal(start.experiment.init, init);
    assert.ok(history!.isWhole);
    starts.push(start.modules.init);
  }
  assert.notEqual(starts[0], starts[1]);
  assert.equal((await replay(record).result).stopReason, 'end');
  copyFileSync(paths[0], join(folder, 'kept'));
  copyFileSync(paths[0], paths[1]);
  await assert.rejects(replay(record).result, {
    code: 'HISTORY_MISMATCH',
    message: /the file of --init, .*first\.npz, has changed/,
  });
  rmSync(paths[1]);
  await assert.rejects(replay(record).result, { code: 'HISTORY_MISMATCH', message: /is not there any more/ });
  await assert.rejects(train({ ...run, init: paths[0], model: 'mlp:9' }).result, {
    code: 'MODEL_MISMATCH',
    message: /fc1\.weight of \[784, 8\] where \[784, 9\] is expected/,
  });
  await assert.rejects(train({ ...run, init: join(folder, 'nothing') }).result, { code: 'DATA_NOT_FOUND' });
  assert.throws(() => train({ ...run, init: paths[0], start: 'own' }), { code: 'CONFIG_RANGE', message: /start own/ });
});

test('the code of a module that a file names runs only when it is named again', async () => {
  const path = join(folder, 'module.safetensors');
  const words = { model: './evil.mjs', layout: 'hearsay', task: JSON.stringify({ shape: [2], classes: 2 }) };
  writeFileSync(path, writeSafetensors([{ name: 'w', shape: [1], values: Float32Array.of(1) }], words));
  writeFileSync(join(folder, 'evil.mjs'), 'globalThis.wasRun = true; export default () => ({});');
  await assert.rejects(loadModel(path), { code: 'CONFIG_MISSING', message: /file .*evil\.mjs.* --model/ });
  assert.equal((globalThis as { wasRun?: boolean }).wasRun, undefined);
  await assert.rejects(loadModel(path, { model: join(folder, 'evil.mjs') }), { code: 'MODULE_INVALID' });
  assert.equal((globalThis as { wasRun?: boolean }).wasRun, true);
});

test('a text is continued the same way each time, by what follows it', async () => {
  const model = await made('transformer:1,2,8', textKind(6, [...'abcde']));
  const text = continuation(model, 'ab', { characters: 30, seed: 5 });
  assert.equal(text.length, 30);
  assert.match(text, /^[a-e]+$/);
  assert.equal(continuation(model, 'ab', { characters: 30, seed: 5 }), text);
  assert.notEqual(continuation(model, 'ab', { characters: 30, seed: 6 }), text);
  // The likeliest, one by one: from the whole model where the text is as long as it looks back.
  const prompt = 'abcdea';
  let expected = prompt;
  for (let k = 0; k < 5; k++) {
    const row = [...expected.slice(-6)].map(character => 'abcde'.indexOf(character));
    const chances = Array.from(model.predict([...row, 0]));
    expected += 'abcde'[chances.indexOf(Math.max(...chances))];
  }
  assert.equal(prompt + continuation(model, prompt, { characters: 5, temperature: 0 }), expected);
  // The law of the draws is that of the chances: of one character, many times.
  const chances = model.predict([...[...prompt].map(character => 'abcde'.indexOf(character)), 0]);
  const counts = new Array(5).fill(0);
  for (let seed = 0; seed < 3000; seed++) counts['abcde'.indexOf(continuation(model, prompt, { characters: 1, seed }))]++;
  for (const [k, chance] of chances.entries())
    assert.ok(Math.abs(counts[k] / 3000 - chance) < 0.04, `${k}: ${counts[k]} ${chance}`);
  assert.throws(() => continuation(model, 'xyz'), { code: 'DATA_LABEL', message: /"x"/ });
  assert.throws(() => continuation(model, ''), { code: 'CONFIG_RANGE' });
  const other = await made('mlp:2', kindOf([2], 2));
  assert.throws(() => continuation(other, 'a'), { code: 'CONFIG_RANGE' });
});

test('a short text is told from as a long one whose end nobody looks at', async () => {
  const model = await made('transformer:2,2,8', textKind(5, [...'abcde']), 3);
  const short = await made('transformer:2,2,8', textKind(2, [...'abcde']), 3);
  // Attention is causal, so the loss of each place is its own: the first two of five are those of two.
  const position = 5 * 8;
  const cut = new Float32Array(short.weights.length);
  cut.set(model.weights.subarray(0, position + 2 * 8));
  cut.set(model.weights.subarray(position + 5 * 8), position + 2 * 8);
  const expected = Array.from(short.with(cut).predict([3, 1, 0]));
  const likeliest = 'abcde'[expected.indexOf(Math.max(...expected))];
  assert.equal(continuation(model, 'db', { characters: 1, temperature: 0 }), likeliest);
  assert.deepEqual(Array.from(model.next([3, 1])), expected);
});

test('what follows a text of any length is what the model that is cut to it says, bit for bit', async () => {
  const [context, width] = [9, 8];
  const model = await made('transformer:2,2,8', textKind(context, [...'abcde']), 4);
  const text = [3, 1, 0, 4, 2, 2, 1, 3, 0, 4, 1];
  const position = 5 * width;
  for (let length = 1; length < text.length; length++) {
    const seen = Math.min(length, context);
    const short = await made('transformer:2,2,8', textKind(seen, [...'abcde']));
    const cut = new Float32Array(short.weights.length);
    cut.set(model.weights.subarray(0, position + seen * width));
    cut.set(model.weights.subarray(position + context * width), position + seen * width);
    const tokens = text.slice(0, length);
    assert.deepEqual(model.next(tokens), short.with(cut).predict([...tokens.slice(-seen), 0]), `${length}`);
  }
  assert.throws(() => model.next([]), { code: 'CONFIG_RANGE' });
  for (const wrong of [5, -1, 0.5, Number.NaN]) assert.throws(() => model.next([0, wrong]), { code: /DATA_(LABEL|NONFINITE)/ });
});

test('a text is gone on with by one model, opened once, however short it is', async () => {
  const model = await made('transformer:1,2,8', textKind(40, [...'abcde']));
  const { Memory } = WebAssembly;
  let opened = 0;
  WebAssembly.Memory = class extends Memory {
    constructor(...given: ConstructorParameters<typeof Memory>) {
      super(...given);
      opened++;
    }
  };
  try {
    const drawn: number[] = [];
    assert.equal(continuation(model, 'a', { characters: 60, watch: done => drawn.push(done) }).length, 60);
    assert.deepEqual([drawn.length, drawn.at(-1)], [60, 60]);
  } finally {
    WebAssembly.Memory = Memory;
  }
  assert.equal(opened, 1);
});

test('damaged and hostile files give a model or an error with a code, in little memory', { timeout: 120_000 }, async () => {
  const kind = { ...kindOf([2, 2], 3), scale: 0.5, standard: { mean: Float64Array.of(1), factor: Float64Array.of(2) } };
  const text = textKind(3, [...'abc']);
  const files = await Promise.all(
    (
      [
        ['mlp:3', kind],
        ['transformer:1,1,2', text],
      ] as const
    ).flatMap(([spec, kind]) =>
      (['safetensors', 'npz'] as const).map(async format => {
        const { weights } = await made(spec, kind);
        const model = await openModel(spec, kind);
        return modelFile(format, 'pytorch', { model, weights, spec, kind });
      }),
    ),
  );
  let refused = 0;
  for (let k = 0; k < cases; k++) {
    try {
      const model = await openStored(readModelFile(mutated(files[k % files.length], 7, k), 'fuzz'), 'fuzz', {});
      assert.ok(model.weights.every(Number.isFinite));
    } catch (error) {
      assert.ok(error instanceof HearsayError, `case ${k}: ${(error as Error).stack}`);
      assert.match(error.code, /^(DATA|MODEL|MEMORY)_|^CONFIG_MISSING$/, `case ${k}: ${error.message}`);
      assert.ok(!error.message.includes('\n'), `case ${k}`);
      refused++;
    }
  }
  assert.ok(refused > cases / 4 && refused < cases, `${refused} refused`);
});

test('a small file that claims a large model is refused before anything is laid out for it', async () => {
  const one = { name: 'x', shape: [1], values: Float32Array.of(1) };
  const before = process.memoryUsage().rss;
  const started = process.cpuUsage();
  const huge = JSON.stringify({ shape: [65_536], classes: 65_536 });
  for (const [model, task] of [
    ['mlp:65536,65536,65536', huge],
    ['noise:100000000', huge],
    ['lenet', JSON.stringify({ shape: [46_000, 46_000], classes: 2 })],
    ['transformer:4096,4096,4096', JSON.stringify({ shape: [60_000], classes: 256, categories: [256] })],
    ['nonsense', huge],
    ['mlp:0', huge],
    [`layers:${'fc-65536,'.repeat(60)}relu`, huge],
  ]) {
    const bytes = writeSafetensors([one, { ...one, name: `${'a.'.repeat(100_000)}b` }], { model, task });
    await assert.rejects(async () => openStored(readModelFile(bytes, 'file'), 'file', {}), {
      code: /^(MODEL_MISMATCH|DATA_CORRUPT)$/,
    } as never);
  }
  for (const task of [
    '',
    '[]',
    '{}',
    '{"shape":[],"classes":1}',
    '{"shape":[1e9,1e9],"classes":1}',
    '{"shape":[2],"classes":-1}',
  ])
    assert.throws(
      () => readModelFile(writeSafetensors([one], { model: 'linear', task }), 'file'),
      { code: 'DATA_CORRUPT' },
      task,
    );
  const used = process.cpuUsage(started);
  assert.ok(used.user + used.system < 20e6, `${(used.user + used.system) / 1e6} s`);
  assert.ok(process.memoryUsage().rss - before < 500e6);
});

test('a file that is no model is refused by what it is', async () => {
  const path = join(folder, 'other');
  writeFileSync(path, readFileSync(new URL(import.meta.url)));
  await assert.rejects(loadModel(path), { code: /^DATA_/ } as never);
  writeFileSync(path, zipSync({ 'archive/data.pkl': Uint8Array.of(0x80, 2, 0x7d, 0x2e) }));
  await assert.rejects(loadModel(path), { code: 'DATA_CORRUPT', message: /pickle, which is never run/ });
  await assert.rejects(loadModel(join(folder, 'nowhere')), { code: 'DATA_NOT_FOUND' });
  await assert.rejects(loadModel(join(folder, '..')), { code: 'DATA_NOT_FOUND', message: /model\.safetensors/ });
  await assert.rejects(loadModel(7 as never), { code: 'CONFIG_TYPE' });
});
