// A rating as mu + b(user) + b(item) + p(user) . q(item): see FactorKernels in contract/factor.ts.
//
//   weights    mu | b of the users | b of the items | p, users x rank | q, items x rank
import { sum4 } from './part';

export function factorScores(
  scores: usize, weights: usize, users: i32, items: i32, rank: i32, inputs: usize, numbers: usize, rows: i32,
): void {
  for (; rows > 0; rows--, numbers += 4, scores += 4) {
    const row = inputs + (load<usize>(numbers) << 3);
    store<f32>(scores, score(weights, users, items, rank, <usize>load<f32>(row), <usize>load<f32>(row, 4)));
  }
}

export function factorAdd(
  into: usize, slopes: usize, weights: usize, users: i32, items: i32, rank: i32, inputs: usize, numbers: usize, rows: i32, l2: f32,
): void {
  for (; rows > 0; rows--, numbers += 4, slopes += 4) {
    const row = inputs + (load<usize>(numbers) << 3);
    const u = <usize>load<f32>(row), i = <usize>load<f32>(row, 4);
    const d = load<f32>(slopes);
    store<f32>(into, load<f32>(into) + d);
    addBias(into, weights, 4 + (u << 2), d, l2);
    addBias(into, weights, 4 + ((<usize>users + i) << 2), d, l2);
    const p = userAt(users, items, rank, u), q = itemAt(users, items, rank, i);
    for (let k: usize = 0, n = <usize>rank << 2; k < n; k += 4) {
      const a = load<f32>(weights + p + k), b = load<f32>(weights + q + k);
      store<f32>(into + p + k, load<f32>(into + p + k) + (d * b + l2 * a));
      store<f32>(into + q + k, load<f32>(into + q + k) + (d * a + l2 * b));
    }
  }
}

export function factorSweep(
  weights: usize, users: i32, items: i32, rank: i32, inputs: usize, targets: usize, numbers: usize,
  rates: usize, steps: i32, batch: i32, l2: f32, work: usize,
): f64 {
  const share: f32 = <f32>1 / <f32>batch;
  const bytes = <usize>rank << 2;
  const kept = work + (<usize>batch << 2); // of each row what p and q, and the two biases, were
  let loss: f64 = 0;
  for (; steps > 0; steps--, rates += 4, numbers += <usize>batch << 2) {
    for (let r = 0; r < batch; r++) {
      const number = load<usize>(numbers + (<usize>r << 2));
      const row = inputs + (number << 3);
      const u = <usize>load<f32>(row), i = <usize>load<f32>(row, 4);
      const e = score(weights, users, items, rank, u, i) - load<f32>(targets + (number << 2));
      loss += 0.5 * <f64>e * <f64>e;
      store<f32>(work + (<usize>r << 2), e);
      if (batch > 1) {
        const at = kept + <usize>r * (2 * bytes + 8);
        store<f32>(at, load<f32>(weights + (u << 2), 4));
        store<f32>(at, load<f32>(weights + ((<usize>users + i) << 2), 4), 4);
        copy(at + 8, weights + userAt(users, items, rank, u), bytes);
        copy(at + 8 + bytes, weights + itemAt(users, items, rank, i), bytes);
      }
    }
    const step = load<f32>(rates) * share;
    for (let r = 0; r < batch; r++) {
      const row = inputs + (load<usize>(numbers + (<usize>r << 2)) << 3);
      const u = <usize>load<f32>(row), i = <usize>load<f32>(row, 4);
      const e = load<f32>(work + (<usize>r << 2));
      const user = weights + (u << 2) + 4, item = weights + ((<usize>users + i) << 2) + 4;
      const p = weights + userAt(users, items, rank, u), q = weights + itemAt(users, items, rank, i);
      const at = kept + <usize>r * (2 * bytes + 8);
      const whole = batch == 1;
      store<f32>(weights, load<f32>(weights) - step * e);
      store<f32>(user, load<f32>(user) - step * (e + l2 * load<f32>(whole ? user : at)));
      store<f32>(item, load<f32>(item) - step * (e + l2 * load<f32>(whole ? item : at + 4)));
      move(p, q, whole ? p : at + 8, whole ? q : at + 8 + bytes, rank, step, e, l2);
    }
  }
  return loss / <f64>batch;
}

// @ts-ignore: decorator
@inline
function userAt(users: i32, items: i32, rank: i32, u: usize): usize {
  return (1 + <usize>users + <usize>items + u * <usize>rank) << 2;
}

// @ts-ignore: decorator
@inline
function itemAt(users: i32, items: i32, rank: i32, i: usize): usize {
  return (1 + <usize>users + <usize>items + (<usize>users + i) * <usize>rank) << 2;
}

// Factor k counts in sum k modulo 4.
// @ts-ignore: decorator
@inline
function score(weights: usize, users: i32, items: i32, rank: i32, u: usize, i: usize): f32 {
  let p = weights + userAt(users, items, rank, u), q = weights + itemAt(users, items, rank, i);
  let sum = f32x4.splat(0);
  let n = rank;
  for (; n >= 4; n -= 4, p += 16, q += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(p), v128.load(q)));
  let last = f32x4.splat(0);
  if (n > 0) last = f32x4.replace_lane(last, 0, load<f32>(p) * load<f32>(q));
  if (n > 1) last = f32x4.replace_lane(last, 1, load<f32>(p, 4) * load<f32>(q, 4));
  if (n > 2) last = f32x4.replace_lane(last, 2, load<f32>(p, 8) * load<f32>(q, 8));
  const biases = load<f32>(weights) + load<f32>(weights + (u << 2), 4) + load<f32>(weights + ((<usize>users + i) << 2), 4);
  return sum4(f32x4.add(sum, last)) + biases;
}

// p -= step (e q + l2 p), q -= step (e p + l2 q), by what they were
// @ts-ignore: decorator
@inline
function move(p: usize, q: usize, a: usize, b: usize, n: i32, step: f32, e: f32, l2: f32): void {
  const wide = f32x4.splat(step), error = f32x4.splat(e), pull = f32x4.splat(l2);
  for (; n >= 4; n -= 4, p += 16, q += 16, a += 16, b += 16) {
    const x = v128.load(a), y = v128.load(b);
    const dx = f32x4.mul(wide, f32x4.add(f32x4.mul(error, y), f32x4.mul(pull, x)));
    const dy = f32x4.mul(wide, f32x4.add(f32x4.mul(error, x), f32x4.mul(pull, y)));
    v128.store(p, f32x4.sub(v128.load(p), dx));
    v128.store(q, f32x4.sub(v128.load(q), dy));
  }
  for (; n > 0; n--, p += 4, q += 4, a += 4, b += 4) {
    const x = load<f32>(a), y = load<f32>(b);
    store<f32>(p, load<f32>(p) - step * (e * y + l2 * x));
    store<f32>(q, load<f32>(q) - step * (e * x + l2 * y));
  }
}

// @ts-ignore: decorator
@inline
function addBias(into: usize, weights: usize, at: usize, d: f32, l2: f32): void {
  store<f32>(into + at, load<f32>(into + at) + (d + l2 * load<f32>(weights + at)));
}

// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 4) store<f32>(to + k, load<f32>(from + k));
}
