/** Who can do the arithmetic here: each set of kernels is held against the reference before it is timed. */

import { blas as findBlas } from '../../models/kernels/blas.js';
import { available } from '../../models/kernels/choose.js';
import { productNames, type SetName } from '../../models/kernels/plan.js';
import { supports } from '../../models/kernels/simd.js';
import { trial } from '../../threads/probe.js';
import { figure } from '../figures.js';
import { type Check, judged, not } from './check.js';

/** Shapes whose products must agree: a layer of digits, and one that fits no block. */
const shapes = [
  { inputs: 784, outputs: 128 },
  { inputs: 61, outputs: 13 },
];
/** Largest difference, in parts of the largest value: sums of 784 products in another order differ by some 1e-6. */
const tolerance = 1e-4;

/** A line for each set that this machine runs, and one for each that it does not. */
export function kernelChecks(now: () => number = () => performance.now()): Check[] {
  const there = available();
  const checks = there.map(set => setCheck(set, now));
  if (!there.includes('simd'))
    checks.push(
      not(
        'warning',
        'kernels simd',
        'no WebAssembly SIMD',
        'training works, but slowly: use Node 20.19 or newer on x86-64 or ARM64',
      ),
    );
  if (!there.includes('relaxed'))
    checks.push(not('missing', 'kernels relaxed', 'no relaxed SIMD', 'use Node 22 or newer for fused multiply-add'));
  const blas = findBlas();
  if (typeof blas === 'string')
    checks.push(not('missing', 'kernels blas', blas, 'npm install koffi and a BLAS (docs/models.md) for large products'));
  return checks;
}

function setCheck(set: SetName, now: () => number): Check {
  const name = `kernels ${set}`;
  const error = set === 'reference' ? 0 : differenceOf(set);
  const speed = speedOf(set, now);
  const blas = findBlas();
  const notes = [
    set === 'reference' ? 'what the others are held against' : `agrees with the reference to ${figure(error)}`,
    `${figure(speed)} GFLOP/s`,
    ...(set === 'blas' && typeof blas !== 'string' ? [blas.library] : []),
    ...(set === 'relaxed' && needsFlag() ? ['V8 flag set by hearsay itself'] : []),
  ];
  const remedy = `do not use these: --kernels ${set === 'simd' ? 'reference' : 'simd'}; tell us of this machine`;
  return judged(error <= tolerance, 'fault', name, notes.join(', '), remedy, { values: { error, gigaflops: speed } });
}

/** The largest difference of any product from the reference's, in parts of the largest value; NaN counts as infinite. */
export function differenceOf(set: SetName, from: typeof floatsOf = floatsOf): number {
  let most = 0;
  for (const name of productNames) {
    for (const shape of shapes) {
      const [expected, found] = (['reference', set] as const).map(one => from(one, { name, ...shape }));
      const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      for (let k = 0; k < expected.length; k++) {
        const error = Math.abs(found[k] - expected[k]) / scale;
        most = Math.max(most, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
      }
    }
  }
  return most;
}

function floatsOf(set: SetName, product: Parameters<typeof trial>[1]): Float32Array {
  const { run, result } = trial(set, product);
  run();
  return new Float32Array(result().buffer);
}

/** Of the forward product of 32 rows of digits: the best of some 20 milliseconds. */
function speedOf(set: SetName, now: () => number): number {
  const [shape] = shapes;
  const { run } = trial(set, { name: 'forward', ...shape });
  run();
  let best = Number.POSITIVE_INFINITY;
  for (const end = now() + 20; now() < end; ) {
    const before = now();
    run();
    best = Math.min(best, now() - before);
  }
  return (2 * 32 * shape.inputs * shape.outputs) / (1e6 * best);
}

function needsFlag(): boolean {
  return supports('relaxed') && Number.parseInt(process.versions.node, 10) < 22;
}
