/** The end of a command's help: what may stand behind the names that its options take, from the tables themselves. */

import { namedData } from '../data/kinds.js';
import { partitions } from '../data/partition.js';
import { algorithms } from '../engine/algorithms/table.js';
import { churns } from '../engine/churn.js';
import { clocks } from '../engine/clock.js';
import { links } from '../engine/link.js';
import { speedLaws } from '../engine/speeds.js';
import { models } from '../models/named.js';
import { optimizers } from '../models/optimizer/named.js';
import type { Named, Setting } from '../settings.js';
import { topologies } from '../topology/topology.js';

/** What each option may name, in the order of the help. */
export const catalogue: Readonly<Record<string, readonly Named[]>> = {
  data: namedData,
  model: models,
  topology: topologies,
  algorithm: Object.entries(algorithms).map(([form, { about, settings }]) => ({ form, about, settings })),
  optimizer: optimizers,
  partition: partitions,
  clock: clocks,
  speeds: speedLaws,
  link: links,
  churn: churns,
};

/** The catalogue of the options `keys` as text, in lines of at most `width` characters. */
export function appendix(keys: readonly string[], width: number): string {
  const lines = ['', 'Names, and their settings as NAME:key=value,...'];
  for (const [key, names] of Object.entries(catalogue)) {
    if (!keys.includes(key)) continue;
    lines.push('', `--${key}`);
    for (const { form, about, settings } of names) {
      lines.push(...wrapped(`${form}  ${about}`, 2, width));
      for (const [name, setting] of Object.entries(settings)) lines.push(...wrapped(settingText(name, setting), 4, width));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A setting, what it takes, and what holds when it is left out. */
export function settingText(name: string, { about, range, fallback }: Setting): string {
  return `${name}=  ${about} (${range}; default ${fallback})`;
}

/** The words of `text` in lines that begin with `indent` spaces, further lines with four more. */
export function wrapped(text: string, indent: number, width: number): string[] {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent + 4);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
