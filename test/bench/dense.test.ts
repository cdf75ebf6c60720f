import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runPeer } from '../../bench/peers/run.js';
import { writeSample } from '../../bench/samples.js';
import { readSafetensors, writeSafetensors } from '../../src/models/formats/safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

const task = { features: 784, shape: [28, 28], classes: 10 };
const samples = ['softmax', 'mlp:16'].map(model => writeSample(folder, { model, task }, 'reference', 8));

/** The same file with one element of the gradient moved by a thousandth of its largest. */
function spoiled(path: string): string {
  const { tensors, metadata } = readSafetensors(readFileSync(path), path);
  const gradient = tensors.find(({ name }) => name === 'gradient')!.values;
  gradient[gradient.length >> 1] += 1e-3 * gradient.reduce((most, x) => Math.max(most, Math.abs(x)));
  const place = join(folder, 'spoiled.safetensors');
  writeFileSync(place, writeSafetensors(tensors, Object.fromEntries(metadata)));
  return place;
}

for (const script of ['jaxjs.js', 'tfjs_wasm.js']) {
  test(`${script} has our models: the same loss and gradient, or it is not timed`, async t => {
    const found = await runPeer(script, ['0.05', ...samples], { limit: 120 });
    if (found.lines === null && /Cannot find/.test(found.reason)) return t.skip(found.reason);
    assert.ok(found.lines, JSON.stringify(found));
    assert.deepEqual(
      found.lines.map(({ model, batch }) => [model, batch]),
      [
        ['softmax', 8],
        ['mlp:16', 8],
      ],
    );
    for (const line of found.lines) assert.ok(Number(line.stepsPerSecond) > 0);
    const refused = await runPeer(script, ['0.05', spoiled(samples[1])], { limit: 120 });
    assert.ok(refused.lines === null && /not the same model/.test(refused.reason), JSON.stringify(refused));
  });
}
