// Passes over whole rows. Every sum and product is one f32 operation in the order that reference.ts states, and none is fused, so
// these kernels give the same bits in every set. Counters, not end addresses, bound the loops: a row may end at 4 GiB.

export function copy(to: usize, from: usize, n: i32): void {
  if (n >= 1024) {
    memory.copy(to, from, <usize>n << 2);
    return;
  }
  for (; n >= 16; n -= 16, to += 64, from += 64) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
  }
  for (; n >= 4; n -= 4, to += 16, from += 16) v128.store(to, v128.load(from));
  for (; n > 0; n--, to += 4, from += 4) store<f32>(to, load<f32>(from));
}

export function zero(to: usize, n: i32): void {
  memory.fill(to, 0, <usize>n << 2);
}

export function snapshot(work: usize, base: usize, from: usize, n: i32): void {
  for (; n >= 8; n -= 8, work += 32, base += 32, from += 32) {
    const x = v128.load(from);
    const y = v128.load(from, 16);
    v128.store(work, x);
    v128.store(work, y, 16);
    v128.store(base, x);
    v128.store(base, y, 16);
  }
  for (; n > 0; n--, work += 4, base += 4, from += 4) {
    const x = load<f32>(from);
    store<f32>(work, x);
    store<f32>(base, x);
  }
}

export function difference(to: usize, base: usize, work: usize, n: i32): f32 {
  // 2^28 d is infinite from 2^100 on; less itself it is 0, and NaN where it is not finite
  const far = f32x4.splat(268435456);
  let bad = f32x4.splat(0);
  let worse = f32x4.splat(0);
  for (; n >= 8; n -= 8, to += 32, base += 32, work += 32) {
    const d = f32x4.sub(v128.load(work), v128.load(base));
    const e = f32x4.sub(v128.load(work, 16), v128.load(base, 16));
    v128.store(to, d);
    v128.store(to, e, 16);
    const f = f32x4.mul(d, far);
    const g = f32x4.mul(e, far);
    bad = f32x4.add(bad, f32x4.sub(f, f));
    worse = f32x4.add(worse, f32x4.sub(g, g));
  }
  bad = f32x4.add(bad, worse);
  let sum =
    f32x4.extract_lane(bad, 0) + f32x4.extract_lane(bad, 1) + f32x4.extract_lane(bad, 2) + f32x4.extract_lane(bad, 3);
  for (; n > 0; n--, to += 4, base += 4, work += 4) {
    const d = load<f32>(work) - load<f32>(base);
    store<f32>(to, d);
    const f: f32 = d * <f32>268435456;
    sum += f - f;
  }
  return sum;
}

export function commit(to: usize, from: usize, delta: usize, n: i32): void {
  for (; n >= 8; n -= 8, to += 32, from += 32, delta += 32) {
    v128.store(to, f32x4.add(v128.load(from), v128.load(delta)));
    v128.store(to, f32x4.add(v128.load(from, 16), v128.load(delta, 16)), 16);
  }
  for (; n > 0; n--, to += 4, from += 4, delta += 4) store<f32>(to, load<f32>(from) + load<f32>(delta));
}

export function blend(to: usize, a: usize, b: usize, w: f32, n: i32): void {
  if (w == 0.5) {
    const half = f32x4.splat(0.5);
    for (; n >= 4; n -= 4, to += 16, a += 16, b += 16) {
      v128.store(to, f32x4.mul(half, f32x4.add(v128.load(a), v128.load(b))));
    }
    for (; n > 0; n--, to += 4, a += 4, b += 4) store<f32>(to, <f32>0.5 * (load<f32>(a) + load<f32>(b)));
    return;
  }
  const u: f32 = <f32>1 - w;
  const wide = f32x4.splat(w);
  const rest = f32x4.splat(u);
  for (; n >= 4; n -= 4, to += 16, a += 16, b += 16) {
    v128.store(to, f32x4.add(f32x4.mul(rest, v128.load(a)), f32x4.mul(wide, v128.load(b))));
  }
  for (; n > 0; n--, to += 4, a += 4, b += 4) store<f32>(to, u * load<f32>(a) + w * load<f32>(b));
}

export function mix(toA: usize, toB: usize, a: usize, b: usize, w: f32, n: i32): void {
  if (w == 0.5) {
    const half = f32x4.splat(0.5);
    for (; n >= 8; n -= 8, toA += 32, toB += 32, a += 32, b += 32) {
      const x = f32x4.mul(half, f32x4.add(v128.load(a), v128.load(b)));
      const y = f32x4.mul(half, f32x4.add(v128.load(a, 16), v128.load(b, 16)));
      v128.store(toA, x);
      v128.store(toA, y, 16);
      v128.store(toB, x);
      v128.store(toB, y, 16);
    }
    for (; n > 0; n--, toA += 4, toB += 4, a += 4, b += 4) {
      const x: f32 = <f32>0.5 * (load<f32>(a) + load<f32>(b));
      store<f32>(toA, x);
      store<f32>(toB, x);
    }
    return;
  }
  const u: f32 = <f32>1 - w;
  const wide = f32x4.splat(w);
  const rest = f32x4.splat(u);
  for (; n >= 4; n -= 4, toA += 16, toB += 16, a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    v128.store(toA, f32x4.add(f32x4.mul(rest, x), f32x4.mul(wide, y)));
    v128.store(toB, f32x4.add(f32x4.mul(wide, x), f32x4.mul(rest, y)));
  }
  for (; n > 0; n--, toA += 4, toB += 4, a += 4, b += 4) {
    const x = load<f32>(a);
    const y = load<f32>(b);
    store<f32>(toA, u * x + w * y);
    store<f32>(toB, w * x + u * y);
  }
}

export function mixAndCommit(toA: usize, toB: usize, a: usize, b: usize, delta: usize, w: f32, n: i32): void {
  if (w == 0.5) {
    const half = f32x4.splat(0.5);
    for (; n >= 8; n -= 8, toA += 32, toB += 32, a += 32, b += 32, delta += 32) {
      const x = f32x4.mul(half, f32x4.add(v128.load(a), v128.load(b)));
      const y = f32x4.mul(half, f32x4.add(v128.load(a, 16), v128.load(b, 16)));
      v128.store(toA, f32x4.add(x, v128.load(delta)));
      v128.store(toA, f32x4.add(y, v128.load(delta, 16)), 16);
      v128.store(toB, x);
      v128.store(toB, y, 16);
    }
    for (; n > 0; n--, toA += 4, toB += 4, a += 4, b += 4, delta += 4) {
      const x: f32 = <f32>0.5 * (load<f32>(a) + load<f32>(b));
      store<f32>(toA, x + load<f32>(delta));
      store<f32>(toB, x);
    }
    return;
  }
  const u: f32 = <f32>1 - w;
  const wide = f32x4.splat(w);
  const rest = f32x4.splat(u);
  for (; n >= 4; n -= 4, toA += 16, toB += 16, a += 16, b += 16, delta += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    v128.store(toA, f32x4.add(f32x4.add(f32x4.mul(rest, x), f32x4.mul(wide, y)), v128.load(delta)));
    v128.store(toB, f32x4.add(f32x4.mul(wide, x), f32x4.mul(rest, y)));
  }
  for (; n > 0; n--, toA += 4, toB += 4, a += 4, b += 4, delta += 4) {
    const x = load<f32>(a);
    const y = load<f32>(b);
    store<f32>(toA, u * x + w * y + load<f32>(delta));
    store<f32>(toB, w * x + u * y);
  }
}

export function mixAndCommitBoth(
  toA: usize, toB: usize, a: usize, b: usize, deltaA: usize, deltaB: usize, w: f32, n: i32,
): void {
  if (w == 0.5) {
    const half = f32x4.splat(0.5);
    for (; n >= 4; n -= 4, toA += 16, toB += 16, a += 16, b += 16, deltaA += 16, deltaB += 16) {
      const x = f32x4.add(v128.load(a), v128.load(deltaA));
      const y = f32x4.add(v128.load(b), v128.load(deltaB));
      const mean = f32x4.mul(half, f32x4.add(x, y));
      v128.store(toA, mean);
      v128.store(toB, mean);
    }
    for (; n > 0; n--, toA += 4, toB += 4, a += 4, b += 4, deltaA += 4, deltaB += 4) {
      const mean: f32 = <f32>0.5 * (load<f32>(a) + load<f32>(deltaA) + (load<f32>(b) + load<f32>(deltaB)));
      store<f32>(toA, mean);
      store<f32>(toB, mean);
    }
    return;
  }
  const u: f32 = <f32>1 - w;
  const wide = f32x4.splat(w);
  const rest = f32x4.splat(u);
  for (; n >= 4; n -= 4, toA += 16, toB += 16, a += 16, b += 16, deltaA += 16, deltaB += 16) {
    const x = f32x4.add(v128.load(a), v128.load(deltaA));
    const y = f32x4.add(v128.load(b), v128.load(deltaB));
    v128.store(toA, f32x4.add(f32x4.mul(rest, x), f32x4.mul(wide, y)));
    v128.store(toB, f32x4.add(f32x4.mul(wide, x), f32x4.mul(rest, y)));
  }
  for (; n > 0; n--, toA += 4, toB += 4, a += 4, b += 4, deltaA += 4, deltaB += 4) {
    const x = load<f32>(a) + load<f32>(deltaA);
    const y = load<f32>(b) + load<f32>(deltaB);
    store<f32>(toA, u * x + w * y);
    store<f32>(toB, w * x + u * y);
  }
}

export function combine(to: usize, rows: usize, weights: usize, count: i32, n: i32): void {
  // 128 bytes of every row at a time: the sums stay in registers, and each row is read once
  let at: usize = 0;
  for (; n >= 32; n -= 32, at += 128) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    for (let k = 0; k < count; k++) {
      const row = load<usize>(rows + (<usize>k << 2)) + at;
      const w = v128.load32_splat(weights + (<usize>k << 2));
      s0 = f32x4.add(s0, f32x4.mul(w, v128.load(row)));
      s1 = f32x4.add(s1, f32x4.mul(w, v128.load(row, 16)));
      s2 = f32x4.add(s2, f32x4.mul(w, v128.load(row, 32)));
      s3 = f32x4.add(s3, f32x4.mul(w, v128.load(row, 48)));
      s4 = f32x4.add(s4, f32x4.mul(w, v128.load(row, 64)));
      s5 = f32x4.add(s5, f32x4.mul(w, v128.load(row, 80)));
      s6 = f32x4.add(s6, f32x4.mul(w, v128.load(row, 96)));
      s7 = f32x4.add(s7, f32x4.mul(w, v128.load(row, 112)));
    }
    const out = to + at;
    v128.store(out, s0);
    v128.store(out, s1, 16);
    v128.store(out, s2, 32);
    v128.store(out, s3, 48);
    v128.store(out, s4, 64);
    v128.store(out, s5, 80);
    v128.store(out, s6, 96);
    v128.store(out, s7, 112);
  }
  for (; n > 0; n--, at += 4) {
    let sum: f32 = 0;
    for (let k = 0; k < count; k++) {
      sum += load<f32>(weights + (<usize>k << 2)) * load<f32>(load<usize>(rows + (<usize>k << 2)) + at);
    }
    store<f32>(to + at, sum);
  }
}

export function squaredDistance(a: usize, b: usize, n: i32): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  for (; n >= 4; n -= 4, a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    const d = f64x2.sub(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y));
    const e = f64x2.sub(
      f64x2.promote_low_f32x4(i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)),
      f64x2.promote_low_f32x4(i8x16.shuffle(y, y, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)),
    );
    even = f64x2.add(even, f64x2.mul(d, d));
    odd = f64x2.add(odd, f64x2.mul(e, e));
  }
  even = f64x2.add(even, odd);
  let sum = f64x2.extract_lane(even, 0) + f64x2.extract_lane(even, 1);
  for (; n > 0; n--, a += 4, b += 4) {
    const d = <f64>load<f32>(a) - <f64>load<f32>(b);
    sum += d * d;
  }
  return sum;
}
