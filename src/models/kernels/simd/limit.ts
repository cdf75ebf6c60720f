// What the processor could do at most: 12 independent sums that never leave the registers, and nothing else. 96 floating-point
// operations a round. The 192 bytes at `address` are read first and written last, so that the loop cannot be optimised away.
import { FUSED, madd } from './fused';
import { after } from './order';

export function limit(address: usize, rounds: i32): void {
  const x = v128.load32_splat(address);
  let c0 = v128.load(address), c1 = v128.load(address, 16), c2 = v128.load(address, 32), c3 = v128.load(address, 48);
  let c4 = v128.load(address, 64), c5 = v128.load(address, 80), c6 = v128.load(address, 96), c7 = v128.load(address, 112);
  let c8 = v128.load(address, 128), c9 = v128.load(address, 144), ca = v128.load(address, 160), cb = v128.load(address, 176);
  for (; rounds > 0; rounds--) {
    if (FUSED) {
      c0 = madd(c0, x, c0);
      c1 = madd(c1, x, c1);
      c2 = madd(c2, x, c2);
      c3 = madd(c3, x, c3);
      c4 = madd(c4, x, c4);
      c5 = madd(c5, x, c5);
      c6 = madd(c6, x, c6);
      c7 = madd(c7, x, c7);
      c8 = madd(c8, x, c8);
      c9 = madd(c9, x, c9);
      ca = madd(ca, x, ca);
      cb = madd(cb, x, cb);
    } else {
      // two products, then their sums: see order.ts
      const p0 = f32x4.mul(c0, x), p1 = f32x4.mul(c1, x);
      c0 = f32x4.add(c0, after(p1, p0));
      c1 = f32x4.add(c1, after(c0, p1));
      const p2 = f32x4.mul(after(c1, c2), x), p3 = f32x4.mul(after(c1, c3), x);
      c2 = f32x4.add(c2, after(p3, p2));
      c3 = f32x4.add(c3, after(c2, p3));
      const p4 = f32x4.mul(after(c3, c4), x), p5 = f32x4.mul(after(c3, c5), x);
      c4 = f32x4.add(c4, after(p5, p4));
      c5 = f32x4.add(c5, after(c4, p5));
      const p6 = f32x4.mul(after(c5, c6), x), p7 = f32x4.mul(after(c5, c7), x);
      c6 = f32x4.add(c6, after(p7, p6));
      c7 = f32x4.add(c7, after(c6, p7));
      const p8 = f32x4.mul(after(c7, c8), x), p9 = f32x4.mul(after(c7, c9), x);
      c8 = f32x4.add(c8, after(p9, p8));
      c9 = f32x4.add(c9, after(c8, p9));
      const pa = f32x4.mul(after(c9, ca), x), pb = f32x4.mul(after(c9, cb), x);
      ca = f32x4.add(ca, after(pb, pa));
      cb = f32x4.add(cb, after(ca, pb));
    }
  }
  v128.store(address, c0);
  v128.store(address, c1, 16);
  v128.store(address, c2, 32);
  v128.store(address, c3, 48);
  v128.store(address, c4, 64);
  v128.store(address, c5, 80);
  v128.store(address, c6, 96);
  v128.store(address, c7, 112);
  v128.store(address, c8, 128);
  v128.store(address, c9, 144);
  v128.store(address, ca, 160);
  v128.store(address, cb, 176);
}
