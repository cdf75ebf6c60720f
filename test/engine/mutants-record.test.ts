/** Bugs planted in the recorder, and in who empties its rings; see mutants.test.ts. */

import { hunt, type Mutant } from '../support/hunt.js';
import { fullRing, manyOps, recordedMeetings, recordedPairs } from '../support/recordscenes.js';
import type { Engine } from '../support/stage.js';

const pairs = (engine: Engine) => recordedPairs(engine, { crashes: 1 });
const targetHead = 'target(open, head, (from + length) | 0);';
const storeHead = 'words.store(head, (from + length) | 0);';
const waits = `while (free() < need) {
  const seen = words.load(tail);
  callOut(words, Header.Bell); // the supervisor empties the rings when it is called
  if (free() < need)
  words.wait(tail, seen, 5);
}`;

const mutants: Mutant[] = [
  // The head is a target of the op's own intent, neither before nor after it
  { name: 'HEAD_FIRST', patches: [['history/recorder', targetHead, storeHead]], scene: pairs },
  {
    name: 'HEAD_LATE',
    patches: [
      ['history/recorder', targetHead, `open.after = () => ${storeHead}`],
      [
        'intent',
        'clear(words, start);\nintent.count = 0;',
        'clear(words, start);\nintent.count = 0;\nintent.after?.();\nintent.after = undefined;',
      ],
    ],
    scene: pairs,
  },
  {
    name: 'BYTES_LATE',
    patches: [
      ['history/recorder', 'for (let k = 0; k < length; k++)\nbytes[((from >>> 0) + k) % size] = staging[k];\n', ''],
      [
        'history/recorder',
        targetHead,
        `${targetHead}\nopen.after = () => { for (let k = 0; k < length; k++) bytes[((from >>> 0) + k) % size] = staging[k]; };`,
      ],
      [
        'intent',
        'clear(words, start);\nintent.count = 0;',
        'clear(words, start);\nintent.count = 0;\nintent.after?.();\nintent.after = undefined;',
      ],
    ],
    scene: pairs,
  },
  // Who dies ends a stream
  { name: 'MIXED_UP', patches: [], scene: engine => recordedPairs(engine, { crashes: 1, mixedUp: true }) },
  {
    name: 'NO_REDO',
    patches: [['intent', 'if (committed && !isDone)\nfulfilAll(words, start, words.get(start + 1));\n', '']],
    scene: pairs,
  },
  // Room in the ring
  { name: 'NO_ROOM', patches: [['history/recorder', waits, '']], scene: fullRing },
  {
    name: 'ROOM_HELD',
    patches: [
      ['sums', 'scribe?.reserve(targets.length + operands.length + weights.length);\n', ''],
      [
        'sums',
        'holdAll(holder, held);\n',
        'holdAll(holder, held);\nscribe?.reserve(targets.length + operands.length + weights.length);\n',
      ],
    ],
    scene: fullRing,
  },
  {
    name: 'NO_BELL',
    patches: [['history/recorder', 'callOut(words, Header.Bell); // the supervisor empties the rings when it is called\n', '']],
    scene: fullRing,
  },
  {
    name: 'LATE_LOOK',
    patches: [['history/recorder', 'words.wait(tail, seen, 5);', 'words.wait(tail, words.load(tail), 5);']],
    scene: fullRing,
  },
  {
    name: 'TAIL_FIRST',
    patches: [
      ['history/recorder', 'words.store(tail, to);\nwords.notify(tail', 'words.notify(tail'],
      ['history/recorder', 'const at = (from >>> 0) % size;', 'words.store(tail, to);\nconst at = (from >>> 0) % size;'],
    ],
    scene: manyOps,
  },
  { name: 'QUIET_TAIL', patches: [['history/recorder', 'words.notify(tail, Number.POSITIVE_INFINITY);', '']], scene: fullRing },
  // What is recorded
  {
    name: 'NO_MEETING',
    patches: [['sums', 'if (targets.length > 0)\nscribe?.note(intent, Verb.combine, -1, -1, 0, 0, 0, 0, lists);\n', '']],
    scene: engine => recordedMeetings(engine, 1),
  },
  {
    name: 'LATE_NOTE',
    patches: [
      [
        'pairs',
        "scribe?.note(intent, Verb.mixAndCommit, node, partner, draws, order === 'mix' ? 0 : 1, weight, 0);\nperform(intent);",
        "perform(intent);\nscribe?.note(intent, Verb.mixAndCommit, node, partner, draws, order === 'mix' ? 0 : 1, weight, 0);\nperform(intent);",
      ],
    ],
    scene: pairs,
  },
];

hunt(mutants);
