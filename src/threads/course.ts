/** The course of a run, as an observer sees it: what it is doing, and the clock of training, which stands still in between. */

export type State = 'starting' | 'training' | 'evaluating' | 'paused' | 'over';

export interface Course {
  readonly state: State;
  /** Seconds of training so far. */
  seconds(): number;
  /** True while the run is to stand still. */
  isPaused(): boolean;
  /** Everybody is to park at the next safe point, until `resume`. */
  pause(): void;
  resume(): void;
  /** Resolves when the run may go on. It keeps the process alive meanwhile. */
  open(): Promise<void>;
  /** The clock runs from here, from so many seconds, to `rest`, which returns the seconds so far. */
  train(before: number): void;
  rest(): number;
  end(): void;
}

/** `now` gives milliseconds. */
export function openCourse(now: () => number = () => performance.now()): Course {
  let state: State = 'starting';
  let before = 0;
  let began = 0;
  let paused = false;
  let goOn: () => void = () => {};
  const seconds = () => before + (state === 'training' ? (now() - began) / 1000 : 0);
  return {
    get state() {
      return state;
    },
    seconds,
    isPaused: () => paused,
    pause() {
      paused = state !== 'over';
    },
    resume() {
      paused = false;
      goOn();
    },
    async open() {
      if (!paused) return;
      state = 'paused';
      const alive = setInterval(() => {}, 2 ** 30);
      while (paused) await new Promise<void>(resolve => (goOn = resolve));
      clearInterval(alive);
    },
    train(seconds) {
      before = seconds;
      began = now();
      state = 'training';
    },
    rest() {
      before = seconds();
      state = 'evaluating';
      return before;
    },
    end() {
      if (state === 'training') before = seconds();
      state = 'over';
      paused = false;
    },
  };
}
