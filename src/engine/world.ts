/** What an algorithm is told of the world, and may draw and count in it, as far as that depends on no driver. */

import { HearsayError } from '../errors.js';
import { exponential, source, uniform } from '../random.js';
import type { Peer, Row, World } from './algorithm.js';
import { openCounters } from './counters.js';
import { Control, controlWord, Header, type Layout } from './layout.js';
import type { RowsContext } from './op.js';
import type { Words } from './words.js';

/** The parts of a world that depend on no driver. */
export type CommonWorld = Pick<
  World,
  | 'random'
  | 'exponential'
  | 'signal'
  | 'signalled'
  | 'signalNumber'
  | 'version'
  | 'pieces'
  | 'meetings'
  | 'count'
  | 'peer'
  | 'neighbours'
  | 'degree'
>;

/** `algorithm` is its name. Without versions none is followed. */
export function openWorld(
  words: Words,
  layout: Layout,
  algorithm: string,
  { seed, versions, degree, neighbour }: Pick<RowsContext, 'seed' | 'versions' | 'degree' | 'neighbour'>,
): CommonWorld {
  const read = (node: Row, word: number) => words.load(controlWord(layout, node, word));
  return {
    random: (node, purpose, draw = read(node, Control.Committed)) => uniform(source(seed, purpose), node, draw),
    exponential(node, purpose) {
      const times = controlWord(layout, node, Control.Times);
      const draw = words.load(times);
      words.store(times, draw + 1);
      return exponential(source(seed, purpose), node, draw);
    },
    signal(node, number = 0) {
      words.store(Header.SignalNumber, number);
      words.store(Header.Signal, node + 1);
    },
    signalled: () => words.load(Header.Signal) - 1,
    signalNumber: () => words.load(Header.SignalNumber),
    version(node, source) {
      const version = versions?.of(node, source) ?? -1;
      if (version >= 0) return version;
      const asks = `algorithm ${algorithm} asks who has which version of node ${source}`;
      throw new HearsayError(
        'CONFIG_RANGE',
        `track: node ${source} is not followed, but ${asks}; track more nodes, or leave it out`,
      );
    },
    pieces: node => read(node, Control.Committed),
    meetings: () => words.load(Header.Generation),
    count: openCounters(words, layout),
    peer: node => read(node, Control.Draws) as Peer,
    neighbours: node => Array.from({ length: degree(node) }, (_, k) => neighbour(node, k)),
    degree,
  };
}
