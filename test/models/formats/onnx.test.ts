/** Networks as ONNX, read by onnxruntime: the same predictions from the same raw rows. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import * as ort from 'onnxruntime-web';
import { HearsayError } from '../../../src/errors.js';
import type { Kind } from '../../../src/threads/modelfile.js';
import type { TrainedModel } from '../../../src/threads/trained.js';
import { anyLayers } from '../../support/anylayers.js';
import { apart, examples, kindOf, made, requireTelling, rowsFor, textKind } from '../../support/made.js';
import { requireRawRows } from '../../support/rawrows.js';

ort.env.wasm.numThreads = 1;
const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'model.onnx');

async function predicted(
  model: TrainedModel,
  { shape, categories }: Kind,
  inputs: Float32Array | Uint8Array,
): Promise<Float32Array> {
  const isBytes = inputs instanceof Uint8Array;
  assert.deepEqual(await model.export(path, { format: 'onnx', ...(isBytes && { inputs: 'bytes' }) }), [path]);
  const session = await ort.InferenceSession.create(readFileSync(path));
  const rows = inputs.length / shape.reduce((product, n) => product * n, 1);
  const isText = categories !== undefined;
  // A row of a text has one character more than the model looks at.
  const context = shape[0] - 1;
  const tokens = () =>
    BigInt64Array.from({ length: rows * context }, (_, k) => BigInt(inputs[Math.floor(k / context) * shape[0] + (k % context)]));
  const input = isText
    ? new ort.Tensor('int64', tokens(), [rows, context])
    : new ort.Tensor(isBytes ? 'uint8' : 'float32', inputs, [rows, ...shape]);
  const outputs = await session.run({ input });
  const name = model.classes === 0 || model.spec.startsWith('hinge') ? 'values' : 'probabilities';
  assert.deepEqual(Object.keys(outputs), [name]);
  assert.deepEqual(outputs[name].dims, [rows, model.outputs]);
  return outputs[name].data as Float32Array;
}

for (const [spec, kind] of examples) {
  test(`${spec} on ${kind.shape.join(' x ')} predicts the same in onnxruntime`, async context => {
    const model = await made(spec, kind);
    const most = [];
    for (const rows of [3, 1]) {
      const inputs = rowsFor(kind, rows);
      most.push(apart(await predicted(model, kind, inputs), requireTelling(model.predict(inputs))));
    }
    context.diagnostic(`largest difference ${Math.max(...most)}`);
    assert.ok(Math.max(...most) < 1e-5, String(most));
  });
}

test('a standardized model takes raw rows, whatever their unit, and bytes as they stand in a file', () =>
  requireRawRows(predicted));

test('a transformer tells what follows texts that are shorter than those it learnt from', async () => {
  const kind = textKind(8, [...'abcde']);
  const model = await made('transformer:1,2,8', kind);
  await model.export(path, { format: 'onnx' });
  const session = await ort.InferenceSession.create(readFileSync(path));
  const run = async (tokens: number[]) =>
    (await session.run({ input: new ort.Tensor('int64', BigInt64Array.from(tokens, BigInt), [1, tokens.length]) })).probabilities
      .data as Float32Array;
  const whole = [0, 1, 2, 3, 4, 3, 2, 1];
  assert.ok(apart(await run(whole), model.predict([...whole, 0])) < 1e-5);
  const short = await run(whole.slice(0, 3));
  assert.ok(Math.abs(short.reduce((sum, p) => sum + p, 0) - 1) < 1e-5);
  assert.ok(apart(short, await run(whole.slice(0, 4))) > 1e-4);
});

test('any list of layers predicts the same, or says what ONNX has no place for', async () => {
  let written = 0;
  await fc.assert(
    fc.asyncProperty(anyLayers, fc.nat(), async ({ spec, kind }, seed) => {
      const model = await made(spec, kind, seed);
      const inputs = rowsFor(kind, 2, seed);
      try {
        const found = await predicted(model, kind, inputs);
        assert.ok(apart(found, model.predict(inputs)) < 1e-5, spec);
        written++;
      } catch (error) {
        if (!(error instanceof HearsayError)) throw error;
        assert.match(error.message, /groups over a flattened image/, spec);
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(written > 40, `${written} were written`);
});

test('a model whose layers are not known is refused, and told what to use', async () => {
  const model = await made('noise:8', kindOf([1], 0));
  await assert.rejects(model.export(path, { format: 'onnx' }), { code: 'CONFIG_RANGE', message: /safetensors or npz/ });
  await assert.rejects(model.export(path, { format: 'onnx', layout: 'keras' }), { code: 'CONFIG_RANGE' });
  await assert.rejects(model.export(path, { format: 'pickle' as never }), { code: 'CONFIG_RANGE', message: /onnx \| tfjs/ });
  await assert.rejects((await made('mlp:2', kindOf([1], 0))).export(join(folder, 'none', 'x'), { format: 'onnx' }), {
    code: 'OUTPUT_UNWRITABLE',
  });
});
