// Convolution of images of one channel, window by window at every place, without patches: see planes.mjs. An image is copied first, with
// zeros around it and behind it, so that no place has a border to look out for; and on the way back dy is turned, a plane for each filter.
import { columnSums } from './dense';
import { turnFour } from './pack';
import { zeroRun } from './part';
import { findTile, showTile } from './tiles';
import { surround } from './windows';

export function convolve(
  y: usize, x: usize, weights: usize, bias: usize, rows: i32, filters: i32, work: usize,
  height: i32, width: i32, channels: i32, size: i32, stride: i32, pad: i32, down: i32, across: i32,
): void {
  const line = <usize>(width + 2 * pad) << 2;
  const step = <usize>filters << 2;
  for (; rows > 0; rows--, x += <usize>(height * width) << 2) {
    surround(work, x, height, width, pad, pad);
    for (let oy = 0, from = work; oy < down; oy++, from += line, y += <usize>across * step) {
      for (let f = 0; f < filters; ) {
        const count = filters - f == 4 ? 2 : min(3, filters - f);
        const at = <usize>f << 2;
        // The last tile goes over some places again.
        for (let ox = 0; ox < across; ) {
          const left = across - ox;
          const wide = across >= 12 && (left > 16 || left == 12) ? 12 : across >= 8 && left > 4 ? 8 : 4;
          const place = <usize>min(ox, across - wide);
          showTile(count, wide, y + at + place * step, from + (place << 2), line, weights + at, bias + at, step, size);
          ox += wide;
        }
        f += count;
      }
    }
  }
}

export function convolveAccumulate(
  weights: usize, bias: usize, x: usize, dy: usize, rows: i32, filters: i32, keep: i32, work: usize,
  height: i32, width: i32, channels: i32, size: i32, stride: i32, pad: i32, down: i32, across: i32,
): void {
  const line = <usize>(width + 2 * pad) << 2;
  const step = <usize>filters << 2;
  const plane = (<usize>down * line + 15) & ~15;
  const behind = work + <usize>(height + 2 * pad) * line;
  const planes = behind + (<usize>(size + 3) << 2);
  columnSums(bias, dy, rows * down * across, filters, keep);
  if (!keep) zeroRun(weights, size * size * filters);
  zeroRun(behind, size + 3);
  zeroRun(planes, <i32>(plane >> 2) * filters);
  for (; rows > 0; rows--, x += <usize>(height * width) << 2, dy += <usize>(down * across) * step) {
    surround(work, x, height, width, pad, pad);
    for (let oy = 0; oy < down; oy++) turn(planes + <usize>oy * line, dy + <usize>(oy * across) * step, across, filters, plane);
    for (let ky = 0; ky < size; ky++) {
      for (let kx = 0; kx < size; ) {
        const taps = size - kx <= 5 ? size - kx : 4;
        const to = weights + <usize>(ky * size + kx) * step;
        const from = work + <usize>ky * line + (<usize>kx << 2);
        for (let f = 0; f < filters; f += 2)
          findTile(taps, min(2, filters - f), to + (<usize>f << 2), from, planes + <usize>f * plane, plane, step);
        kx += taps;
      }
    }
  }
}

// A line of dy: to[filter][place] = from[place][filter]
function turn(to: usize, from: usize, across: i32, filters: i32, plane: usize): void {
  const step = <usize>filters << 2;
  let left = across;
  for (; left >= 4; left -= 4, from += 4 * step, to += 16) {
    let p = from, q = to, f = filters;
    for (; f >= 4; f -= 4, p += 16, q += 4 * plane)
      turnFour(q, plane, v128.load(p), v128.load(p + step), v128.load(p + 2 * step), v128.load(p + 3 * step));
    for (; f > 0; f--, p += 4, q += plane)
      for (let k: usize = 0; k < 4; k++) store<f32>(q + 4 * k, load<f32>(p + k * step));
  }
  for (; left > 0; left--, from += step, to += 4)
    for (let f: usize = 0; f < <usize>filters; f++) store<f32>(to + f * plane, load<f32>(from + 4 * f));
}
