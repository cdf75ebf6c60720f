// Group normalization, with layer normalization as its case of one place and one group.

import { sum4 } from './part';

// The vectors of a group lie in runs: along the channels where there is one place, else along the places, four channels each. What is left of
// the channels goes one by one. Four sums at a time, as an addition takes longer than a load.

export function normalize(
  y: usize, moments: usize, x: usize, gain: usize, shift: usize, rows: i32,
  places: i32, channels: i32, groups: i32, epsilon: f32,
): void {
  const wide = channels / groups;
  const step = <usize>channels << 2;
  const count = <f32>(places * wide);
  const whole = <usize>(wide & ~3) << 2, end = <usize>wide << 2;
  const isLine = places == 1;
  const length = isLine ? wide >> 2 : places;
  const stride = isLine ? <usize>16 : step, slide: usize = isLine ? 16 : 0, next = isLine ? whole : <usize>16;
  for (; rows > 0; rows--, x += <usize>places * step, y += <usize>places * step) {
    for (let g = 0; g < groups; g++, moments += 8) {
      const first = <usize>(g * wide) << 2;
      const from = x + first;
      let sum: f32 = 0;
      for (let c: usize = 0; c < whole; c += next) sum += total(from + c, stride, length);
      for (let c = whole; c < end; c += 4)
        for (let p = 0, at = from + c; p < places; p++, at += step) sum += load<f32>(at);
      const mean = sum / count;
      const means = f32x4.splat(mean);
      let squares: f32 = 0;
      for (let c: usize = 0; c < whole; c += next) squares += deviation(from + c, stride, length, means);
      for (let c = whole; c < end; c += 4) {
        for (let p = 0, at = from + c; p < places; p++, at += step) {
          const z = load<f32>(at) - mean;
          squares += z * z;
        }
      }
      const inverse: f32 = <f32>1 / sqrt<f32>(squares / count + epsilon);
      store<f32>(moments, mean);
      store<f32>(moments, inverse, 4);
      const inverses = f32x4.splat(inverse);
      for (let c: usize = 0; c < whole; c += next) {
        let at = from + c, to = y + first + c, scale = gain + first + c, offset = shift + first + c;
        for (let k = length; k > 0; k--, at += stride, to += stride, scale += slide, offset += slide) {
          const z = f32x4.mul(f32x4.sub(v128.load(at), means), inverses);
          v128.store(to, f32x4.add(f32x4.mul(z, v128.load(scale)), v128.load(offset)));
        }
      }
      for (let c = whole; c < end; c += 4) {
        const scale = load<f32>(gain + first + c), offset = load<f32>(shift + first + c);
        for (let p = 0, at = from + c, to = y + first + c; p < places; p++, at += step, to += step)
          store<f32>(to, (load<f32>(at) - mean) * inverse * scale + offset);
      }
    }
  }
}

// The sum of a run.
// @ts-ignore: decorator
@inline
function total(at: usize, stride: usize, length: i32): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (; length >= 4; length -= 4, at += 4 * stride) {
    s0 = f32x4.add(s0, v128.load(at));
    s1 = f32x4.add(s1, v128.load(at + stride));
    s2 = f32x4.add(s2, v128.load(at + 2 * stride));
    s3 = f32x4.add(s3, v128.load(at + 3 * stride));
  }
  for (; length > 0; length--, at += stride) s0 = f32x4.add(s0, v128.load(at));
  return sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

// The sum of the squares of what a run is beside the mean.
// @ts-ignore: decorator
@inline
function deviation(at: usize, stride: usize, length: i32, means: v128): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (; length >= 4; length -= 4, at += 4 * stride) {
    const z0 = f32x4.sub(v128.load(at), means), z1 = f32x4.sub(v128.load(at + stride), means);
    const z2 = f32x4.sub(v128.load(at + 2 * stride), means), z3 = f32x4.sub(v128.load(at + 3 * stride), means);
    s0 = f32x4.add(s0, f32x4.mul(z0, z0));
    s1 = f32x4.add(s1, f32x4.mul(z1, z1));
    s2 = f32x4.add(s2, f32x4.mul(z2, z2));
    s3 = f32x4.add(s3, f32x4.mul(z3, z3));
  }
  for (; length > 0; length--, at += stride) {
    const z = f32x4.sub(v128.load(at), means);
    s0 = f32x4.add(s0, f32x4.mul(z, z));
  }
  return sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

export function normalizeBack(
  dx: usize, dy: usize, x: usize, moments: usize, gain: usize, rows: i32,
  places: i32, channels: i32, groups: i32, epsilon: f32,
): void {
  const wide = channels / groups;
  const step = <usize>channels << 2;
  const count = <f32>(places * wide);
  const whole = <usize>(wide & ~3) << 2, end = <usize>wide << 2;
  const isLine = places == 1;
  const length = isLine ? wide >> 2 : places;
  const stride = isLine ? <usize>16 : step, slide: usize = isLine ? 16 : 0, next = isLine ? whole : <usize>16;
  for (; rows > 0; rows--, x += <usize>places * step, dy += <usize>places * step, dx += <usize>places * step) {
    for (let g = 0; g < groups; g++, moments += 8) {
      const first = <usize>(g * wide) << 2;
      const mean = load<f32>(moments);
      const inverse = load<f32>(moments, 4);
      const means = f32x4.splat(mean);
      const inverses = f32x4.splat(inverse);
      let s0 = f32x4.splat(0), s1 = s0, a0 = s0, a1 = s0;
      let sum: f32 = 0, along: f32 = 0;
      for (let c: usize = 0; c < whole; c += next) {
        let at = x + first + c, top = dy + first + c, scale = gain + first + c;
        let k = length;
        for (; k >= 2; k -= 2, at += 2 * stride, top += 2 * stride, scale += 2 * slide) {
          const d0 = f32x4.mul(v128.load(top), v128.load(scale));
          const d1 = f32x4.mul(v128.load(top + stride), v128.load(scale + slide));
          s0 = f32x4.add(s0, d0);
          s1 = f32x4.add(s1, d1);
          a0 = f32x4.add(a0, f32x4.mul(d0, f32x4.mul(f32x4.sub(v128.load(at), means), inverses)));
          a1 = f32x4.add(a1, f32x4.mul(d1, f32x4.mul(f32x4.sub(v128.load(at + stride), means), inverses)));
        }
        if (k) {
          const d = f32x4.mul(v128.load(top), v128.load(scale));
          s0 = f32x4.add(s0, d);
          a0 = f32x4.add(a0, f32x4.mul(d, f32x4.mul(f32x4.sub(v128.load(at), means), inverses)));
        }
      }
      for (let c = whole; c < end; c += 4) {
        const scale = load<f32>(gain + first + c);
        for (let p = 0, at = x + first + c, top = dy + first + c; p < places; p++, at += step, top += step) {
          const d = load<f32>(top) * scale;
          sum += d;
          along += d * ((load<f32>(at) - mean) * inverse);
        }
      }
      const part = (sum4(f32x4.add(s0, s1)) + sum) / count;
      const slope = (sum4(f32x4.add(a0, a1)) + along) / count;
      const parts = f32x4.splat(part);
      const slopes = f32x4.splat(slope);
      for (let c: usize = 0; c < whole; c += next) {
        let at = x + first + c, top = dy + first + c, to = dx + first + c, scale = gain + first + c;
        for (let k = length; k > 0; k--, at += stride, top += stride, to += stride, scale += slide) {
          const d = f32x4.mul(v128.load(top), v128.load(scale));
          const z = f32x4.mul(f32x4.sub(v128.load(at), means), inverses);
          v128.store(to, f32x4.mul(inverses, f32x4.sub(f32x4.sub(d, parts), f32x4.mul(z, slopes))));
        }
      }
      for (let c = whole; c < end; c += 4) {
        const scale = load<f32>(gain + first + c);
        for (let p = 0, at = x + first + c, top = dy + first + c, to = dx + first + c; p < places; p++) {
          const z = (load<f32>(at) - mean) * inverse;
          store<f32>(to, inverse * (load<f32>(top) * scale - part - z * slope));
          at += step;
          top += step;
          to += step;
        }
      }
    }
  }
}

export function normalizeAccumulate(
  gain: usize, shift: usize, dy: usize, x: usize, moments: usize, rows: i32,
  places: i32, channels: i32, groups: i32, epsilon: f32, keep: i32,
): void {
  const wide = channels / groups;
  const step = <usize>channels << 2;
  let c = 0;
  // Four channels of one group at a time.
  for (; wide % 4 == 0 && c < channels; c += 4) {
    const k = <usize>c << 2;
    let scale = keep ? v128.load(gain + k) : f32x4.splat(0);
    let offset = keep ? v128.load(shift + k) : f32x4.splat(0);
    let at = x + k, top = dy + k, moment = moments + (<usize>(c / wide) << 3);
    for (let row = 0; row < rows; row++, moment += <usize>groups << 3) {
      const mean = v128.load32_splat(moment);
      const inverse = v128.load32_splat(moment, 4);
      for (let p = 0; p < places; p++, at += step, top += step) {
        const d = v128.load(top);
        scale = f32x4.add(scale, f32x4.mul(d, f32x4.mul(f32x4.sub(v128.load(at), mean), inverse)));
        offset = f32x4.add(offset, d);
      }
    }
    v128.store(gain + k, scale);
    v128.store(shift + k, offset);
  }
  for (; c < channels; c++) {
    const k = <usize>c << 2;
    let scale: f32 = keep ? load<f32>(gain + k) : 0;
    let offset: f32 = keep ? load<f32>(shift + k) : 0;
    let at = x + k, top = dy + k, moment = moments + (<usize>(c / wide) << 3);
    for (let row = 0; row < rows; row++, moment += <usize>groups << 3) {
      const mean = load<f32>(moment);
      const inverse = load<f32>(moment, 4);
      for (let p = 0; p < places; p++, at += step, top += step) {
        const d = load<f32>(top);
        scale += d * ((load<f32>(at) - mean) * inverse);
        offset += d;
      }
    }
    store<f32>(gain + k, scale);
    store<f32>(shift + k, offset);
  }
}
