/** The pages whose commands are typed. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export const tutorial = join('docs', 'tutorial.md');

/** The pages of commands, by name. */
export function commandPages(): string[] {
  const folder = join('docs', 'commands');
  return readdirSync(folder)
    .filter(name => name.endsWith('.md') && name !== 'README.md')
    .sort()
    .map(name => join(folder, name));
}

export function typedPages(): string[] {
  return [tutorial, ...commandPages()];
}
