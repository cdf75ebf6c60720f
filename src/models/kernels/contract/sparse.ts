import type { Address } from '../memory.js';

/** Some sparse rows of a table where they lie: row r has entries offsets[r] .. offsets[r + 1] - 1. */
export interface SparseRows {
  /** Row numbers, u32. */
  readonly numbers: Address;
  /** u32, one more than the table has rows. */
  readonly offsets: Address;
  /** Of each entry, ascending in a row: u16 where `narrow` is 1, else u32. */
  readonly columns: Address;
  readonly narrow: 0 | 1;
  /** The number of each entry, f32, or 0: all are 1. */
  readonly inputs: Address;
}

/**
 * Linear models of sparse rows. Weights are one a feature, and behind them a bias where `bias` is 1. A product x.w is s0 + s2 + (s1 + s3),
 * entry k of the row counting in sum k modulo 4. Sums start from 0, and each operation is rounded to f32 in the written order: the same bits
 * in every set.
 */
export interface SparseKernels {
  /** to (rows x features) = the rows with their zeros. */
  gatherSparse(to: Address, x: SparseRows, rows: number, features: number): void;
  /** scores = x.w + bias */
  sparseScores(scores: Address, weights: Address, features: number, bias: 0 | 1, x: SparseRows, rows: number): void;
  /** into += slope x, row after row, and its bias += slope */
  sparseAdd(into: Address, slopes: Address, features: number, bias: 0 | 1, x: SparseRows, rows: number): void;
  /**
   * Steps of SGD, of `batch` rows each: w = (1 - rate l2) w - rate / batch x (the sum of d x), d the slope of the loss at the score of row r
   * for targets[r]: 0, half the squared error; 1, that of logisticLoss; 2, of hingeLoss. The bias is not shrunk. Only coordinates of the rows
   * are touched: the weights are kept as `scale` (f64) times what is stored (Bottou 2012, section 5.1; Shalev-Shwartz, Singer, Srebro 2007),
   * until it comes to 2^-10 or less, and at the end. Where others write the same weights meanwhile, `spread` (0: none) has for each column by
   * how much rows are more than those that have it, and each row takes min(1, rate / batch l2 spread) w off the weights that it touches
   * instead: the penalty on average (Recht, Re, Wright, Niu 2011, eq. 2). `rates` has one f32 a step, `scores` room for `batch` floats.
   * Returns the sum over steps of the mean loss of their rows (NaN where a score was none), without the penalty.
   */
  sparseSweep(
    weights: Address,
    features: number,
    bias: 0 | 1,
    x: SparseRows,
    targets: Address,
    rates: Address,
    steps: number,
    batch: number,
    loss: 0 | 1 | 2,
    l2: number,
    spread: Address,
    scores: Address,
  ): number;
}
