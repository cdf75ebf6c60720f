/** Follows a page from top to bottom, as a reader would, and says where what happens is not what it says. */

import { type Command, match, readPage } from './page.js';
import { openReader, type Typed } from './reader.js';

export interface Step {
  /** What was done: a command, or the name of a file that was written. */
  readonly name: string;
  /** Empty when all is as the page says. */
  readonly fault: string;
  readonly seconds: number;
}

export interface Followed {
  readonly steps: readonly Step[];
  /** The page with what was printed this time. Output that a command has not been given yet is put in whole. */
  readonly text: string;
}

/** `now` gives milliseconds. Throws for a page that can't be read. */
export async function follow(text: string, now = () => performance.now()): Promise<Followed> {
  const reader = openReader();
  const lines: (readonly string[])[] = text.split('\n').map(line => [line]);
  const steps: Step[] = [];
  try {
    for (const block of readPage(text)) {
      const began = now();
      if (block.kind === 'file') reader.write(block.name, block.text);
      if (block.kind !== 'command') continue;
      const typed = await reader.type(block);
      steps.push({ name: block.words, fault: faultOf(block, typed), seconds: (now() - began) / 1000 });
      renew(block, typed, lines);
    }
  } finally {
    reader.leave();
  }
  return { steps, text: lines.flat().join('\n') };
}

function faultOf({ shown, status, isExact }: Command, typed: Typed): string {
  const printed = typed.printed.join('\n');
  if (typed.status !== status) return `it exits with ${typed.status}, the page says ${status}:\n${printed}`;
  if (match(shown, typed.printed, isExact)) return '';
  return `the page shows\n${shown.join('\n')}\nwhere it prints\n${printed}`;
}

/** Puts what was printed in the place of what was shown. */
function renew({ shown, places, end, isExact }: Command, { printed }: Typed, lines: (readonly string[])[]): void {
  if (shown.length === 0) lines[end - 1] = [...lines[end - 1], ...printed];
  for (const [k, p] of match(shown, printed, isExact) ?? match(shown, printed, false) ?? []) {
    if (!shown[k].includes('...')) lines[places[k]] = [printed[p]];
  }
}
