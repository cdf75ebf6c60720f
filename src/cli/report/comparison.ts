/** The page of several runs beside each other: their curves over each other, what they came to, and in what they differ. */

import { isDeepStrictEqual } from 'node:util';
import { figure } from '../../chart/figure.js';
import type { Panel } from '../../chart/panels.js';
import type { Series } from '../../chart/series.js';
import { thinned } from '../../chart/thin.js';
import type { Experiment } from '../../engine/experiment.js';
import { options } from '../../engine/options.js';
import { clock } from '../axes.js';
import { panelRows } from '../compare/picture.js';
import { type Column, cell, columnsOf, type Outcome, rowsOf } from '../compare/table.js';
import { count, figure as digits, many } from '../figures.js';
import { flagName } from '../options.js';
import { hasLoss } from '../progress.js';
import { reasons } from '../summary.js';
import { keptCommand } from './command.js';
import { curveOf, describe, ratesOf } from './curves.js';
import { type Cell, charts, code, folded, page, paragraph, section, table } from './page.js';
import type { RunRecord } from './record.js';
import { optionsOf, outcomeOf, settingText } from './run.js';

/** A page with more lines could not be read. */
export const mostRuns = 24;

/** HTML. */
export function comparisonPage(records: readonly RunRecord[], title = `${many(records.length, 'run')} compared`): string {
  const names = namesOf(records);
  const faults = records.flatMap((record, k) => record.faults.map(fault => `${names[k]}: ${fault}`));
  return page({
    title,
    outcome: bestOf(records, names),
    notes: faults,
    sections: [...comparisonSections(records, names)],
  });
}

/** What such a page has below its title. */
export function comparisonSections(records: readonly RunRecord[], names: readonly string[]): string[] {
  const curves = panelsOf(records, names).map(panel => figure(panel, describe(panel.x, panel.series)));
  return [
    section('What they came to', outcomes(records, names)),
    curves.length > 0 ? section('Curves', charts(curves)) : '',
    section('Settings', ...settings(records, names)),
    section('Run them again', ...records.flatMap((record, k) => again(record, names[k]))),
  ].filter(text => text !== '');
}

/** The last parts of the paths, or the paths where two of those are the same. */
export function namesOf(records: readonly RunRecord[]): string[] {
  const short = records.map(({ name }) => name);
  return new Set(short).size === short.length ? short : records.map(({ path }) => path);
}

/** Numbers of several runs are told by columns of the first experiment that is known. */
function reference(records: readonly RunRecord[]): Experiment | undefined {
  return records.find(({ experiment }) => experiment !== null)?.experiment ?? undefined;
}

function outcomesOf(records: readonly RunRecord[], names: readonly string[]): Outcome[] {
  return records.map(({ samples, done, experiment }, k) => ({
    ...{ algorithm: names[k], seed: experiment?.seed ?? k, samples, done, diverged: null },
  }));
}

function columnsFor(records: readonly RunRecord[], all: readonly Outcome[]): Column[] {
  const experiment = reference(records);
  if (!experiment) return [];
  const more: Column[] = [
    { key: 'stepsPerSecond', title: 'steps/s', text: count, of: done => done.stepsPerSecond },
    { key: 'staleness', title: 'staleness', text: digits, of: done => done.staleness.mean },
  ];
  return [...columnsOf(experiment, all), ...more];
}

function outcomes(records: readonly RunRecord[], names: readonly string[]): string {
  const all = outcomesOf(records, names);
  const found = columnsFor(records, all);
  const rows = new Map(rowsOf(names, all, found).map(row => [row.algorithm, row]));
  const cells = records.map((record, k): Cell[] => {
    const row = rows.get(names[k])!;
    const numbers = found.map((column): Cell => {
      const marked = row.values[column.key]?.mark === 'best';
      return { text: cell(row, column, false).replace(/ \*$/, ''), number: true, marked };
    });
    const end = record.done ? reasons[record.done.stopReason] : outcomeOf(record).text;
    return [names[k], ...numbers, { text: end, prose: true }];
  });
  return table('Marked: the best of these runs', ['run', ...found.map(({ title }) => title), 'end'], cells);
}

function bestOf(records: readonly RunRecord[], names: readonly string[]): string {
  const ended = records.flatMap(({ done }, k) => (done ? [{ done, name: names[k] }] : []));
  if (ended.length === 0) return 'None of these runs came to its end.';
  const experiment = reference(records);
  if (experiment && !hasLoss(experiment)) return `${many(ended.length, 'run')} side by side.`;
  const classify = ended.every(({ done }) => done.accuracy !== null);
  const score = ({ done }: (typeof ended)[number]) => (classify ? -done.accuracy! : done.loss);
  const best = ended.reduce((a, b) => (score(b) < score(a) ? b : a));
  const value = classify ? `accuracy ${(100 * best.done.accuracy!).toFixed(2)} %` : `loss ${digits(best.done.loss)}`;
  return `${best.name} ended best, with ${value} of the mean model. One run of each tells no difference from noise.`;
}

function panelsOf(records: readonly RunRecord[], names: readonly string[]): Panel[] {
  const experiment = reference(records);
  const rates = (title: string, read: (sample: RunRecord['samples'][number]) => number) =>
    curveOf(
      title,
      clock,
      { label: 'a second' },
      records.map(({ samples }, k) => ratesOf(names[k], samples, clock, read)),
    ).panel;
  const all = [
    ...(experiment ? panelRows(names, outcomesOf(records, names), experiment).flat() : []),
    rates('local steps a second', sample => sample.steps),
    rates('exchanges a second', sample => sample.exchanges),
  ];
  return lightened(all.filter(({ series }) => series.some(({ points }) => points.length > 0)));
}

/** With so few points a line, and so few thin lines, that a page of such charts is not too long. */
export function lightened(panels: readonly Panel[]): Panel[] {
  const lines = panels.reduce(
    (most, { series }) =>
      Math.max(
        most,
        series.reduce((sum, { runs = [] }) => sum + 1 + runs.length, 0),
      ),
    1,
  );
  const each = Math.max(20, Math.floor(1200 / lines));
  const lighter = ({ runs, ...one }: Series): Series => ({
    ...one,
    points: thinned(one.points, Math.max(each, 40)),
    ...(runs && lines <= 60 && { runs: runs.map(run => thinned(run, each)) }),
  });
  return panels.map(panel => ({ ...panel, series: panel.series.map(lighter) }));
}

/** Options in which they differ, marked; the others that are not as by default are folded away. */
function settings(records: readonly RunRecord[], names: readonly string[]): string[] {
  const known = records.flatMap(({ experiment }, k) => (experiment ? [{ experiment, name: names[k] }] : []));
  if (known.length === 0) return [paragraph('None of their experiments is of this version.')];
  const keys = [...new Set(known.flatMap(({ experiment }) => optionsOf(experiment)))].sort((a, b) => order(a) - order(b));
  const differs = (key: keyof Experiment) =>
    known.some(({ experiment }) => !isDeepStrictEqual(experiment[key], known[0].experiment[key]));
  const mode = known.some(({ experiment }) => experiment.deterministic !== known[0].experiment.deterministic);
  const commands: Cell[] = [
    'command',
    ...known.map(({ experiment }) => ({ text: experiment.deterministic ? 'simulate' : 'train', marked: true })),
  ];
  const row = (key: keyof Experiment, marked: boolean): Cell[] => [
    `--${flagName(key)}`,
    ...known.map(({ experiment }) => ({ text: settingText(experiment, key), marked })),
  ];
  const head = ['option', ...known.map(({ name }) => name)];
  const different = [...(mode ? [commands] : []), ...keys.filter(differs).map(key => row(key, true))];
  const same = keys.filter(key => !differs(key));
  return [
    different.length > 0 ? table('Where they differ', head, different) : paragraph('All of their settings are the same.'),
    folded(
      `${many(same.length, 'option')} the same in all`,
      table(
        'The same in all',
        ['option', 'value'],
        same.map(key => [`--${flagName(key)}`, settingText(known[0].experiment, key)]),
      ),
    ),
  ];
}

function order(key: keyof Experiment): number {
  return Object.keys(options).indexOf(key);
}

function again(record: RunRecord, name: string): string[] {
  const command = keptCommand(record);
  return command === undefined ? [] : [paragraph(name), code(command)];
}
