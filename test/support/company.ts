/**
 * Players without threads: several seats in one thread, each a player as it is, stepped in a random order. Whoever is in the middle of
 * its local steps is overtaken by others, to any depth, so ops of the same row overlap as they do on threads; and the same seed gives
 * the same order again. It takes the place of the threads of a pool or of a replay.
 */

import { Diverged } from '../../src/engine/diverged.js';
import { Header } from '../../src/engine/layout.js';
import { openPlayer, type Player } from '../../src/engine/play.js';
import { openRecipe } from '../../src/engine/recipe.js';
import { openSeat, type Seat } from '../../src/engine/seat.js';
import { sharedWords } from '../../src/engine/words.js';
import { openKernels } from '../../src/models/kernels/choose.js';
import { source, uniform } from '../../src/random.js';
import { divergence, modelFailure } from '../../src/threads/failures.js';
import type { Supervise } from '../../src/threads/supervisor.js';
import type { Order } from '../../src/threads/worker.js';
import { wordsWith } from './words.js';

interface Member {
  readonly player: Player;
  readonly seat: Seat;
  /** In the middle of a step: somewhere below on the stack. */
  busy: boolean;
  /** The op that it has claimed and not begun. */
  claimed: number;
  /** How often its turn comes, against the others. */
  readonly weight: number;
}

/** Steps between two looks of whoever decides or posts. */
const atOnce = 40;

/** Looks in a row that find nothing, after which nobody will ever find something: on threads, the run would hang. */
const patience = 100_000;

class Stranded extends Error {}

/** What a pool says when this was thrown on one of its threads. */
function outcomeOf(error: Error, { assignment }: Order): Error {
  if (error instanceof Stranded) return error;
  if (error instanceof Diverged) return divergence(error, assignment.experiment);
  return modelFailure(assignment.experiment, { node: -1, message: error.message, stack: error.stack! });
}

export interface Company {
  readonly manage: Supervise;
  /** How often a player was at work while another one was in the middle of its local steps. */
  overlaps(): number;
}

export function company(seed: number): Company {
  const random = source(seed, 'company');
  let draws = 0;
  let overlaps = 0;
  const chance = () => uniform(random, 0, draws++);

  const manage: Supervise = ({ layout, memory }, order) => {
    // One thread can't sleep: who finds nothing looks again when its turn comes.
    const words = wordsWith(sharedWords(memory.buffer), { wait: () => 'not-equal' });
    const members: Member[] = [];
    let idle = 0;

    async function seatOf({ assignment, kernels, stepsPerNode }: Order): Promise<Member> {
      const recipe = await openRecipe(assignment.experiment, assignment.task, stepsPerNode);
      let seat!: Seat;
      // The clock is looked at where local steps begin and end, with nothing held: there the others go on.
      const now = () => {
        for (let more = Math.floor(3 * chance()); more > 0 && members.length > 0; more--) step(true);
        return 0;
      };
      const player = openPlayer(layout, instead => {
        seat = openSeat({ layout, memory }, openKernels(kernels, memory), recipe, assignment, now, { ...instead, words });
        return seat;
      });
      return { player, seat, busy: false, claimed: -1, weight: chance() ** 3 + 0.01 };
    }

    /** One member looks for an op, or begins the one that it has found. */
    function step(within: boolean): void {
      const free = members.filter(({ busy }) => !busy);
      let place = chance() * free.reduce((sum, { weight }) => sum + weight, 0);
      const member = free.find(({ weight }) => (place -= weight) < 0);
      if (!member) return;
      member.busy = true;
      if (member.claimed < 0) {
        member.claimed = Math.max(-1, member.player.look());
        idle = member.claimed < 0 ? idle + 1 : 0;
        if (idle > patience) throw new Stranded('no player finds anything to do');
      } else {
        if (within) overlaps++;
        member.player.play(member.claimed);
        member.claimed = -1;
      }
      member.busy = false;
    }

    return {
      words,
      deaths: () => 0,
      quarantined: () => [],
      failure: () => undefined,
      fail(error) {
        throw error;
      },
      start() {},
      async park() {
        // Between two steps nobody holds anything; a claim stays, as nobody is called to the park while ops are left.
        for (let thread = members.length; thread < layout.shape.threads; thread++) members.push(await seatOf(order(thread)));
      },
      async job(kind, models = 0, chunks = 0) {
        words.store(Header.JobKind, kind);
        words.store(Header.JobModels, models);
        words.store(Header.JobChunks, chunks);
        for (const { seat } of members) seat.job(0);
      },
      resume() {},
      async listen() {
        try {
          for (let more = Math.ceil(atOnce * chance()); more > 0; more--) step(false);
        } catch (error) {
          throw outcomeOf(error as Error, order(0));
        }
        return true;
      },
      hasReached: () => false,
      hurry() {},
      async stop() {},
      async terminate() {},
    };
  };
  return { manage, overlaps: () => overlaps };
}
