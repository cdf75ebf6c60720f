// The k largest magnitudes: see ElementKernels. The bits of a float without its sign are an integer that grows with |x|; the k-th largest
// is found by counting its first 11 bits, then the next 10 and the last 10 of those that share what is known. Few do, so these two passes
// look at four at a time and mostly pass by. The last pass keeps what is larger; only a block with a tie is looked at one by one.

// @ts-ignore: decorator
@inline
const MAGNITUDE = 0x7fffffff;

export function topk(to: usize, from: usize, k: i32, counts: usize, n: i32): void {
  memory.fill(counts, 0, 8192);
  for (let i = 0, at = from; i < n; i++, at += 4) count(counts, (load<i32>(at) & MAGNITUDE) >>> 20);
  let found = digit(counts, 2047, k);
  k -= above;
  for (let shift = 10; shift >= 0; shift -= 10) {
    memory.fill(counts, 0, 4096);
    countWithin(counts, from, found, shift, n);
    found = (found << 10) | digit(counts, 1023, k);
    k -= above;
  }
  keep(to, from, found, k, n);
}

// How many lie above the digit that was found last.
let above = 0;

// @ts-ignore: decorator
@inline
function count(counts: usize, digit: i32): void {
  const at = counts + (<usize>digit << 2);
  store<i32>(at, load<i32>(at) + 1);
}

// The largest digit that, with those above it, k have or more.
function digit(counts: usize, largest: i32, k: i32): i32 {
  above = 0;
  for (; largest > 0; largest--) {
    const next = above + load<i32>(counts + (<usize>largest << 2));
    if (next >= k) break;
    above = next;
  }
  return largest;
}

// Counts the 10 bits from `shift` on, of those whose bits above are `known`.
function countWithin(counts: usize, from: usize, known: i32, shift: i32, n: i32): void {
  const high = shift + 10;
  const all = i32x4.splat(MAGNITUDE), knowns = i32x4.splat(known);
  for (; n >= 4; n -= 4, from += 16) {
    const x = v128.and(v128.load(from), all);
    const same = i32x4.eq(i32x4.shr_u(x, high), knowns);
    if (!v128.any_true(same)) continue;
    const lanes = i32x4.bitmask(same);
    const digits = v128.and(i32x4.shr_u(x, shift), i32x4.splat(1023));
    if (lanes & 1) count(counts, i32x4.extract_lane(digits, 0));
    if (lanes & 2) count(counts, i32x4.extract_lane(digits, 1));
    if (lanes & 4) count(counts, i32x4.extract_lane(digits, 2));
    if (lanes & 8) count(counts, i32x4.extract_lane(digits, 3));
  }
  for (; n > 0; n--, from += 4) {
    const x = load<i32>(from) & MAGNITUDE;
    if (x >>> high == known) count(counts, (x >>> shift) & 1023);
  }
}

// Keeps what is above `least`, and the first `ties` that equal it.
function keep(to: usize, from: usize, least: i32, ties: i32, n: i32): void {
  const all = i32x4.splat(MAGNITUDE), leasts = i32x4.splat(least);
  for (; n >= 4; n -= 4, to += 16, from += 16) {
    const x = v128.load(from);
    const size = v128.and(x, all);
    if (ties > 0 && v128.any_true(i32x4.eq(size, leasts))) ties = keepEach(to, from, least, ties, 4);
    else v128.store(to, v128.and(x, i32x4.gt_s(size, leasts)));
  }
  keepEach(to, from, least, ties, n);
}

// Returns the ties that are left.
function keepEach(to: usize, from: usize, least: i32, ties: i32, n: i32): i32 {
  for (; n > 0; n--, to += 4, from += 4) {
    const x = load<i32>(from);
    const size = x & MAGNITUDE;
    const isTie = size == least && ties > 0;
    if (isTie) ties--;
    store<i32>(to, size > least || isTie ? x : 0);
  }
  return ties;
}
