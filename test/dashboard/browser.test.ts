/** The page in a real Chromium, with the real program behind it. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { pageFiles, readPage } from '../../src/dashboard/files.js';
import { parseExperiment } from '../../src/engine/experiment.js';
import { done, sample, start } from '../cli/stage.js';
import { faultsOf, openBrowser, withoutBrowser } from './browser.js';
import { watchProgram } from './watched.js';

/** What functions find that run in the page. */
// biome-ignore lint/suspicious/noExplicitAny: their types come with a library that knows no Node
type InPage = any;
declare const document: InPage;
declare const getComputedStyle: InPage;
declare const requestAnimationFrame: InPage;

const skip = withoutBrowser;
const long = Number(process.env.HEARSAY_LONG ?? 1) > 1;
const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
let browser: Browser;
before(async () => {
  if (!skip) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

const endless = 'train --data digits:2000 --model softmax --nodes 8 --topology ring --epochs 100000 --evaluate-every 500';
const text = (page: Page, id: string) => page.locator(`#${id}`).innerText();
const state = (page: Page, found: string) => page.waitForSelector(`#state[data-state="${found}"]`, { timeout: 10_000 });
/** The value of the tile of that name. */
const tile = (page: Page, name: string) => page.locator('#tiles > div', { hasText: name }).locator('dd').first().innerText();

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, id: string): Promise<void> {
  for (let k = 0; k < 20; k++) {
    if (await page.evaluate(id => document.activeElement?.id === id, id)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`no way to #${id} by Tab`);
}

test('the page weighs under 200 kB, in all', () => {
  const files = readPage();
  const bytes = pageFiles.reduce((sum, name) => sum + files.get(`/${name}`)!.bytes.length, 0);
  assert.ok(bytes < 200_000 && bytes > 10_000, `${bytes} bytes`);
  for (const name of pageFiles) {
    const text = readFileSync(join('src/dashboard/page', name), 'utf8');
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/, name);
    assert.doesNotMatch(text.replaceAll('http://www.w3.org/2000/svg', ''), /https?:\/\//, name);
  }
});

test('a live run: figures, pictures, and control by keyboard', { skip, timeout: 120_000 }, async () => {
  const program = await watchProgram(...endless.split(' '), '--serve', '0', '--quiet');
  const page = await browser.newPage();
  const faults = faultsOf(page, program.origin);
  try {
    await page.goto(program.address);
    await state(page, 'training');
    assert.equal(new URL(page.url()).hash, '', 'the token is taken out of sight');
    assert.match(await text(page, 'what'), /digits.* · softmax.* · 8 nodes on \d threads?, ring · swarm/);
    await page.waitForFunction(() => document.querySelectorAll('#worst tbody tr').length === 8);
    assert.match(await tile(page, 'Accuracy'), /^\d+\.\d\d %$/);
    assert.match(await tile(page, 'Loss'), /^\d/);
    assert.match(await text(page, 'staleness-note'), /commits: mean \d/);
    assert.ok((await page.locator('#threads tbody tr').count()) > 0);
    // Every picture has its words, and the nodes are drawn in colour.
    assert.equal(await page.locator('canvas[role=img]:not([aria-label])').count(), 0);
    const colours = await page.evaluate(() => {
      const canvas = document.querySelector('#network');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const found = new Set<string>();
      for (let k = 0; k < data.length; k += 4) if (data[k + 3] === 255) found.add(`${data[k]},${data[k + 1]},${data[k + 2]}`);
      return found.size;
    });
    assert.ok(colours > 5, `${colours} colours`);

    await tabTo(page, 'pause');
    await page.keyboard.press('Enter');
    await state(page, 'paused');
    await sleep(500);
    const before = await tile(page, 'Steps');
    await sleep(700);
    assert.equal(await tile(page, 'Steps'), before, 'nothing moves');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'resume', 'the focus is on what takes its place');
    assert.match(await text(page, 'news'), /paused/);
    await page.keyboard.press('Space');
    await state(page, 'training');
    await tabTo(page, 'stop');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#stop').innerText(), 'Stop for good?');
    await page.keyboard.press('Enter');
    assert.equal(await program.ended, 130);
    await state(page, 'done');
    assert.match(await tile(page, 'Accuracy'), /%$/, 'it keeps what it has');
    assert.deepEqual(faults.foreign, []);
    assert.deepEqual(
      faults.console.filter(line => !/ERR_(CONNECTION|INCOMPLETE)/.test(line)),
      [],
    );
  } finally {
    await page.close();
    await program.stop();
  }
});

test('without the token the buttons are off', { skip, timeout: 60_000 }, async () => {
  const program = await watchProgram(...endless.split(' '), '--serve', '0', '--quiet');
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(program.origin);
    await state(page, 'training');
    for (const id of ['pause', 'stop']) assert.equal(await page.locator(`#${id}`).isDisabled(), true);
  } finally {
    await context.close();
    await program.stop();
  }
});

for (const [what, width, colorScheme] of [
  ['dark', 1280, 'dark'],
  ['a phone', 360, 'light'],
] as const) {
  test(`${what}: nothing is cut off, and everything can be read`, { skip, timeout: 60_000 }, async () => {
    const program = await watchProgram(...endless.split(' '), '--serve', '0', '--quiet');
    const context = await browser.newContext({ viewport: { width, height: 740 }, colorScheme });
    try {
      const page = await context.newPage();
      await page.goto(program.address);
      await state(page, 'training');
      await page.waitForFunction(() => document.querySelectorAll('#worst tbody tr').length === 8);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${wide} of ${width} points`);
      const faint = await page.evaluate(lowContrast);
      assert.deepEqual(faint, []);
    } finally {
      await context.close();
      await program.stop();
    }
  });
}

/** Texts whose contrast to the ground is below 4.5 (WCAG 2, level AA). */
function lowContrast(): string[] {
  const parts = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = (colour: string) => {
    const [r, g, b] = parts(colour).map(part => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element: InPage): string => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (parts(colour).length === 3) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('p, dt, dd, th, td, h1, h2, label, summary, span, button:not(:disabled), select')]
    .filter(element => element.textContent?.trim() && element.offsetWidth > 1)
    .filter(element => {
      const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05) < 4.5;
    })
    .map(element => `${element.tagName} ${element.textContent}`);
}

test('a run that was kept, with texts that mean harm', { skip, timeout: 60_000 }, async () => {
  const path = join(folder, 'kept');
  mkdirSync(path);
  const evil = '<img src=x onerror="globalThis.harmed = true"><script>globalThis.harmed = true</script>';
  const experiment = parseExperiment({ nodes: 9, topology: 'torus' });
  const first = { ...start(experiment), data: { ...start(experiment).data, name: evil } };
  writeFileSync(join(path, 'manifest.json'), JSON.stringify({ ...first, experiment: { ...experiment, algorithm: 'swarm' } }));
  const events = [first, ...[1, 2, 3].map(k => sample({ seconds: k, steps: 100 * k })), done({ seconds: 3, steps: 300 })];
  writeFileSync(join(path, 'metrics.jsonl'), events.map(event => `${JSON.stringify(event)}\n`).join(''));
  const program = await watchProgram('serve', path, '--port', '0');
  const page = await browser.newPage();
  const faults = faultsOf(page, program.origin);
  try {
    await page.goto(program.address);
    await state(page, 'done');
    assert.ok((await text(page, 'what')).includes(evil), 'text is text');
    assert.equal(await page.evaluate(() => 'harmed' in globalThis), false);
    assert.equal(await tile(page, 'Steps'), '300');
    assert.equal(await page.locator('#controls').isVisible(), false, 'there is nothing to control');
    // The arrow keys walk through the samples.
    await page
      .locator('.readout', { hasText: /mean \d/ })
      .first()
      .waitFor();
    await page.locator('.plot').first().focus();
    await page.keyboard.press('Home');
    assert.match(await page.locator('.readout').first().innerText(), /^at 1\.0 s: mean \d/);
    assert.deepEqual([faults.console, faults.foreign], [[], []]);
  } finally {
    await page.close();
    assert.equal(await program.stop(), 0);
  }
});

const nodes = long ? 10_000 : 2000;
test(`${nodes} nodes: frames are short, 99 of 100 under 50 ms in a long run`, { skip, timeout: 180_000 }, async () => {
  const words = `simulate --data digits:${2 * nodes} --model softmax --nodes ${nodes} --topology regular:4 --algorithm adpsgd --batch 1`;
  const limits = `--epochs 100000 --evaluate-every ${20 * nodes} --parallel never --track 0 --serve 0 --quiet`;
  const program = await watchProgram(...words.split(' '), ...limits.split(' '));
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  try {
    await page.goto(program.address);
    await state(page, 'training');
    await page.waitForSelector('#cells:not([hidden])');
    await sleep(4000); // the nodes find their places
    const frames = await page.evaluate(
      seconds =>
        new Promise<number[]>(resolve => {
          const found: number[] = [];
          let before = performance.now();
          const end = before + 1000 * seconds;
          const next = (now: number) => {
            found.push(now - before);
            before = now;
            if (now < end) requestAnimationFrame(next);
            else resolve(found);
          };
          requestAnimationFrame(next);
        }),
      long ? 20 : 5,
    );
    const sorted = frames.slice(1).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    console.log(
      `${sorted.length} frames: median ${at(0.5).toFixed(1)} ms, 99 % ${at(0.99).toFixed(1)} ms, longest ${at(1).toFixed(1)} ms`,
    );
    assert.ok(sorted.length > 60, `${sorted.length} frames`);
    // Beside other tests the machine is late at times; a long run has it for itself.
    assert.ok(at(long ? 0.99 : 0.5) < 50, `${at(0.99)} ms`);
  } finally {
    await page.close();
    await program.stop();
  }
});
