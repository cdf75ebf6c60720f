/** A queue of events between one writer and any number of readers; each reader sees all of them from the first on. */

export interface Stream<T> {
  push(value: T): void;
  end(): void;
  fail(error: unknown): void;
  read(): AsyncIterator<T>;
}

export function stream<T>(): Stream<T> {
  const values: T[] = [];
  let ended = false;
  let failure: { error: unknown } | undefined;
  let waiting: (() => void)[] = [];
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  return {
    push(value) {
      values.push(value);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    fail(error) {
      failure = { error };
      wake();
    },
    async *read() {
      for (let position = 0; ; ) {
        if (position < values.length) yield values[position++];
        else if (failure) throw failure.error;
        else if (ended) return;
        else await new Promise<void>(resume => waiting.push(resume));
      }
    },
  };
}
