// The draws of dither.ts, one or four at a time.

// @ts-ignore: decorator
@inline
export function draw(a: i32, b: i32, k: i32): i32 {
  let x = k + a;
  x = (x ^ (x >>> 16)) * 0x21f0aaad + b;
  x = (x ^ (x >>> 15)) * 0x735a2d97;
  return x ^ (x >>> 15);
}

// `k` has the key's first word added already.
// @ts-ignore: decorator
@inline
export function draw4(b: v128, k: v128): v128 {
  let x = v128.xor(k, i32x4.shr_u(k, 16));
  x = i32x4.add(i32x4.mul(x, i32x4.splat(0x21f0aaad)), b);
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x735a2d97));
  return v128.xor(x, i32x4.shr_u(x, 15));
}

// @ts-ignore: decorator
@inline
export function centred(word: i32): f32 {
  return <f32>((word >> 8) | 1) * <f32>5.9604644775390625e-8;
}

// @ts-ignore: decorator
@inline
export function centred4(word: v128): v128 {
  return f32x4.mul(
    f32x4.convert_i32x4_s(v128.or(i32x4.shr_s(word, 8), i32x4.splat(1))),
    f32x4.splat(5.9604644775390625e-8),
  );
}
