/**
 * STARDUST: gossip in which a message carries a model and a sketch of its sender's last gradient, and the step of a node is the smaller,
 * the more the gradients of its neighbours differ.
 *
 *   begin    pace = how much the last gradients of up to 8 senders, and the node's own, agree (see pace.ts);  H local steps at rate x pace
 *   finish   x = x + D;  the sketch of the piece's first gradient goes along with the model from now on (see sketch.ts)
 *   tick     the model is sent to a drawn neighbour
 *   arrive   a fixed delay later, first come first served:  x = (1-w) x + w x_k
 *
 * momentum=B: steps along g + M in place of g, M = B (M + g) with the first gradient g of each piece; with steps=1 that is heavy-ball
 * momentum. It is a plane of its own, so average=true can mix it along with the models. The momentum of the optimizer (sgd:momentum=B)
 * stays with its node.
 *
 * Provenance: our own composition. A machine-written summary ascribes a method of this name, with steps that shrink with the variance of
 * received gradients, momentum and a short fixed delay of updates, to arXiv 2404.19749; the abstract of that paper has none of it, and no
 * other source was found. What is here makes such a method out of known parts; no claim of that summary is repeated. The delay makes
 * models staler, not fresher.
 */

import { HearsayError } from '../../errors.js';
import { flag, numeric, oneOf } from '../../settings.js';
import type { Algorithm, RowKernel } from '../algorithm.js';
import type { PlaneShape } from '../layout.js';
import { builtIn, rate, steps, weight } from './builtin.js';
import { estimateWidth, learnSpread, paceOf, paces, spreadOf } from './pace.js';
import { openSketch, sketchWidth } from './sketch.js';

/** Senders that a node remembers. */
const senders = 8;
/** Who made a sketch (its number plus 1; 0: nobody), and the sketch. */
const width = 1 + sketchWidth;

const description = {
  name: 'stardust',
  about: 'gossip; steps shrink as the gradients of neighbours differ',
  source: {
    method: 'STARDUST',
    provenance: 'our own composition of what a machine-written summary asks for; no paper has it',
  },
  keeps: { what: ['mean in expectation', 'hull'] },
  settings: {
    steps: steps(4),
    rate: rate('log'),
    weight,
    pace: oneOf('how the step depends on the variance of gradients', paces),
    least: numeric('the least part of its rate that a step has', { above: 0, max: 1 }, 0.05),
    delay: numeric('seconds that a message waits at its receiver (live: pieces of work)', { min: 0, max: 1e6 }, 0.1),
    momentum: numeric('momentum over pieces of work, in a plane of its own', { min: 0, below: 1 }, 0),
    average: flag('momentum is averaged along with the models'),
  },
} as const;

export const stardust = builtIn(description, (values, { nodes, parameters }, where): Algorithm => {
  const { steps, rate, weight, pace, least, delay, momentum, average } = values;
  if (average && momentum === 0) throw needsMomentum(where);
  const kappa = 1 / Math.min(senders + 1, nodes);
  const sketch = openSketch(parameters);

  const adapt: RowKernel = ({ to, from }) => {
    to.heard.set(from.heard);
    const gradients = [from.sketch, ...remembered(from.heard)].filter(([maker]) => maker > 0).map(one => one.subarray(1));
    to.pace[0] = 1;
    if (gradients.length < 2) return;
    const spread = spreadOf(gradients);
    const estimate = to.heard.subarray(0, estimateWidth);
    learnSpread(estimate, spread);
    to.pace[0] = paceOf(pace, estimate, spread, kappa, least);
  };

  const draw: RowKernel = ({ to, from, value }) => {
    to.sketch[0] = value;
    sketch(from.gradient, to.sketch.subarray(1));
    const [next, drive, gradient] = [to.drive, from.drive, from.gradient];
    if (next) for (let k = 0; k < parameters; k++) next[k] = momentum * (drive[k] + gradient[k]);
  };

  const take: RowKernel = ({ to, from, other, kernels }) => {
    for (const name of mixed) {
      const mine = from[name].byteOffset;
      kernels.follow(to[name].byteOffset, mine, other[name].byteOffset, mine, 1, weight, parameters);
    }
    remember(to.heard, from.heard, other.sketch);
  };

  const planes: PlaneShape[] = [
    { name: 'pace', sides: 2, width: 1 },
    { name: 'sketch', sides: 2, width, carried: true },
    { name: 'heard', sides: 2, width: estimateWidth + senders * width },
    { name: 'gradient', sides: 1 },
  ];
  if (momentum > 0) planes.push({ name: 'drive', sides: 2, carried: average });
  const drawn = momentum > 0 ? ['sketch', 'drive'] : ['sketch'];
  const mixed = average ? ['params', 'drive'] : ['params'];

  return {
    name: 'stardust',
    planes,
    fresh: planes.flatMap(({ name, sides }) => (sides === 2 ? [name] : [])), // a newcomer has heard nobody
    descent: { gradient: 'gradient', pace: 'pace', ...(momentum > 0 && { add: 'drive' }) },
    clocks: [{ name: 'gossip', rate: rate(nodes) }],
    sends: true,
    waits: delay > 0,
    kernels: { adapt, draw, take },
    begin(node, rows, world) {
      rows.apply(node, 'adapt', ['pace', 'heard']);
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows) {
      rows.commit(node);
      rows.apply(node, 'draw', drawn, { value: node + 1 });
      return true;
    },
    tick(node, _clock, rows, world) {
      world.send(node, rows.stow(node), world.peer(node), delay);
    },
    arrive(node, slot, rows) {
      rows.apply(node, 'take', [...mixed, 'heard'], { other: slot });
      rows.drop(slot);
    },
  };
});

function needsMomentum(where: string): HearsayError {
  return new HearsayError(
    'CONFIG_RANGE',
    `${where}: average belongs to momentum=B, found momentum=0: that of the optimizer stays with its node; write momentum=0.9,average=true`,
  );
}

/** The sketches that a node has heard last, each of another sender, the newest first. */
function remembered(heard: Float32Array): Float32Array[] {
  return Array.from({ length: senders }, (_, k) => heard.subarray(estimateWidth + k * width, estimateWidth + (k + 1) * width));
}

/** The sketch goes in front; an older one of the same sender goes, else the oldest of all. */
function remember(to: Float32Array, from: Float32Array, sketch: Float32Array): void {
  to.set(from);
  if (sketch[0] === 0) return; // its sender has not learnt yet
  const kept = [sketch, ...remembered(from).filter(([maker]) => maker !== sketch[0])];
  for (const [k, place] of remembered(to).entries()) place.set(kept[k]);
}
