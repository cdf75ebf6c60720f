/** Runs benches by name, or all: `npm run bench -- kernels`. */

import { exchange } from './exchange.js';
import { kernels } from './kernels.js';
import { type Row, table } from './measure.js';
import { hogwild, steps } from './peers.js';
import { quantizer } from './quantizer.js';
import { queue } from './queue.js';
import { recording } from './replay.js';
import { simulation } from './simulate.js';
import { sparse } from './sparse.js';
import { threads } from './threads.js';

const suites: Record<string, () => Row[] | Promise<Row[]>> = {
  kernels,
  exchange,
  queue,
  quantizer,
  threads,
  steps,
  hogwild,
  sparse,
  simulation,
  recording,
};

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(suites)) {
  if (!Object.hasOwn(suites, name)) {
    console.error(`bench: found '${name}', allowed is ${Object.keys(suites).join(' | ')}`);
    process.exit(2);
  }
  console.log(`\n${name}\n${table(await suites[name]())}`);
}
