/** How a model's input comes: what an export has to do before the first layer. */

/** What training did to inputs: a byte stands for `byte * scale + shift`; then, where `mean` is there, `(number - mean) * factor`. */
export interface Inputs {
  /** bytes, as they stand in an image file, or the numbers that they stand for. */
  readonly of: 'bytes' | 'numbers';
  readonly scale: number;
  readonly shift: number;
  /** One for all features, or one each. */
  readonly standard?: { readonly mean: Float64Array; readonly factor: Float64Array };
}

/** Whose work the file is, and what it says of the model. */
export interface Origin {
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
}
