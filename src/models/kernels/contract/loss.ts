import type { Address } from '../memory.js';

/**
 * Losses return the sum over rows in f64 and write the gradient of (scale x the sum) with respect to the scores; `gradient` may be
 * `scores`. Labels are i32 and below `classes`. A score that is not finite gives a loss that is not finite.
 */
export interface LossKernels {
  /** Cross entropy of the softmax of rows x classes scores, -log p(label). */
  softmaxLoss(gradient: Address, scores: Address, labels: Address, rows: number, classes: number, scale: number): number;
  /** Two classes, one score z a row: p(1) = 1 / (1 + exp(-z)). */
  logisticLoss(gradient: Address, scores: Address, labels: Address, rows: number, scale: number): number;
  /** Two classes, one score z a row: max(0, 1 - y z), y = -1 or 1. */
  hingeLoss(gradient: Address, scores: Address, labels: Address, rows: number, scale: number): number;
  /** (y - t)^2 / 2 over n values, targets f32. */
  squaredLoss(gradient: Address, outputs: Address, targets: Address, n: number, scale: number): number;
  /** probabilities (rows x classes) = the softmax of each row; may be `scores`. */
  softmax(probabilities: Address, scores: Address, rows: number, classes: number): void;
  /** probabilities (rows) = p(1) = 1 / (1 + exp(-z)) of one score z a row. */
  logistic(probabilities: Address, scores: Address, rows: number): void;
  /** Rows whose largest score (the first of equals) is their label's. */
  correct(scores: Address, labels: Address, rows: number, classes: number): number;
}
