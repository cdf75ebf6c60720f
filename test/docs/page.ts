/** A page of the documentation as a reader uses it: the files that it has one write, the commands that it has one type, what it says they print. */

/** A fenced block that has to do with a file: ```js mine.js. */
export interface FileBlock {
  readonly kind: 'file';
  readonly name: string;
  readonly text: string;
  /** Line of its fence, from 1. */
  readonly at: number;
}

/** One `$ command` of a ```console block. */
export interface Command {
  readonly kind: 'command';
  /** As it is typed, continued lines included. */
  readonly words: string;
  /** Lines that it is said to print; `...` alone stands for any number of them, within a line for anything. */
  readonly shown: readonly string[];
  /** Where each of them stands in the page: the index of its line. */
  readonly places: readonly number[];
  /** The last line that is shown before a `^C`: Ctrl-C is pressed when a line of its form is printed. */
  readonly until?: string;
  readonly status: number;
  /** Every number is meant as it stands, not only the form of the lines. */
  readonly isExact: boolean;
  /** The index of the line behind its words. */
  readonly end: number;
}

export interface OtherBlock {
  readonly kind: 'other';
  readonly language: string;
  readonly at: number;
}

/**
 * The blocks of a page, in its order. A fence ```console takes `exact`, and `status=N`: how its last command exits (0 unless said; 130 after
 * Ctrl-C). Throws for a fence that is not closed, and for output that no command stands above.
 */
export function readPage(text: string): (FileBlock | Command | OtherBlock)[] {
  const lines = text.split('\n');
  const found: (FileBlock | Command | OtherBlock)[] = [];
  for (let k = 0; k < lines.length; k++) {
    const [, language, info] = /^```(\w*) ?(.*)$/.exec(lines[k]) ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf('```', k + 1);
    if (end < 0) throw new Error(`line ${k + 1}: the block does not end`);
    if (language === 'console') found.push(...commandsOf(lines, k + 1, end, info));
    else if (/^[\w.-]+\.\w+$/.test(info))
      found.push({ kind: 'file', name: info, text: `${lines.slice(k + 1, end).join('\n')}\n`, at: k + 1 });
    else found.push({ kind: 'other', language, at: k + 1 });
    k = end;
  }
  return found;
}

function commandsOf(lines: readonly string[], from: number, end: number, info: string): Command[] {
  const commands: Command[] = [];
  for (let k = from; k < end; ) {
    if (!lines[k].startsWith('$ ')) throw new Error(`line ${k + 1}: no command stands above this output`);
    const first = k;
    while (lines[k].endsWith('\\')) k++;
    const words = lines.slice(first, ++k).join('\n').slice(2);
    const start = k;
    while (k < end && !lines[k].startsWith('$ ')) k++;
    const signal = lines.slice(start, k).indexOf('^C');
    const until = signal < 0 ? undefined : lines[start + signal - 1];
    const status = k < end ? 0 : Number(/status=(\d+)/.exec(info)?.[1] ?? (signal < 0 ? 0 : 130));
    const places = Array.from({ length: k - start }, (_, line) => start + line).filter(
      line => signal < 0 || line !== start + signal,
    );
    const shown = places.map(line => lines[line]);
    commands.push({ kind: 'command', words, shown, places, until, status, isExact: /\bexact\b/.test(info), end: start });
  }
  return commands;
}

/** A line with what differs from run to run and from machine to machine taken out: its form. */
export function formOf(line: string): string {
  return line
    .replace(/sha256 [0-9a-f]{64}/, 'sha256')
    .replace(/ ETA .*? {2}/, ' ')
    .replace(/\| kernels [^|]*\|/, '|')
    .replace(/\([^)]*\)/g, '()')
    .replace(/-?[\d,.]*\d(e[+-]\d+)?( [KMG]iB| bytes)?/g, '#')
    .replace(/\b(thread|row|node|step|event|epoch|commit)s\b/g, '$1')
    .replace(/# (µs|ms|s|min|h)\b( # (min|s)\b)?/g, '# s')
    .replace(/ {2,}/g, ' ');
}

/**
 * Which printed line stands for which shown one: pairs of indices; undefined when what was printed has another form. `...` takes as few lines
 * as it can.
 */
export function match(shown: readonly string[], printed: readonly string[], isExact: boolean): Map<number, number> | undefined {
  const fits = (k: number, p: number) => looksLike(shown[k], printed[p], isExact);
  const isGap = (k: number) => shown[k].trim() === '...';
  const dead = new Set<number>();
  const seek = (k: number, p: number): [number, number][] | undefined => {
    if (k === shown.length) return p === printed.length ? [] : undefined;
    const state = k * (printed.length + 1) + p;
    if (dead.has(state)) return undefined;
    const rest = isGap(k)
      ? (seek(k + 1, p) ?? (p < printed.length ? seek(k, p + 1) : undefined))
      : p < printed.length && fits(k, p)
        ? seek(k + 1, p + 1)
        : undefined;
    if (!rest) dead.add(state);
    return rest && (isGap(k) ? rest : [[k, p], ...rest]);
  };
  const pairs = seek(0, 0);
  return pairs && new Map(pairs);
}

/** Whether a printed line is of the form of a shown one, or, with `isExact`, that very line. */
export function looksLike(shown: string, printed: string, isExact = false): boolean {
  const text = isExact ? shown : shown.split('...').map(formOf).join('...');
  const parts = text.split('...').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(isExact ? printed : formOf(printed));
}
