// Whether multiply and add are one operation: in the relaxed module they are, in the portable one they are rounded apart.

// @ts-ignore: decorator
@inline
export const FUSED: bool = ASC_FEATURE_RELAXED_SIMD;

// x y + z
// @ts-ignore: decorator
@inline
export function madd(x: v128, y: v128, z: v128): v128 {
  return FUSED ? f32x4.relaxed_madd(x, y, z) : f32x4.add(z, f32x4.mul(x, y));
}
