/** Milliseconds on a clock that all threads share: each thread's own begins when the thread does. */
export const sameForAll = () => performance.timeOrigin + performance.now();
