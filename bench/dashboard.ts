/**
 * What a dashboard costs a run: steps a second with a page open, and without --serve, in turns. `node dist/bench/dashboard.js [PAIRS]`.
 * The page is drawn by a Chromium on the same machine, which takes a core of its own: with as many threads as cores, a reader that draws
 * nothing takes its place, so that the figure is the cost of the run's own side.
 */

import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { chromiumPath, openBrowser } from '../test/dashboard/browser.js';

const pairs = Number(process.argv[2] ?? 6);
const seconds = 3;
const live = (threads: number) =>
  `train --data digits --model mlp:64 --nodes 16 --topology ring --threads ${threads} --seconds ${seconds} --evaluate-every 1s --kernels simd`;
const simulated = (nodes: number) =>
  `simulate --data digits:${2 * nodes} --model softmax --nodes ${nodes} --topology regular:4 --algorithm adpsgd --batch 1 --parallel never --track 0 --evaluate-every ${20 * nodes} --steps ${nodes === 1000 ? 200_000 : 120_000}`;

const settings = [
  ['live, 16 nodes, 1 thread', live(1), 'page'],
  [`live, 16 nodes, ${cpus().length} threads`, live(cpus().length), 'reader'],
  ['simulation, 1,000 nodes', simulated(1000), 'page'],
  ['simulation, 10,000 nodes', simulated(10_000), 'page'],
] as const;

/** Steps a second of a run; with `watch`, somebody looks at its address until it ends. */
function run(words: string, watch?: (address: string) => Promise<() => Promise<void>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [
      'dist/src/cli/main.js',
      ...words.split(' '),
      '--json',
      ...(watch ? ['--serve', '0'] : []),
    ]);
    let stdout = '';
    let leave: Promise<() => Promise<void>> | undefined;
    child.stdout.on('data', part => (stdout += part));
    child.stderr.on('data', part => {
      const [address] = /http:\S+/.exec(String(part)) ?? [];
      if (address && watch) leave = watch(address);
    });
    child.on('close', async () => {
      await leave?.then(go => go());
      const done = stdout.trimEnd().split('\n').at(-1)!;
      try {
        resolve(JSON.parse(done).stepsPerSecond);
      } catch (error) {
        reject(error);
      }
    });
  });
}

const browser = chromiumPath() ? await openBrowser() : undefined;

async function page(address: string) {
  const one = await browser!.newPage({ viewport: { width: 1280, height: 900 } });
  await one.goto(address);
  return () => one.close();
}

async function reader(address: string) {
  const { origin } = new URL(address);
  const controller = new AbortController();
  const reading = fetch(`${origin}/events`, { signal: controller.signal })
    .then(async response => {
      for await (const _ of response.body!);
    })
    .catch(() => {});
  return async () => {
    controller.abort();
    await reading;
  };
}

const wanted = process.argv.slice(3);
for (const [k, [name, words, who]] of settings.entries()) {
  if (wanted.length > 0 && !wanted.includes(String(k))) continue;
  const watch = who === 'page' && browser ? page : reader;
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    // The order changes, so that what drifts does not count for one of them.
    const first = await run(words, pair % 2 === 0 ? watch : undefined);
    const second = await run(words, pair % 2 === 0 ? undefined : watch);
    ratios.push(pair % 2 === 0 ? first / second : second / first);
  }
  ratios.sort((a, b) => a - b);
  const median = (ratios[Math.floor((pairs - 1) / 2)] + ratios[Math.ceil((pairs - 1) / 2)]) / 2;
  const cost = (ratio: number) => `${(100 * (1 - ratio)).toFixed(1)} %`;
  console.log(`${name} (${watch.name}): costs ${cost(median)} of the steps a second (${ratios.map(cost).join(', ')})`);
}
await browser?.close();
