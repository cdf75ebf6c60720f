/**
 * Bugs planted in the agenda, the player and their recovery; see mutants.test.ts. The names are those of spin/play.pml where it has the
 * bug.
 */

import { hunt, type Mutant } from '../support/hunt.js';
import type { Patch } from '../support/mutant.js';
import { playing, type ShortName } from '../support/playscenes.js';
import type { Engine } from '../support/stage.js';

const calm = (name: ShortName) => (engine: Engine) => playing(engine, name);
const deadly = (name: ShortName) => (engine: Engine) => playing(engine, name, { crashes: 1 });
/** Nobody ends its local steps while a sleeper could work. */
const long = (name: ShortName) => (engine: Engine) => playing(engine, name, { long: true });

const hasTurn = (is: string): Patch => [
  'claimer',
  'turnOf(words.load(controlWord(layout, row, Control.Turn))) === turn',
  is.replaceAll('NOW', 'turnOf(words.load(controlWord(layout, row, Control.Turn)))'),
];
const turnA = '!hasTurn(a, field(k, Field.TurnA))';
const turnB = '!hasTurn(b, field(k, Field.TurnB))';
const targetDone = 'claimer.targetDone(intent, k);\n';
const storeDone = 'words.store(controlDone(), 0);\n';
/** The word of 'done', for patches that store it by themselves. */
const controlDone: Patch = [
  'play',
  'let k = -1;\n',
  'let k = -1;\nconst controlDone = () => (layout.ops >>> 2) + (k % layout.shape.ops);\n',
];
const giveBack = 'if (claim >= 0)\ngiveBack(words, layout, claim, dead);\n';

const mutants: Mutant[] = [
  // Turns and hands
  { name: 'NO_TURN', patches: [hasTurn('true')], scene: calm('stale') },
  { name: 'EARLY_TURN', patches: [hasTurn('(NOW === turn || NOW + 1 === turn)')], scene: calm('stale') },
  {
    name: 'READ_FREE',
    patches: [['rows', 'targetTurn(intent, from, 0);\nscribe?.note(intent, Verb.descend', 'scribe?.note(intent, Verb.descend']],
    scene: engine => playing(engine, 'stale', { free: ['descend'] }),
  },
  {
    name: 'ABSORB_FREE',
    patches: [['messages', 'targetTurn(intent, slot, 0);\nif (both)', 'if (both)']],
    scene: engine => playing(engine, 'slot', { free: ['absorb'] }),
  },
  {
    name: 'PULL_FREE',
    patches: [['pairs', 'targetParams(node, mask);\ntargetTurn(intent, partner, 0);', 'targetParams(node, mask);']],
    scene: engine => playing(engine, 'reader', { free: ['pull'] }),
  },
  {
    name: 'SUM_FREE',
    patches: [
      ['sums', 'if (!committing.includes(row))\ntargetTurn(', 'if (!committing.includes(row) && masks.has(row))\ntargetTurn('],
    ],
    scene: engine => playing(engine, 'sum', { free: ['combine'] }),
  },
  { name: 'SLOT_EARLY', patches: [['claimer', turnA, `(field(k, Field.Verb) !== 8 && ${turnA})`]], scene: calm('slot') },
  { name: 'ABSORB_EARLY', patches: [['claimer', turnB, `(field(k, Field.Verb) !== 9 && ${turnB})`]], scene: calm('slot') },
  {
    name: 'NO_HAND',
    patches: [['claimer', 'words.load(controlWord(layout, row, Control.Hand)) === hand', 'true']],
    scene: calm('elsewhere'),
  },
  {
    name: 'NO_HAND_BACK',
    patches: [
      ['claimer', '!hasHand(a, field(k, Field.HandA))', '(field(k, Field.Verb) !== 1 && !hasHand(a, field(k, Field.HandA)))'],
    ],
    scene: calm('elsewhere'),
  },
  // Claims
  {
    name: 'CLAIM_STORE',
    patches: [
      ['claimer', 'if (words.compareExchange(at.state(k), tag, owner) !== tag)\ncontinue;', 'words.store(at.state(k), owner);'],
    ],
    scene: calm('pair'),
  },
  { name: 'SAME_TAG', patches: [['agenda', 'const tagOf = (k) => -(k + 1);', 'const tagOf = (k) => -1;']], scene: calm('pair') },
  {
    name: 'TORN_ROW',
    patches: [['claimer', 'const isRow = (row) => row >= 0 && row < layout.rows;', 'const isRow = (row) => true;']],
    scene: calm('sum'),
  },
  // Posts
  {
    name: 'RECORD_LATE',
    patches: [
      ['poster', 'words.store(at.state(k), tagOf(k));\nposted = k + entries;\nwords.store(Header.Posted, posted);\n', ''],
      [
        'poster',
        'put(Field.Number, k);\n',
        'put(Field.Number, k);\nwords.store(at.state(k), tagOf(k));\nposted = k + entriesOf(op);\nwords.store(Header.Posted, posted);\n',
      ],
    ],
    scene: calm('pair'),
  },
  {
    name: 'HEAD_FIRST',
    patches: [
      [
        'poster',
        'words.store(at.state(k), tagOf(k));\nposted = k + entries;\nwords.store(Header.Posted, posted);\n',
        'posted = k + entries;\nwords.store(Header.Posted, posted);\nwords.store(at.state(k), tagOf(k));\n',
      ],
    ],
    scene: calm('pair'),
  },
  {
    name: 'QUIET_POST',
    patches: [
      ['poster', 'words.store(Header.Posted, posted);\nring(words, Header.Progress);', 'words.store(Header.Posted, posted);'],
    ],
    scene: calm('pair'),
  },
  {
    name: 'FULL_POST',
    patches: [
      ['poster', 'if (room() >= entries)\nwrite(op);', 'if (true)\nwrite(op);'],
      ['poster', 'const free = () => at.size - (posted - lowest());', 'const free = () => at.size;'],
    ],
    scene: calm('again'),
  },
  {
    name: 'OLD_SNAPPED',
    patches: [['poster', 'words.store(snappedWord(layout, k), 0);', '{}']],
    scene: engine => playing(engine, 'stale', { rewind: true }),
  },
  // The end of an op
  {
    name: 'DONE_LATE',
    patches: [
      controlDone,
      ['play', targetDone, ''],
      ['play', 'if (claimer.completed(k))', `${storeDone}if (claimer.completed(k))`],
    ],
    scene: deadly('pair'),
  },
  { name: 'DONE_EARLY', patches: [controlDone, ['play', targetDone, storeDone]], scene: calm('pair') },
  {
    name: 'DONE_FIRST',
    patches: [
      ['play', targetDone, ''],
      ['play', 'const pass = (row, hand) => {', `${targetDone}const pass = (row, hand) => {`],
    ],
    scene: calm('pair'),
  },
  {
    name: 'NOTE_FIRST',
    patches: [
      ['rows', 'scribe?.note(intent, Verb.commit, node, into, drawn, meeting, 0, 0);\n', ''],
      [
        'rows',
        'targetCommit(node, steps, drawn, meeting, into);\n',
        'scribe?.note(intent, Verb.commit, node, into, drawn, meeting, 0, 0);\ntargetCommit(node, steps, drawn, meeting, into);\n',
      ],
    ],
    scene: calm('elsewhere'),
  },
  {
    name: 'HAND_APART',
    patches: [
      [
        'play',
        'target(intent, controlWord(layout, row, Control.Hand), hand + 1);',
        'words.store(controlWord(layout, row, Control.Hand), hand + 1);',
      ],
    ],
    scene: calm('elsewhere'),
  },
  {
    name: 'LOSS_APART',
    patches: [['play', 'target(intent, word + half, halves[half]);', 'intent.words.store(word + half, halves[half]);']],
    scene: deadly('pair'),
  },
  {
    name: 'END_UNHELD',
    patches: [
      ['play', 'hold(seat.holder, a);\n', ''],
      ['play', 'release(seat.holder, a);\n', ''],
    ],
    scene: deadly('elsewhere'),
  },
  // Descents
  {
    name: 'IN_PLACE',
    patches: [['op', 'return bases ? rowAddress(layout, bases, node, 0) : deltaOf(node);', 'return deltaOf(node);']],
    scene: deadly('pair'),
  },
  {
    name: 'NO_SNAPPED',
    patches: [['play', 'if (words.load(snappedWord(layout, k)) === k + 1) {', 'if (false) {']],
    scene: deadly('pair'),
  },
  {
    name: 'SNAPPED_UNSEEN',
    patches: [['claimer', 'if (words.load(snappedWord(layout, k)) === k + 1)\nreturn true;\n', '']],
    scene: deadly('pair'),
  },
  {
    name: 'SNAPPED_APART',
    patches: [
      ['play', 'target(intent, snappedWord(layout, k), k + 1);', '{}'],
      [
        'play',
        'const after = rows.snapshot(a, b, x);',
        'const after = rows.snapshot(a, b, x);\nwords.store(snappedWord(layout, k), k + 1);',
      ],
    ],
    scene: deadly('pair'),
  },
  // Recovery
  { name: 'KEEP_CLAIMS', patches: [['recovery', giveBack, '']], scene: deadly('pair') },
  {
    name: 'GIVE_FIRST',
    patches: [
      ['recovery', giveBack, ''],
      ['recovery', 'const finished = redo(', `${giveBack}const finished = redo(`],
    ],
    scene: deadly('pair'),
  },
  { name: 'REDO_DONE', patches: [['recovery', 'layout.shape.ops ? claim < 0 : false', 'false']], scene: deadly('again') },
  {
    name: 'NO_CALL',
    patches: [['recovery', 'if (layout.shape.ops)\nring(words, Header.Progress);\n', '']],
    scene: engine => playing(engine, 'stale', { crashes: 1, long: true }),
  },
  // Wake-ups
  {
    name: 'LATE_LOOK',
    patches: [
      ['play', 'const progress = words.load(Header.Progress);\n', ''],
      ['play', 'words.wait(Header.Progress, progress, 100);', 'words.wait(Header.Progress, words.load(Header.Progress), 100);'],
    ],
    scene: calm('pair'),
  },
  {
    name: 'CALL_FIRST',
    patches: [
      ['play', 'ring(words, Header.Progress); // the row is given on: others may go on with it meanwhile\n', ''],
      ['play', 'const after = rows.snapshot(', 'ring(words, Header.Progress);\nconst after = rows.snapshot('],
    ],
    scene: long('stale'),
  },
  {
    name: 'QUIET_SNAP',
    patches: [['play', 'ring(words, Header.Progress); // the row is given on: others may go on with it meanwhile\n', '']],
    scene: long('stale'),
  },
];

hunt(mutants);
