/** `hearsay predict`: what a saved model says of each row, or how it goes on with a text. */

import { field } from '../csv.js';
import { writeNpy } from '../data/npy.js';
import { choice, type Option, optionalNumber, optionalPath, toggle } from '../engine/option.js';
import { HearsayError } from '../errors.js';
import { parseSpec, quote } from '../spec.js';
import { replaceFile, tryFile } from '../threads/replacefile.js';
import type { TrainedModel, Watch } from '../threads/trained.js';
import { unwritable } from '../unwritable.js';
import { counting } from './counting.js';
import { many } from './figures.js';
import { dataOptions, type ModelSettings, type Models, modelOptions, openingOf } from './models.js';
import type { Surroundings } from './program.js';
import { writing } from './writing.js';

export const predictOptions = {
  ...dataOptions,
  part: choice({
    about: 'which of them; auto: those of the test file, all of --data where it has none, and of a run those it was tested on',
    words: ['auto', 'test', 'train', 'all'],
  }),
  ...modelOptions,
  out: optionalPath({
    about: 'file for the predictions: classes and their chances, or values',
    range: 'FILE.csv, or FILE.npy (rows x outputs, 32-bit floats)',
    fallback: 'none: they are printed, as CSV',
  }),
  prompt: {
    ...optionalPath({
      about: 'of a model of characters: a text that it goes on with',
      range: 'a TEXT',
      fallback: 'none: rows of --data are predicted',
    }),
    placeholder: '<text>',
  },
  characters: optionalNumber({
    about: 'how many it adds to the prompt',
    unit: 'characters',
    range: { whole: true, min: 1, max: 1_000_000 },
    fallback: '200',
  }),
  temperature: optionalNumber({
    about: 'above 1 the text behind a prompt is wilder, below 1 safer; 0 takes the likeliest character each time',
    range: { min: 0, max: 100 },
    fallback: '1',
  }),
  seed: optionalNumber({
    about: 'start of data that are drawn, of the rows that are held out, and of the characters behind a prompt',
    range: { whole: true, min: 0, max: Number.MAX_SAFE_INTEGER },
    fallback: 'that of the run, for the folder of one; else 1',
  }),
  json: toggle({ about: 'one JSON object a row on stdout, for programs; of a prompt, one' }),
} satisfies Record<string, Option>;

export interface PredictSettings extends ModelSettings {
  readonly out: string | null;
  readonly prompt: string | null;
  readonly characters: number | null;
  readonly temperature: number | null;
  readonly json: boolean;
}

/** Throws HearsayError. */
export async function predictCommand(settings: PredictSettings, around: Surroundings): Promise<number> {
  const { path, out, prompt, json } = settings;
  if (out !== null && !/\.(csv|npy)$/i.test(out))
    throw new HearsayError('CONFIG_RANGE', `--out: found ${quote(out)}, allowed is FILE.csv or FILE.npy`);
  if (prompt === null) {
    for (const key of ['characters', 'temperature'] as const)
      if (settings[key] !== null)
        throw new HearsayError(
          'CONFIG_RANGE',
          `--${key}: found no prompt, which it belongs to; leave it out, or give --prompt TEXT`,
        );
  } else if (out !== null) {
    throw new HearsayError('CONFIG_RANGE', '--out: found a prompt, whose text is printed; leave --out out');
  } else if (settings.part !== 'auto') {
    throw new HearsayError('CONFIG_RANGE', '--part: found a prompt, which takes no rows; leave --part out');
  }
  if (out !== null) orUnwritable(out, () => tryFile(out));
  const models = await around.loadModels();
  if (prompt !== null) return goOn(models, settings, around);
  const { model, dataset } = await models.openWithData(path, openingOf(settings), true);
  const isQuiet = json && out === null;
  const predictions = counting(around, isQuiet, 'predicted', watch => models.predictAll(model, dataset, watch));
  if (out === null) {
    const lines = json ? jsonLines(model, models, predictions) : csvLines(model, models, predictions);
    for (const line of lines) {
      if (around.brokenPipe()) break;
      around.stdout.write(`${line}\n`);
    }
    return 0;
  }
  const bytes = /\.npy$/i.test(out)
    ? writeNpy({ shape: [dataset.rows, model.outputs], values: predictions })
    : new TextEncoder().encode(`${[...csvLines(model, models, predictions)].join('\n')}\n`);
  try {
    await writing(around, () => replaceFile(out, bytes));
  } catch (error) {
    throw unwritable(`--out ${out}`, error);
  }
  around.stderr.write(`hearsay: ${many(dataset.rows, 'prediction')} in ${out}\n`);
  return 0;
}

async function goOn(models: Models, settings: PredictSettings, around: Surroundings): Promise<number> {
  const { path, seed, json } = settings;
  const prompt = settings.prompt!;
  const { model } = await models.openAlone(path, openingOf(settings));
  const [characters, temperature] = [settings.characters ?? undefined, settings.temperature ?? undefined];
  const draw = (watch?: Watch) => models.continuation(model, prompt, { characters, temperature, seed: seed ?? 1, watch });
  const text = counting(around, json, 'drawn', draw, 'characters');
  around.stdout.write(json ? `${JSON.stringify({ prompt, text })}\n` : `${prompt}${text}\n`);
  return 0;
}

/** class, p0, p1, ...; or value; of hinge class, score0, score1. */
function* csvLines(model: TrainedModel, models: Models, predictions: Float32Array): Generator<string> {
  const { classes, outputs } = model;
  if (classes === 0) {
    yield 'value';
    for (const value of predictions) yield shortest(value);
    return;
  }
  yield ['class', ...Array.from({ length: outputs }, (_, k) => `${hasScores(model) ? 'score' : 'p'}${k}`)].join(',');
  const best = models.answers(predictions, outputs);
  for (const [row, answer] of best.entries())
    yield [field(nameOf(model, answer)), ...Array.from(predictions.subarray(row * outputs, (row + 1) * outputs), shortest)].join(
      ',',
    );
}

function* jsonLines(model: TrainedModel, models: Models, predictions: Float32Array): Generator<string> {
  const { classes, outputs } = model;
  const best = classes > 0 ? models.answers(predictions, outputs) : undefined;
  const what = hasScores(model) ? 'scores' : 'probabilities';
  for (let row = 0; row < predictions.length / outputs; row++) {
    const values = Array.from(predictions.subarray(row * outputs, (row + 1) * outputs));
    yield JSON.stringify(best ? { row, class: nameOf(model, best[row]), [what]: values } : { row, value: values[0] });
  }
}

/** Whether it tells how far a row is on the side of a class, not how likely that is. */
function hasScores({ spec }: TrainedModel): boolean {
  return parseSpec(spec, 'model').name === 'hinge';
}

/** What a class is called: its name, or its number; of a text, the character. */
function nameOf({ labels, vocabulary }: TrainedModel, answer: number): string | number {
  return labels?.[answer] ?? vocabulary?.[answer] ?? answer;
}

/** The fewest digits that are read as the same float. */
function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

function orUnwritable(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw unwritable(`--out ${path}`, error);
  }
}
