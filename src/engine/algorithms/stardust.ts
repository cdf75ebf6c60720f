/**
 * STARDUST: gossip in which a message carries a model and a sketch of its sender's last gradient, and the step of a node is the smaller,
 * the more the gradients of its neighbours differ.
 *
 *   begin    pace = how much the last gradients of up to 8 senders, and the node's own, agree (see pace.ts);  H local steps at rate x pace
 *   finish   x = x + D;  the sketch of the piece's first gradient goes along with the model from now on (see sketch.ts)
 *   tick     the model is sent to a drawn neighbour
 *   arrive   a fixed delay later, first come first served:  x = (1-w) x + w x_k
 *
 * per=coordinate: a pace for each parameter, from whole gradients, which then travel in place of sketches.
 * carry=gradient, both: messages carry the gradient g_k, in place of the model or beside it, and the receiver steps along it,
 *   x = x - rate pace s g_k, s = 1 / (neighbours + 1) unless `share` says, after the average.
 * coalesce=true: messages come together at their receiver until its next tick of a clock that all have in common, one each `delay`. Then
 *   the k of them are one: x = the mean of x and the k models, and the sum of the steps along gradients.
 * momentum=B: steps along g + M in place of g, M = B (M + g) with the first gradient g of each piece; with steps=1 that is heavy-ball
 *   momentum. It is a plane of its own, so average=true can mix it along with the models. The momentum of the optimizer (sgd:momentum=B)
 *   stays with its node.
 *
 * Provenance: our own composition. A machine-written summary ascribes a method of this name, with steps that shrink with the variance of
 * received gradients, momentum and a short fixed delay of updates, to arXiv 2404.19749; the abstract of that paper has none of it, and no
 * other source was found. What is here makes such a method out of known parts; no claim of that summary is repeated. The delay makes
 * models staler, not fresher.
 */

import { HearsayError } from '../../errors.js';
import { flag, numeric, oneOf, optional, type Values } from '../../settings.js';
import type { Algorithm, Row, RowKernel, RowWork, World } from '../algorithm.js';
import type { PlaneShape } from '../layout.js';
import { builtIn, rate, steps, weight } from './builtin.js';
import { mostSenders, openMemory } from './heard.js';
import { openInbox } from './inbox.js';
import { estimateWidth, learnSpread, paceOf, paces, spreadOf } from './pace.js';
import { openSketch, sketchWidth } from './sketch.js';

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
    weight: optional(weight, '0.5; with coalesce=true all models weigh alike'),
    pace: oneOf('how the step depends on the variance of gradients', paces),
    per: oneOf('one pace for the whole model, or one for each coordinate', ['model', 'coordinate']),
    least: numeric('the least part of its rate that a step has', { above: 0, max: 1 }, 0.05),
    carry: oneOf('what a message brings: the model, the last gradient, along which its receiver steps, or both', [
      ...(['model', 'gradient', 'both'] as const),
    ]),
    share: optional(
      numeric('the part of its own step that a node makes along a received gradient', { above: 0, max: 1 }, 0),
      '1 / (neighbours + 1)',
    ),
    delay: numeric('seconds that a message waits at its receiver (live: pieces of work)', { min: 0, max: 1e6 }, 0.1),
    coalesce: flag('messages come together, and are applied at once each `delay`'),
    momentum: numeric('momentum over pieces of work, in a plane of its own', { min: 0, below: 1 }, 0),
    average: flag('momentum is averaged along with the models'),
  },
} as const;

type Stardust = Values<typeof description.settings>;

/** The clocks. */
const [gossip, release] = [0, 1];

/** The counter: messages that have come together. */
const waiting = 0;

export const stardust = builtIn(description, (values, { nodes, parameters, rate: eta }, where): Algorithm => {
  requireSense(values, where);
  const { steps, rate, weight = 0.5, pace, per, least, carry, share, delay, coalesce, momentum, average } = values;
  const kappa = 1 / Math.min(mostSenders + 1, nodes);
  const isFine = per === 'coordinate';
  const follows = carry !== 'model';
  /** Messages carry whole gradients in the plane `sketch`. */
  const isWhole = isFine || follows;
  const sketch = openSketch(parameters);
  const estimates = isFine ? parameters * estimateWidth : estimateWidth;
  const memory = openMemory(isFine ? parameters : sketchWidth, estimates);

  const mixed = [...(carry === 'gradient' ? [] : ['params']), ...(average ? ['drive'] : [])];
  const changed = average ? ['params', 'drive'] : ['params'];
  const inbox = openInbox([...mixed.map(() => 'mean' as const), ...(follows ? ['sum' as const] : [])], parameters);

  /** A note, as it is remembered, of what the plane `sketch` holds. */
  function noteOf(plane: Float32Array): Float32Array {
    if (isFine || !isWhole) return plane;
    const note = new Float32Array(1 + sketchWidth);
    note[0] = plane[0];
    sketch(plane.subarray(1), note.subarray(1));
    return note;
  }

  const adapt: RowKernel = ({ to, from }) => {
    to.heard.set(from.heard);
    const own = noteOf(from.sketch);
    const gradients = [...(own[0] > 0 ? [own.subarray(1)] : []), ...memory.gradients(from.heard)];
    const estimate = to.heard.subarray(0, estimates);
    const paceFrom = (at: number, first?: number, end?: number) => {
      const spread = spreadOf(gradients, first, end);
      learnSpread(estimate, spread, at);
      return paceOf(pace, estimate, spread, kappa, least, at);
    };
    const isAlone = gradients.length < 2;
    if (!isFine) to.pace[0] = isAlone ? 1 : paceFrom(0);
    else if (isAlone) to.drag.fill(1);
    else for (let k = 0; k < parameters; k++) to.drag[k] = 1 / paceFrom(k * estimateWidth, k, k + 1);
  };

  const draw: RowKernel = ({ to, from, value }) => {
    to.sketch[0] = value;
    if (isWhole) to.sketch.set(from.gradient, 1);
    else sketch(from.gradient, to.sketch.subarray(1));
    const [next, drive, gradient] = [to.drive, from.drive, from.gradient];
    if (next) for (let k = 0; k < parameters; k++) next[k] = momentum * (drive[k] + gradient[k]);
  };

  /** `vectors` are the averaged planes of a message, or of several, and then the gradient; `along` is the node's part of that. */
  function receive({ to, from, kernels }: RowWork, vectors: readonly Float32Array[], weight: number, along: number): void {
    for (const [v, name] of mixed.entries()) {
      const mine = from[name].byteOffset;
      kernels.follow(to[name].byteOffset, mine, vectors[v].byteOffset, mine, 1, weight, parameters);
    }
    if (!follows) return;
    const [x, g] = [carry === 'both' ? to.params : from.params, vectors[mixed.length]];
    const step = eta * along * (isFine ? 1 : from.pace[0] || 1); // before its first piece a node has no pace
    for (let k = 0; k < g.length; k++) to.params[k] = x[k] - (isFine ? step / (from.drag[k] || 1) : step) * g[k];
  }

  const vectorsOf = (message: RowWork['other']) => [
    ...mixed.map(name => message[name]),
    ...(follows ? [message.sketch.subarray(1)] : []),
  ];

  const take: RowKernel = work => {
    receive(work, vectorsOf(work.other), weight, work.value);
    memory.remember(work.to.heard, work.from.heard, noteOf(work.other.sketch));
  };

  const collect: RowKernel = ({ to, from, other }) => {
    inbox.collect(to.inbox, from.inbox, vectorsOf(other));
    memory.remember(to.heard, from.heard, noteOf(other.sketch));
  };

  const apply: RowKernel = work => {
    const [count] = work.from.inbox;
    receive(work, inbox.vectors(work.from.inbox), count / (count + 1), count === 0 ? 0 : work.value);
    work.to.inbox.fill(0);
  };

  const planes: PlaneShape[] = [
    isFine ? { name: 'drag', sides: 2 } : { name: 'pace', sides: 2, width: 1 },
    { name: 'sketch', sides: 2, width: 1 + (isWhole ? parameters : sketchWidth), carried: true },
    { name: 'heard', sides: 2, width: memory.width },
    { name: 'gradient', sides: 1 },
  ];
  if (momentum > 0) planes.push({ name: 'drive', sides: 2, carried: average });
  if (coalesce) planes.push({ name: 'inbox', sides: 2, width: inbox.width });
  const drawn = momentum > 0 ? ['sketch', 'drive'] : ['sketch'];
  const shareOf = (node: Row, world: World) => (follows ? (share ?? 1 / (world.degree(node) + 1)) : 0);

  return {
    name: 'stardust',
    planes,
    fresh: planes.flatMap(({ name, sides }) => (sides === 2 ? [name] : [])), // a newcomer has heard nobody
    descent: {
      gradient: 'gradient',
      [isFine ? 'divide' : 'pace']: isFine ? 'drag' : 'pace',
      ...(momentum > 0 && { add: 'drive' }),
    },
    clocks: [{ name: 'gossip', rate: rate(nodes) }, ...(coalesce ? [{ name: 'release', rate: 1 / delay, regular: true }] : [])],
    sends: true,
    waits: !coalesce && delay > 0,
    ...(carry === 'gradient' && { bits: 0 }), // the model stays at home
    kernels: { adapt, draw, take, ...(coalesce && { collect, apply }) },
    begin(node, rows, world) {
      rows.apply(node, 'adapt', [isFine ? 'drag' : 'pace', 'heard']);
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows) {
      rows.commit(node);
      rows.apply(node, 'draw', drawn, { value: node + 1 });
      return true;
    },
    tick(node, clock, rows, world) {
      if (clock === gossip) world.send(node, rows.stow(node), world.peer(node), coalesce ? 0 : delay);
      else if (clock === release && taken(node, world) > 0)
        rows.apply(node, 'apply', [...changed, 'inbox'], { value: shareOf(node, world) });
    },
    arrive(node, slot, rows, world) {
      if (coalesce) {
        rows.apply(node, 'collect', ['inbox', 'heard'], { other: slot });
        world.count(node, waiting, 1); // after it: a tick in between applies once more, for nothing
      } else rows.apply(node, 'take', [...changed, 'heard'], { other: slot, value: shareOf(node, world) });
      rows.drop(slot);
    },
  };
});

/** How many have come together; the counter is then 0 again. */
function taken(node: Row, world: World): number {
  const found = world.count(node, waiting, 0);
  world.count(node, waiting, -found);
  return found;
}

/** Throws CONFIG_RANGE for settings that do not go together. */
function requireSense({ weight, carry, share, delay, coalesce, momentum, average }: Stardust, where: string): void {
  const refuse = (what: string) => new HearsayError('CONFIG_RANGE', `${where}: ${what}`);
  if (average && momentum === 0)
    throw refuse(
      'average belongs to momentum=B, found momentum=0: that of the optimizer stays with its node; write momentum=0.9,average=true',
    );
  if (average && carry === 'gradient')
    throw refuse('average belongs to messages with models, found carry=gradient; write carry=both, or leave average out');
  if (share !== undefined && !(carry === 'gradient' || carry === 'both'))
    throw refuse('share belongs to messages with gradients, found carry=model; write carry=both, or leave share out');
  if (weight !== undefined && carry === 'gradient')
    throw refuse('weight belongs to messages with models, found carry=gradient; write share=W for that of a gradient');
  if (weight !== undefined && coalesce)
    throw refuse('found weight with coalesce=true: of k models that come together, each weighs 1 / (k + 1); leave weight out');
  if (coalesce && delay < 1e-3)
    throw refuse(`found coalesce=true with delay=${delay}: messages come together while they wait; allowed is 0.001 or more`);
}
