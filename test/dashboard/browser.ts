/** A real Chromium for tests of the page and for its pictures: the one of the system, found on the PATH. */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Its path; undefined where there is none. CHROMIUM names another. */
export function chromiumPath(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap(folder => names.map(name => join(folder, name))).find(path => existsSync(path));
}

/** Why a test that needs it is left out; false when it is not. */
export const withoutBrowser =
  chromiumPath() === undefined && 'no chromium on the PATH: apt-get install chromium, or set CHROMIUM';

export async function openBrowser(): Promise<Browser> {
  // As root, as in a container, it has no sandbox.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: chromiumPath(), args });
}

/** What a page did that it should not do. */
export interface Faults {
  /** Errors and warnings of its console, and exceptions. */
  readonly console: string[];
  /** Requests to another origin than `origin`. */
  readonly foreign: string[];
}

export function faultsOf(page: Page, origin: string): Faults {
  const faults: Faults = { console: [], foreign: [] };
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) faults.console.push(message.text());
  });
  page.on('pageerror', error => faults.console.push(String(error)));
  page.on('request', request => {
    const { origin: found, protocol } = new URL(request.url());
    if (found !== origin && protocol !== 'data:') faults.foreign.push(request.url());
  });
  return faults;
}
