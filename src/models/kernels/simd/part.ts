// Vectors that are not full: the last floats of an array.

// The first `count` (1..3) floats, then zeros.
// @ts-ignore: decorator
@inline
export function take(from: usize, count: i32): v128 {
  if (count == 1) return v128.load32_zero(from);
  const x = v128.load64_zero(from);
  return count == 3 ? v128.load32_lane(from, x, 2, 8) : x;
}

// Stores the first `count` (1..3) floats.
// @ts-ignore: decorator
@inline
export function put(to: usize, x: v128, count: i32): void {
  if (count == 1) v128.store32_lane(to, x, 0);
  else {
    v128.store64_lane(to, x, 0);
    if (count == 3) v128.store32_lane(to, x, 2, 8);
  }
}

// Ones in the first `count` lanes.
// @ts-ignore: decorator
@inline
export function lanes(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

// @ts-ignore: decorator
@inline
export function sum4(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 2) + (f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 3));
}

// The float there += the sum of the lanes.
// @ts-ignore: decorator
@inline
export function addLanes(to: usize, x: v128): void {
  store<f32>(to, load<f32>(to) + sum4(x));
}

// n zeros.
// @ts-ignore: decorator
@inline
export function zeroRun(to: usize, n: i32): void {
  const zero = f32x4.splat(0);
  for (; n >= 4; n -= 4, to += 16) v128.store(to, zero);
  if (n > 0) put(to, zero, n);
}
