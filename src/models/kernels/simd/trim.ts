// Trimmed means: eight columns at a time are sorted by a network, whose comparisons are the same whatever the numbers are. See RowKernels.

export function trim(to: usize, rows: usize, deltas: usize, count: i32, cut: i32, work: usize, n: i32): void {
  let at: usize = 0;
  for (; n >= 8; n -= 8, at += 32) {
    const finite = loadColumns(rows, deltas, count, work, at);
    sort(work, count);
    if (finite) meanOfLanes(to + at, count, cut, work);
    else for (let lane: usize = 0; lane < 32; lane += 4) trimColumn(to, rows, deltas, count, cut, work + lane, at + lane);
  }
  for (; n > 0; n--, at += 4) {
    let found: i32 = 0;
    for (let k = 0; k < count; k++) {
      const x = value(rows, deltas, k, at);
      if (x - x == 0) insert(work, found++, x);
    }
    store<i32>(work + (<usize>count << 5), found);
    trimColumn(to, rows, deltas, count, cut, work, at);
  }
}

// @ts-ignore: a decorator
@inline
function value(rows: usize, deltas: usize, k: i32, at: usize): f32 {
  const x = load<f32>(load<usize>(rows + (<usize>k << 2)) + at);
  const delta = load<usize>(deltas + (<usize>k << 2));
  return delta == 0 ? x : x + load<f32>(delta + at);
}

// Puts eight columns of each row into `work`, infinity for what is not finite, and behind them how many are. True when all are.
function loadColumns(rows: usize, deltas: usize, count: i32, work: usize, at: usize): bool {
  const infinite = f32x4.splat(f32.POSITIVE_INFINITY), zero = f32x4.splat(0);
  let first = i32x4.splat(0), last = first;
  for (let k = 0; k < count; k++, work += 32) {
    const row = load<usize>(rows + (<usize>k << 2)) + at;
    const delta = load<usize>(deltas + (<usize>k << 2));
    let x = v128.load(row), y = v128.load(row, 16);
    if (delta != 0) {
      x = f32x4.add(x, v128.load(delta + at));
      y = f32x4.add(y, v128.load(delta + at, 16));
    }
    const isX = f32x4.eq(f32x4.sub(x, x), zero), isY = f32x4.eq(f32x4.sub(y, y), zero);
    first = i32x4.sub(first, isX);
    last = i32x4.sub(last, isY);
    v128.store(work, v128.bitselect(x, infinite, isX));
    v128.store(work, v128.bitselect(y, infinite, isY), 16);
  }
  v128.store(work, first);
  v128.store(work, last, 16);
  const all = i32x4.splat(count);
  return i32x4.all_true(i32x4.eq(first, all)) && i32x4.all_true(i32x4.eq(last, all));
}

// Merge exchange (Batcher 1968; Knuth, The Art of Computer Programming 3, section 5.2.2, algorithm M), for any count.
function sort(work: usize, count: i32): void {
  let top = 1;
  while (top < count) top <<= 1;
  top >>= 1;
  for (let p = top; p > 0; p >>= 1) {
    let q = top, r = 0, d = p;
    while (true) {
      for (let i = 0; i < count - d; i++) {
        if ((i & p) == r) exchange(work + (<usize>i << 5), work + (<usize>(i + d) << 5));
      }
      if (q == p) break;
      d = q - p;
      q >>= 1;
      r = p;
    }
  }
}

// @ts-ignore: a decorator
@inline
function exchange(low: usize, high: usize): void {
  const a = v128.load(low), b = v128.load(low, 16), c = v128.load(high), d = v128.load(high, 16);
  v128.store(low, f32x4.pmin(a, c));
  v128.store(low, f32x4.pmin(b, d), 16);
  v128.store(high, f32x4.pmax(c, a));
  v128.store(high, f32x4.pmax(d, b), 16);
}

// @ts-ignore: a decorator
@inline
function outOf(count: i32, cut: i32): i32 {
  return min(cut, (count - 1) >> 1);
}

function meanOfLanes(to: usize, count: i32, cut: i32, work: usize): void {
  const out = outOf(count, cut);
  let a = f64x2.splat(0), b = a, c = a, d = a;
  for (let j = out; j < count - out; j++) {
    const at = work + (<usize>j << 5);
    const x = v128.load(at), y = v128.load(at, 16);
    a = f64x2.add(a, f64x2.promote_low_f32x4(x));
    b = f64x2.add(b, f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 0)));
    c = f64x2.add(c, f64x2.promote_low_f32x4(y));
    d = f64x2.add(d, f64x2.promote_low_f32x4(i64x2.shuffle(y, y, 1, 0)));
  }
  const by = f64x2.splat(<f64>(count - 2 * out));
  v128.store(to, halves(f64x2.div(a, by), f64x2.div(b, by)));
  v128.store(to, halves(f64x2.div(c, by), f64x2.div(d, by)), 16);
}

// @ts-ignore: a decorator
@inline
function halves(a: v128, b: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2);
}

// One column, at `work`, whose numbers are 32 bytes apart, and behind them how many there are.
function trimColumn(to: usize, rows: usize, deltas: usize, count: i32, cut: i32, work: usize, at: usize): void {
  const found = load<i32>(work + (<usize>count << 5));
  if (found == 0) {
    store<f32>(to + at, value(rows, deltas, count, at));
    return;
  }
  const out = outOf(found, cut);
  let sum: f64 = 0;
  for (let j = out; j < found - out; j++) sum += <f64>load<f32>(work + (<usize>j << 5));
  store<f32>(to + at, <f32>(sum / <f64>(found - 2 * out)));
}

function insert(work: usize, count: i32, x: f32): void {
  for (; count > 0 && load<f32>(work + (<usize>(count - 1) << 5)) > x; count--)
    store<f32>(work + (<usize>count << 5), load<f32>(work + (<usize>(count - 1) << 5)));
  store<f32>(work + (<usize>count << 5), x);
}
