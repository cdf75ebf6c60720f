// Windows over images of height x width x channels: patches for convolutions, and pooling. Sums run in the order of windows.

import { put, take, zeroRun } from './part';

// Runs of four and more end with a vector that goes over some floats again.
// @ts-ignore: decorator
@inline
function copyRun(to: usize, from: usize, n: i32): void {
  if (n < 4) {
    if (n > 0) put(to, take(from, n), n);
    return;
  }
  const last = <usize>(n - 4) << 2;
  for (let k: usize = 0; k < last; k += 16) v128.store(to + k, v128.load(from + k));
  v128.store(to + last, v128.load(from + last));
}

export function patches(
  to: usize, x: usize, rows: i32, work: usize,
  height: i32, width: i32, channels: i32, size: i32, stride: i32, pad: i32, down: i32, across: i32,
): void {
  const image = <usize>(height * width * channels) << 2;
  const n = size * channels;
  const line = <usize>((width + 2 * pad) * channels) << 2;
  const run = <usize>n << 2;
  for (; rows > 0; rows--, x += image) {
    // With zeros around it, an image has no borders that a window could cross.
    if (pad > 0) surround(work, x, height, width * channels, pad, pad * channels);
    const from = pad > 0 ? work : x;
    for (let oy = 0; oy < down; oy++) {
      let corner = from + <usize>(oy * stride) * line;
      for (let ox = 0; ox < across; ox++, corner += <usize>(stride * channels) << 2) {
        if (n >= 4 && n <= 8) {
          const last = <usize>(n - 4) << 2;
          for (let ky = 0, at = corner; ky < size; ky++, to += run, at += line) {
            v128.store(to, v128.load(at));
            v128.store(to + last, v128.load(at + last));
          }
        } else for (let ky = 0, at = corner; ky < size; ky++, to += run, at += line) copyRun(to, at, n);
      }
    }
  }
}

// `pad` lines of zeros above and below, and `side` zeros left and right of each line of `n` floats.
export function surround(to: usize, from: usize, lines: i32, n: i32, pad: i32, side: i32): void {
  const whole = n + 2 * side;
  zeroRun(to, pad * whole);
  to += <usize>(pad * whole) << 2;
  for (let k = 0; k < lines; k++, from += <usize>n << 2, to += <usize>whole << 2) {
    zeroRun(to, side);
    copyRun(to + (<usize>side << 2), from, n);
    zeroRun(to + (<usize>(side + n) << 2), side);
  }
  zeroRun(to, pad * whole);
}

// Each place of dx takes from the windows that show it, one after the other, so that its sum stays in registers.
export function unpatches(
  dx: usize, from: usize, rows: i32, height: i32, width: i32, channels: i32, size: i32, stride: i32, pad: i32, down: i32, across: i32,
): void {
  const step = <usize>channels << 2;
  const window = <usize>(size * size) * step;
  // From a window to the next one, the place moves back in it.
  const right = window - <usize>stride * step;
  const below = <usize>across * window - <usize>(stride * size) * step;
  for (; rows > 0; rows--, from += <usize>(down * across) * window) {
    for (let y = pad; y < height + pad; y++) {
      const top = first(y, size, stride);
      const high = min(down - 1, y / stride) - top + 1;
      const line = from + <usize>(top * across) * window + <usize>((y - top * stride) * size) * step;
      for (let x = pad; x < width + pad; x++, dx += step) {
        const left = first(x, size, stride);
        const wide = min(across - 1, x / stride) - left + 1;
        const corner = line + <usize>left * window + <usize>(x - left * stride) * step;
        if (channels < 4) {
          for (let c: usize = 0; c < step; c += 4) {
            let sum: f32 = 0;
            for (let oy = 0, at = corner + c; oy < high; oy++, at += below)
              for (let ox = 0, place = at; ox < wide; ox++, place += right) sum += load<f32>(place);
            store<f32>(dx + c, sum);
          }
          continue;
        }
        // Two vectors at a time; the last ones may go over some channels again.
        for (let c: usize = 0; c < step; c += 32) {
          const c0 = min(c, step - 16), c1 = min(c + 16, step - 16);
          let s0 = f32x4.splat(0), s1 = s0;
          for (let oy = 0, at = corner; oy < high; oy++, at += below) {
            for (let ox = 0, place = at; ox < wide; ox++, place += right) {
              s0 = f32x4.add(s0, v128.load(place + c0));
              s1 = f32x4.add(s1, v128.load(place + c1));
            }
          }
          v128.store(dx + c0, s0);
          v128.store(dx + c1, s1);
        }
      }
    }
  }
}

// The first of the windows that show place x, counted from the border.
// @ts-ignore: decorator
@inline
function first(x: i32, size: i32, stride: i32): i32 {
  return x < size ? 0 : (x - size + stride) / stride;
}

export function maxPool(
  y: usize, x: usize, rows: i32, height: i32, width: i32, channels: i32, size: i32, stride: i32, pad: i32, down: i32, across: i32,
): void {
  const step = <usize>channels << 2;
  const line = <usize>width * step;
  for (; rows > 0; rows--, x += <usize>height * line) {
    for (let oy = 0; oy < down; oy++) {
      for (let ox = 0; ox < across; ox++, y += step) {
        const corner = x + <usize>(oy * stride) * line + <usize>(ox * stride) * step;
        let c = 0;
        for (; c + 4 <= channels; c = next(c, channels)) {
          const from = corner + (<usize>c << 2);
          let high: v128;
          if (size == 2) {
            high = f32x4.pmax(v128.load(from), v128.load(from + step));
            high = f32x4.pmax(high, v128.load(from + line));
            high = f32x4.pmax(high, v128.load(from + line + step));
          } else {
            high = v128.load(from);
            for (let ky = 0, at = from; ky < size; ky++, at += line)
              for (let kx = 0, place = at; kx < size; kx++, place += step) high = f32x4.pmax(high, v128.load(place));
          }
          v128.store(y + (<usize>c << 2), high);
        }
        for (; c < channels; c++) {
          const from = corner + (<usize>c << 2);
          let high = load<f32>(from);
          for (let ky = 0, at = from; ky < size; ky++, at += line) {
            for (let kx = 0, place = at; kx < size; kx++, place += step) {
              const value = load<f32>(place);
              if (high < value) high = value;
            }
          }
          store<f32>(y + (<usize>c << 2), high);
        }
      }
    }
  }
}

export function maxPoolGradient(
  dx: usize, dy: usize, x: usize, y: usize, rows: i32,
  height: i32, width: i32, channels: i32, size: i32, stride: i32, pad: i32, down: i32, across: i32,
): void {
  const step = <usize>channels << 2;
  const line = <usize>width * step;
  // No place is in two windows: then what a window sends is stored, twice where vectors overlap, instead of added.
  const apart = stride >= size;
  const covered = stride == size && down * size == height && across * size == width;
  for (; rows > 0; rows--, x += <usize>height * line, dx += <usize>height * line) {
    if (!covered) zeroRun(dx, height * width * channels);
    for (let oy = 0; oy < down; oy++) {
      for (let ox = 0; ox < across; ox++, y += step, dy += step) {
        const corner = <usize>(oy * stride) * line + <usize>(ox * stride) * step;
        let c = 0;
        for (; c + 4 <= channels; c = apart ? next(c, channels) : c + 4) {
          const shift = <usize>c << 2;
          const high = v128.load(y + shift);
          const d = v128.load(dy + shift);
          if (size == 2 && apart) {
            sendTo(dx + corner + shift, x + corner + shift, step, line, high, d);
            continue;
          }
          let open = i32x4.splat(-1);
          for (let ky = 0, at = corner + shift; ky < size; ky++, at += line) {
            for (let kx = 0, place = at; kx < size; kx++, place += step) {
              const here = v128.and(open, f32x4.eq(v128.load(x + place), high));
              open = v128.andnot(open, here);
              const sent = v128.and(d, here);
              v128.store(dx + place, apart ? sent : f32x4.add(v128.load(dx + place), sent));
            }
          }
        }
        for (; c < channels; c++) {
          const shift = <usize>c << 2;
          const high = load<f32>(y + shift);
          let open = true;
          for (let ky = 0, at = corner + shift; ky < size; ky++, at += line) {
            for (let kx = 0, place = at; kx < size; kx++, place += step) {
              const here = open && load<f32>(x + place) == high;
              const sent: f32 = here ? load<f32>(dy + shift) : 0;
              open = open && !here;
              store<f32>(dx + place, apart ? sent : load<f32>(dx + place) + sent);
            }
          }
        }
      }
    }
  }
}

// d to the first of the four places of a window that is its largest.
// @ts-ignore: decorator
@inline
function sendTo(dx: usize, x: usize, step: usize, line: usize, high: v128, d: v128): void {
  const a = f32x4.eq(v128.load(x), high);
  const b = f32x4.eq(v128.load(x + step), high);
  const c = f32x4.eq(v128.load(x + line), high);
  const e = f32x4.eq(v128.load(x + line + step), high);
  const ab = v128.or(a, b);
  v128.store(dx, v128.and(d, a));
  v128.store(dx + step, v128.and(d, v128.andnot(b, a)));
  v128.store(dx + line, v128.and(d, v128.andnot(c, ab)));
  v128.store(dx + line + step, v128.and(d, v128.andnot(e, v128.or(ab, c))));
}

// Where the next four channels begin: the last four go over some again.
// @ts-ignore: decorator
@inline
function next(c: i32, channels: i32): i32 {
  return c + 4 < channels && c + 8 > channels ? channels - 4 : c + 4;
}

export function averagePool(
  y: usize, x: usize, rows: i32, height: i32, width: i32, channels: i32, size: i32, stride: i32, pad: i32, down: i32, across: i32,
): void {
  const step = <usize>channels << 2;
  const line = <usize>width * step;
  const share: f32 = <f32>(1.0 / <f64>(size * size));
  for (; rows > 0; rows--, x += <usize>height * line) {
    for (let oy = 0; oy < down; oy++) {
      for (let ox = 0; ox < across; ox++, y += step) {
        const corner = x + <usize>(oy * stride) * line + <usize>(ox * stride) * step;
        let c = 0;
        for (; c + 4 <= channels; c = next(c, channels)) {
          let sum = f32x4.splat(0);
          for (let ky = 0, at = corner + (<usize>c << 2); ky < size; ky++, at += line)
            for (let kx = 0, place = at; kx < size; kx++, place += step) sum = f32x4.add(sum, v128.load(place));
          v128.store(y + (<usize>c << 2), f32x4.mul(sum, f32x4.splat(share)));
        }
        for (; c < channels; c++) {
          let sum: f32 = 0;
          for (let ky = 0, at = corner + (<usize>c << 2); ky < size; ky++, at += line)
            for (let kx = 0, place = at; kx < size; kx++, place += step) sum += load<f32>(place);
          store<f32>(y + (<usize>c << 2), sum * share);
        }
      }
    }
  }
}

export function averagePoolGradient(
  dx: usize, dy: usize, rows: i32, height: i32, width: i32, channels: i32, size: i32, stride: i32, pad: i32, down: i32, across: i32,
): void {
  const step = <usize>channels << 2;
  const line = <usize>width * step;
  const share: f32 = <f32>(1.0 / <f64>(size * size));
  for (; rows > 0; rows--, dx += <usize>height * line) {
    zeroRun(dx, height * width * channels);
    for (let oy = 0; oy < down; oy++) {
      for (let ox = 0; ox < across; ox++, dy += step) {
        const corner = dx + <usize>(oy * stride) * line + <usize>(ox * stride) * step;
        for (let ky = 0, at = corner; ky < size; ky++, at += line) {
          for (let kx = 0, place = at; kx < size; kx++, place += step) {
            let c = 0;
            for (; c + 4 <= channels; c += 4) {
              const to = place + (<usize>c << 2);
              v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v128.load(dy + (<usize>c << 2)), f32x4.splat(share))));
            }
            for (; c < channels; c++) {
              const to = place + (<usize>c << 2);
              store<f32>(to, load<f32>(to) + load<f32>(dy + (<usize>c << 2)) * share);
            }
          }
        }
      }
    }
  }
}
