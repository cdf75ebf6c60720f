/** From what a user writes of virtual time to what a simulation needs. */

import { HearsayError } from '../errors.js';
import { isModule, parseSpec } from '../spec.js';
import type { Algorithm } from './algorithm.js';
import { capacityOf } from './capacity.js';
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
  /** How many times as fast as the clock each node is; its durations are drawn with that already. */
  readonly speeds: Float64Array;
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
  const link = await linkOf(experiment.link, seed, nodes);
  if (text === 'edges') requireEdges(experiment, algorithm, link);
  if (experiment.slots !== null && !algorithm.sends) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `slots: found ${experiment.slots}, but algorithm ${algorithm.name} sends no messages; leave it out`,
    );
  }
  return {
    clock: text === 'edges' ? undefined : openClock(text, { seed, purpose: 'work', speeds }),
    speeds,
    factor: factors.size === 0 ? () => 1 : node => factors.get(node) ?? 1,
    link,
    churn: openChurn(experiment.churn, { seed, nodes, capacity }),
    capacity,
    seed,
  };
}

/**
 * On the edge clock no piece of work has a duration, both ends of an edge meet at once, and edges are those of the graph: what would
 * change one of these is refused.
 */
function requireEdges(experiment: Experiment, algorithm: Algorithm, link: Link): void {
  const { nodes, speeds, stragglers, churn } = experiment;
  const instead = `use a clock of each node, as ${usualClock}`;
  const refuse = (found: string, remedy: string) =>
    new HearsayError('CONFIG_RANGE', `clock: found edges, but ${found}; ${remedy}${instead}`);
  if (algorithm.meet) throw refuse(`algorithm ${algorithm.name} waits for all nodes`, '');
  if (nodes < 2) throw refuse(`${nodes} node has none`, 'use 2 nodes or more, or ');
  if (openSpeeds(speeds, nodes, experiment.seed).some(speed => speed !== 1))
    throw refuse(`speeds ${speeds} are of work that takes time`, 'leave them out, or ');
  if (stragglers.some(({ factor }) => factor !== 1))
    throw refuse('stragglers are slow at work that takes time', 'leave them out, or ');
  if (churn !== 'none') throw refuse(`with churn ${churn} the graph would lose its edges`, 'leave it out, or ');
  // What is sent, and what the clocks of an algorithm exchange, meets its link on the edge clock too.
  if (!link.ideal && algorithm.pairwise && !algorithm.clocks?.length)
    throw refuse(`link ${link.name} would keep the ends of an edge apart`, 'leave it out, or ');
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
