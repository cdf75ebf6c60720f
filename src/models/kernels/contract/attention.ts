import type { Address } from '../memory.js';

/**
 * Causal attention of several heads (Vaswani et al. 2017, section 3.2). A row has `tokens` x 3 width values, the queries, keys and values
 * of a token one after the other; head h has columns h d to (h + 1) d of each, d = width / heads. `shares` keeps the softmax, rows x heads
 * x tokens x tokens (of later tokens: 0). `work` has `attentionRoom(tokens, d)` floats.
 */
export interface AttentionKernels {
  /** y (rows x tokens x width) = the shares of each token, by its query, of the values of itself and those before it. */
  attend(
    y: Address,
    shares: Address,
    x: Address,
    rows: number,
    tokens: number,
    heads: number,
    width: number,
    work: Address,
  ): void;
  /** dx of x, from dy and the shares that `attend` kept. */
  attendBack(
    dx: Address,
    dy: Address,
    x: Address,
    shares: Address,
    rows: number,
    tokens: number,
    heads: number,
    width: number,
    work: Address,
  ): void;
  /** y (rows x tokens x width) = the table's row of each token, plus that of its place. Rows of x are `stride` floats apart. */
  embed(
    y: Address,
    x: Address,
    table: Address,
    places: Address,
    rows: number,
    tokens: number,
    stride: number,
    width: number,
  ): void;
  /** Adds dy to those rows of the table and of the places. */
  embedAccumulate(
    table: Address,
    places: Address,
    dy: Address,
    x: Address,
    rows: number,
    tokens: number,
    stride: number,
    width: number,
  ): void;
}

/** A matrix of tokens x tokens, and a packed one of tokens x d. */
export function attentionRoom(tokens: number, d: number): number {
  return tokens * tokens + (tokens + 16) * (d + 4);
}
