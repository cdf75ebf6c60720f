/**
 * The hyperbolic tangent of any number, from additions, multiplications and divisions alone, so that it gives the same bits in every
 * engine (Math.tanh may not). Error below 3 units in the last place. Method: with y = 2|x| = k log 2 + r, |r| <= (log 2) / 2, the power
 * series of e^r - 1 gives E = e^y - 1 = 2^k (e^r - 1) + (2^k - 1), and tanh |x| = E / (E + 2).
 */
export function hyperbolicTangent(x: number): number {
  if (Math.abs(x) < 2 ** -28) return x; // x - tanh x < 2^-56 x
  if (x < 0) return -hyperbolicTangent(-x);
  if (x > 20) return 1; // 1 - tanh x < 2^-56
  const k = Math.round((2 * x) / Math.LN2);
  const r = 2 * x - k * Math.LN2;
  let series = 0;
  for (let n = 16; n >= 2; n--) series = ((1 + series) * r) / n;
  let power = 1;
  for (let i = 0; i < k; i++) power *= 2;
  const e = power * (r + r * series) + (power - 1);
  return e / (e + 2);
}
