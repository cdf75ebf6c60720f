/** Eigenvalues of small dense symmetric matrices and of tridiagonal ones: all values, no vectors. */

/** A symmetric tridiagonal matrix: entry (i, i) is diagonal[i], entries (i, i+1) and (i+1, i) are beside[i]. */
export interface Tridiagonal {
  readonly diagonal: ArrayLike<number>;
  readonly beside: ArrayLike<number>;
}

/** Eigenvalues of the n x n symmetric `matrix` (row-major, overwritten), those of the `ranks` asked for (0 is the smallest). O(n^3). */
export function eigenvalues(matrix: Float64Array, n: number, ranks: readonly number[] = [...Array(n).keys()]): Float64Array {
  const reduced = tridiagonal(matrix, n);
  return Float64Array.from(ranks, rank => eigenvalue(reduced, n, rank));
}

/**
 * The eigenvalue of rank `rank` (0 is the smallest) of the leading n x n part, by bisection: the number of negative pivots of
 * T - x counts the eigenvalues below x (Barth, Martin and Wilkinson 1967). Error: some units in the last place of the norm.
 */
export function eigenvalue({ diagonal, beside }: Tridiagonal, n: number, rank: number): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < n; i++) {
    const radius = (i > 0 ? Math.abs(beside[i - 1]) : 0) + (i + 1 < n ? Math.abs(beside[i]) : 0);
    low = Math.min(low, diagonal[i] - radius); // Gershgorin
    high = Math.max(high, diagonal[i] + radius);
  }
  const tiny = Number.EPSILON ** 2 * Math.max(Math.abs(low), Math.abs(high), Number.MIN_VALUE / Number.EPSILON ** 2);
  for (;;) {
    const middle = low + (high - low) / 2;
    if (!(middle > low && middle < high && high - low > tiny)) return middle;
    let below = 0;
    let pivot = 1;
    for (let i = 0; i < n; i++) {
      pivot = diagonal[i] - middle - (i > 0 ? beside[i - 1] ** 2 / pivot : 0);
      if (Math.abs(pivot) < tiny) pivot = -tiny;
      if (pivot < 0) below++;
    }
    if (below > rank) high = middle;
    else low = middle;
  }
}

/** Householder reflections from both sides (Golub and Van Loan, Matrix Computations, algorithm 8.3.1). */
function tridiagonal(a: Float64Array, n: number): Tridiagonal {
  const beside = new Float64Array(n);
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  let norm = 0;
  for (let i = 0; i < n * n; i++) norm = Math.max(norm, Math.abs(a[i]));
  const nothing = (norm * Number.EPSILON ** 2) ** 2 + Number.MIN_VALUE / Number.EPSILON; // below any rounding error
  for (let k = 0; k + 2 < n; k++) {
    let square = 0;
    for (let i = k + 2; i < n; i++) square += a[i * n + k] ** 2;
    const head = a[(k + 1) * n + k];
    const length = Math.sqrt(head * head + square);
    beside[k] = square > nothing ? -Math.sign(head || 1) * length : head;
    if (square <= nothing) continue;
    for (let i = k + 1; i < n; i++) v[i] = a[i * n + k];
    v[k + 1] -= beside[k];
    const scale = 2 / (v[k + 1] ** 2 + square);
    let overlap = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += a[i * n + j] * v[j];
      w[i] = scale * sum;
      overlap += w[i] * v[i];
    }
    for (let i = k + 1; i < n; i++) w[i] -= (scale / 2) * overlap * v[i];
    for (let i = k + 1; i < n; i++) for (let j = k + 1; j < n; j++) a[i * n + j] -= v[i] * w[j] + w[i] * v[j];
  }
  if (n > 1) beside[n - 2] = a[(n - 1) * n + n - 2];
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i]), beside };
}
