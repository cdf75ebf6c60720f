/** The command line that runs an experiment again: what is not the default, and nothing else. */

import { isDeepStrictEqual } from 'node:util';
import { type Experiment, parseExperiment } from '../../engine/experiment.js';
import type { Option } from '../../engine/option.js';
import { options } from '../../engine/options.js';
import { flagName } from '../options.js';
import type { RunRecord } from './record.js';

/** The options of the experiment that are not what they would be by themselves. */
export function chosen(experiment: Experiment): [key: keyof Experiment, option: Option][] {
  const { until, deterministic } = experiment;
  const usual: Experiment = { ...parseExperiment({ until, deterministic }), until: null };
  return (Object.entries(options) as [keyof Experiment, Option][]).filter(
    ([key]) => experiment[key] !== null && key !== 'deterministic' && !isDeepStrictEqual(experiment[key], usual[key]),
  );
}

/** The words of the command line, without `hearsay`: what they give is the experiment. */
export function wordsOf(experiment: Experiment, repeats = 1): string[] {
  const words = [experiment.deterministic ? 'simulate' : 'train', ...flagsOf(experiment)];
  return repeats > 1 ? [...words, '--repeats', String(repeats)] : words;
}

/** The same for a comparison of `algorithms`; `experiment` is one of them. */
export function comparisonWords(algorithms: readonly string[], experiment: Experiment, repeats: number): string[] {
  const words = ['compare', ...algorithms, ...flagsOf(experiment, ['algorithm'])];
  if (experiment.deterministic) words.push('--deterministic');
  return repeats > 1 ? [...words, '--repeats', String(repeats)] : words;
}

function flagsOf(experiment: Experiment, without: readonly string[] = []): string[] {
  const words: string[] = [];
  for (const [key, { write }] of chosen(experiment)) {
    if (without.includes(key)) continue;
    const value = experiment[key];
    // What begins with a dash would be taken for a flag where it stands alone.
    for (const text of write ? write(value) : [String(value)])
      words.push(...(text.startsWith('-') ? [`--${flagName(key)}=${text}`] : [`--${flagName(key)}`, text]));
  }
  return words;
}

/**
 * The command of a run that was kept; undefined when it is not known. It is quoted here: what stands in a file may be anything, and people
 * will hand this to a shell. The words of the manifest come first: a run that was gone on with has other threads and weights than were asked for.
 */
export function keptCommand({ experiment, manifest }: Pick<RunRecord, 'experiment' | 'manifest'>): string | undefined {
  const words = manifest?.words ?? [];
  if (words[0] === 'train' || words[0] === 'simulate') return commandLine(words);
  return experiment ? commandLine(wordsOf(experiment)) : undefined;
}

/** The words as a shell reads them (POSIX; $'...' of bash, zsh and ksh for control characters). */
export function commandLine(words: readonly string[]): string {
  return ['hearsay', ...words].map(quoted).join(' ');
}

function quoted(word: string): string {
  if (/^[\w.,:/+@%-][\w.,:/=+@%-]*$/.test(word)) return word;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is written otherwise
  if (!/[\u0000-\u001f\u007f]/.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const written = word.replace(/[\\']/g, '\\$&').replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    /[\u0000-\u001f\u007f]/g,
    character => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return `$'${written}'`;
}
