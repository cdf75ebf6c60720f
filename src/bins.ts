/** Counts of small whole numbers, as bars that people can read. The page of the dashboard has a copy. */

/** [lowest number, how many], ascending; none is empty. */
export type Bins = readonly (readonly [lowest: number, count: number])[];

export interface Bar {
  /** 3, or 16+ for what is from 16 on. */
  readonly name: string;
  readonly count: number;
}

/** Small numbers have a bar each; from 16 on doublings share one; the last has what is left, one in a thousand. */
export function barsOf(bins: Bins): Bar[] {
  if (bins.length === 0) return [];
  const [most] = bins[bins.length - 1];
  const nearly = atShare(bins, 0.999);
  const bars: Bar[] = [];
  for (let from = 0; from <= most; ) {
    const to = from > nearly ? most + 1 : from < 16 ? from + 1 : from * 2;
    let count = 0;
    for (const [at, n] of bins) if (at >= from && at < to) count += n;
    bars.push({ name: to - from > 1 ? `${from}+` : String(from), count });
    from = to;
  }
  return bars;
}

export function totalOf(bins: Bins): number {
  return bins.reduce((sum, [, count]) => sum + count, 0);
}

export function meanOf(bins: Bins): number {
  return bins.reduce((sum, [at, count]) => sum + at * count, 0) / totalOf(bins);
}

/** The least number that so great a share of them does not exceed. */
export function atShare(bins: Bins, share: number): number {
  const total = totalOf(bins);
  let seen = 0;
  for (const [at, count] of bins) {
    seen += count;
    if (seen >= share * total) return at;
  }
  return bins[bins.length - 1][0];
}
