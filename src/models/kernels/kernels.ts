/**
 * The kernels: what every set (reference, simd, relaxed, blas) computes. Addresses are byte offsets into the memory that the set
 * was opened on; counts are in floats. Rows of planes are padded to 32 floats with zeros, so row kernels may round `n` up to 32.
 * `reference.ts` is the specification: plain TypeScript, one loop a kernel.
 */

export type Address = number;

/** A shared WebAssembly.Memory (the type is spelt out so that users need no browser typings). */
export interface Memory {
  readonly buffer: SharedArrayBuffer;
}

/**
 * Passes over whole rows: what snapshots, commits and averages are made of. An output may be one of the inputs; else they never overlap.
 */
export interface RowKernels {
  /** to = from */
  copy(to: Address, from: Address, n: number): void;
  /** to = 0 */
  zero(to: Address, n: number): void;
  /** work = from and base = from, in one pass. */
  snapshot(work: Address, base: Address, from: Address, n: number): void;
  /**
   * to = work - base. Returns 0, or NaN when a difference is not finite, or 2^100 and more: rows that only ever change by less stay far from
   * the end of f32, where an average of two finite rows would not be finite.
   */
  difference(to: Address, base: Address, work: Address, n: number): number;
  /** to = from + delta */
  commit(to: Address, from: Address, delta: Address, n: number): void;
  /** to = (1-w) a + w b; for w = 1/2 it is (a + b) / 2, rounded once. */
  blend(to: Address, a: Address, b: Address, w: number, n: number): void;
  /** toA = (1-w) a + w b, toB = w a + (1-w) b; for w = 1/2 both are (a + b) / 2, rounded once. */
  mix(toA: Address, toB: Address, a: Address, b: Address, w: number, n: number): void;
  /** The same mix, then toA += delta: in one pass. */
  mixAndCommit(toA: Address, toB: Address, a: Address, b: Address, delta: Address, w: number, n: number): void;
  /** The mix of a + deltaA and b + deltaB. */
  mixAndCommitBoth(
    toA: Address,
    toB: Address,
    a: Address,
    b: Address,
    deltaA: Address,
    deltaB: Address,
    w: number,
    n: number,
  ): void;
  /** to = sum over k < count of weights[k] * row k, added in order of k; `rows` lists addresses (u32), `weights` f32. */
  combine(to: Address, rows: Address, weights: Address, count: number, n: number): void;
  /** Sum of (a - b)^2, accumulated in f64. */
  squaredDistance(a: Address, b: Address, n: number): number;
}

/** Floats that `topk` counts in. */
export const topkRoom = 2048;

/**
 * Passes over planes that algorithms' own kernels are made of. They compute in f64, in the written order, and round to f32 what they
 * store, as plain TypeScript does: the same bits in every set. An output may be one of the inputs; else they never overlap.
 */
export interface ElementKernels {
  /** to = a + b - c */
  gap(to: Address, a: Address, b: Address, c: Address, n: number): void;
  /** to = a + w b */
  add(to: Address, a: Address, b: Address, w: number, n: number): void;
  /** to = u a + w (b - c) */
  follow(to: Address, a: Address, b: Address, c: Address, u: number, w: number, n: number): void;
  /** to = a / b; a divisor that is 0 or NaN counts as 1. */
  divide(to: Address, a: Address, b: Address, n: number): void;
  /**
   * A step along `gap` that is shorter where gaps have been large: with g an element of it,
   * v = beta v + (1 - beta) g^2, rounded to f32; to = from + min(gamma / (sqrt(v / correction) + 1e-8), 1) g
   */
  adapt(
    to: Address,
    toSecond: Address,
    from: Address,
    second: Address,
    gap: Address,
    beta: number,
    correction: number,
    gamma: number,
    n: number,
  ): void;
  /**
   * A running mean of what is measured, and the scale that follows from it: with h an element of it,
   * sum = kept sum + (1 - kept) h, or h^2 when it is squared, rounded to f32; d = |sum / weight|, or its root;
   * scale = max(alpha, d), or d + alpha
   */
  rescale(
    toScale: Address,
    toSum: Address,
    sum: Address,
    measured: Address,
    kept: number,
    weight: number,
    alpha: number,
    squared: 0 | 1,
    added: 0 | 1,
    n: number,
  ): void;
  /** to = the k (1 to n) floats of the largest magnitude, of equal ones the first; the others become 0. `counts` has `topkRoom` floats. */
  topk(to: Address, from: Address, k: number, counts: Address, n: number): void;
}

/** A batch from rows of data. `indices` lists row numbers (u32). */
export interface GatherKernels {
  /** to (rows x features) = byte * scale + shift, the product and the sum each rounded to f32. */
  gatherBytes(to: Address, from: Address, indices: Address, rows: number, features: number, scale: number, shift: number): void;
  /** The same for rows of 32-bit words (floats, labels; features = 1 for targets), bits unchanged. */
  gatherWords(to: Address, from: Address, indices: Address, rows: number, features: number): void;
}

/**
 * Rows of a table where they lie, by their numbers (`numbers`, u32): row r has the number values[k] (f32) in column columns[k] (u32, or
 * u16 where `narrow` is 1) for k in offsets[r] .. offsets[r + 1] - 1, and target targets[r]. With 0 for the address of the values all are 1. Weights are one a feature, and behind them a bias where `bias` is 1. A product
 * x.w is s0 + s2 + (s1 + s3), entry k of the row counting in sum k modulo 4. Sums start from 0, and each operation is rounded to f32 in the
 * written order: the same bits in every set.
 */
export interface SparseKernels {
  /**
   * to[k] = parts[the element at position from + k of the permutation of 0..size-1 of random.ts that `key`, a draw of it, selects], k below
   * `count`; from + count is at most `size`.
   */
  permuted(to: Address, parts: Address, from: number, count: number, size: number, key: number): void;
  /** to (rows x features) = the rows with their zeros. */
  gatherSparse(
    to: Address,
    offsets: Address,
    columns: Address,
    narrow: 0 | 1,
    values: Address,
    numbers: Address,
    rows: number,
    features: number,
  ): void;
  /** scores = x.w + bias */
  sparseScores(
    scores: Address,
    weights: Address,
    features: number,
    bias: 0 | 1,
    offsets: Address,
    columns: Address,
    narrow: 0 | 1,
    values: Address,
    numbers: Address,
    rows: number,
  ): void;
  /** into += slope x, row after row, and its bias += slope */
  sparseAdd(
    into: Address,
    slopes: Address,
    features: number,
    bias: 0 | 1,
    offsets: Address,
    columns: Address,
    narrow: 0 | 1,
    values: Address,
    numbers: Address,
    rows: number,
  ): void;
  /**
   * Steps of SGD, of `batch` rows each: w = (1 - rate l2) w - rate / batch x (the sum of d x), d the slope of the loss at the row's score:
   * 0, half the squared error; 1, that of logisticLoss; 2, of hingeLoss. The bias is not shrunk. Only coordinates of the rows are touched:
   * the weights are kept as `scale` (f64) times what is stored (Bottou 2012, section 5.1; Shalev-Shwartz, Singer, Srebro 2007), until it
   * comes to 2^-10 or less, and at the end. Where others write the same weights meanwhile, `spread` (0: none) has for each column by how much
   * rows are more than those that have it, and each row takes min(1, rate / batch l2 spread) w off the weights that it touches instead: the
   * penalty on average (Recht, Re, Wright, Niu 2011, eq. 2). `rates` has one f32 a step, `scores` room for `batch` floats. Returns the sum over steps of the
   * mean loss of their rows (NaN where a score was none), without the penalty.
   */
  sparseSweep(
    weights: Address,
    features: number,
    bias: 0 | 1,
    offsets: Address,
    columns: Address,
    narrow: 0 | 1,
    values: Address,
    targets: Address,
    numbers: Address,
    rates: Address,
    steps: number,
    batch: number,
    loss: 0 | 1 | 2,
    l2: number,
    spread: Address,
    scores: Address,
  ): number;
}

/**
 * A rating z of a user and an item, the two numbers of a row of `inputs` (f32): z = mu + b(user) + b(item) + p(user).q(item). Weights are mu,
 * the biases of users and of items, p (users x rank) and q (items x rank). Sums of products as those of sparse rows; the same bits in
 * every set.
 */
export interface FactorKernels {
  factorScores(
    scores: Address,
    weights: Address,
    users: number,
    items: number,
    rank: number,
    inputs: Address,
    numbers: Address,
    rows: number,
  ): void;
  /** Row after row: into += slope x dz/dw, and l2 w of the biases and factors of its user and its item. */
  factorAdd(
    into: Address,
    slopes: Address,
    weights: Address,
    users: number,
    items: number,
    rank: number,
    inputs: Address,
    numbers: Address,
    rows: number,
    l2: number,
  ): void;
  /**
   * Steps of SGD, of `batch` rows each: w -= rate / batch x (the sum of (z - target) dz/dw + l2 w, the latter of what a row's user and item
   * have), all by the weights before the step (Koren, Bell, Volinsky 2009). `work` has batch (2 rank + 3) floats. Returns the sum over steps
   * of the mean of (z - target)^2 / 2.
   */
  factorSweep(
    weights: Address,
    users: number,
    items: number,
    rank: number,
    inputs: Address,
    targets: Address,
    numbers: Address,
    rates: Address,
    steps: number,
    batch: number,
    l2: number,
    work: Address,
  ): number;
}

/**
 * The three products of a dense layer: x is rows x inputs, W inputs x outputs, bias outputs, y rows x outputs, all row-major. A sum
 * starts from what it is added to and runs in order, each product and each sum rounded to f32: `simd` gives the reference's bits
 * (but for outputs = 1, where its lanes run along the inputs); `relaxed` fuses. `work` has `packing(rows, inputs, outputs)` floats.
 * Up to 12 bytes beyond a matrix may be read, never written.
 */
export interface DenseKernels {
  /** y = x W + bias */
  forward(
    y: Address,
    x: Address,
    weights: Address,
    bias: Address,
    rows: number,
    inputs: number,
    outputs: number,
    work: Address,
  ): void;
  /** dx = dy W' */
  backward(dx: Address, dy: Address, weights: Address, rows: number, inputs: number, outputs: number, work: Address): void;
  /** keep = 1: W += x' dy and bias += column sums of dy; keep = 0: they are set instead. */
  accumulate(
    weights: Address,
    bias: Address,
    x: Address,
    dy: Address,
    rows: number,
    inputs: number,
    outputs: number,
    keep: 0 | 1,
    work: Address,
  ): void;
}

/** Element-wise functions of a layer (`to` may be `from`) and their derivatives, multiplied into `d`. */
export interface ActivationKernels {
  relu(to: Address, from: Address, n: number): void;
  /** d = 0 where the output y is not positive. */
  reluGradient(d: Address, y: Address, n: number): void;
  tanh(to: Address, from: Address, n: number): void;
  /** d *= 1 - y^2 for the output y. */
  tanhGradient(d: Address, y: Address, n: number): void;
  /** to = z Phi(z), Phi the normal distribution function (Hendrycks and Gimpel 2016, the exact form). */
  gelu(to: Address, from: Address, n: number): void;
  /** The same, and its derivative: slope = Phi(z) + z phi(z). It takes less time to keep than to find again. */
  geluKept(to: Address, slope: Address, from: Address, n: number): void;
  /** to *= by */
  multiply(to: Address, by: Address, n: number): void;
}

/**
 * Losses return the sum over rows in f64 and write the gradient of (scale x the sum) with respect to the scores; `gradient` may be
 * `scores`. Labels are i32 and below `classes`. A score that is not finite gives a loss that is not finite.
 */
export interface LossKernels {
  softmaxLoss(gradient: Address, scores: Address, labels: Address, rows: number, classes: number, scale: number): number;
  /** Two classes, one score z a row: p(1) = 1 / (1 + exp(-z)). */
  logisticLoss(gradient: Address, scores: Address, labels: Address, rows: number, scale: number): number;
  /** Two classes, one score z a row: max(0, 1 - y z), y = -1 or 1. */
  hingeLoss(gradient: Address, scores: Address, labels: Address, rows: number, scale: number): number;
  /** (y - t)^2 / 2 over n values, targets f32. */
  squaredLoss(gradient: Address, outputs: Address, targets: Address, n: number, scale: number): number;
  softmax(probabilities: Address, scores: Address, rows: number, classes: number): void;
  logistic(probabilities: Address, scores: Address, rows: number): void;
  /** Rows whose largest score (the first of equals) is their label's. */
  correct(scores: Address, labels: Address, rows: number, classes: number): number;
}

/**
 * Images are rows of height x width x channels (channels last). A window is `size` x `size`, its corner every `stride` places, beginning
 * `pad` places before the image; there are `down` x `across` of them in an image. What lies outside counts as 0; no window
 * goes further than that.
 */
export interface WindowKernels {
  /**
   * to (rows x down x across windows, size x size x channels each) = what the windows show: then a convolution is a product. `work` has
   * (height + 2 pad) x (width + 2 pad) x channels floats; none without pad.
   */
  patches(to: Address, x: Address, rows: number, work: Address, w: Windows): void;
  /** dx = the sum of what windows send back to each place. */
  unpatches(dx: Address, from: Address, rows: number, w: Windows): void;
  /** y (rows x down x across x channels) = the largest of each window, whose pad is 0. */
  maxPool(y: Address, x: Address, rows: number, w: Windows): void;
  /** dx = dy at the first place of the window that is its largest, summed over windows. */
  maxPoolGradient(dx: Address, dy: Address, x: Address, y: Address, rows: number, w: Windows): void;
  /** y = the mean of each window, whose pad is 0. */
  averagePool(y: Address, x: Address, rows: number, w: Windows): void;
  averagePoolGradient(dx: Address, dy: Address, rows: number, w: Windows): void;
}

/**
 * Convolution of images of one channel by windows that stand at every place (stride 1), without patches. W is size x size x filters. The
 * sums of a gradient run in another order than those of a product. `work` has `planesRoom(w, filters)` floats.
 */
export interface PlaneKernels {
  /** y (rows x down x across x filters) = windows of x times W, + bias. At least 4 across. */
  convolve(
    y: Address,
    x: Address,
    weights: Address,
    bias: Address,
    rows: number,
    filters: number,
    work: Address,
    w: Windows,
  ): void;
  /** keep = 1: W += windows of x times dy, and bias += sums of dy; keep = 0: they are set instead. */
  convolveAccumulate(
    weights: Address,
    bias: Address,
    x: Address,
    dy: Address,
    rows: number,
    filters: number,
    keep: 0 | 1,
    work: Address,
    w: Windows,
  ): void;
}

/** An image with its border and some floats behind it, and dy of an image in lines as long as those of the image. */
export function planesRoom({ height, width, size, pad, down }: Windows, filters: number): number {
  const line = width + 2 * pad;
  return (height + 2 * pad) * line + size + 3 + filters * 4 * Math.ceil((down * line) / 4);
}

export interface Windows {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
  readonly down: number;
  readonly across: number;
}

/**
 * Group normalization (Wu and He 2018): each row has `places` x `channels` values; the values of a group (channels / groups neighbouring
 * channels at all places) get mean 0 and variance 1, then each channel its gain and shift. With one place and one group: layer
 * normalization (Ba et al. 2016). `moments` keeps mean and 1 / sqrt(variance + epsilon), rows x groups x 2.
 */
export interface NormKernels {
  normalize(y: Address, moments: Address, x: Address, gain: Address, shift: Address, rows: number, n: Normed): void;
  /** dx. It is not dy. */
  normalizeBack(dx: Address, dy: Address, x: Address, moments: Address, gain: Address, rows: number, n: Normed): void;
  /** keep = 1: gain and shift += their gradients; 0: they are set instead. */
  normalizeAccumulate(
    gain: Address,
    shift: Address,
    dy: Address,
    x: Address,
    moments: Address,
    rows: number,
    n: Normed,
    keep: 0 | 1,
  ): void;
}

export interface Normed {
  readonly places: number;
  readonly channels: number;
  readonly groups: number;
  readonly epsilon: number;
}

/**
 * Causal attention of several heads (Vaswani et al. 2017, section 3.2). A row has `tokens` x 3 width values, the queries, keys and values
 * of a token one after the other; head h has columns h d to (h + 1) d of each, d = width / heads. `shares` keeps the softmax, rows x heads
 * x tokens x tokens (of later tokens: 0). `work` has `attentionRoom(tokens, d)` floats.
 */
export interface AttentionKernels {
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

/** Dropout (Srivastava et al. 2014, inverted): draws of dither.ts under the key (a, b) decide, so the way back draws the same. */
export interface DropoutKernels {
  /** to = 0 where draw k is below rate x 2^32 (as an unsigned word), else from / (1 - rate). `to` may be `from`. */
  dropout(to: Address, from: Address, n: number, rate: number, a: number, b: number): void;
}

/** Optimizer updates, one pass; every operation is rounded to f32 in the written order, the same bits in every set. */
export interface UpdateKernels {
  /** w -= rate (g + decay w) */
  sgd(weights: Address, gradient: Address, n: number, rate: number, decay: number): void;
  /** d = g + decay w; v = friction v + d; w -= rate v, or with Nesterov's look-ahead w -= rate (d + friction v). */
  momentum(
    weights: Address,
    gradient: Address,
    velocity: Address,
    n: number,
    rate: number,
    friction: number,
    decay: number,
    nesterov: 0 | 1,
  ): void;
  /**
   * d = g + decay w; m = beta1 m + (1 - beta1) d; v = beta2 v + (1 - beta2) d d; w -= rate (m / (scale sqrt(v) + eps) + fade w). An m
   * below 2^-126 is put to 0, and a v below 2^-100 to that: what decays would come to numbers that processors are slow with, and stay there.
   */
  adam(
    weights: Address,
    gradient: Address,
    mean: Address,
    square: Address,
    n: number,
    rate: number,
    beta1: number,
    beta2: number,
    scale: number,
    eps: number,
    decay: number,
    fade: number,
  ): void;
  /** The same with decay = 0, up to where the rate comes in: g = m / (scale sqrt(v) + eps) + fade w, and the weights stay. */
  lamb(
    weights: Address,
    gradient: Address,
    mean: Address,
    square: Address,
    n: number,
    beta1: number,
    beta2: number,
    scale: number,
    eps: number,
    fade: number,
  ): void;
  /** d = g + decay w; v = keep v + gain d d, 2^-100 at least; w -= rate (d / (sqrt(v) + eps)). */
  adaptive(
    weights: Address,
    gradient: Address,
    square: Address,
    n: number,
    rate: number,
    keep: number,
    gain: number,
    eps: number,
    decay: number,
  ): void;
  /** Sum of squares in f64: s0 to s7, of every eighth number each, then ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7)). */
  squares(from: Address, n: number): number;
  /** x *= factor */
  scale(to: Address, n: number, factor: number): void;
}

/**
 * The modular lattice quantizer (Davies, Gurunathan, Moshrefi, Ashkboos, Alistarh, ICLR 2021): a value becomes a point of a lattice of
 * side s, shifted by a shared dither, and of that point only the number modulo q = 2^bits travels; whoever has a vector that is near
 * enough knows which of them it was. With u = the draw of (a, b, coordinate) in (-1/2, 1/2), see dither.ts:
 *
 *   z = round(x/s - u), the code is z mod q;   Q(x) = s (z + u), dithered, or s z: then u has rounded at random
 *
 * bits is 2 to 16, s a power of two, |x|/s at most 2^21. `codes` has ceil(n bits / 8) bytes, lowest bits first; `stamp` is two words that
 * tell whether z was found: a checksum of all z, before the modulus, and the sum of all |z|.
 */
export interface LatticeKernels {
  /** Writes the codes and the stamp. Returns the largest |x|, NaN when there is one: above 2^21 s, what was written is void. */
  encodeLattice(
    codes: Address,
    stamp: Address,
    from: Address,
    n: number,
    bits: number,
    side: number,
    a: number,
    b: number,
  ): number;
  /**
   * to = Q(x), from the codes of x and a vector `near` it: right where they differ by (q-1) s/2 at most (not dithered: (q-2) s/2).
   * Returns the largest |to - near|, or -1 when the stamp says that it is wrong. `to` may be `near`.
   */
  decodeLattice(
    to: Address,
    codes: Address,
    stamp: Address,
    near: Address,
    n: number,
    bits: number,
    side: number,
    a: number,
    b: number,
    dithered: 0 | 1,
  ): number;
  /** The largest |a - b|, NaN when there is one. */
  farthest(a: Address, b: Address, n: number): number;
  /** to = H D x / sqrt(padded): random signs D by the key, zeros up to `padded` (a power of two, 4 or more), a Hadamard transform. */
  rotate(to: Address, from: Address, n: number, padded: number, a: number, b: number): void;
  /** The way back, the first n values. Changes `from`. */
  unrotate(to: Address, from: Address, n: number, padded: number, a: number, b: number): void;
}

export interface Kernels
  extends RowKernels,
    ElementKernels,
    GatherKernels,
    SparseKernels,
    FactorKernels,
    DenseKernels,
    WindowKernels,
    PlaneKernels,
    NormKernels,
    AttentionKernels,
    DropoutKernels,
    ActivationKernels,
    LossKernels,
    UpdateKernels,
    LatticeKernels {
  readonly name: 'reference' | 'simd' | 'relaxed' | 'blas';
  readonly memory: Memory;
}
