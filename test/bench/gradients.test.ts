import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compared } from '../../bench/compared.js';
import { agreements } from '../../bench/gradients.js';
import { tolerance } from '../../bench/samples.js';
import { available } from '../../src/models/kernels/choose.js';

test('losses and gradients of every compared model are those of PyTorch, by every set of kernels', async t => {
  const found = await agreements(compared, available());
  if (typeof found === 'string') return t.skip(found);
  assert.equal(found.length, compared.length * available().length);
  for (const one of found) {
    const said = JSON.stringify(one);
    assert.ok(one.loss < 1e-5 && one.gradient < tolerance, said);
    t.diagnostic(said);
  }
});
