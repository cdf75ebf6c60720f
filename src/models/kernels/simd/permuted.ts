// Rows of a node's part in a pseudo-random order: the permutation of random.ts, four positions at a time.

// to[k] = parts[the element at position from + k of the permutation of 0..size-1 that `key` selects], k < count.
export function permuted(to: usize, parts: usize, from: i32, count: i32, size: i32, key: i32): void {
  const bits = 32 - clz(size - 1);
  const low = bits >>> 1;
  const lowMask = (1 << low) - 1;
  const highMask = (1 << (bits - low)) - 1;
  const k0 = key * 0x9e3779b1, k1 = (key + 1) * 0x9e3779b1, k2 = (key + 2) * 0x9e3779b1, k3 = (key + 3) * 0x9e3779b1;
  const lows = i32x4.splat(lowMask), highs = i32x4.splat(highMask);
  const most = i32x4.splat(size - 1);
  for (; count > 0; count -= 4, from += 4, to += 16) {
    // Positions beyond the last are worked on too, and thrown away.
    let value = i32x4.min_s(i32x4.add(i32x4.splat(from), i32x4(0, 1, 2, 3)), most);
    let wrong = i32x4.splat(-1);
    do {
      let left = i32x4.shr_u(value, low);
      let right = v128.and(value, lows);
      left = v128.xor(left, v128.and(mix4(i32x4.add(right, i32x4.splat(k0))), highs));
      right = v128.xor(right, v128.and(mix4(i32x4.add(left, i32x4.splat(k1))), lows));
      left = v128.xor(left, v128.and(mix4(i32x4.add(right, i32x4.splat(k2))), highs));
      right = v128.xor(right, v128.and(mix4(i32x4.add(left, i32x4.splat(k3))), lows));
      value = v128.bitselect(v128.or(i32x4.shl(left, low), right), value, wrong);
      wrong = i32x4.gt_s(value, most);
    } while (v128.any_true(wrong));
    store<u32>(to, load<u32>(parts + (<usize>i32x4.extract_lane(value, 0) << 2)));
    if (count > 1) store<u32>(to, load<u32>(parts + (<usize>i32x4.extract_lane(value, 1) << 2)), 4);
    if (count > 2) store<u32>(to, load<u32>(parts + (<usize>i32x4.extract_lane(value, 2) << 2)), 8);
    if (count > 3) store<u32>(to, load<u32>(parts + (<usize>i32x4.extract_lane(value, 3) << 2)), 12);
  }
}

// @ts-ignore: decorator
@inline
function mix4(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 17)), i32x4.splat(0xed5ad4bb));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 11)), i32x4.splat(0xac4c1b51));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x31848bab));
  return v128.xor(x, i32x4.shr_u(x, 14));
}
