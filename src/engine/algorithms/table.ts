/** The algorithms by name. */

import { HearsayError } from '../../errors.js';
import { suggestion } from '../../nearest.js';
import { expectSettings, parseSpec, quote, type Spec } from '../../spec.js';
import type { Algorithm, Setting } from '../algorithm.js';
import type { Wake } from '../wake.js';
import { adagossip } from './adagossip.js';
import { adpsgd } from './adpsgd.js';
import { asgd } from './asgd.js';
import type { BuiltIn } from './builtin.js';
import { cdsa } from './cdsa.js';
import { choco } from './choco.js';
import { dpsgd } from './dpsgd.js';
import { draco } from './draco.js';
import { easgd } from './easgd.js';
import { fedavg } from './fedavg.js';
import { fedpbc } from './fedpbc.js';
import { gossip } from './gossip.js';
import { hogwild } from './hogwild.js';
import { allreduce, local } from './local.js';
import { none } from './none.js';
import { savic } from './savic.js';
import { sgp } from './sgp.js';
import { stardust } from './stardust.js';
import { swarm } from './swarm.js';
import { swarmPull } from './swarmpull.js';
import { timely } from './timely.js';

/**
 * The built-in algorithms by name: factories that also say what they are, where they come from, what they keep and which
 * settings they take, as `hearsay algorithms` prints it.
 */
export const algorithms: Readonly<Record<string, BuiltIn>> = {
  swarm,
  'swarm-pull': swarmPull,
  adpsgd,
  gossip,
  timely,
  local,
  allreduce,
  dpsgd,
  cdsa,
  sgp,
  choco,
  adagossip,
  fedavg,
  fedpbc,
  savic,
  asgd,
  easgd,
  draco,
  stardust,
  hogwild,
  none,
};

/** The built-in algorithm that `spec` names; `where` names it in messages. Throws CONFIG_RANGE or CONFIG_UNKNOWN_KEY. */
export function namedAlgorithm(spec: Spec, setting: Setting, where = 'algorithm'): Algorithm {
  if (!Object.hasOwn(algorithms, spec.name)) {
    const known = Object.keys(algorithms);
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(spec.name)}, allowed is ${known.join(' | ')} or a module ./mine.js${suggestion(spec.name, known)}`,
    );
  }
  const algorithm = algorithms[spec.name];
  expectSettings(spec, Object.keys(algorithm.settings), where);
  return algorithm(spec.options, setting, where);
}

/**
 * Local steps of a piece of work of `algorithm`, the mean of those that are drawn: as asked for, those of the wake, or its own; 1 for a
 * method without the setting, and for a module that is told neither.
 */
export function stepsOfPiece(algorithm: string, wake: Pick<Wake, 'steps'> | undefined): number {
  const { name, options } = parseSpec(algorithm, 'algorithm');
  if (options.steps !== undefined) return Number(options.steps.replace(/^geometric:/, ''));
  const setting = Object.hasOwn(algorithms, name) ? algorithms[name].settings.steps : { fallback: undefined };
  return (setting && wake?.steps) ?? Number(setting?.fallback ?? 1);
}
