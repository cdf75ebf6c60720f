/** `hearsay evaluate`: how good a saved model is on some data. */

import { type Option, toggle } from '../engine/option.js';
import type { ClassScore } from '../threads/confusion.js';
import { columns } from './columns.js';
import { counting } from './counting.js';
import { count, figure, many, percent } from './figures.js';
import { dataOptions, type ModelSettings, modelOptions, openingOf } from './models.js';
import type { Surroundings } from './program.js';
import { hasRating } from './progress.js';

export const evaluateOptions = {
  ...dataOptions,
  ...modelOptions,
  perClass: toggle({ about: 'rows, precision, recall and F1 of each class' }),
  confusion: toggle({ about: 'how many rows of each class are answered with each' }),
  json: toggle({ about: 'one JSON object on stdout, for programs' }),
} satisfies Record<string, Option>;

export interface EvaluateSettings extends ModelSettings {
  readonly perClass: boolean;
  readonly confusion: boolean;
  readonly json: boolean;
}

/** Throws HearsayError. */
export async function evaluateCommand(settings: EvaluateSettings, around: Surroundings): Promise<number> {
  const models = await around.loadModels();
  const { model, file, dataset } = await models.openWithData(settings.path, openingOf(settings));
  const { loss, accuracy } = counting(around, settings.json, 'judged', watch => model.evaluate(dataset, watch));
  const wantsClasses = accuracy !== null && (settings.perClass || settings.confusion);
  const answered = wantsClasses
    ? models.answers(
        counting(around, settings.json, 'answered', watch => models.predictAll(model, dataset, watch)),
        model.classes,
      )
    : undefined;
  const counts = answered && models.confusion(dataset.targets, answered, model.classes);
  const scores = counts && settings.perClass ? models.classScores(counts) : undefined;
  const shown = settings.confusion ? counts : undefined;
  const parameters = model.weights.length;
  if (settings.json) {
    const about = {
      model: model.spec,
      file,
      node: settings.node ?? undefined,
      parameters,
      data: dataset.name,
      part: settings.part,
      rows: dataset.rows,
    };
    around.stdout.write(
      `${JSON.stringify({ ...about, loss, accuracy, labels: model.labels ?? undefined, perClass: scores, confusion: shown })}\n`,
    );
    return 0;
  }
  // Some name their part themselves.
  const said = dataset.name.endsWith(`(${settings.part})`) ? '' : ` (${settings.part})`;
  const lines = [
    `model      ${model.spec}, ${many(parameters, 'parameter')} (${settings.node === null ? '' : `node ${settings.node}, `}${file})`,
    `data       ${dataset.name}${said}, ${many(dataset.rows, 'row')}`,
    `loss       ${figure(loss)}`,
    ...(hasRating({ model: model.spec }) ? [`rmse       ${figure(Math.sqrt(2 * loss))}`] : []),
    ...(accuracy === null ? [] : [`accuracy   ${percent(accuracy)}`]),
    ...(scores ? ['', ...classLines(scores, model.labels)] : []),
    ...(shown ? ['', ...confusionLines(shown, model.labels)] : []),
  ];
  around.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

type Labels = readonly string[] | null;

function classLines(scores: readonly ClassScore[], labels: Labels): string[] {
  const share = (value: number | null) => (value === null ? '-' : percent(value));
  const cells = scores.map(({ class: k, rows, precision, recall, f1 }) => [
    labels?.[k] ?? String(k),
    count(rows),
    ...[precision, recall, f1].map(share),
  ]);
  return columns([['class', 'rows', 'precision', 'recall', 'F1'], ...cells]);
}

/** A row a class, a column an answer. */
function confusionLines(counts: readonly (readonly number[])[], labels: Labels): string[] {
  const name = (k: number) => labels?.[k] ?? String(k);
  const cells = counts.map((row, k) => [name(k), ...row.map(n => (n === 0 ? '.' : count(n)))]);
  return columns([['class', ...counts.map((_, k) => `as ${name(k)}`)], ...cells]);
}
