/** The real program with a dashboard, in its own process: what people see. */

import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

export interface WatchedProgram {
  readonly address: string;
  readonly origin: string;
  readonly token: string;
  readonly child: ChildProcess;
  readonly stderr: () => string;
  /** Exit status. */
  readonly ended: Promise<number | null>;
  stop(): Promise<number | null>;
}

/** `hearsay ...words`, which must print an address. */
export function watchProgram(...words: string[]): Promise<WatchedProgram> {
  return watchProgramIn(process.cwd(), ...words);
}

export async function watchProgramIn(cwd: string, ...words: string[]): Promise<WatchedProgram> {
  const main = resolve('dist/src/cli/main.js');
  const child = spawn(process.execPath, [main, ...words], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  const ended = new Promise<number | null>(done => child.on('close', done));
  const address = await new Promise<string>((found, fail) => {
    child.stderr!.on('data', part => {
      stderr += part;
      const [, url] = /(http:\/\/\S+#\S+)/.exec(stderr) ?? [];
      if (url) found(url);
    });
    void ended.then(status => fail(new Error(`ended with ${status}: ${stderr}`)));
  });
  const { origin, hash } = new URL(address);
  return {
    ...{ address, origin, token: hash.slice(1), child, ended, stderr: () => stderr },
    stop() {
      child.kill('SIGINT');
      return ended;
    },
  };
}
