/** Runs benches by name, or all: `npm run bench -- kernels`; of some only a part: `npm run bench -- steps:mlp:128`. */

import { choice } from './choice.js';
import { exchange } from './exchange.js';
import { gradients } from './gradients.js';
import { hogwild } from './hogwild.js';
import { kernels } from './kernels.js';
import { exitStatus, type Row, table } from './measure.js';
import { quantizer } from './quantizer.js';
import { queue } from './queue.js';
import { recording } from './replay.js';
import { simulation } from './simulate.js';
import { slowed } from './slowed.js';
import { sparse } from './sparse.js';
import { steps } from './steps.js';
import { threads } from './threads.js';

const suites: Record<string, (part?: string) => Row[] | Promise<Row[]>> = {
  kernels,
  choice,
  exchange,
  queue,
  quantizer,
  threads,
  slowed,
  gradients,
  steps,
  hogwild,
  sparse,
  simulation,
  recording,
};

const asked = process.argv.slice(2);
for (const text of asked.length > 0 ? asked : Object.keys(suites)) {
  const [name, ...part] = text.split(':');
  if (!Object.hasOwn(suites, name)) {
    console.error(`bench: found '${name}', allowed is ${Object.keys(suites).join(' | ')}`);
    process.exit(2);
  }
  const rows = await suites[name](part.join(':') || undefined);
  console.log(`\n${text}\n${table(rows)}`);
  process.exitCode = Math.max(Number(process.exitCode ?? 0), exitStatus(rows));
}
