/** The page of a comparison: its table, its charts, what all have in common, and the command that does it again. */

import { figure } from '../../chart/figure.js';
import type { Experiment } from '../../engine/experiment.js';
import { many } from '../figures.js';
import { commandLine, comparisonWords } from '../report/command.js';
import { lightened } from '../report/comparison.js';
import { describe } from '../report/curves.js';
import { type Cell, charts, code, page, paragraph, section, table } from '../report/page.js';
import { lastPart, settingsOf } from '../report/run.js';
import { panelRows } from './picture.js';
import { type Column, cell, meaning, type Outcome, type Row } from './table.js';

export interface Compared {
  readonly algorithms: readonly string[];
  /** One of them. */
  readonly experiment: Experiment;
  readonly repeats: number;
  readonly outcomes: readonly Outcome[];
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  /** It did not come to its end. */
  readonly cut: boolean;
}

/** HTML. */
export function comparedPage({ algorithms, experiment, repeats, outcomes, rows, columns, cut }: Compared): string {
  const { data, model, nodes } = experiment;
  const figures = lightened(panelRows(algorithms, outcomes, experiment).flat()).map(panel =>
    figure(panel, describe(panel.x, panel.series)),
  );
  const cells = rows.map((row): Cell[] => [
    row.algorithm,
    { text: row.diverged > 0 ? `${row.runs}, ${row.diverged} diverged` : String(row.runs), number: true },
    ...columns.map((column): Cell => {
      const { mark, deviation = 0 } = row.values[column.key] ?? {};
      const more = deviation > 0 ? `+- ${column.text(deviation)}` : '';
      return { text: cell(row, column, false), more, number: true, marked: mark === 'best' };
    }),
  ]);
  const head = ['algorithm', 'runs', ...columns.map(({ title }) => title)];
  return page({
    title: `${algorithms.join(', ')}: ${lastPart(data)}, ${model}, ${many(nodes, 'node')}`,
    outcome: bestOf(rows, columns, repeats),
    bad: cut,
    notes: cut ? ['It was ended early: some of the runs are missing.'] : [],
    sections: [
      section('What they came to', table('At the end of the runs', head, cells), paragraph(meaning(repeats))),
      ...(figures.length > 0 ? [section('Curves', charts(figures))] : []),
      section('Settings of all', ...settingsOf(experiment, ['algorithm'])),
      section('Run it again', code(commandLine(comparisonWords(algorithms, experiment, repeats)))),
    ],
  });
}

/** By the first number of which less, or more, is better. */
function bestOf(rows: readonly Row[], columns: readonly Column[], repeats: number): string {
  const [judged] = ['accuracy', 'loss'].flatMap(key => columns.find(column => column.key === key) ?? []);
  const best = judged && rows.find(({ values }) => values[judged.key]?.mark === 'best');
  if (!judged || !best) return `${many(rows.length, 'algorithm')} side by side: ${many(repeats, 'run')} of each.`;
  const alike = rows.filter(({ values }) => values[judged.key]?.mark === 'alike').map(({ algorithm }) => algorithm);
  const beside = alike.length > 0 ? `, not told apart from ${alike.join(', ')}` : '';
  return `${best.algorithm} came out best in ${judged.title}, with ${judged.text(best.values[judged.key].mean)}${beside}: ${many(repeats, 'run')} of each.`;
}
