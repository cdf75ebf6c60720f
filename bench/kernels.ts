/** How fast the kernels are, against what the processor could do: dense products, steps of models, passes over rows. */

import { strict as assert } from 'node:assert';
import { openKernels } from '../src/models/kernels/choose.js';
import type { Kernels, Memory } from '../src/models/kernels/kernels.js';
import { packing } from '../src/models/kernels/packing.js';
import { type WasmKernels, wasmKernels } from '../src/models/kernels/simd.js';
import type { Batch } from '../src/models/model.js';
import { namedModel } from '../src/models/named.js';
import { namedOptimizer } from '../src/models/optimizer/named.js';
import { source, uniform } from '../src/random.js';
import { median, type Row, ratio, sideBySide } from './measure.js';

const memory: Memory = new WebAssembly.Memory({ initial: 1024, maximum: 1024, shared: true });
const oracle = openKernels('reference', memory);
const simd = wasmKernels('simd', memory);
const relaxed = wasmKernels('relaxed', memory);
const values = source(1, 'bench');

/** Shapes as rows x inputs x outputs: the step of a perceptron at batch 32, and products whose sums are long. */
const BATCH_32 = [
  [32, 784, 128],
  [32, 784, 10],
  [32, 128, 10],
  [32, 128, 64],
];
const LONG = [
  [256, 256, 256],
  [128, 784, 128],
  [250, 784, 128],
  [512, 512, 512],
];

export function kernels(): Row[] {
  return [...products(), ...steps(), ...passes(), ...updates()];
}

/** Places `n` floats after the last ones; with values when they are asked for. */
function place(n: number, fill = true): number {
  const address = top;
  top += Math.ceil((4 * (n + 4)) / 128) * 128;
  if (fill) draw(floats(address, n), top, 1, -0.5);
  return address;
}
let top = 128;

/** Fills `view` with numbers from `shift` to `shift + scale`. */
function draw(view: Float32Array | Uint8Array | Int32Array, stream: number, scale: number, shift = 0): void {
  for (let i = 0; i < view.length; i++) view[i] = uniform(values, stream, i) * scale + shift;
}

function floats(address: number, n: number): Float32Array {
  return new Float32Array(memory.buffer, address, n);
}

/** Products of every shape, in the same rounds as the register loop that bounds them. */
function products(): Row[] {
  const rows: Row[] = [];
  const rounds = 10_000;
  const registers = 128;
  const zeros = floats(registers, 48);
  const limit = (kernels: WasmKernels) => () => {
    zeros.fill(0);
    kernels.limit(registers, rounds);
  };
  const limits = sideBySide({ simd: limit(simd), relaxed: limit(relaxed) });
  const rate = (time: number, operations: number) => operations / time / 1e6;
  for (const set of ['simd', 'relaxed'] as const) {
    rows.push({ name: `register loop, ${set}`, value: rate(median(limits[set]), 96 * rounds), unit: 'GFLOP/s' });
  }
  for (const [m, k, n] of [...BATCH_32, ...LONG]) {
    top = 1024;
    const [x, w, b, dy] = [place(m * k), place(k * n), place(n), place(m * n)];
    const [y, dx, work] = [place(m * n, false), place(m * k, false), place(packing(m, k, n), false)];
    const runs = (kernels: Kernels) => ({
      forward: () => kernels.forward(y, x, w, b, m, k, n, work),
      backward: () => kernels.backward(dx, dy, w, m, k, n, work),
      accumulate: () => kernels.accumulate(w, b, x, dy, m, k, n, 1, work),
    });
    const outputs = { forward: [y, m * n], backward: [dx, m * k], accumulate: [w, k * n] };
    const saved = floats(w, k * n).slice();
    for (const name of ['forward', 'backward', 'accumulate'] as const) {
      const results = [oracle, simd, relaxed].map(kernels => {
        floats(w, k * n).set(saved);
        runs(kernels)[name]();
        return floats(outputs[name][0], outputs[name][1]).slice();
      });
      agree(results, 1e-4);
      floats(dy, m * n).fill(1e-9); // so that the weights stay as they are, however often they are added to
      const times = sideBySide({ limit: limit(simd), simd: runs(simd)[name], relaxed: runs(relaxed)[name] });
      floats(w, k * n).set(saved);
      const operations = 2 * m * k * n;
      const inner = name === 'forward' ? k : name === 'backward' ? n : m;
      rows.push({
        name: `${name} ${m}x${k}x${n} simd`,
        value: rate(median(times.simd), operations),
        unit: 'GFLOP/s',
        ratio: (ratio(times.limit, times.simd) * operations) / (96 * rounds),
        of: 'of the limit',
        bar: inner >= 128 && m > 32 ? 0.85 : 0.7,
      });
      rows.push({
        name: `${name} ${m}x${k}x${n} relaxed`,
        value: rate(median(times.relaxed), operations),
        unit: 'GFLOP/s',
        ratio: ratio(times.simd, times.relaxed),
        of: 'of simd',
        bar: inner >= 128 ? 1.25 : undefined,
      });
    }
  }
  return rows;
}

/** A step: gather 32 rows of bytes, forward, back, update. Without a clock between them, as in training. */
function steps(): Row[] {
  const rows: Row[] = [];
  const [count, features, classes, examples] = [32, 784, 10, 4096];
  for (const name of ['softmax', 'mlp:128', 'mlp:128,64']) {
    top = 1024;
    const task = { features, shape: [28, 28], classes };
    const model = namedModel(name, task);
    const data = place((examples * features) / 4, false);
    draw(new Uint8Array(memory.buffer, data, examples * features), 1, 256);
    const labels = place(examples, false);
    draw(new Int32Array(memory.buffer, labels, examples), 2, classes);
    const [indices, x, t] = [place(count, false), place(count * features, false), place(count, false)];
    const chosen = new Uint32Array(memory.buffer, indices, count);
    const [weights, work] = [place(model.parameters, false), place(model.workspace(count), false)];
    const view = floats(weights, model.parameters);
    let number = 0;
    model.initialize(
      view,
      () => uniform(values, 3, number++),
      () => uniform(values, 3, number++) - 0.5,
    );
    const start = view.slice();
    const batch: Batch = {
      rows: count,
      inputs: floats(x, count * features),
      targets: new Int32Array(memory.buffer, t, count),
    };
    const step = (kernels: Kernels) => {
      const session = model.open(kernels, floats(work, model.workspace(count)), count);
      let number = 0;
      return () => {
        number++;
        for (let k = 0; k < count; k++) chosen[k] = Math.imul(number * count + k, 2654435761) >>> 20;
        kernels.gatherBytes(x, data, indices, count, features, 1 / 255, 0);
        kernels.gatherWords(t, labels, indices, count, 1);
        session.descend!(view, batch, 1e-3);
      };
    };
    const results = [oracle, simd, relaxed].map(kernels => {
      view.set(start);
      const run = step(kernels);
      for (let k = 0; k < 3; k++) run();
      return view.slice();
    });
    agree(results, 1e-5);
    const times = sideBySide({ simd: step(simd), relaxed: step(relaxed) });
    for (const set of ['simd', 'relaxed'] as const) {
      rows.push({ name: `step of ${name} at batch 32, ${set}`, value: median(times[set]), unit: 'ms' });
    }
  }
  return rows;
}

/** Passes over rows of 1 M parameters against plain copies that move as many bytes: half of them read, half written. */
function passes(): Row[] {
  const rows: Row[] = [];
  for (const n of [101_770, 1_000_000]) {
    top = 1024;
    const [a, b, delta, toA, toB] = [place(n), place(n), place(n), place(n), place(n)];
    const view = Object.fromEntries([a, b, delta, toA, toB].map(address => [address, floats(address, n)]));
    const runs: Record<string, [number, (kernels: Kernels) => void]> = {
      snapshot: [3, kernels => kernels.snapshot(toA, toB, a, n)],
      commit: [3, kernels => kernels.commit(toA, a, delta, n)],
      mix: [4, kernels => kernels.mix(toA, toB, a, b, 0.5, n)],
      mixAndCommit: [5, kernels => kernels.mixAndCommit(toA, toB, a, b, delta, 0.5, n)],
      mixAndCommitBoth: [6, kernels => kernels.mixAndCommitBoth(toA, toB, a, b, delta, delta, 0.5, n)],
    };
    for (const [name, [rowsMoved, run]] of Object.entries(runs)) {
      const results = [oracle, simd].map(kernels => {
        run(kernels);
        return [...view[toA].slice(0, 1000), ...view[toB].slice(-1000)];
      });
      assert.deepEqual(results[1], results[0]);
      const times = sideBySide({
        pass: () => run(simd),
        copy: () => {
          view[toA].set(view[a]);
          view[toB].set(view[b]);
        },
      });
      rows.push({
        name: `${name} of ${n} floats`,
        value: (4 * n * rowsMoved) / median(times.pass) / 1e6,
        unit: 'GB/s',
        ratio: (ratio(times.copy, times.pass) * rowsMoved) / 4,
        of: 'of plain copies',
        bar: n === 1_000_000 ? 0.7 : undefined,
      });
    }
  }
  return rows;
}

/** Updates of the weights of mlp:128 on MNIST against that of sgd with momentum, and what they read and write. */
export function updates(): Row[] {
  const { parameters: n, layers } = namedModel('mlp:128', { features: 784, shape: [28, 28], classes: 10 });
  const rows: Row[] = [];
  const runOf = (text: string) => {
    const optimizer = namedOptimizer(text, Number.POSITIVE_INFINITY, 'optimizer', layers);
    const [weights, gradient] = [place(n), place(n)];
    const planes = optimizer.state.map(() => place(n));
    for (const plane of planes) floats(plane, n).fill(0.1);
    let step = 0;
    return {
      run: () => {
        optimizer.update(simd, weights, gradient, planes, n, step++);
        if (text.startsWith('lamb') && step % 50 === 0) draw(floats(gradient, n), 5, 1, -0.5); // it overwrites it
      },
      floats: text.startsWith('lamb') ? 11 : 3 + 2 * planes.length,
    };
  };
  for (const text of ['sgd:rate=1e-9', 'sgd:rate=1e-9,clip=1', 'adam', 'adamw', 'rmsprop', 'adagrad', 'lamb']) {
    top = 1024;
    const momentum = runOf('sgd:rate=1e-9,momentum=0.9');
    const other = runOf(text);
    const times = sideBySide({ momentum: momentum.run, other: other.run });
    const name = text.replace('rate=1e-9,', '').replace(':rate=1e-9', '');
    rows.push({
      name: `update of ${n} weights by ${name}, ${((4 * n * other.floats) / median(times.other) / 1e6).toFixed(0)} GB/s`,
      value: 1000 * median(times.other),
      unit: 'us',
      ratio: ratio(times.momentum, times.other),
      of: 'of the speed of momentum',
    });
  }
  return rows;
}

function agree([expected, ...others]: Float32Array[], tolerance: number): void {
  const size = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6);
  for (const found of others) {
    for (let i = 0; i < expected.length; i++) assert.ok(Math.abs(found[i] - expected[i]) <= tolerance * size, 'a wrong result');
  }
}
