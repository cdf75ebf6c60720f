/**
 * What a dashboard costs a run: the processor time that a step takes the process of the run with somebody who watches, and without --serve, in
 * turns. `node dist/bench/dashboard.js [PAIRS]`. A page is drawn by a Chromium on the same machine, which takes cores of its own; that is no
 * cost of the run, and so it is not counted. Steps a second are told beside, where there is a core for it.
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

/** Says at the end how much processor time the process took, all its threads, in seconds. */
const tell = `data:text/javascript,process.on('exit',()=>{const{user,system}=process.cpuUsage();console.error('cpu',(user+system)/1e6)})`;

interface Cost {
  /** Processor seconds a step. */
  readonly cpu: number;
  /** Seconds a step. */
  readonly wall: number;
}

/** With `watch`, somebody looks at its address until it ends. */
function run(words: string, watch?: (address: string) => Promise<() => Promise<void>>): Promise<Cost> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [
      ...['--import', tell],
      'dist/src/cli/main.js',
      ...words.split(' '),
      '--json',
      ...(watch ? ['--serve', '0'] : []),
    ]);
    let stdout = '';
    let stderr = '';
    let leave: Promise<() => Promise<void>> | undefined;
    child.stdout.on('data', part => (stdout += part));
    child.stderr.on('data', part => {
      stderr += part;
      const [address] = /http:\S+/.exec(String(part)) ?? [];
      if (address && watch) leave = watch(address);
    });
    child.on('close', async () => {
      await leave?.then(go => go());
      const done = stdout.trimEnd().split('\n').at(-1)!;
      try {
        const { steps, stepsPerSecond } = JSON.parse(done);
        resolve({ cpu: Number(/cpu (\S+)/.exec(stderr)![1]) / steps, wall: 1 / stepsPerSecond });
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
  const costs: Cost[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    // The order changes, so that what drifts does not count for one of them.
    const first = await run(words, pair % 2 === 0 ? watch : undefined);
    const second = await run(words, pair % 2 === 0 ? undefined : watch);
    const [watched, alone] = pair % 2 === 0 ? [first, second] : [second, first];
    costs.push({ cpu: watched.cpu / alone.cpu - 1, wall: watched.wall / alone.wall - 1 });
  }
  const percent = (cost: number) => `${(100 * cost).toFixed(1)} %`;
  const told = (of: (cost: Cost) => number) => {
    const sorted = costs.map(of).sort((a, b) => a - b);
    const median = (sorted[Math.floor((pairs - 1) / 2)] + sorted[Math.ceil((pairs - 1) / 2)]) / 2;
    return `${percent(median)} (${sorted.map(percent).join(', ')})`;
  };
  console.log(
    `${name} (${watch.name}): ${told(({ cpu }) => cpu)} more processor time a step; ${told(({ wall }) => wall)} more time`,
  );
}
await browser?.close();
