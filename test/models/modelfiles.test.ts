/** The files of a saved model are read in full or refused with a code, whatever has become of them. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HearsayError } from '../../src/errors.js';
import { readArtifacts } from '../../src/models/tensorflow/files.js';
import { cases, mutated } from '../support/mutation.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'model.json');

const weights = [
  { name: 'dense/kernel', shape: [2, 3], dtype: 'float32' },
  { name: 'dense/bias', shape: [3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.1, min: 0 } },
];
const json = new TextEncoder().encode(
  JSON.stringify({
    format: 'layers-model',
    modelTopology: {
      class_name: 'Sequential',
      config: { name: 'net', layers: [{ class_name: 'Dense', config: { name: 'dense', units: 3 } }] },
    },
    weightsManifest: [{ paths: ['a.bin', 'b.bin'], weights }],
  }),
);
writeFileSync(join(folder, 'a.bin'), new Uint8Array(20));
writeFileSync(join(folder, 'b.bin'), new Uint8Array(7));

async function attempt(bytes: Uint8Array, what: string): Promise<boolean> {
  writeFileSync(path, bytes);
  try {
    const { weightData, weightSpecs } = await readArtifacts(path);
    assert.ok(weightData === undefined || (weightData.byteLength <= 27 && weightSpecs));
    return true;
  } catch (error) {
    assert.ok(error instanceof HearsayError, `${what}: ${(error as Error).stack}`);
    assert.match(error.code, /^DATA_(NOT_FOUND|CORRUPT|TOO_LARGE)$/, what);
    assert.ok(!error.message.includes('\n') && error.message.length < 1000, error.message);
    return false;
  }
}

test('every beginning of a model.json but the whole is refused', async () => {
  for (let length = 0; length < json.length; length++)
    assert.equal(await attempt(json.subarray(0, length), `${length} bytes`), false);
  assert.equal(await attempt(json, 'all of it'), true);
});

test('a damaged model.json gives what its shards hold, or an error with a code', async () => {
  let refused = 0;
  const count = Math.round(cases / 10);
  for (let k = 0; k < count; k++) if (!(await attempt(mutated(json, 12, k), `case ${k}`))) refused++;
  assert.ok(refused > count / 4 && refused < count, `${refused} of ${count}`);
});
