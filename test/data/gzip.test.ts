import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { gzipLimit, inflate, isGzip } from '../../src/data/gzip.js';
import { HearsayError } from '../../src/errors.js';
import { source, word } from '../../src/random.js';
import { cases, mutated } from '../support/mutation.js';

const random = source(1, 'gzip');
const grain = (length: number) => Uint8Array.from({ length }, (_, i) => word(random, 0, i) & 15);

test('what was compressed comes back, in one member or several, over many chunks', async () => {
  for (const length of [0, 1, 255, 70_000, 3_000_000]) {
    const bytes = grain(length);
    const packed = gzipSync(bytes);
    assert.ok(isGzip(packed));
    assert.deepEqual(await inflate(packed, 'file'), bytes);
    const twice = await inflate(Buffer.concat([packed, packed]), 'file');
    assert.deepEqual(twice, Uint8Array.from(Buffer.concat([bytes, bytes])));
  }
});

test('every prefix is refused with its offset, and so is what follows the end', async () => {
  const packed = gzipSync(grain(200));
  for (let length = 2; length < packed.length; length++) {
    await assert.rejects(inflate(packed.subarray(0, length), 'file'), {
      code: 'DATA_CORRUPT',
      message: new RegExp(`offset ${length} of ${length}`),
    });
  }
  const long = gzipSync(grain(200_000));
  for (const tail of [Buffer.alloc(1), Buffer.alloc(500), Buffer.from('junk'), Buffer.from([0x1f, 0x8b])]) {
    for (const whole of [packed, long]) {
      await assert.rejects(
        inflate(Buffer.concat([whole, tail]), 'file'),
        { code: 'DATA_CORRUPT' },
        `${tail.length} bytes after the end`,
      );
    }
  }
});

test('a bomb is stopped at the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(80 * 2 ** 20), { level: 9 });
  assert.ok(gzipLimit(bomb.length) < 81 * 2 ** 20);
  const before = process.memoryUsage().arrayBuffers;
  await assert.rejects(inflate(bomb, 'bomb'), { code: 'DATA_TOO_LARGE', message: /bomb/ });
  await assert.rejects(inflate(bomb, 'bomb', 1000), { code: 'DATA_TOO_LARGE' });
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 * gzipLimit(bomb.length));
});

test('damaged files give bytes or an error with a code', async () => {
  const packed = gzipSync(grain(300));
  let refused = 0;
  const attempt = async (k: number) => {
    await inflate(mutated(packed, 2, k), 'fuzz', 100_000).catch(error => {
      assert.ok(error instanceof HearsayError && /^DATA_/.test(error.code), `case ${k}: ${error.stack}`);
      refused++;
    });
  };
  const abreast = 40;
  for (let k = 0; k < cases; k += abreast) await Promise.all(Array.from({ length: abreast }, (_, i) => attempt(k + i)));
  assert.ok(refused > cases / 2);
});
