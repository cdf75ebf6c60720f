/** A reader who types what a page says: in an empty folder, with Hearsay and fast-check installed, a process for each command. */

import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { type Command, looksLike } from './page.js';

/** What pages call the folder that the reader works in. */
export const home = '/home/you/first';

export interface Typed {
  readonly status: number;
  /** stdout and stderr, as they came on the terminal. */
  readonly printed: readonly string[];
}

export interface Reader {
  readonly folder: string;
  write(name: string, text: string): void;
  type(command: Command): Promise<Typed>;
  leave(): void;
}

/** Throws what making files throws. */
export function openReader(): Reader {
  const top = mkdtempSync(join(tmpdir(), 'hearsay-reader-'));
  const folder = join(top, 'first');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(resolve('.'), join(folder, 'node_modules', 'hearsay'));
  symlinkSync(resolve('node_modules', 'fast-check'), join(folder, 'node_modules', 'fast-check'));
  const tools = join(top, 'bin');
  mkdirSync(tools);
  // npx takes a second to find what is there: this one knows.
  const npx = join(tools, 'npx');
  writeFileSync(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${resolve('dist/src/cli/main.js')}" "$@"\n`);
  chmodSync(npx, 0o755);
  const env = { ...process.env, PATH: `${tools}${delimiter}${process.env.PATH}`, NO_COLOR: '1', NODE_TEST_CONTEXT: undefined };
  return {
    folder,
    write: (name, text) => writeFileSync(join(folder, name), text),
    leave: () => rmSync(top, { recursive: true, force: true }),
    type: ({ words, until }) =>
      new Promise((done, fail) => {
        const child = spawn('bash', ['-c', `set -o pipefail; exec 2>&1; ${words}`], {
          ...{ cwd: folder, env, detached: true, timeout: 120_000, stdio: ['ignore', 'pipe', 'pipe'] },
        });
        let text = '';
        let isWaiting = until !== undefined;
        child.stdout!.on('data', part => {
          text += part;
          if (
            !isWaiting ||
            !text
              .split('\n')
              .slice(0, -1)
              .some(line => looksLike(until!, line))
          )
            return;
          isWaiting = false;
          // Nobody is quicker. The whole group gets it, as from a terminal.
          setTimeout(() => child.exitCode ?? process.kill(-child.pid!, 'SIGINT'), 100);
        });
        child.on('error', fail);
        child.on('close', status => {
          const printed = text.replaceAll(folder, home).replace(/\n$/, '').split('\n');
          done({ status: status ?? -1, printed: text === '' ? [] : printed });
        });
      }),
  };
}
