/** How many cases a property runs: the given number in every run, times HEARSAY_LONG (a whole number) in a long one. */
export function cases(count: number): { numRuns: number } {
  const factor = Number(process.env.HEARSAY_LONG ?? 1);
  return { numRuns: count * (Number.isFinite(factor) && factor >= 1 ? factor : 1) };
}
