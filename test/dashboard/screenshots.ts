/**
 * The pictures of the documents: a live run of MNIST, a simulation of a thousand nodes, the same in the dark and on a phone. `npm run
 * screenshots [FOLDER]` makes them; it needs Chromium, and MNIST in MNIST=FOLDER (else the built-in digits).
 */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBrowser } from './browser.js';
import { watchProgramIn } from './watched.js';

const folder = process.argv[2] ?? 'docs/pictures';
mkdirSync(folder, { recursive: true });
// Whoever makes the pictures: the same names are on them.
const place = mkdtempSync(join(tmpdir(), 'hearsay-'));
if (process.env.MNIST) symlinkSync(resolve(process.env.MNIST), join(place, 'mnist'));
const data = process.env.MNIST ? './mnist' : 'digits';

const live = `train --data ${data} --model mlp:64 --nodes 16 --topology ring --optimizer sgd:rate=.05 --epochs 100 --evaluate-every 500`;
const virtual =
  'simulate --data digits --model softmax --nodes 1000 --topology torus --algorithm adpsgd --batch 8 --epochs 500 --evaluate-every 4000';
const thousands =
  'simulate --data digits --model softmax --nodes 10000 --topology regular:4 --algorithm adpsgd --batch 2 --epochs 500 --evaluate-every 20000';

const pictures = [
  { name: 'live', words: live, width: 1200, height: 1150, seconds: 12 },
  { name: 'dark', words: virtual, width: 1200, height: 1150, seconds: 15, dark: true },
  { name: 'phone', words: live, width: 390, height: 1500, seconds: 8 },
  { name: 'thousands', words: thousands, width: 1200, height: 1350, seconds: 20 },
] as const;

const wanted = process.argv.slice(3);
const browser = await openBrowser();
try {
  for (const { name, words, width, height, seconds, ...more } of pictures) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const program = await watchProgramIn(place, ...words.split(' '), '--serve', '0', '--quiet');
    const page = await browser.newPage({
      viewport: { width, height },
      colorScheme: 'dark' in more ? 'dark' : 'light',
      deviceScaleFactor: 1,
    });
    page.on('console', message => console.log(`${name}: ${message.text()}`));
    page.on('pageerror', error => console.log(`${name}: ${error}`));
    await page.goto(program.address);
    await sleep(1000 * seconds);
    await page.screenshot({ path: join(folder, `dashboard-${name}.png`) });
    await page.close();
    await program.stop();
    console.log(`${folder}/dashboard-${name}.png`);
  }
} finally {
  await browser.close();
  rmSync(place, { recursive: true });
}
