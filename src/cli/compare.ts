/** `hearsay compare`: the same job with several algorithms, one after the other: a table, a picture, and what of it is noise. */

import { namedAlgorithm } from '../engine/algorithms/table.js';
import { capacityOf } from '../engine/capacity.js';
import type { Experiment } from '../engine/experiment.js';
import { loadModule } from '../engine/modules.js';
import type { RunEvent, Sample } from '../engine/observer.js';
import { number, optionalPath, toggle } from '../engine/option.js';
import { requireClock } from '../engine/recipe.js';
import { HearsayError } from '../errors.js';
import { isModule, parseSpec, quote } from '../spec.js';
import type { Draft } from '../threads/prepare.js';
import { eventsFile, keptRuns } from './compare/kept.js';
import { comparedPage } from './compare/page.js';
import { picture } from './compare/picture.js';
import { comparisonProgress } from './compare/progress.js';
import { columnsOf, type Outcome, rowsOf, tableCsv, tableLines } from './compare/table.js';
import { many } from './figures.js';
import { openFolder, openLines, writeText } from './folder.js';
import { openLine } from './line.js';
import { tableOf } from './options.js';
import type { Surroundings } from './program.js';
import { reportFile } from './report/write.js';
import { openRuns } from './runs.js';
import type { Settings } from './settings.js';

const { algorithm: _, record: __, keepNodes: ___, tensorboard: ____, serve: _____, host: ______, ...shared } = tableOf('live');

/** Options of `train`, but the algorithm, which stands before them, and the history, as there are several runs. */
export const compareOptions = {
  ...shared,
  repeats: number({
    about: 'runs of each, with seeds seed, seed+1, ...; gives deviations, and tells differences from noise',
    unit: 'runs',
    range: { whole: true, min: 1, max: 1000 },
    default: 1,
  }),
  out: optionalPath({
    about: 'folder for report.html, compare.svg, rows.csv and events.jsonl; files of these names are replaced',
    range: 'a FOLDER',
    fallback: 'none: nothing is written',
  }),
  continue: toggle({ about: 'runs that events.jsonl in --out has whole are taken from there, and not done again' }),
};

export interface Comparing extends Settings {
  readonly continue: boolean;
}

/**
 * Returns the exit status: 0; 3 when a run diverged; 130 when a signal ended it early. Throws HearsayError: for an algorithm that can't run
 * before any of them starts, and for a run that fails otherwise than by diverging, after the table of those before it.
 */
export async function compareCommand(texts: readonly string[], settingsFor: SettingsFor, around: Surroundings): Promise<number> {
  const each = texts.map(settingsFor);
  await requireDistinct(each);
  const experiments = each.map(({ experiment }) => experiment);
  await requireRunnable(experiments, around);
  const { repeats, json, quiet } = each[0];
  const people = !json && !quiet;
  const line = openLine(around.stderr, around.env);
  const warn = (text: string) => {
    line.close();
    around.stderr.write(`hearsay: ${text}\n`);
  };
  const print = (text: string) => around.stdout.write(`${text}\n`);
  const folder = each[0].out === null ? undefined : openFolder(each[0].out, warn);
  const wanted = Array.from({ length: repeats }, (_, k) => experiments.map(one => ({ ...one, seed: one.seed + k }))).flat();
  const kept = each[0].continue ? keptRuns(each[0].out, wanted) : [];
  const log = folder && openLines(folder.path, eventsFile, warn, kept.length > 0);
  let events = 0;
  const outcomes: Outcome[] = kept.map(({ outcome }) => outcome);
  const isKept = (one: Experiment) =>
    kept.some(({ outcome }) => outcome.algorithm === one.algorithm && outcome.seed === one.seed);
  const rest = wanted.filter(one => !isKept(one));
  const shown = people ? comparisonProgress(line, rest.length) : undefined;
  let kernels = kept.length > 0 ? kept[0].kernels : experiments[0].kernels;
  if (kept.length > 0 && people) warn(`${many(kept.length, 'run')} of ${wanted.length} are in ${folder!.path} already`);

  async function run(one: Experiment): Promise<void> {
    const { algorithm, seed } = one;
    const samples: Sample[] = [];
    const tag = (event: RunEvent) => {
      const { event: kind, ...rest } = event;
      const text = JSON.stringify({ event: kind, algorithm, seed, ...rest });
      events++;
      log?.(text);
      if (json) print(text);
      if (event.event === 'sample') samples.push(event);
      // What was the fastest for the first is for all: who does the arithmetic is no difference between algorithms.
      if (event.event === 'start') kernels = event.kernels.set as Experiment['kernels'];
    };
    shown?.begin(one);
    try {
      const { done } = await runs.run(one, { say: shown?.say, warn }, shown ? [tag, shown.show] : [tag]);
      const whole = done.stopReason !== 'aborted';
      outcomes.push({ algorithm, seed, samples, done: whole ? done : null, diverged: null });
      shown?.end();
      if (!whole && people) warn(`${algorithm}, seed ${seed}: stopped by hand, and left out of the table`);
    } catch (error) {
      if (!(error instanceof HearsayError && error.code === 'DIVERGED')) throw error;
      outcomes.push({ algorithm, seed, samples, done: null, diverged: error.message });
      warn(`DIVERGED: ${algorithm}, seed ${seed}: ${error.message}`);
    }
  }

  /** The table as far as it goes, printed and kept. */
  function report(stopReason: 'end' | 'aborted' | 'failed'): void {
    line.close();
    const columns = columnsOf(experiments[0], outcomes);
    const rows = rowsOf(texts, outcomes, columns);
    const table = JSON.stringify({ event: 'table', stopReason, repeats, rows, out: folder?.path ?? null });
    if (json) print(table);
    if (people && outcomes.some(({ done }) => done !== null)) for (const text of tableLines(rows, columns, repeats)) print(text);
    if (people && !folder) print('nothing was written; use --out DIR to keep it');
    if (!folder) return;
    log?.(table);
    const image = picture(texts, outcomes, experiments[0]);
    writeText(folder.path, 'rows.csv', tableCsv(rows, columns));
    if (image) writeText(folder.path, 'compare.svg', image);
    const compared = {
      algorithms: texts,
      experiment: experiments[0],
      repeats,
      outcomes,
      rows,
      columns,
      cut: stopReason !== 'end',
    };
    writeText(folder.path, reportFile, comparedPage(compared));
    if (people) print(`kept in ${folder.path}`);
  }

  const runs = await openRuns(around, people ? warn : undefined);
  try {
    // All algorithms with a seed before the next seed: what changes on the machine meanwhile changes for all.
    for (const one of rest) if (!runs.stopped) await run({ ...one, kernels });
  } catch (error) {
    line.close();
    if (outcomes.length > 0) report('failed');
    else if (events === 0) folder?.discard();
    throw error;
  } finally {
    runs.close();
  }
  report(runs.stopped ? 'aborted' : 'end');
  if (runs.stopped) return around.brokenPipe() ? 0 : 130;
  return outcomes.some(({ diverged }) => diverged !== null) ? 3 : 0;
}

/** What was given, with this text as the algorithm. */
export type SettingsFor = (algorithm: string) => Comparing;

/** At least two, each once, and what can be said of each without its data. Loads modules, but runs none of them. */
async function requireDistinct(each: readonly Settings[]): Promise<void> {
  const texts = each.map(({ experiment }) => experiment.algorithm);
  const twice = texts.find((text, k) => texts.indexOf(text) < k);
  if (twice !== undefined) throw new HearsayError('CONFIG_TYPE', `compare: ${quote(twice)} is given twice; give it once`);
  if (texts.length < 2)
    throw new HearsayError('CONFIG_MISSING', `compare: found ${many(texts.length, 'algorithm')}, allowed are two or more`);
  for (const { experiment, record } of each) {
    if (record !== null)
      throw new HearsayError(
        'CONFIG_RANGE',
        `compare: record: found ${quote(record)}, allowed is none, as there are several runs`,
      );
    const spec = parseSpec(experiment.algorithm, 'compare');
    if (isModule(spec.name)) await loadModule(spec, 'algorithm');
    else {
      const setting = { nodes: experiment.nodes, capacity: capacityOf(experiment), parameters: 1, rate: 1 };
      requireClock(namedAlgorithm(spec, setting, 'compare'), experiment);
    }
  }
}

/** Everything that can be wrong before a thread starts, with the graph, the layers and the average of each; data are loaded once. */
async function requireRunnable(experiments: readonly Experiment[], around: Surroundings): Promise<void> {
  const { draft } = await around.loadPlanner();
  let split: Draft['split'] | undefined;
  for (const experiment of experiments) split = (await draft(experiment, { split })).split;
}
