/** What documents say of options, made from what --help prints. */

import type { Command } from 'commander';
import { catalogue, settingText } from '../../src/cli/appendix.js';
import { commandLine } from '../../src/cli/program.js';

/** A part of a document between its two marks, `<!-- NAME -->` and `<!-- /NAME -->`. */
export interface Part {
  readonly page: string;
  readonly name: string;
  readonly text: string;
}

/** Every part that is made. */
export function parts(): Part[] {
  // Nothing is run: only what the commands are called is asked for.
  const { root } = commandLine({ stdout: { write() {} }, stderr: { write() {} }, env: {} } as never);
  return [
    ...root.commands.map(command => ({
      page: `docs/commands/${command.name()}.md`,
      name: 'options',
      text: optionTable(command),
    })),
    { page: 'docs/commands/README.md', name: 'commands', text: commandTable(root.commands) },
    { page: 'docs/commands/names.md', name: 'names', text: nameTables() },
  ];
}

/** The document with the part in its place. Throws when it has no such marks. */
export function withPart(document: string, { page, name, text }: Part): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [document.indexOf(open), document.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`${page}: there is no ${open} with a ${close} behind it`);
  return `${document.slice(0, start + open.length)}\n${text}\n${document.slice(end)}`;
}

function optionTable(command: Command): string {
  const given = command.registeredArguments.map(argument => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name();
    return row(code(argument.required ? `<${name}>` : `[${name}]`), argument.description, '', argument.required ? '' : 'none');
  });
  const shown = command.options
    .filter(({ hidden }) => !hidden)
    .map(({ flags, description }) => {
      const { about, range, fallback } = split(description);
      return row(code(flags), about, range, fallback);
    });
  const usage = ['```text', `hearsay ${command.name()} ${command.usage()}`, '```', ''];
  return [...usage, row('option', 'what', 'takes', 'default'), '| --- | --- | --- | --- |', ...given, ...shown].join('\n');
}

/** "what it does (what it takes; default what holds)" in its three parts; what is not of that form is all of it. */
function split(description: string): { about: string; range: string; fallback: string } {
  let depth = 0;
  let start = description.length;
  do {
    start--;
    if (description[start] === ')') depth++;
    if (description[start] === '(') depth--;
  } while (start > 0 && depth > 0);
  const [, range, fallback] = /^\((.*); default (.*)\)$/.exec(description.slice(start)) ?? [];
  if (fallback === undefined) return { about: description, range: '', fallback: '' };
  return { about: description.slice(0, start).trim(), range: range === 'a switch' ? '' : range, fallback };
}

function commandTable(commands: readonly Command[]): string {
  const rows = commands.map(command => row(`[${command.name()}](${command.name()}.md)`, command.description()));
  return [row('command', 'what it does'), '| --- | --- |', ...rows].join('\n');
}

function nameTables(): string {
  return Object.entries(catalogue)
    .map(([key, names]) => {
      const rows = names.map(({ form, about, settings }) =>
        row(
          code(form),
          about,
          Object.entries(settings)
            .map(([name, setting]) => cell(settingText(name, setting)))
            .join('<br>'),
          false,
        ),
      );
      return [`## --${key}`, '', row('name', 'what', 'settings'), '| --- | --- | --- |', ...rows].join('\n');
    })
    .join('\n\n');
}

/** A line of a table. A last cell of `false` says that the one before is written as it shall stand. */
function row(...cells: (string | false)[]): string {
  const isWritten = cells.at(-1) === false;
  const texts = cells.filter(one => one !== false);
  return `| ${texts.map((text, k) => (isWritten && k === texts.length - 1 ? text : cell(text))).join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Text that stands in a table as it is: no bar ends its cell, no star or angle is read as markup. */
function cell(text: string): string {
  if (/^`.*`$|^\[/.test(text)) return text.replaceAll('|', '\\|');
  return text.replaceAll(/[|<*_]/g, '\\$&');
}
