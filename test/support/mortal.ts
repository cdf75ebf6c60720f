/** The counting model, whose every so-many-th local step ends its thread, as long as lives are left (lives.ts). */

import type { ModelFactory } from '../../src/models/model.js';
import counting from './counting.js';
import { take } from './lives.js';

const mortal: ModelFactory = ({ folder, after = '20', ...options }, task) => {
  const model = counting(options, task);
  let calls = 0;
  return {
    ...model,
    name: 'mortal',
    open(...given) {
      const session = model.open(...given);
      return {
        ...session,
        descend(...work) {
          if (++calls % Number(after) === 0 && take(folder)) process.exit(7);
          return session.descend!(...work);
        },
      };
    },
  };
};

export default mortal;
