/** The report of a folder, from what stands in it: the same for a run that has just ended and for one that was killed a year ago. */

import { join } from 'node:path';
import { HearsayError } from '../../errors.js';
import { replaceText } from '../../threads/replacefile.js';
import { comparisonPage, mostRuns } from './comparison.js';
import { type RunRecord, readRun } from './record.js';
import { repeatsPage } from './repeats.js';
import { runPage } from './run.js';

export const reportFile = 'report.html';

/** Samples of each run, where there are several. */
const mostCompared = 2048;

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
  // Of several seeds, each is a run.
  const runs = folders.flatMap(folder => {
    const record = readRun(folder, mostCompared);
    if (isSingle(record)) return [record];
    return record.seeds.map(name => ({ ...readRun(join(folder, name), mostCompared), name: `${record.name}/${name}` }));
  });
  if (runs.length > mostRuns)
    throw new HearsayError('CONFIG_RANGE', `report: found ${runs.length} runs, allowed are ${mostRuns} on one page; give fewer`);
  return comparisonPage(runs);
}

function isSingle({ start, samples, seeds }: RunRecord): boolean {
  return start !== null || samples.length > 0 || seeds.length === 0;
}

function pageOf(record: RunRecord): string {
  return isSingle(record) ? runPage(record) : seedsPage(record);
}

/** A seed whose files are damaged is said, and the others are shown. */
function seedsPage(record: RunRecord): string {
  const faults = [...record.faults];
  const runs = record.seeds.slice(0, mostRuns).flatMap(name => {
    try {
      return [readRun(join(record.path, name), mostCompared)];
    } catch (error) {
      if (!(error instanceof HearsayError)) throw error;
      faults.push(`${name}: ${error.message}`);
      return [];
    }
  });
  return repeatsPage({ ...record, faults }, runs);
}
