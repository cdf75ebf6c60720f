/**
 * DRACO-style learning: computing and sending have clocks of their own, and what is sent is progress. A node adds what a piece of work has
 * taught it, D, to its model and to its backlog. When its transmit clock ticks it broadcasts the backlog, and begins a new one. Who
 * receives collects for the length of a window; at the end of it
 *
 *   x_j = x_j + sum over received i of q_ji D_i,    q_ji = q_jj = 1 / (1 + number received)     (form=delta)
 *   x_j = q_jj x_j + sum over received i of q_ji x_i, whole models being sent                    (form=model)
 *
 * The rows of q sum to 1, its columns don't: nobody needs to know who hears it, and models drift apart. So every `period` seconds a hub
 * sends its model to all, who go on from it, without backlogs and without what they had collected. Between two unifications a node takes
 * `psi` messages and no more; one older than `deadline` it never takes.
 *
 * Provenance: reconstructed. Of the paper (Jeong and Kountouris, arXiv 2406.13533) only the abstract could be read: separate schedules of
 * computing and sending, row-stochastic gossip, a cap on received messages. The windows, the weights and the unification are from memory
 * of its idea and worked out here; so it is called DRACO-style, and no number of the paper is promised. That unification happens at once
 * and everywhere, whatever the links, is ours too.
 */

import { readNumber } from '../../decimal.js';
import { numeric, oneOf, type Setting } from '../../settings.js';
import type { Row, RowKernel, Rows, World } from '../algorithm.js';
import { builtIn, steps } from './builtin.js';

const positive = { above: 0, max: 1e9 };

/** A setting that may also be 'inf': no bound. */
function orNever(setting: Setting<number>, fallback: string): Setting<number> {
  const otherwise = fallback === 'inf' ? Number.POSITIVE_INFINITY : setting.otherwise;
  return {
    ...setting,
    ...{ otherwise, fallback, range: `${setting.range}, or inf` },
    read: (text, where) => (text === 'inf' ? Number.POSITIVE_INFINITY : setting.read(text, `${where} (or inf)`)),
  };
}

const cap: Setting<number> = {
  about: 'messages that a node takes between two unifications (Psi)',
  range: 'a whole number from 1 to 60000',
  otherwise: 0,
  fallback: '',
  read: (text, where) => readNumber(text, { whole: true, min: 1, max: 60_000 }, where),
};

const description = {
  name: 'draco',
  about: 'work and broadcasts by separate clocks; sums of progress; a hub unifies',
  source: {
    method: 'DRACO-style',
    authors: 'Jeong, Kountouris',
    year: 2024,
    arxiv: '2406.13533',
    provenance: "reconstructed from the paper's abstract and memory; windows, weights and unification are worked out here",
  },
  keeps: { what: [], note: 'form=model: hull' },
  settings: {
    steps: steps(1),
    rate: numeric('broadcasts of a node a second (live: a finished piece)', positive, 1),
    window: numeric('seconds (live: pieces) for which a node collects before it applies', positive, 0.1),
    period: orNever(numeric('seconds (live: pieces) between two unifications', positive, 100), '100'),
    psi: orNever(cap, 'inf'),
    deadline: orNever(
      numeric('seconds after which a message is too old; in virtual time only', { min: 0, max: 1e9 }, Number.NaN),
      'the window',
    ),
    form: oneOf('what is sent: the progress since the last broadcast, or the model', ['delta', 'model']),
    hub: oneOf('whose model unifies', ['cyclic', 'random']),
  },
} as const;

/** The clocks. */
const [transmit, close, unify] = [0, 1, 2];

/** The counters: pieces in the backlog, messages collected, messages since the last unification. */
const [backlogged, collected, heard] = [0, 1, 2];

export const draco = builtIn(description, values => {
  const { steps, rate, window, period, psi, form, hub } = values;
  const deadline = Number.isNaN(values.deadline) ? window : values.deadline;
  const isDelta = form === 'delta';

  /** The node whose model is unification number `number`. */
  function hubOf(number: number, { live }: Rows, world: World): Row {
    const k = hub === 'cyclic' ? (number - 1) % live.length : Math.floor(world.random(0, 'hub', number) * live.length);
    return live[k];
  }

  return {
    name: 'draco',
    // Live, a message is delivered at once: none is ever too old.
    ...(Number.isFinite(values.deadline) && { only: 'virtual' as const }),
    planes: [
      { name: 'backlog', sides: 2 },
      { name: 'inbox', sides: 2 },
      { name: 'collected', sides: 2, width: 1 },
    ],
    fresh: ['backlog', 'inbox', 'collected'],
    clocks: [
      { name: 'transmit', rate },
      { name: 'window', rate: 1 / window, regular: true },
      { name: 'unify', rate: 1 / period, regular: true },
    ],
    sends: true,
    requireGraph() {}, // edges that go one way will do
    kernels: isDelta
      ? { collect: collectDeltas, close: addDeltas, unify: takeOver }
      : { collect: collectModels, close: mixModels, unify: takeOver },
    begin(node, rows, world) {
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows, world) {
      if (!isDelta) rows.commit(node);
      else {
        const backlog = rows.plane(node, 'backlog');
        rows.combine([node, backlog], [node, rows.delta(node), backlog], [1, 1, 0, 0, 1, 1]);
      }
      world.count(node, backlogged, 1);
      return true;
    },
    tick(node, clock, rows, world, number) {
      if (clock === transmit) {
        if (taken(node, backlogged, world) === 0) return;
        world.broadcast(node, isDelta ? rows.stow(node, { plane: 'backlog', versions: 'own' }) : rows.stow(node));
      } else if (clock === close) {
        if (taken(node, collected, world) > 0) rows.apply(node, 'close', ['params', 'collected']);
      } else if (clock === unify && hubOf(number, rows, world) === node) {
        const model = rows.stow(node);
        for (const other of rows.live) {
          rows.apply(other, 'unify', ['params', 'backlog', 'collected'], other === node ? {} : { other: model });
          for (const counter of [backlogged, collected, heard]) taken(other, counter, world);
        }
        rows.drop(model);
      }
    },
    arrive(node, slot, rows, world) {
      if (world.age(slot) > deadline || world.count(node, heard, 1) > psi) return rows.ignore(slot);
      rows.apply(node, 'collect', ['inbox', 'collected'], { other: slot });
      world.count(node, collected, 1); // after it: a window that closes in between closes once more, for nothing
      rows.drop(slot);
    },
  };
});

/** What the counter says; it is then 0 again. */
function taken(node: Row, counter: number, world: World): number {
  const found = world.count(node, counter, 0);
  world.count(node, counter, -found);
  return found;
}

/** inbox = sum of what was received in this window. The window is new when nothing was: what the inbox then holds is old. */
const collectDeltas: RowKernel = ({ to, from, other, kernels }) => {
  const [count] = from.collected;
  const { inbox } = to;
  if (count === 0) inbox.set(other.params);
  else kernels.commit(inbox.byteOffset, from.inbox.byteOffset, other.params.byteOffset, inbox.length);
  to.collected[0] = count + 1;
};

const addDeltas: RowKernel = ({ to, from, kernels }) => {
  const [count] = from.collected;
  const weight = count === 0 ? 0 : 1 / (count + 1);
  kernels.add(to.params.byteOffset, from.params.byteOffset, from.inbox.byteOffset, weight, to.params.length);
  to.collected[0] = 0;
};

/** inbox = mean of what was received in this window, each model moving it by its share: of equal ones it is that one, to the bit. */
const collectModels: RowKernel = ({ to, from, other }) => {
  const [count] = from.collected;
  const [inbox, mean, model] = [to.inbox, from.inbox, other.params];
  const n = inbox.length;
  if (count === 0) inbox.set(model);
  else for (let k = 0; k < n; k++) inbox[k] = mean[k] + (model[k] - mean[k]) / (count + 1);
  to.collected[0] = count + 1;
};

const mixModels: RowKernel = ({ to, from, kernels }) => {
  const [count] = from.collected;
  const weight = count / (count + 1);
  const model = from.params.byteOffset;
  kernels.follow(to.params.byteOffset, model, from.inbox.byteOffset, model, 1, weight, to.params.length);
  to.collected[0] = 0;
};

/** The hub itself keeps what it has. */
const takeOver: RowKernel = ({ to, from, other }) => {
  to.params.set(other.params ?? from.params);
  to.backlog.fill(0);
  to.collected[0] = 0;
};
