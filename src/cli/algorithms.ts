/** `hearsay algorithms`: what each algorithm does, where it comes from, what it keeps and which settings it takes. */

import { keepsText, sourceText } from '../engine/algorithms/description.js';
import { algorithms } from '../engine/algorithms/table.js';
import { toggle } from '../engine/option.js';
import { HearsayError } from '../errors.js';
import { suggestion } from '../nearest.js';
import { quote } from '../spec.js';
import { settingText, wrapped } from './appendix.js';
import type { Output } from './line.js';

export const algorithmsOptions = {
  json: toggle({ about: 'one JSON object on stdout, for programs' }),
  markdown: toggle({ about: 'a table for a document' }),
};

export interface AlgorithmsSettings {
  /** One of them; all when it is undefined. */
  readonly name: string | undefined;
  readonly json: boolean;
  readonly markdown: boolean;
}

/** Prints the table, or one of its entries with how its rule is known. Throws CONFIG_RANGE for a name that nobody has. */
export function algorithmsCommand({ name, json, markdown }: AlgorithmsSettings, stdout: Output): void {
  const known = Object.keys(algorithms);
  if (name !== undefined && !known.includes(name)) {
    const allowed = `${known.join(' | ')}${suggestion(name, known)}`;
    throw new HearsayError('CONFIG_RANGE', `algorithms: found ${quote(name)}, allowed is ${allowed}`);
  }
  const names = name === undefined ? known : [name];
  const width = (stdout.columns || 120) - 1;
  if (json) stdout.write(`${JSON.stringify(name === undefined ? { algorithms: names.map(card) } : card(name))}\n`);
  else if (markdown) stdout.write(`${markdownTable(names)}\n`);
  else if (name !== undefined) stdout.write(`${[...lines(name, width), ...inFull(name, width)].join('\n')}\n`);
  else stdout.write(`${names.map(one => lines(one, width).join('\n')).join('\n\n')}\n`);
}

/** The table in Markdown: that of docs/algorithms.md. */
export function markdownTable(names: readonly string[] = Object.keys(algorithms)): string {
  const rows = names.map(name => {
    const { about, source, keeps, settings } = algorithms[name];
    const defaults = Object.entries(settings).map(([key, { fallback }]) => `\`${key}\` (${fallback})`);
    return [`\`${name}\``, about, defaults.join(', ') || 'none', keepsText(keeps), sourceText(source)];
  });
  const head = ['name', 'what', 'settings and their defaults', 'keeps', 'source'];
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

function lines(name: string, width: number): string[] {
  const { about, source, keeps, settings } = algorithms[name];
  return [
    ...wrapped(`${name}  ${about}`, 0, width),
    ...wrapped(`from   ${sourceText(source)}`, 2, width),
    ...wrapped(`keeps  ${keepsText(keeps)}`, 2, width),
    ...Object.entries(settings).flatMap(([key, setting]) => wrapped(settingText(key, setting), 4, width)),
  ];
}

/** What the table has no room for. */
function inFull(name: string, width: number): string[] {
  const { source, keeps } = algorithms[name];
  return [
    ...wrapped(`rule known from: ${source.provenance}`, 2, width),
    ...keeps.what.flatMap(what => wrapped(`${what}: ${meanings[what]}`, 2, width)),
  ];
}

const meanings: Readonly<Record<string, string>> = {
  mean: 'the mean of all models moves by exactly what the nodes learn, up to rounding',
  'mean in expectation': 'the mean of all models moves by what the nodes learn, on average over the draws',
  hull: 'where nobody learns, no number of a model leaves the range that it had over all models',
  sums: 'a sum of rows moves by exactly what the nodes learn, up to rounding',
};

function card(name: string): object {
  const { about, source, keeps, settings } = algorithms[name];
  const named = Object.entries(settings).map(([key, { about, range, fallback }]) => [key, { about, range, default: fallback }]);
  return { name, about, source, keeps, settings: Object.fromEntries(named) };
}
