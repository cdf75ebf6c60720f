/** The page above several runs of one experiment that differ in their seed. */

import type { Summary } from '../../engine/observer.js';
import { many } from '../figures.js';
import { summaryRows } from '../summary.js';
import { comparisonSections, namesOf } from './comparison.js';
import { type Cell, page, section, table } from './page.js';
import type { RunRecord } from './record.js';
import { titleOf } from './run.js';

/** HTML. `above` is the record of the folder, `shown` those of the first of the seeds in it. */
export function repeatsPage(above: RunRecord, shown: readonly RunRecord[]): string {
  const all = above.seeds.length;
  const names = namesOf(shown);
  const notes = [...above.faults, ...shown.flatMap((run, k) => run.faults.map(fault => `${names[k]}: ${fault}`))];
  if (all > shown.length) notes.push(`The first ${shown.length} of ${many(all, 'run')} are shown.`);
  const { summary } = above;
  if (summary && summary.repeats !== all)
    notes.push(`There are folders of ${many(all, 'seed')}, and ${many(summary.repeats, 'run')} ended together.`);
  return page({
    title: `${shown.length > 0 ? titleOf(shown[0]) : above.name}, ${many(all, 'seed')}`,
    outcome: summary ? outcomeOf(summary) : 'They did not come to their end, so there is no mean of them.',
    bad: summary === null,
    notes,
    sections: [
      ...(summary ? [section('All of them', table('Over the seeds', ['', 'mean', 'deviation', 'worst'], rowsOf(summary)))] : []),
      ...(shown.length > 0 ? comparisonSections(shown, names) : []),
    ],
  });
}

function rowsOf(summary: Summary): Cell[][] {
  return summaryRows(summary).map(({ key, ...values }) => [
    key,
    ...[values.mean, values.deviation, values.worst].map(text => ({ text, number: true })),
  ]);
}

function outcomeOf(summary: Summary): string {
  const [first] = summaryRows(summary);
  const runs = many(summary.repeats, 'run');
  return first ? `${runs}: ${first.key} ${first.mean} on average, with a deviation of ${first.deviation}.` : `${runs}.`;
}
