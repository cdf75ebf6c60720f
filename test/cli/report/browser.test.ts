/** Pages in a real Chromium: they fit a phone, ask for nothing, and complain of nothing. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { comparisonOf, reportOf } from '../../../src/cli/report/write.js';
import { course, keep } from './kept.js';

const path = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap(folder => ['chromium', 'chromium-browser', 'google-chrome'].map(name => join(folder, name)))
  .find(file => existsSync(file));
const skip = path === undefined && 'no chromium on the PATH';
const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
let browser: Browser | undefined;

before(async () => {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []; // as root, as in a container, it has no sandbox
  if (!skip) browser = await chromium.launch({ executablePath: path, args });
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

interface Look {
  /** Pixels that the page is wider than its window. */
  readonly overflow: number;
  readonly ground: string;
  /** Width of the narrowest chart, and how many stand side by side. */
  readonly narrow: number;
  readonly across: number;
}

const [a, b] = ['a', 'b'].map((name, k) =>
  keep(join(folder, name), {
    experiment: { batch: 32 * (k + 1), data: `/a/long/path/${'deep/'.repeat(20)}x.csv` },
    samples: course(50),
  }),
);
const pages = { run: reportOf(a), comparison: comparisonOf([a, b]) };

for (const [name, html] of Object.entries(pages))
  for (const width of [390, 1200])
    for (const colorScheme of ['light', 'dark'] as const)
      test(`the page of a ${name} at ${width} pixels, ${colorScheme}`, { skip, timeout: 60_000 }, async () => {
        const file = join(folder, `${name}.html`);
        writeFileSync(file, html);
        const context = await browser!.newContext({ viewport: { width, height: 844 }, colorScheme });
        const page = await context.newPage();
        const faults: string[] = [];
        page.on('console', message => faults.push(message.text()));
        page.on('pageerror', error => faults.push(String(error)));
        const requests: string[] = [];
        page.on('request', request => requests.push(request.url()));
        const url = pathToFileURL(file).href;
        await page.goto(url);
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
        assert.deepEqual([faults, requests], [[], [url]]);
        const look = await page.evaluate<Look>(`(() => {
          const root = document.documentElement;
          const charts = [...document.querySelectorAll('figure svg')].map(svg => svg.getBoundingClientRect());
          return {
            overflow: root.scrollWidth - root.clientWidth,
            ground: getComputedStyle(document.body).backgroundColor,
            narrow: Math.min(...charts.map(({ width }) => width)),
            across: new Set(charts.map(({ left }) => left)).size,
          };
        })()`);
        assert.equal(look.overflow, 0);
        assert.equal(look.ground, colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(22, 24, 29)');
        assert.ok(look.narrow >= 330, `${look.narrow}`);
        assert.equal(look.across, width === 390 ? 1 : 3);
        await context.close();
      });
