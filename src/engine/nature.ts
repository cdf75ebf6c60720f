/** From what a user writes of virtual time to what a simulation needs. */

import { HearsayError } from '../errors.js';
import { isModule, parseSpec } from '../spec.js';
import type { Churn } from './churn.js';
import { openChurn } from './churn.js';
import { type Clock, openClock } from './clock.js';
import type { Experiment } from './experiment.js';
import { type Link, type LinkFactory, moduleLink, namedLink } from './link.js';
import { callModule } from './modules.js';
import type { Recipe } from './recipe.js';
import { openSpeeds } from './speeds.js';

/** How time passes, and what happens to messages and to nodes. */
export interface Nature {
  /** Durations of pieces of work; undefined on the edge clock. */
  readonly clock: Clock | undefined;
  /** How many times longer than others the node's work takes. */
  readonly factor: (node: number) => number;
  readonly link: Link;
  readonly churn: Churn;
  /** Rows for nodes, newcomers included. */
  readonly capacity: number;
  readonly seed: number;
}

/** The clock of a run in which nobody says otherwise. */
const usualClock = 'exponential:mean=1';

/** Throws the errors of each part. */
export async function openNature(experiment: Experiment, { algorithm }: Recipe): Promise<Nature> {
  const { seed, nodes, stragglers } = experiment;
  const capacity = capacityOf(experiment);
  const text = experiment.clock ?? algorithm.clock ?? usualClock;
  const speeds = openSpeeds(experiment.speeds, capacity, seed);
  const factors = new Map(stragglers.map(({ node, factor }) => [node, factor]));
  if (text === 'edges' && algorithm.meet) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `clock: found edges, but algorithm ${algorithm.name} waits for all nodes; use a clock of each node, as ${usualClock}`,
    );
  }
  if (text === 'edges' && nodes < 2) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `clock: found edges, but ${nodes} node has none; use 2 nodes or more, or a clock of each node, as ${usualClock}`,
    );
  }
  if (experiment.slots !== null && !algorithm.sends) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `slots: found ${experiment.slots}, but algorithm ${algorithm.name} sends no messages; leave it out`,
    );
  }
  return {
    clock: text === 'edges' ? undefined : openClock(text, { seed, purpose: 'work', speeds }),
    factor: factors.size === 0 ? () => 1 : node => factors.get(node) ?? 1,
    link: await linkOf(experiment.link, seed, nodes),
    churn: openChurn(experiment.churn, { seed, capacity }),
    capacity,
    seed,
  };
}

/** Twice the nodes when some may join, unless it is said. */
function capacityOf({ nodes, capacity, churn }: Experiment): number {
  if (capacity !== null && capacity < nodes) {
    throw new HearsayError('CONFIG_RANGE', `capacity: found ${capacity}, allowed is at least the ${nodes} nodes; leave it out`);
  }
  return capacity ?? (churn === 'none' ? nodes : 2 * nodes);
}

async function linkOf(text: string, seed: number, nodes: number): Promise<Link> {
  const spec = parseSpec(text, 'link');
  if (!isModule(spec.name)) return namedLink(text, { seed, nodes });
  return named(
    moduleLink(await callModule<LinkFactory>(spec, 'link', spec.options, { seed, nodes }), spec.name),
    spec.name,
    seed,
  );
}

/** What the user's link throws is said of the link. */
function named(link: Link, name: string, seed: number): Link {
  return {
    ...link,
    delay(from, to, k, bytes) {
      try {
        return link.delay(from, to, k, bytes);
      } catch (cause) {
        if (cause instanceof HearsayError) throw cause;
        const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
        throw new HearsayError(
          'MODEL_FAILED',
          `link ${name}: delay(${from}, ${to}, ${k}, ${bytes}) threw: ${reason}; seed ${seed}`,
          {
            cause,
          },
        );
      }
    },
  };
}
