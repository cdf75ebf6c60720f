/** The contract of data: a table of inputs with a target a row. Bytes stay bytes; the kernels scale them while they gather a batch. */

export interface Dataset {
  readonly name: string;
  readonly rows: number;
  /** Values in one input row. */
  readonly features: number;
  /** rows x features, row-major. */
  readonly inputs: Uint8Array | Float32Array;
  /** The value of a byte input is `byte * scale + shift`; 1 and 0 for float inputs. */
  readonly scale: number;
  readonly shift: number;
  /** Shape of one input, [28, 28] for an image; its product is `features`. */
  readonly shape: readonly number[];
  /** Labels 0..classes-1, or real values when `classes` is 0. One a row. */
  readonly targets: Int32Array | Float32Array;
  /** Number of classes; 0 for regression. */
  readonly classes: number;
}

/** What one is trained on, and what one is judged by. */
export interface Split {
  readonly train: Dataset;
  readonly test: Dataset;
}
