/** `hearsay report`: the page of a run that was kept, written anew, or one page that compares several. */

import { resolve } from 'node:path';
import { optionalPath } from '../engine/option.js';
import { HearsayError } from '../errors.js';
import { quote } from '../spec.js';
import { replaceText } from '../threads/replacefile.js';
import { unwritable } from '../unwritable.js';
import type { Output } from './line.js';
import { comparisonOf, reportFile, reportOf } from './report/write.js';

export const reportOptions = {
  out: optionalPath({
    about: 'file to write; a file of this name is replaced',
    range: 'a FILE',
    fallback: `${reportFile} in the folder of the run; of several runs, ${reportFile} here`,
  }),
};

export interface ReportSettings {
  readonly folders: readonly string[];
  readonly out: string | null;
}

/** Says where the page is. Throws HearsayError. */
export function reportCommand({ folders, out }: ReportSettings, stdout: Output): void {
  const twice = folders.find((folder, k) => folders.findIndex(other => resolve(other) === resolve(folder)) < k);
  if (twice !== undefined) throw new HearsayError('CONFIG_TYPE', `report: ${quote(twice)} is given twice; give it once`);
  const text = folders.length === 1 ? reportOf(folders[0]) : comparisonOf(folders);
  const file = out ?? (folders.length === 1 ? resolve(folders[0], reportFile) : reportFile);
  try {
    replaceText(file, text);
  } catch (error) {
    throw unwritable(`report: ${quote(file)}`, error);
  }
  stdout.write(`${resolve(file)}\n`);
}
