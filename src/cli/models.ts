/** What the commands on a saved model share: its options, and what they need of the threads. */

import { choice, type Option, optionalNumber, optionalPath, optionalSpec } from '../engine/option.js';
import type { answers, classScores, confusion, predictAll } from '../threads/confusion.js';
import type { continuation } from '../threads/continuation.js';
import type { Opening, openAlone, openWithData } from '../threads/opened.js';

/** Loaded when a command needs it. */
export interface Models {
  readonly openAlone: typeof openAlone;
  readonly openWithData: typeof openWithData;
  readonly predictAll: typeof predictAll;
  readonly answers: typeof answers;
  readonly confusion: typeof confusion;
  readonly classScores: typeof classScores;
  readonly continuation: typeof continuation;
}

export const modelOptions = {
  model: optionalSpec({
    about: 'what the file is of, where it does not say; and a module, whose code runs only when it is named here',
    range: 'as after --model of train',
    fallback: 'what the file says',
    module: true,
  }),
  node: optionalNumber({
    about: 'of a run with --keep-nodes: the model of this node, not the mean',
    range: { whole: true, min: 0, max: 9_999_999 },
    fallback: 'the mean',
  }),
} satisfies Record<string, Option>;

export const dataOptions = {
  data: optionalPath({
    about: 'rows to look at',
    range: 'as after --data of train',
    fallback: "those of the run, for the folder of one; else digits; a text keeps the model's context",
  }),
  part: choice({ about: 'which of them: those that are tested on, trained on, or both', words: ['test', 'train', 'all'] }),
  test: optionalPath({ about: 'rows to test on, of a file', range: 'a FILE', fallback: 'as in train' }),
  target: optionalPath({
    about: 'column to predict, of a table',
    range: 'a name, or a number from 1',
    fallback: 'the last column',
  }),
  standardize: choice({
    about:
      'what the inputs of a file that does not say go through, by the training rows of --data; said: what the file says, else nothing',
    words: ['said', 'features', 'whole', 'none'],
  }),
  seed: optionalNumber({
    about: 'start of data that are drawn, and of the rows that are held out',
    range: { whole: true, min: 0, max: Number.MAX_SAFE_INTEGER },
    fallback: 'that of the run, for the folder of one; else 1',
  }),
} satisfies Record<string, Option>;

export interface ModelSettings {
  readonly path: string;
  readonly model: string | null;
  readonly node: number | null;
  readonly data: string | null;
  readonly part: 'auto' | 'test' | 'train' | 'all';
  readonly test: string | null;
  readonly target: string | null;
  readonly standardize: 'said' | 'features' | 'whole' | 'none';
  readonly seed: number | null;
}

export function openingOf({ model, node, data, part, test, target, standardize, seed }: ModelSettings): Opening {
  return {
    model: model ?? undefined,
    node: node ?? undefined,
    data: data ?? undefined,
    part: part === 'auto' ? undefined : part,
    test: test ?? undefined,
    target: target ?? undefined,
    standardize: standardize === 'said' ? undefined : standardize,
    seed: seed ?? undefined,
  };
}
