// Group normalization, with layer normalization as its case of one place and one group; and dropout.

import { draw, draw4 } from './dither';
import { sum4 } from './part';

export function normalize(
  y: usize, moments: usize, x: usize, gain: usize, shift: usize, rows: i32,
  places: i32, channels: i32, groups: i32, epsilon: f32,
): void {
  const wide = channels / groups;
  const step = <usize>channels << 2;
  const count = <f32>(places * wide);
  for (; rows > 0; rows--, x += <usize>places * step, y += <usize>places * step) {
    for (let g = 0; g < groups; g++, moments += 8) {
      const first = <usize>(g * wide) << 2;
      let sums = f32x4.splat(0);
      let rest: f32 = 0;
      for (let p = 0, at = x + first; p < places; p++, at += step) {
        let c = 0;
        for (; c + 4 <= wide; c += 4) sums = f32x4.add(sums, v128.load(at + (<usize>c << 2)));
        for (; c < wide; c++) rest += load<f32>(at + (<usize>c << 2));
      }
      const mean = (sum4(sums) + rest) / count;
      const means = f32x4.splat(mean);
      sums = f32x4.splat(0);
      rest = 0;
      for (let p = 0, at = x + first; p < places; p++, at += step) {
        let c = 0;
        for (; c + 4 <= wide; c += 4) {
          const z = f32x4.sub(v128.load(at + (<usize>c << 2)), means);
          sums = f32x4.add(sums, f32x4.mul(z, z));
        }
        for (; c < wide; c++) {
          const z = load<f32>(at + (<usize>c << 2)) - mean;
          rest += z * z;
        }
      }
      const inverse: f32 = <f32>1 / sqrt<f32>((sum4(sums) + rest) / count + epsilon);
      store<f32>(moments, mean);
      store<f32>(moments, inverse, 4);
      const inverses = f32x4.splat(inverse);
      for (let p = 0, at = x + first, to = y + first; p < places; p++, at += step, to += step) {
        let c = 0;
        for (; c + 4 <= wide; c += 4) {
          const k = <usize>c << 2;
          const z = f32x4.mul(f32x4.sub(v128.load(at + k), means), inverses);
          v128.store(to + k, f32x4.add(f32x4.mul(z, v128.load(gain + first + k)), v128.load(shift + first + k)));
        }
        for (; c < wide; c++) {
          const k = <usize>c << 2;
          const z = (load<f32>(at + k) - mean) * inverse;
          store<f32>(to + k, z * load<f32>(gain + first + k) + load<f32>(shift + first + k));
        }
      }
    }
  }
}

export function normalizeBack(
  dx: usize, dy: usize, x: usize, moments: usize, gain: usize, rows: i32,
  places: i32, channels: i32, groups: i32, epsilon: f32,
): void {
  const wide = channels / groups;
  const step = <usize>channels << 2;
  const count = <f32>(places * wide);
  for (; rows > 0; rows--, x += <usize>places * step, dy += <usize>places * step, dx += <usize>places * step) {
    for (let g = 0; g < groups; g++, moments += 8) {
      const first = <usize>(g * wide) << 2;
      const mean = load<f32>(moments);
      const inverse = load<f32>(moments, 4);
      const means = f32x4.splat(mean);
      const inverses = f32x4.splat(inverse);
      let sums = f32x4.splat(0), alongs = sums;
      let sum: f32 = 0, along: f32 = 0;
      for (let p = 0, at = x + first, top = dy + first; p < places; p++, at += step, top += step) {
        let c = 0;
        for (; c + 4 <= wide; c += 4) {
          const k = <usize>c << 2;
          const d = f32x4.mul(v128.load(top + k), v128.load(gain + first + k));
          sums = f32x4.add(sums, d);
          alongs = f32x4.add(alongs, f32x4.mul(d, f32x4.mul(f32x4.sub(v128.load(at + k), means), inverses)));
        }
        for (; c < wide; c++) {
          const k = <usize>c << 2;
          const d = load<f32>(top + k) * load<f32>(gain + first + k);
          sum += d;
          along += d * ((load<f32>(at + k) - mean) * inverse);
        }
      }
      const part = (sum4(sums) + sum) / count;
      const slope = (sum4(alongs) + along) / count;
      const parts = f32x4.splat(part);
      const slopes = f32x4.splat(slope);
      for (let p = 0, at = x + first, top = dy + first, to = dx + first; p < places; p++, at += step, top += step, to += step) {
        let c = 0;
        for (; c + 4 <= wide; c += 4) {
          const k = <usize>c << 2;
          const d = f32x4.mul(v128.load(top + k), v128.load(gain + first + k));
          const z = f32x4.mul(f32x4.sub(v128.load(at + k), means), inverses);
          v128.store(to + k, f32x4.mul(inverses, f32x4.sub(f32x4.sub(d, parts), f32x4.mul(z, slopes))));
        }
        for (; c < wide; c++) {
          const k = <usize>c << 2;
          const d = load<f32>(top + k) * load<f32>(gain + first + k);
          const z = (load<f32>(at + k) - mean) * inverse;
          store<f32>(to + k, inverse * (d - part - z * slope));
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

export function dropout(to: usize, from: usize, n: i32, rate: f32, a: i32, b: i32): void {
  const bound = <i32><u32>(<f64>rate * 4294967296.0);
  const factor: f32 = <f32>1 / (<f32>1 - rate);
  const bounds = i32x4.splat(bound);
  const factors = f32x4.splat(factor);
  const keys = i32x4.splat(b);
  let k = i32x4.add(i32x4.splat(a), i32x4(0, 1, 2, 3));
  let i = 0;
  for (; i + 4 <= n; i += 4, to += 16, from += 16) {
    const dropped = i32x4.lt_u(draw4(keys, k), bounds);
    v128.store(to, v128.andnot(f32x4.mul(v128.load(from), factors), dropped));
    k = i32x4.add(k, i32x4.splat(4));
  }
  for (; i < n; i++, to += 4, from += 4) {
    const dropped = <u32>draw(a, b, i) < <u32>bound;
    store<f32>(to, dropped ? 0 : load<f32>(from) * factor);
  }
}
