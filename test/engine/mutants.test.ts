/**
 * Bugs planted in the engine, one at a time; the explorer alone must find each, and print a schedule. A bug whose text is no longer
 * there fails the test: plant it anew. The names are those of spin/*.pml where the same bug is in a model.
 */

import { hunt, type Mutant } from '../support/hunt.js';
import type { Patch } from '../support/mutant.js';
import { barrier, both, early, largeAndSmall, live, pairs, quiesce, shared } from '../support/scenes.js';
import type { Engine } from '../support/stage.js';

const waiting = (engine: Engine) => pairs(engine, 2, { wait: true, crashes: 1, ring: true });
const trying = (engine: Engine) => pairs(engine, 2, { wait: false, crashes: 1, ring: true });
const anyPartner = (engine: Engine) => pairs(engine, 2, { wait: true });
const crowd = (engine: Engine) => shared(engine, 3);
const afterLarge = (engine: Engine) => largeAndSmall(engine, { crashes: 1, keepIntents: true });
const meeting = (engine: Engine) => barrier(engine, 1, { crashes: 1 });
const meetings = (engine: Engine) => barrier(engine, 2);
const parking = (engine: Engine) => quiesce(engine, 1);
const ready = (engine: Engine) => both(engine, 3, { wait: true });

const serving = (engine: Engine) => live(engine, 'swarm', 2, { crashes: 1 });
const synchronous = (engine: Engine) => live(engine, 'local', 5);

const redoEach = (body: string): Patch => [
  'intent',
  'fulfilAll(words, start, words.get(start + 1));\nclear(words, start);\nreturn committed;',
  `for (let k = 0, count = words.get(start + 1); k < count; k++) {
    const index = words.get(start + 2 + 2 * k);
    const value = words.get(start + 3 + 2 * k);
    const isTurn = value > 255; // in the scenes, counters stay small
    ${body}
  }
  clear(words, start);
  return committed;`,
];

const openPerform: Patch[] = [
  ['intent', 'export function perform(intent) {', 'export function perform(intent, open = false) {'],
  ['intent', 'clear(words, start);\nintent.count = 0;', 'if (!open) clear(words, start);\nintent.count = 0;'],
];
const noted = "scribe?.note(intent, Verb.mixAndCommit, node, partner, draws, order === 'mix' ? 0 : 1, weight, 0);\n";
const mixed = `${noted}perform(intent);\nreleasePair(node, partner);\ncontext.committed(node, staleness, models, true);`;

const mutants: Mutant[] = [
  // The intent
  {
    name: 'FLIP_FIRST',
    patches: [
      ['intent', 'publish(words, start);', 'fulfil(words, words.get(start + 2), words.get(start + 3));\npublish(words, start);'],
    ],
    scene: waiting,
  },
  {
    name: 'EARLY_COMMIT-count',
    patches: [
      ['intent', 'words.set(start + 1, count);\npublish(words, start);', 'publish(words, start);\nwords.set(start + 1, count);'],
    ],
    scene: waiting,
  },
  {
    name: 'EARLY_COMMIT-rows',
    patches: [
      [
        'pairs',
        "if (order === 'mix') {\nconst [x, y] = [current(node), current(partner)];\nmeet(node, partner, x, y);\naverageAndCommit(spare(node), spare(partner), x, y, deltaOf(node), weight);\n}\nelse {",
        "if (order !== 'mix') {",
      ],
      [
        'pairs',
        mixed,
        mixed.replace(
          'perform(intent);',
          'perform(intent);\nkernels.mixAndCommit(current(node), current(partner), spare(node), spare(partner), deltaOf(node), weight, stride);',
        ),
      ],
    ],
    scene: waiting,
  },
  {
    name: 'INPLACE',
    patches: [
      [
        'op',
        'spare = (row, plane = params) => sideOf(words, layout, row, plane, 1)',
        'spare = (row, plane = params) => sideOf(words, layout, row, plane, 0)',
      ],
      ['sides', 'return plane.bit < 0 ? 0 : 1 << plane.bit;', 'return 0;'],
    ],
    scene: waiting,
  },
  {
    name: 'CLEAR_EARLY',
    patches: [
      [
        'intent',
        'fulfilAll(words, start, count);\nclear(words, start);',
        'clear(words, start);\nfulfilAll(words, start, count);',
      ],
    ],
    scene: waiting,
  },
  {
    name: 'CLEAR_BETWEEN',
    patches: [
      ...openPerform,
      [
        'pairs',
        mixed,
        'perform(intent, true);\nrelease(holder, Math.max(node, partner));\nwords.store(intent.start, 0);\n' +
          'release(holder, Math.min(node, partner));\ncontext.committed(node, staleness, models, true);',
      ],
    ],
    scene: waiting,
  },
  {
    name: 'CLEAR_AFTER_UNLOCK',
    patches: [
      ...openPerform,
      [
        'pairs',
        mixed,
        mixed.replace(
          'perform(intent);\nreleasePair(node, partner);',
          'perform(intent, true);\nreleasePair(node, partner);\nwords.store(intent.start, 0);',
        ),
      ],
    ],
    scene: waiting,
  },
  {
    name: 'NO_REDO',
    patches: [['intent', 'if (committed && !isDone)\nfulfilAll(words, start, words.get(start + 1));\n', '']],
    scene: waiting,
  },
  { name: 'TOGGLE', patches: [redoEach('words.store(index, isTurn ? nextTurn(words.load(index), 1) : value);')], scene: waiting },
  { name: 'BUMP_REDO', patches: [redoEach('words.store(index, isTurn ? value : words.load(index) + 1);')], scene: waiting },
  {
    name: 'REDO_BY_SIDE',
    patches: [redoEach('if (!isTurn || ((words.load(index) ^ value) & 1) !== 0) words.store(index, value);')],
    scene: waiting,
  },
  {
    name: 'STALE_COUNT',
    patches: [['intent', 'words.set(start + 1, count);', 'if (words.get(start + 1) < count) words.set(start + 1, count);']],
    scene: afterLarge,
  },
  {
    name: 'STALE_TARGETS',
    patches: [['intent', 'clear(words, start);\nintent.count = 0;', 'clear(words, start);']],
    scene: afterLarge,
  },
  {
    name: 'UNLOCK_FIRST',
    patches: [
      [
        'pairs',
        mixed,
        mixed.replace('perform(intent);\nreleasePair(node, partner);', 'releasePair(node, partner);\nperform(intent);'),
      ],
    ],
    scene: waiting,
  },
  // What the intent holds
  {
    name: 'SNAP_FLIP',
    patches: [
      [
        'rows',
        'targetTurn(intent, from, 0);\nscribe?.note(intent, Verb.descend,',
        'targetTurn(intent, from, paramsMask);\nscribe?.note(intent, Verb.descend,',
      ],
    ],
    scene: waiting,
  },
  {
    name: 'ONE_ROW',
    patches: [['pairs', 'targetParams(partner, mask);\ntargetTotal(steps);', 'targetTotal(steps);']],
    scene: waiting,
  },
  {
    name: 'COUNT_APART',
    patches: [
      [
        'op',
        'target(intent, controlWord(layout, node, Control.Committed), read(node, Control.Committed) + 1);\ntarget(intent, controlWord(layout, node, Control.Steps), (read(node, Control.Steps) + steps) | 0);',
        'words.store(controlWord(layout, node, Control.Committed), read(node, Control.Committed) + 1);\ntarget(intent, controlWord(layout, node, Control.Steps), (read(node, Control.Steps) + steps) | 0);',
      ],
    ],
    scene: waiting,
  },
  {
    name: 'TOTAL_APART',
    patches: [
      ['op', 'target(intent, total, (words.load(total) + steps) | 0);', 'words.store(total, (words.load(total) + steps) | 0);'],
    ],
    scene: waiting,
  },
  {
    name: 'BEGUN_FIRST',
    patches: [
      [
        'rows',
        'const loss = context.descent(node, steps, first, context.work',
        'words.store(controlWord(layout, node, Control.Begun), read(node, Control.Committed) + 1);\nconst loss = context.descent(node, steps, first, context.work',
      ],
    ],
    scene: waiting,
  },
  {
    name: 'UNHELD_DRAW',
    patches: [
      ['pairs', 'if (holdPair(holder, node, partner, context.wait))\nreturn partner;', 'hold(holder, node);\nreturn partner;'],
    ],
    scene: waiting,
  },
  {
    name: 'BOTH_TWICE',
    patches: [['pairs', 'if (!isPending(node)) {\nreleasePair(node, partner);', 'if (false) {\nreleasePair(node, partner);']],
    scene: ready,
  },
  // The lock
  {
    name: 'UNORDERED',
    patches: [['hold', 'const low = a < b ? a : b;\nconst high = a < b ? b : a;', 'const low = a;\nconst high = b;']],
    scene: anyPartner,
  },
  { name: 'NOCBIT', patches: [['hold', 'mark = contended;', 'mark = 0;']], scene: crowd },
  {
    name: 'NO_WAKE-unlock',
    patches: [['hold', 'if (unlock(holder.words, lock))\nwakeOne(holder.words, lock);', 'unlock(holder.words, lock);']],
    scene: waiting,
  },
  {
    name: 'NO_ANNOUNCE',
    patches: [
      [
        'hold',
        'if ((found & contended) !== 0 || announce(words, lock, found)) {\nsleep(words, lock, found, 100);',
        '{\nwords.wait(lock, found, 100);',
      ],
    ],
    scene: waiting,
  },
  { name: 'KEEP_LOW', patches: [['hold', 'release(holder, low);\nreturn false;', 'return false;']], scene: trying },
  {
    name: 'TAKE_IN_TWO',
    patches: [
      [
        'guard',
        'return words.compareExchange(lock, free, owner);',
        'const found = words.load(lock);\nif (found === free) words.store(lock, owner);\nreturn found;',
      ],
    ],
    scene: waiting,
  },
  {
    name: 'FREE_IN_TWO',
    patches: [
      [
        'guard',
        'return (words.exchange(lock, free) & contended) !== 0;',
        'const was = words.load(lock);\nwords.store(lock, free);\nreturn (was & contended) !== 0;',
      ],
    ],
    scene: waiting,
  },
  // Recovery
  {
    name: 'FREE_FIRST',
    patches: [
      ['recovery', 'const finished = redo(words, intentWord(layout, thread), layout.shape.ops ? claim < 0 : false);\n', ''],
      [
        'recovery',
        'return { finished,',
        'const finished = redo(words, intentWord(layout, thread), layout.shape.ops ? claim < 0 : false);\nreturn { finished,',
      ],
    ],
    scene: waiting,
  },
  {
    name: 'FREE_BY_INTENT',
    patches: [['recovery', 'if (ownerOf(words.load(lock)) === dead) {', 'if (finished && ownerOf(words.load(lock)) === dead) {']],
    scene: waiting,
  },
  {
    name: 'FREE_ALL',
    patches: [['recovery', 'if (ownerOf(words.load(lock)) === dead) {', 'if (words.load(lock) !== free) {']],
    scene: waiting,
  },
  { name: 'NONOTIFY', patches: [['recovery', 'wakeAll(words, lock);\n', '']], scene: waiting },
  {
    name: 'NOTIFY_FREED',
    patches: [
      ['recovery', 'freed++;\n', 'freed++;\nwakeAll(words, lock, 1);\n'],
      ['recovery', 'wakeAll(words, lock);\n', ''],
    ],
    scene: waiting,
  },
  { name: 'STEAL', patches: [], scene: early },
  // The barrier
  {
    name: 'MET_APART',
    patches: [
      [
        'op',
        'target(intent, controlWord(layout, node, Control.Met), meeting);',
        'words.store(controlWord(layout, node, Control.Met), meeting);',
      ],
    ],
    scene: meeting,
  },
  {
    name: 'MEET_APART',
    patches: [
      [
        'rows',
        'target(intent, controlWord(layout, node, Control.Met), meeting);',
        'words.store(controlWord(layout, node, Control.Met), meeting);',
      ],
    ],
    scene: engine => barrier(engine, 1, { crashes: 1 }, true),
  },
  {
    name: 'MEETING_KEEPS',
    patches: [['sums', 'targetCommit(node, steps, -1, 0, node, masks.get(node));', 'targetTurn(intent, node, masks.get(node));']],
    scene: engine => barrier(engine, 1, {}, true),
  },
  {
    name: 'NO_HOLD',
    patches: [
      ['sums', 'holdAll(holder, held);\n', ''],
      ['sums', 'perform(intent);\nreleaseAll(holder, held);\n', 'perform(intent);\n'],
    ],
    scene: meeting,
  },
  {
    name: 'NO_ARRIVED',
    patches: [['barrier', 'if (!everybody(context, arrived(meeting)))\nreturn false;\n', '']],
    scene: meeting,
  },
  {
    name: 'NO_SUMMED',
    patches: [['barrier', 'if (!everybody(context, summed(meeting)))\nreturn false;\n', '']],
    scene: meetings,
  },
  {
    name: 'GENERATION_APART',
    patches: [
      [
        'barrier',
        'context.conclude(lists, true, intent => target(intent, Header.Generation, meeting))',
        '((moved) => (words.store(Header.Generation, meeting), moved))(context.conclude(lists, true))',
      ],
    ],
    scene: meeting,
  },
  { name: 'NO_SIGNAL', patches: [['barrier', 'ring(holder.words, Header.Arrivals);\n', '']], scene: meeting },
  {
    name: 'NO_WAKE',
    patches: [['recovery', 'ring(words, Header.Arrivals);\n', '']],
    scene: engine => barrier(engine, 1, { crashes: 1 }),
  },
  {
    name: 'READ_TWICE',
    patches: [['barrier', 'const phase = words.load(', 'meeting = nextMeeting(words);\nconst phase = words.load(']],
    scene: meetings,
  },
  // Parking
  {
    name: 'LATE_CALL',
    patches: [
      [
        'quiesce',
        'const call = words.load(Header.Call);\nconst want = words.load(Header.Want);',
        'const want = words.load(Header.Want);\nconst call = words.load(Header.Call);',
      ],
    ],
    scene: parking,
  },
  {
    name: 'CALL_FIRST',
    patches: [
      ['quiesce', 'words.store(Header.Want, generation);\nwake(words);', 'wake(words);\nwords.store(Header.Want, generation);'],
    ],
    scene: parking,
  },
  { name: 'NO_CALL', patches: [['quiesce', 'ring(words, Header.Call);\n', '']], scene: parking },
  {
    name: 'RING_FIRST',
    patches: [
      [
        'words',
        'export function ring(words, bell) {',
        'export function ring(words, bell) {\nwords.notify(bell, Number.POSITIVE_INFINITY);',
      ],
      ['words', '}\nwords.notify(bell, Number.POSITIVE_INFINITY);\n}', '}\n}'],
    ],
    scene: parking,
  },
  {
    name: 'STOP_ODD',
    patches: [
      ['quiesce', 'if ((words.load(Header.Want) & 1) === 1)\nwords.store(Header.Want, words.load(Header.Want) + 1);\n', ''],
    ],
    scene: parking,
  },
  {
    name: 'EARLY_DONE',
    patches: [['quiesce', 'job(number);\nwords.store(done, number);', 'words.store(done, number);\njob(number);']],
    scene: parking,
  },
  { name: 'BLIND_DOZE', patches: [['quiesce', 'if (!called(words))\nwords.wait', 'words.wait']], scene: parking },
  // The loop of a thread
  {
    name: 'BLIND_RETRY',
    patches: [
      [
        'live',
        'return words.load(controlWord(layout, node, Control.Begun)) === words.load(controlWord(layout, node, Control.Committed)) + 1;',
        'return words.load(controlWord(layout, node, Control.Begun)) !== 0;',
      ],
    ],
    scene: serving,
  },
  {
    name: 'LATE_LOOK',
    patches: [
      ['live', 'const arrivals = words.load(Header.Arrivals);\n', ''],
      [
        'live',
        'const start = context.now();\nwords.wait(Header.Arrivals, arrivals, longest);',
        'const start = context.now();\nwords.wait(Header.Arrivals, words.load(Header.Arrivals), longest);',
      ],
    ],
    scene: synchronous,
  },
  {
    name: 'READ_TWICE-live',
    patches: [['live', 'attend(barrier, meeting)', 'attend(barrier, nextMeeting(words))']],
    scene: synchronous,
  },
];

hunt(mutants);
