/** The contract of data: a table of inputs with a target a row. Bytes stay bytes; the kernels scale them while they gather a batch. */

export interface Dataset {
  readonly name: string;
  readonly rows: number;
  /** Values in one input row. */
  readonly features: number;
  /** rows x features, row-major: as they were read, never standardized. Of sparse rows the numbers that are there, floats. */
  readonly inputs: Uint8Array | Float32Array;
  /** Where rows are sparse: which numbers `inputs` has; all others are 0. They are not standardized, which would fill them up. */
  readonly sparse?: Places;
  /** A byte stands for the number `byte * scale + shift`; 1 and 0 for float inputs. */
  readonly scale: number;
  readonly shift: number;
  /** What training does to these numbers before a model sees them; nothing when it is not there. */
  readonly standard?: Standard;
  /** Shape of one input, [height, width] of an image, [channels, height, width] of one with channels; its product is `features`. */
  readonly shape: readonly number[];
  /** Labels 0..classes-1, or real values when `classes` is 0. One a row. */
  readonly targets: Int32Array | Float32Array;
  /** Number of classes; 0 for regression. */
  readonly classes: number;
  /** What the classes are called, in the order of their numbers; left out where they are called 0, 1, 2, ... */
  readonly labels?: readonly string[];
  /**
   * Where inputs are numbers of things (characters, users) and no quantities: how many different ones a column has, one entry when all
   * columns have the same. Inputs are then whole numbers below it, with scale 1 and shift 0, and are never standardized.
   */
  readonly categories?: readonly number[];
  /** Where the things are characters: which ones, in the order of their numbers. */
  readonly vocabulary?: readonly string[];
  /** Where the things are users and items: a fingerprint of what they are called, in the order of their numbers. */
  readonly things?: string;
}

/** Row r has inputs[k] in column columns[k] for k in offsets[r] .. offsets[r + 1] - 1; columns count from 0 and ascend within a row. */
export interface Places {
  /** rows + 1 */
  readonly offsets: Uint32Array;
  readonly columns: Uint32Array;
}

/**
 * How numbers become standardized ones: `(number - mean) * factor`, of each feature by entries of its own, or of all by the only one.
 * A factor is 1 / deviation, or 0 for a feature that is constant in the training data.
 */
export interface Standard {
  readonly mean: Float64Array;
  readonly factor: Float64Array;
}

/** What one is trained on, and what one is judged by. */
export interface Split {
  readonly train: Dataset;
  readonly test: Dataset;
}
