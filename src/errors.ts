/** Every error that a user can meet has a stable code and one line that says what, where, found, allowed and what to do. */

export type ErrorCode =
  | 'CONFIG_RANGE'
  | 'CONFIG_TYPE'
  | 'CONFIG_UNKNOWN_KEY'
  | 'CONFIG_MISSING'
  | 'MODULE_INVALID'
  | 'MODEL_MISMATCH'
  | 'GRAPH_DISCONNECTED'
  | 'GRAPH_INVALID'
  | 'DATA_NOT_FOUND'
  | 'DATA_CORRUPT'
  | 'DATA_TOO_LARGE'
  | 'DATA_LABEL'
  | 'DATA_NONFINITE'
  | 'DATA_TOO_SMALL'
  | 'MEMORY_LIMIT'
  | 'KERNELS_UNAVAILABLE'
  | 'OUTPUT_UNWRITABLE'
  | 'PORT_IN_USE'
  | 'NOT_REPLAYABLE'
  | 'KERNELS_MISMATCH'
  | 'HISTORY_CORRUPT'
  | 'HISTORY_VERSION'
  | 'HISTORY_MISMATCH'
  | 'CHECKPOINT_CORRUPT'
  | 'CHECKPOINT_VERSION'
  | 'CHECKPOINT_SHAPE'
  | 'CHECKPOINT_MISMATCH'
  | 'LOCKED'
  | 'SLOTS_EXHAUSTED'
  | 'DIVERGED'
  | 'MODEL_FAILED'
  | 'WORKER_LOST'
  | 'STALLED'
  | 'ABORTED'
  | 'STATE';

/**
 * What every refusal and every failed run is: a stable `code` and a message of one line that says what, where, found, allowed
 * and what to do. `cause` is the error beneath, where there is one.
 */
export class HearsayError extends Error {
  /** Stable: programs may tell errors apart by it. */
  readonly code: ErrorCode;
  override readonly name = 'HearsayError';

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Process exit status for a code: 2 bad input, 3 diverged, 4 a worker or a model lost for good, or nothing left to do, 130 stopped by the
 * user.
 */
export function exitStatus(code: ErrorCode): number {
  if (code === 'DIVERGED') return 3;
  if (code === 'MODEL_FAILED' || code === 'WORKER_LOST' || code === 'STALLED') return 4;
  if (code === 'ABORTED') return 130;
  return 2;
}
