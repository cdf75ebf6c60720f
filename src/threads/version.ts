/** The version of the package that runs. */

import { readFileSync } from 'node:fs';

/** The version of Hearsay, as in its package.json. */
export const version: string = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version;
