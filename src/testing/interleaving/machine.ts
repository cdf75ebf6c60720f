/**
 * One state of everything: the words, the ghosts, where each program stands, who sleeps, who is dead. All of it lies in one array,
 * so a step can be undone, and the hash of the state follows each write.
 */

import { type Access, type Cells, type LocalState, openPrograms, type Piece, type Programs } from './program.js';
import { Failure, type Scene, type StepEvent, type Transition } from './scene.js';

// Cells of a process, behind words and ghosts.
const At = 0;
const PieceNumber = 1;
const Asleep = 2;
const Life = 3;
const perProcess = 4;

const running = 0;
const dead = 1;
const finished = 2;
const idle = 3;
/** Woken since its last step: it may die once more before the next. */
const woken = 4;

export class Machine {
  readonly programs: Programs = openPrograms();
  readonly processes: number;
  /** The step taken last, for hooks and printing. */
  last: StepEvent | undefined;
  /** The hash of the state, kept up unless `hashing` is turned off. */
  low = 0;
  high = 0;
  hashing = true;
  readonly #scene: Scene;
  readonly #pieces: readonly (readonly Piece[])[];
  readonly #cells: Int32Array;
  readonly #base: number;
  readonly #mortal: number;
  readonly #patience: number;
  readonly #crashesLeft: number;
  readonly #timeoutsLeft: number;
  readonly #patient: number;
  #undo = new Int32Array(1 << 12);
  #undone = 0;
  readonly #view: Cells;
  readonly #recoveries: readonly Piece[];

  constructor(scene: Scene) {
    this.#scene = scene;
    const workers = scene.workers.length;
    this.processes = workers + 1;
    this.#pieces = scene.workers.map(program => (typeof program === 'function' ? [program] : program));
    this.#recoveries = scene.workers.map((_, worker) => shared => scene.recover?.(shared, worker));
    this.#base = scene.words + (scene.ghosts ?? 0);
    this.#mortal = scene.mortal ?? workers;
    this.#patience = scene.spins ?? 8;
    this.#crashesLeft = this.#base + this.processes * perProcess;
    this.#timeoutsLeft = this.#crashesLeft + 1;
    this.#patient = this.#crashesLeft + 2;
    this.#cells = new Int32Array(this.#patient + 1);
    const { words } = scene;
    const inside = (index: number, size: number) => {
      if (!(index >= 0 && index < size)) throw new Failure(`word ${index} is outside 0..${size - 1}`);
      return index;
    };
    this.#view = {
      get: index => this.#cells[inside(index, words)],
      set: (index, value) => this.#write(inside(index, words), value),
      ghost: index => this.#cells[words + inside(index, this.#base - words)],
      setGhost: (index, value) => this.#write(words + inside(index, this.#base - words), value),
    };
    scene.prepare?.(this.#view);
    this.#write(this.#crashesLeft, scene.crashes ?? 0);
    this.#write(this.#timeoutsLeft, scene.timeouts ?? 0);
    for (let worker = 0; worker < workers; worker++) this.#enter(worker, 0);
    this.#write(this.#cell(workers, Life), idle);
    this.#undone = 0;
  }

  /** A mark to go back to. */
  get mark(): number {
    return this.#undone;
  }

  /** `low` and `high` are the hash of then. */
  back(mark: number, low: number, high: number): void {
    while (this.#undone > mark) {
      this.#undone -= 2;
      this.#cells[this.#undo[this.#undone]] = this.#undo[this.#undone + 1];
    }
    this.low = low;
    this.high = high;
  }

  get cells(): Cells {
    return this.#view;
  }

  /** The access that a process is about to make. */
  accessOf(process: number): Access | undefined {
    const life = this.#cells[this.#cell(process, Life)];
    return life === running || life === woken ? this.#local(process).access : undefined;
  }

  isEnabled(process: number): boolean {
    const access = this.accessOf(process);
    if (!access || this.#cells[this.#cell(process, Asleep)] !== 0) return false;
    if (this.#spinsOn(process, access)) return false;
    return access.kind !== 'until' || access.condition!(this.#view);
  }

  /** Going round once more would change nothing. */
  #spinsOn(process: number, access: Access): boolean {
    const { spins, result } = this.#local(process);
    if (spins < this.#patience) return false;
    if (access.kind === 'compareExchange') return result !== access.a && this.#cells[access.index] === result;
    return access.kind === 'load' && this.#cells[access.index] === result;
  }

  isPrivate(process: number): boolean {
    const access = this.accessOf(process);
    if (!access) return false;
    if (access.private) return true;
    if (this.#isOwned(access)) return true;
    return this.#scene.isQuiet?.(access, process, this.#view) ?? false;
  }

  #isOwned({ kind, index }: Access): boolean {
    return (kind === 'get' || kind === 'set') && this.#scene.ownerOf?.(index) !== undefined;
  }

  /** In how many ways `process` may go on. */
  ways(process: number): number {
    const mortal = this.#mayDie(process);
    let ways = 0;
    if (this.isEnabled(process)) ways = this.#results(process) * (mortal ? 2 : 1);
    if (this.#mayTimeOut(process)) ways++;
    if (mortal && this.#cells[this.#cell(process, Life)] === woken) ways++;
    return ways;
  }

  /** The one numbered `way`: first those of its access, then those where it dies just after, a time-out, its death. */
  transition(process: number, way: number): Transition {
    let rest = way;
    if (this.isEnabled(process)) {
      const results = this.#results(process);
      if (rest < results) return transition(process, rest, false);
      rest -= results;
      if (this.#mayDie(process)) {
        if (rest < results) return transition(process, rest, true);
        rest -= results;
      }
    }
    return rest === 0 && this.#mayTimeOut(process)
      ? { process, outcome: 'timed-out', died: false }
      : { process, outcome: 'dies', died: true };
  }

  /** Every way in which `process` may go on. */
  outcomes(process: number, into: Transition[]): void {
    for (let way = 0, ways = this.ways(process); way < ways; way++) into.push(this.transition(process, way));
  }

  /** How many results its access may have. */
  #results(process: number): number {
    const { kind, index, a } = this.accessOf(process)!;
    return kind === 'choose' ? a : kind === 'notify' ? this.#waysToNotify(index, a) : 1;
  }

  #mayTimeOut(process: number): boolean {
    return this.#cells[this.#timeoutsLeft] > 0 && this.#cells[this.#cell(process, Asleep)] !== 0;
  }

  /** The transition of an enabled process that has only one way to go on, and lives; undefined when it has several. */
  onlyWay(process: number): Transition | undefined {
    const { kind } = this.accessOf(process)!;
    return kind === 'choose' || kind === 'notify' ? undefined : transition(process, 0, false);
  }

  /** Takes a step. Throws a Failure when a check fails or the program throws. */
  take({ process, outcome, died }: Transition): void {
    if (outcome === 'dies') {
      this.#die(process);
      this.#summon();
      this.last = undefined;
      return;
    }
    const access = this.accessOf(process)!;
    if (this.#cells[this.#cell(process, Life)] === woken) this.#write(this.#cell(process, Life), running);
    const result = outcome === 'timed-out' ? this.#timeOut(process) : this.#perform(process, access, outcome);
    if (this.#cells[this.#cell(process, Asleep)] === 0) this.#proceed(process, result);
    if (died) this.#die(process);
    this.last = { worker: process, access, result, died };
    this.#summon();
    if (!this.#isOwned(access)) this.#scene.onStep?.(this.last, this.#view);
  }

  /** Makes up to `most` plain accesses in a row that a running process has to itself. Returns how many it made. */
  skim(process: number, most: number): number {
    const { ownerOf } = this.#scene;
    if (!ownerOf || this.#cells[this.#cell(process, Life)] !== running) return 0;
    let state = this.#local(process);
    let made = 0;
    for (; made < most; made++) {
      const { access } = state;
      if (!access || (access.kind !== 'get' && access.kind !== 'set') || ownerOf(access.index) !== process) break;
      const next = this.programs.after(state, access.kind === 'get' ? this.#cells[access.index] : 0);
      if (!next.access) break;
      if (access.kind === 'set') this.#write(access.index, access.a);
      state = next;
    }
    if (made > 0) this.#write(this.#cell(process, At), state.id);
    return made;
  }

  /** True when a death or a time-out may still come. */
  get isRareLeft(): boolean {
    return this.#cells[this.#crashesLeft] > 0 || this.#cells[this.#timeoutsLeft] > 0;
  }

  /** Throws a Failure unless this is a good end: call it when nothing is enabled. */
  requireEnd(): void {
    const stuck: string[] = [];
    for (let process = 0; process < this.processes; process++) {
      const life = this.#cells[this.#cell(process, Life)];
      if (life === finished || life === idle || (life === dead && !this.#scene.recover)) continue;
      const asleep = this.#cells[this.#cell(process, Asleep)];
      if (asleep !== 0) {
        stuck.push(`${this.titleOf(process)} sleeps on ${this.nameOf(asleep - 1)} = ${this.#cells[asleep - 1]}`);
        continue;
      }
      const access = this.accessOf(process);
      const what = access?.kind === 'until' ? `waits until ${access.name}` : `spins on ${this.nameOf(access?.index ?? -1)}`;
      stuck.push(life === dead ? `${this.titleOf(process)} is dead` : `${this.titleOf(process)} ${what}`);
    }
    if (stuck.length > 0) throw new Failure(`nobody can go on: ${stuck.join('; ')}`);
    this.#scene.atEnd?.(this.#view);
  }

  titleOf(process: number): string {
    return process === this.processes - 1 ? 'supervisor' : `worker ${process}`;
  }

  nameOf(index: number): string {
    return this.#scene.nameOf?.(index) ?? `word ${index}`;
  }

  #cell(process: number, part: number): number {
    return this.#base + process * perProcess + part;
  }

  #local(process: number): LocalState {
    return this.programs.states[this.#cells[this.#cell(process, At)]];
  }

  #write(index: number, value: number): void {
    value |= 0;
    if (this.#cells[index] === value) return;
    if (this.#undone + 2 > this.#undo.length) {
      const longer = new Int32Array(this.#undo.length * 2);
      longer.set(this.#undo);
      this.#undo = longer;
    }
    this.#undo[this.#undone++] = index;
    this.#undo[this.#undone++] = this.#cells[index];
    this.#assign(index, value);
  }

  #assign(index: number, value: number): void {
    if (this.hashing) {
      const before = this.#cells[index];
      this.low ^= scramble(index, before, 0x9e3779b1) ^ scramble(index, value, 0x9e3779b1);
      this.high ^= scramble(index, before, 0x85ebca77) ^ scramble(index, value, 0x85ebca77);
    }
    this.#cells[index] = value;
  }

  #perform(process: number, access: Access, outcome: number): number {
    const cells = this.#cells;
    const { kind, index, a, b } = access;
    if (index >= this.#scene.words || (index < 0 && kind !== 'step' && kind !== 'choose' && kind !== 'until')) {
      throw new Failure(`${this.titleOf(process)}: ${kind} of word ${index}, outside 0..${this.#scene.words - 1}`);
    }
    switch (kind) {
      case 'load':
        return cells[index];
      case 'get':
        this.#requireOwner(process, access);
        return cells[index];
      case 'set':
        this.#requireOwner(process, access);
        this.#write(index, a);
        return 0;
      case 'store':
        this.#write(index, a);
        return 0;
      case 'compareExchange': {
        const found = cells[index];
        if (found === a) this.#write(index, b);
        return found;
      }
      case 'exchange': {
        const found = cells[index];
        this.#write(index, a);
        return found;
      }
      case 'wait':
        if (cells[index] !== a) return 1;
        this.#write(this.#cell(process, Asleep), index + 1);
        return 0;
      case 'notify':
        return this.#notify(index, a, outcome);
      case 'choose':
        return outcome;
      case 'step':
        return Number(access.action!(this.#view) ?? 0);
      default:
        return 0;
    }
  }

  #requireOwner(process: number, { kind, index }: Access): void {
    const owner = this.#scene.ownerOf?.(index);
    if (owner === undefined || owner === process) return;
    if (process === this.processes - 1 && this.#cells[this.#patient] === owner + 1) return;
    throw new Failure(
      `${this.titleOf(process)}: plain ${kind} of ${this.nameOf(index)}, which belongs to ${this.titleOf(owner)}`,
    );
  }

  #sleepers(index: number): number {
    let count = 0;
    for (let p = 0; p < this.processes; p++) if (this.#cells[this.#cell(p, Asleep)] === index + 1) count++;
    return count;
  }

  /** Any sleeper may be the one that is woken. */
  #waysToNotify(index: number, count: number): number {
    const sleepers = this.#sleepers(index);
    return count < sleepers ? sleepers : 1;
  }

  #notify(index: number, count: number, first: number): number {
    const sleepers: number[] = [];
    for (let p = 0; p < this.processes; p++) if (this.#cells[this.#cell(p, Asleep)] === index + 1) sleepers.push(p);
    const woke = Math.min(count, sleepers.length);
    for (let k = 0; k < woke; k++) this.#wake(sleepers[(first + k) % sleepers.length], 0);
    return woke;
  }

  #wake(process: number, result: number): void {
    this.#write(this.#cell(process, Asleep), 0);
    this.#write(this.#cell(process, Life), woken);
    this.#proceed(process, result);
  }

  #timeOut(process: number): number {
    this.#write(this.#timeoutsLeft, this.#cells[this.#timeoutsLeft] - 1);
    this.#write(this.#cell(process, Asleep), 0);
    return 2;
  }

  #mayDie(process: number): boolean {
    return this.#cells[this.#crashesLeft] > 0 && process < this.#mortal;
  }

  #die(process: number): void {
    this.#write(this.#crashesLeft, this.#cells[this.#crashesLeft] - 1);
    this.#write(this.#cell(process, Asleep), 0);
    if (this.#cells[this.#cell(process, Life)] === finished) return;
    this.#write(this.#cell(process, Life), dead);
    this.#write(this.#cell(process, At), 0);
  }

  /** Moves a process behind its access, into its next piece, or to its end. */
  #proceed(process: number, result: number): void {
    const next = this.programs.after(this.#local(process), result);
    this.#settle(process, next);
  }

  #settle(process: number, state: LocalState): void {
    if (state.error !== undefined) {
      throw new Failure(`${this.titleOf(process)} threw ${state.error}`, { cause: state.error });
    }
    if (state.access) {
      this.#write(this.#cell(process, At), state.id);
      return;
    }
    const number = this.#cells[this.#cell(process, PieceNumber)];
    if (process < this.processes - 1) this.#enter(process, state.again ? number : number + 1);
    else this.#respawn();
  }

  #enter(process: number, piece: number): void {
    this.#write(this.#cell(process, PieceNumber), piece);
    const pieces = this.#pieces[process];
    if (piece < pieces.length) this.#settle(process, this.programs.start(pieces[piece]));
    else {
      this.#write(this.#cell(process, Life), finished);
      this.#write(this.#cell(process, At), 0);
    }
  }

  /** An idle supervisor turns to a dead worker. */
  #summon(): void {
    const supervisor = this.processes - 1;
    if (!this.#scene.recover || this.#cells[this.#cell(supervisor, Life)] !== idle) return;
    for (let worker = 0; worker < supervisor; worker++) {
      if (this.#cells[this.#cell(worker, Life)] !== dead) continue;
      this.#write(this.#patient, worker + 1);
      this.#write(this.#cell(supervisor, Life), running);
      this.#settle(supervisor, this.programs.start(this.#recoveries[worker]));
      return;
    }
  }

  #respawn(): void {
    const supervisor = this.processes - 1;
    const worker = this.#cells[this.#patient] - 1;
    this.#write(this.#patient, 0);
    this.#write(this.#cell(supervisor, Life), idle);
    this.#write(this.#cell(supervisor, At), 0);
    this.#write(this.#cell(worker, Life), running);
    this.#enter(worker, this.#cells[this.#cell(worker, PieceNumber)]);
    this.#summon();
  }
}

const usual: Transition[] = [];

/** The same object for the same transition: searches make millions. */
function transition(process: number, outcome: number, died: boolean): Transition {
  const place = (process * 64 + outcome) * 2 + (died ? 1 : 0);
  return outcome < 64 ? (usual[place] ??= { process, outcome, died }) : { process, outcome, died };
}

function scramble(index: number, value: number, key: number): number {
  let x = Math.imul(value ^ key, 0xed5ad4bb) + Math.imul(index + 1, key);
  x ^= x >>> 15;
  x = Math.imul(x, 0xac4c1b51);
  x ^= x >>> 13;
  x = Math.imul(x ^ index, 0x31848bab);
  return x ^ (x >>> 16);
}
