/** Every optimizer against its paper, in f64 and without a kernel, and against PyTorch where there is one. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Layer } from '../../../src/models/model.js';
import { namedOptimizer } from '../../../src/models/optimizer/named.js';
import { cases } from '../../support/cases.js';
import { arena, numbers, seeds } from '../kernels/arena.js';

const arenas = [arena('reference'), arena('simd')];

/** A start, and the gradient of each step. */
interface Case {
  readonly start: Float32Array;
  readonly gradients: readonly Float32Array[];
  readonly layers: readonly Layer[];
}

type Settings = Readonly<Record<string, number>>;

const text = (name: string, settings: Settings) =>
  `${name}:${Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')}`;

/** Where a set of kernels arrives. */
function arrival(a: (typeof arenas)[number], name: string, { start, gradients, layers }: Case): number[] {
  a.clear();
  const optimizer = namedOptimizer(name, 100, 'optimizer', layers);
  const n = start.length;
  const weights = a.place(start);
  const planes = optimizer.state.map(() => a.place(new Float32Array(n)));
  const gradient = a.place(new Float32Array(n));
  for (const [step, given] of gradients.entries()) {
    a.floats(gradient, n).set(given);
    optimizer.update(a.kernels, weights, gradient, planes, n, step);
  }
  assert.ok(a.intact());
  return Array.from(a.floats(weights, n));
}

/** A step of a vector as the paper writes it; `state` is the method's own and empty at first. `t` counts from 1. */
type Rule = (w: number[], g: number[], state: Record<string, number[]>, t: number, s: Settings) => number[];

const zeros = (like: number[]) => like.map(() => 0);
const norm = (x: number[]) => Math.sqrt(x.reduce((sum, value) => sum + value ** 2, 0));

/** m-hat / (sqrt(v-hat) + eps): Kingma and Ba, algorithm 1. */
const direction: Rule = (_, g, state, t, { beta1, beta2, eps }) => {
  state.m = (state.m ?? zeros(g)).map((m, i) => beta1 * m + (1 - beta1) * g[i]);
  state.v = (state.v ?? zeros(g)).map((v, i) => beta2 * v + (1 - beta2) * g[i] ** 2);
  return g.map((_, i) => state.m[i] / (1 - beta1 ** t) / (Math.sqrt(state.v[i] / (1 - beta2 ** t)) + eps));
};

const rules: Readonly<Record<string, Rule>> = {
  adam: (w, g, state, t, s) => {
    const decayed = g.map((value, i) => value + s.decay * w[i]);
    return direction(w, decayed, state, t, s).map((d, i) => w[i] - s.rate * d);
  },
  adamw: (w, g, state, t, s) => direction(w, g, state, t, s).map((d, i) => w[i] - s.rate * (d + s.decay * w[i])),
  rmsprop: (w, g, state, _, { rate, beta2, eps, decay }) => {
    const d = g.map((value, i) => value + decay * w[i]);
    state.v = (state.v ?? zeros(g)).map((v, i) => beta2 * v + (1 - beta2) * d[i] ** 2);
    return w.map((value, i) => value - (rate * d[i]) / (Math.sqrt(state.v[i]) + eps));
  },
  adagrad: (w, g, state, _, { rate, eps, decay }) => {
    const d = g.map((value, i) => value + decay * w[i]);
    state.v = (state.v ?? zeros(g)).map((v, i) => v + d[i] ** 2);
    return w.map((value, i) => value - (rate * d[i]) / (Math.sqrt(state.v[i]) + eps));
  },
  /** Of one layer: You et al., algorithm 2, with phi the identity. */
  lamb: (w, g, state, t, s) => {
    const u = direction(w, g, state, t, s).map((d, i) => d + s.decay * w[i]);
    const ratio = norm(w) > 0 && norm(u) > 0 ? norm(w) / norm(u) : 1;
    return w.map((value, i) => value - s.rate * ratio * u[i]);
  },
};

function byPaper(rule: Rule, settings: Settings, { start, gradients, layers }: Case): number[] {
  const parts = layers.map(({ offset, shape }) => ({ from: offset, to: offset + shape[0], state: {} }));
  let w = Array.from(start);
  for (const [step, given] of gradients.entries()) {
    let g = Array.from(given);
    if (settings.clip !== undefined && norm(g) > settings.clip)
      g = g.map(value => (value * settings.clip) / norm(Array.from(given)));
    w = parts.flatMap(({ from, to, state }) => rule(w.slice(from, to), g.slice(from, to), state, step + 1, settings));
  }
  return w;
}

/** Gradients far from 0, so that no quotient hangs on the last digit of a difference. */
function gradientsOf(seed: number, n: number, steps: number): Float32Array[] {
  return Array.from({ length: steps }, (_, k) => numbers(seed + 10 * k, n, 2).map(x => x + Math.sign(x) * 0.1));
}

const anyCase = fc
  .record({
    seed: seeds,
    sizes: fc.array(fc.integer({ min: 1, max: 21 }), { minLength: 1, maxLength: 4 }),
    steps: fc.integer({ min: 1, max: 12 }),
  })
  .map(({ seed, sizes, steps }) => {
    let n = 0;
    const layers = sizes.map((size, k) => {
      n += size;
      return { name: `${k}`, offset: n - size, shape: [size] };
    });
    // A layer of zeros at the start is what biases are.
    const start = numbers(seed, n).map((w, i) => (i < sizes[0] ? 0 : w + Math.sign(w) * 0.1));
    return { layers, start, gradients: gradientsOf(seed + 1, n, steps) };
  });

const anySettings = fc.record({
  rate: fc.constantFrom(0.1, 0.01),
  beta1: fc.constantFrom(0, 0.5, 0.9),
  beta2: fc.constantFrom(0.5, 0.99, 0.999),
  eps: fc.constantFrom(0, 1e-8, 0.1),
  decay: fc.constantFrom(0, 0.1),
});

function takes(name: string, settings: Settings): Settings {
  const { rate, beta1, beta2, eps, decay } = settings;
  if (name === 'adagrad') return { rate, eps, decay };
  return name === 'rmsprop' ? { rate, beta2, eps, decay } : { rate, beta1, beta2, eps, decay };
}

function near(found: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(found.length, expected.length);
  for (const [i, value] of expected.entries())
    assert.ok(
      Math.abs(found[i] - value) <= 1e-5 * Math.max(1, Math.abs(value)),
      `${what}: weight ${i}: ${found[i]}, must be ${value}`,
    );
}

for (const [name, rule] of Object.entries(rules)) {
  test(`${name} follows its paper, and gives the same bits in both sets`, () => {
    fc.assert(
      fc.property(anyCase, anySettings, fc.option(fc.constantFrom(0.5, 3), { nil: undefined }), (given, drawn, clip) => {
        const settings = { ...takes(name, drawn), ...(clip !== undefined && { clip }) };
        const [reference, simd] = arenas.map(a => arrival(a, text(name, settings), given));
        near(reference, byPaper(rule, settings, given), text(name, settings));
        assert.deepEqual(simd, reference);
      }),
      cases(150),
    );
  });
}

test('a first step of adam has the length of the rate in each weight, whatever the gradient', () => {
  const given: Case = { start: new Float32Array(5), gradients: [Float32Array.of(1e-3, 5, -20, 0.3, -1e-2)], layers: [] };
  near(arrival(arenas[0], 'adam:rate=0.5', given), [-0.5, -0.5, 0.5, -0.5, 0.5], 'adam');
});

test('a layer of lamb moves by rate x its size, and a layer of zeros by rate x the direction', () => {
  const start = Float32Array.of(3, 4, 0, 0);
  const layers = [
    { name: 'w', offset: 0, shape: [2] },
    { name: 'b', offset: 2, shape: [2] },
  ];
  const given = { start, gradients: [Float32Array.of(2, 2, 1, -1)], layers };
  const step = (0.1 * 5) / Math.SQRT2;
  near(arrival(arenas[0], 'lamb:rate=0.1,decay=0', given), [3 - step, 4 - step, -0.1, 0.1], 'lamb');
});

test('clip shortens a gradient that is too long, and leaves any other to the bit', () => {
  const start = numbers(1, 30);
  const gradients = gradientsOf(2, 30, 3);
  const longest = Math.max(...gradients.map(g => norm(Array.from(g))));
  const at = (settings: string) =>
    arrival(arenas[1], `sgd:rate=1${settings}`, { start, gradients: gradients.slice(0, 1), layers: [] });
  assert.deepEqual(at(`,clip=${longest * 1.01}`), at(''));
  const moved = at(',clip=0.25').map((w, i) => w - start[i]);
  assert.ok(Math.abs(norm(moved) - 0.25) < 1e-6, `${norm(moved)}`);
});

const torch = `
import json, sys, torch
for case in json.load(sys.stdin):
    w = torch.tensor(case["start"], dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, case["kind"])([w], **case["options"])
    for g in case["gradients"]:
        w.grad = torch.tensor(g, dtype=torch.float64)
        if case["clip"]:
            torch.nn.utils.clip_grad_norm_([w], case["clip"])
        optimizer.step()
    print(json.dumps(w.tolist()))
`;

/** How PyTorch writes what we write. */
const peers: readonly [string, string, Readonly<Record<string, unknown>>, number?][] = [
  ['sgd:rate=0.1,momentum=0.9,decay=0.1,clip=2', 'SGD', { lr: 0.1, momentum: 0.9, weight_decay: 0.1 }, 2],
  ['sgd:rate=0.1,momentum=0.9,nesterov=true', 'SGD', { lr: 0.1, momentum: 0.9, nesterov: true }],
  ['adam', 'Adam', {}],
  [
    'adam:rate=0.05,beta1=0.8,beta2=0.99,eps=0.01,decay=0.1',
    'Adam',
    { lr: 0.05, betas: [0.8, 0.99], eps: 0.01, weight_decay: 0.1 },
  ],
  ['adamw', 'AdamW', {}],
  ['adamw:rate=0.05,decay=0.3,clip=1', 'AdamW', { lr: 0.05, weight_decay: 0.3 }, 1],
  ['rmsprop', 'RMSprop', { lr: 0.001 }],
  ['rmsprop:rate=0.05,beta2=0.9,eps=0.01,decay=0.1', 'RMSprop', { lr: 0.05, alpha: 0.9, eps: 0.01, weight_decay: 0.1 }],
  ['adagrad', 'Adagrad', {}],
  ['adagrad:rate=0.1,eps=0.01,decay=0.1', 'Adagrad', { lr: 0.1, eps: 0.01, weight_decay: 0.1 }],
];

const python = ['/usr/bin/python3', 'python3'].find(
  path => spawnSync(path, ['-c', 'import torch'], { timeout: 60_000 }).status === 0,
);

test('PyTorch arrives at the same weights', { skip: python === undefined && 'no PyTorch here' }, () => {
  const given: Case = { start: numbers(5, 41), gradients: gradientsOf(6, 41, 25), layers: [] };
  const start = Array.from(given.start);
  const gradients = given.gradients.map(g => Array.from(g));
  const input = JSON.stringify(peers.map(([, kind, options, clip = 0]) => ({ kind, options, clip, start, gradients })));
  const { stdout, stderr } = spawnSync(python!, ['-c', torch], { input, encoding: 'utf8', timeout: 120_000 });
  const ends = stdout.trim().split('\n');
  assert.equal(ends.length, peers.length, stderr);
  for (const [k, [ours]] of peers.entries()) near(arrival(arenas[1], ours, given), JSON.parse(ends[k]), ours);
});
