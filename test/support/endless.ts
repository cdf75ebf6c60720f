/** The counting model, of which a local step never returns once its thread has done `after` of them. */

import type { ModelFactory } from '../../src/models/model.js';
import counting from './counting.js';

const endless: ModelFactory = ({ after = '100', ...options }, task) => {
  const model = counting(options, task);
  let calls = 0;
  return {
    ...model,
    name: 'endless',
    open(...given) {
      const session = model.open(...given);
      return {
        ...session,
        descend(...work) {
          if (++calls > Number(after)) for (;;);
          return session.descend!(...work);
        },
      };
    },
  };
};

export default endless;
