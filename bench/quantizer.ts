/** The lattice quantizer on one thread: how many bytes of floats it encodes and decodes a second, with and without rotation. */

import { strict as assert } from 'node:assert';
import { openKernels } from '../src/models/kernels/choose.js';
import type { Kernels, Memory } from '../src/models/kernels/kernels.js';
import { wasmKernels } from '../src/models/kernels/simd.js';
import { source, uniform } from '../src/random.js';
import { median, type Row, sideBySide } from './measure.js';

const memory: Memory = new WebAssembly.Memory({ initial: 512, maximum: 512, shared: true });
const oracle = openKernels('reference', memory);
const simd = wasmKernels('simd', memory);
const values = source(1, 'quantizer');
/** Gigabytes of floats a second that the packed form is asked to reach. */
const asked = 1;
/** How far the two vectors lie apart, of q sides: turned, the differences are normal, and the largest of a million is 5 deviations. */
const spread = 0.33;

export function quantizer(): Row[] {
  return [101_770, 1_000_000].flatMap(n => [8, 4, 16, 5].flatMap(bits => rowsOf(n, bits)));
}

function rowsOf(n: number, bits: number): Row[] {
  let top = 1024;
  const place = (floats: number) => {
    const address = top;
    top += Math.ceil((4 * floats + 16) / 128) * 128;
    return address;
  };
  const padded = 2 ** Math.ceil(Math.log2(n));
  const [x, y, q, codes, stamp] = [place(n), place(n), place(n), place(n), place(2)];
  const [turnedX, turnedY] = [place(padded), place(padded)];
  const floats = (address: number, count: number) => new Float32Array(memory.buffer, address, count);
  const side = 2 ** -14;
  const [a, b] = [12345, 67890];
  for (let k = 0; k < n; k++) {
    floats(x, n)[k] = uniform(values, 0, k) - 0.5;
    floats(y, n)[k] = floats(x, n)[k] + (uniform(values, 1, k) - 0.5) * 2 ** bits * side * spread;
  }
  const runs: Record<string, (kernels: Kernels) => unknown> = {
    encode: kernels => kernels.encodeLattice(codes, stamp, x, n, bits, side, a, b),
    decode: kernels => kernels.decodeLattice(q, codes, stamp, y, n, bits, side, a, b, 1),
    'rotate and encode': kernels => {
      kernels.rotate(turnedX, x, n, padded, a, b);
      return kernels.encodeLattice(codes, stamp, turnedX, padded, bits, side, a, b);
    },
    'rotate, decode and rotate back': kernels => {
      kernels.rotate(turnedY, y, n, padded, a, b);
      const farthest = kernels.decodeLattice(turnedY, codes, stamp, turnedY, padded, bits, side, a, b, 1);
      kernels.unrotate(q, turnedY, n, padded, a, b);
      return farthest;
    },
  };
  return Object.entries(runs).map(([name, run]) => {
    const results = [oracle, simd].map(kernels => {
      const returned = run(kernels);
      return { returned, q: floats(q, n).slice(), codes: new Uint8Array(memory.buffer, codes, 4 * n).slice() };
    });
    assert.deepEqual(results[1], results[0]);
    if (name.includes('decode')) {
      assert.ok((results[1].returned as number) >= 0, 'the stamp says that it is wrong');
      const [sent, found] = [floats(x, n), floats(q, n)];
      // a rotated error is spread: a side is many of its deviations
      for (let k = 0; k < n; k++)
        assert.ok(Math.abs(found[k] - sent[k]) <= side * (name === 'decode' ? 0.51 : 2), 'a wrong value');
    }
    const times = sideBySide({ run: () => void run(simd) });
    const rate = (4 * n) / median(times.run) / 1e6;
    const packed = name === 'encode' || name === 'decode';
    return {
      name: `${name}, ${bits} bits, ${n} floats`,
      value: rate,
      unit: 'GB/s',
      ...(packed && { ratio: rate / asked, of: 'of 1 GB/s', bar: 1 }),
    };
  });
}
