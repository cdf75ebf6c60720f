/** The report of a folder, from what stands in it: the same for a run that has just ended and for one that was killed a year ago. */

import { join } from 'node:path';
import { HearsayError } from '../../errors.js';
import { replaceText } from '../../threads/replacefile.js';
import { comparisonPage, mostRuns } from './comparison.js';
import { type RunRecord, readRun } from './record.js';
import { repeatsPage } from './repeats.js';
import { runPage } from './run.js';

export const reportFile = 'report.html';

/** Writes report.html into the folder. Throws what `readRun` throws, and what writing does. */
export function writeReport(folder: string): void {
  replaceText(join(folder, reportFile), reportOf(folder));
}

/** The page of what is in the folder, as HTML. Throws what `readRun` throws. */
export function reportOf(folder: string): string {
  return pageOf(readRun(folder));
}

/** One page that compares the runs in `folders`, as HTML. Throws what `readRun` throws, and CONFIG_RANGE for too many. */
export function comparisonOf(folders: readonly string[]): string {
  if (folders.length > mostRuns)
    throw new HearsayError(
      'CONFIG_RANGE',
      `report: found ${folders.length} runs, allowed are ${mostRuns} on one page; give fewer`,
    );
  return comparisonPage(folders.map(readRun));
}

function pageOf(record: RunRecord): string {
  const isSingle = record.start !== null || record.samples.length > 0;
  if (isSingle) return runPage(record);
  return repeatsPage(
    record,
    record.seeds.slice(0, mostRuns).map(name => readRun(join(record.path, name))),
  );
}
