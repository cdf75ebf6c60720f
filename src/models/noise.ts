/**
 * Models that learn nothing, for the theory of gossip alone. `noise:D` has D parameters and a gradient that is pure noise: a counted
 * normal draw with E||g||^2 = variance, whatever the weights. `none` has no parameters: only who met whom is of interest.
 */

import { normal } from '../random.js';
import type { Model } from './model.js';

export function noise(name: string, parameters: number, variance: number): Model {
  const scale = Math.sqrt(variance / Math.max(1, parameters));
  return {
    name,
    parameters,
    layers: parameters > 0 ? [{ name: 'noise', offset: 0, shape: [parameters] }] : [],
    outputs: 1,
    workspace: () => 0,
    initialize: weights => {
      weights.fill(0);
    },
    open: () => ({
      gradient(_weights, gradient, { chance }) {
        if (!chance) gradient.fill(0);
        else {
          const first = Math.imul(chance.step, parameters);
          for (let k = 0; k < parameters; k++) gradient[k] = scale * normal(chance.source, chance.node, (first + k) | 0);
        }
        return 0;
      },
      evaluate: () => ({ loss: 0, correct: 0 }),
      predict: (_weights, _batch, outputs) => {
        outputs.fill(0);
      },
    }),
  };
}
