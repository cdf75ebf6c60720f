/**
 * ASUMAN, age sense updating multiple access in networks (Mitra and Ulukus): gossip by those whose version is the freshest. The user who
 * updated last sends at its own rate. After its update every other one waits a time in proportion to its age, here the number of versions
 * that it is behind, and then signals; who hears a signal while it waits stays silent until the next update. So those of the smallest age
 * send, and share the rate of all others: together with the user who updated, the network sends at n x rate, as plain gossip does.
 *
 * With a single source the staleness of the others is O(1) however many they are, where plain gossip has O(log n): as n grows it tends to
 * Lambda / rate + 1 / (1 - E exp(-rate D)), with D the time of an update and Lambda = 1 / E[D]. (A user last heard Lambda / rate updates
 * ago on average, and what it heard then was one version behind, plus one for each update in a row before which the source had not sent.)
 * With many sources each update begins the waiting anew.
 *
 * Provenance: the scheme and its O(1) from the paper's abstract. Our own: the limit, and this reading: there the source stands outside the
 * network and sends by itself; here it is the user who updates, and no rival of the others (it would always win, which is
 * opportunistic=true of `timely`). The waits are so short that their outcome is settled at the update; only that of the freshest delays
 * their sending.
 */

import type { Algorithm, Row, Rows, World } from '../algorithm.js';
import type { Steps } from './builtin.js';

/** Seconds that a user waits for each version that it is behind, times the number of users: far below the time between two updates. */
const wait = 1e-3;

/** The clocks of a user: for what it sends as the last who updated, and as one of the freshest. */
const own = 0;
const share = 1;

export interface Freshest {
  readonly steps: Steps;
  /** Messages of a user a second, on average. */
  readonly rate: number;
  readonly weight: number;
}

export function freshestSend({ steps, rate, weight }: Freshest, nodes: number): Algorithm {
  /** The next message of `node`, at the earliest after `delay`. */
  function wind(node: Row, clock: number, world: World, delay = 0): void {
    const frequency = clock === own ? rate : ((nodes - 1) * rate) / world.signalNumber();
    world.after(node, delay + world.exponential(node, 'burst') / frequency, clock);
  }

  return {
    name: 'timely',
    averages: true,
    among: 'pair',
    clocks: [
      { name: 'own', rate: 0 },
      { name: 'share', rate: 0 },
    ],
    sends: true,
    only: 'virtual',
    begin(node, rows, world) {
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows, world) {
      rows.commit(node);
      const { freshest, silent, behind } = outcome(node, rows, world);
      world.signal(node, freshest.length);
      for (const other of silent) world.after(other, Number.POSITIVE_INFINITY, share);
      for (const other of freshest) wind(other, share, world, (behind * wait) / nodes);
      wind(node, own, world);
      return true;
    },
    tick(node, clock, rows, world) {
      if (clock === own && world.signalled() !== node) return;
      world.send(node, rows.stow(node), world.peer(node));
      wind(node, clock, world);
    },
    arrive(node, slot, rows) {
      rows.absorb(node, slot, 1 - weight, weight);
    },
  };
}

/** What comes of the waiting after an update of `source`: who signals first, by how many versions they are behind, and who is silent. */
function outcome(source: Row, { live }: Rows, world: World) {
  const versions = live.map(node => world.version(node, source));
  const newest = live.reduce((most, node, k) => (node === source ? most : Math.max(most, versions[k])), 0);
  const isFreshest = (node: Row, k: number) => node !== source && versions[k] === newest;
  return {
    freshest: live.filter(isFreshest),
    silent: live.filter((node, k) => node === source || !isFreshest(node, k)),
    behind: world.version(source, source) - newest,
  };
}
