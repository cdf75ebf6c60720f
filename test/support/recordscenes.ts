/** Live workers that record: pieces of work with a drawn partner, any verbs, meetings, and one whose ops fill its ring. */

import type { Scene } from '../../src/testing/explore.js';
import { type RecordingOptions, recording } from './recording.js';
import { anyVerb, meetings, piece } from './scenes.js';
import { type Engine, firstDraw, type Task } from './stage.js';

type Rest = Partial<RecordingOptions>;

/** Each of two workers takes a piece of work and mixes it. */
export function recordedPairs(engine: Engine, rest: Rest = {}): Scene {
  return recording({ engine, rows: 3, workers: [piece(0), piece(1)], pieces: [1, 1, 0], ring: true, ...rest });
}

export function recordedVerbs(engine: Engine, rest: Rest = {}): Scene {
  return recording({ engine, rows: 3, workers: [[anyVerb], [anyVerb]], pieces: [0, 0, 0], ...rest });
}

export function recordedMeetings(engine: Engine, times: number, rest: Rest = {}): Scene {
  return recording({ engine, ...meetings(engine, times), fine: true, recorder: 512, ...rest });
}

/** Sums over all rows take 56 bytes each: the fifth does not fit any more, unless somebody has taken bytes out. */
export function fullRing(engine: Engine, rest: Rest = {}): Scene {
  const turned: Task = ({ rows }) => rows.combine([0, 1, 2], [0, 1, 2], [0, 1, 0, 0, 0, 1, 1, 0, 0]);
  const small: Task = ({ rows }) => rows.combine([1], [1], [1]);
  const workers = [[turned, turned, turned, turned, turned, turned], [small]];
  return recording({ engine, rows: 3, workers, pieces: [0, 0, 0], recorder: 224, gone: 200, drains: 0, ...rest });
}

/** Many small ops of one worker, whose bytes differ: its ring is filled more than once. */
export function manyOps(engine: Engine, rest: Rest = {}): Scene {
  const mix =
    (weight: number): Task =>
    ({ rows }) =>
      void rows.mix(0, firstDraw, weight);
  const workers = [Array.from({ length: 20 }, (_, k) => mix((k >> 1) % 2)), []];
  return recording({ engine, rows: 2, workers, pieces: [0, 0], recorder: 139, ring: true, ...rest });
}
