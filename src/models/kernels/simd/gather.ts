// Batches are gathered from rows of data by number. Bytes become byte * scale + shift on the way.

export function gatherBytes(to: usize, from: usize, indices: usize, rows: i32, features: i32, scale: f32, shift: f32): void {
  const wide = f32x4.splat(scale);
  const offset = f32x4.splat(shift);
  for (; rows > 0; rows--, indices += 4) {
    let at = from + load<usize>(indices) * <usize>features;
    let n = features;
    for (; n >= 16; n -= 16, at += 16, to += 64) {
      const bytes = v128.load(at);
      const low = i16x8.extend_low_i8x16_u(bytes);
      const high = i16x8.extend_high_i8x16_u(bytes);
      v128.store(to, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low)), wide), offset));
      v128.store(to, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low)), wide), offset), 16);
      v128.store(to, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high)), wide), offset), 32);
      v128.store(to, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high)), wide), offset), 48);
    }
    for (; n > 0; n--, at++, to += 4) store<f32>(to, <f32>load<u8>(at) * scale + shift);
  }
}

export function gatherWords(to: usize, from: usize, indices: usize, rows: i32, features: i32): void {
  for (; rows > 0; rows--, indices += 4) {
    let at = from + ((load<usize>(indices) * <usize>features) << 2);
    let n = features;
    for (; n >= 4; n -= 4, at += 16, to += 16) v128.store(to, v128.load(at));
    for (; n > 0; n--, at += 4, to += 4) store<u32>(to, load<u32>(at));
  }
}
