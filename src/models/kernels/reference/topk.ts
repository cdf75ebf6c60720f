/**
 * The k coordinates of the largest magnitude, of equal ones the first; the others become 0. `to` may be `from`. Allocates nothing; linear
 * in the length, whatever the values. A NaN is larger than all.
 */
export function topk(to: Float32Array, from: Float32Array, k: number): void {
  const n = from.length;
  const words = new Int32Array(from.buffer, from.byteOffset, n);
  const least = threshold(words, k);
  let ties = left;
  for (let i = 0; i < n; i++) {
    const size = words[i] & magnitude;
    to[i] = size > least || (size === least && ties-- > 0) ? from[i] : 0;
  }
}

/** How many of the magnitudes that equal the threshold belong to the k: set by `threshold`. */
let left = 0;

/** The k-th largest magnitude of floats, all as their bits, by three passes of counting: its first 11 bits, the next 10, the last 10. */
function threshold(x: Int32Array, k: number): number {
  let found = 0;
  left = k;
  for (const [shift, width] of digits) {
    const size = 1 << width;
    counts.fill(0, 0, size);
    const above = shift + width;
    for (let i = 0; i < x.length; i++) {
      const bits = x[i] & magnitude;
      if (bits >>> above === found) counts[(bits >>> shift) & (size - 1)]++;
    }
    let digit = size - 1;
    for (; counts[digit] < left; digit--) left -= counts[digit];
    found = (found << width) | digit;
  }
  return found;
}

const digits = [
  [20, 11],
  [10, 10],
  [0, 10],
] as const;
const counts = new Int32Array(2048);
/** Of the bits of a float: without its sign they are an integer that grows with |x|. */
const magnitude = 0x7fffffff;
