/**
 * What a second, naive simulation of compressed consensus comes to (test/support/naive, another program with another generator of random
 * numbers; a test makes some of these lines again), and check values from a third program. Models of normal draws on a ring, top-k
 * messages.
 */

export interface Decay {
  readonly rule: 'choco' | 'adagossip';
  /** Of a model that a message carries. */
  readonly share: number;
  readonly gamma: number;
  /** Runs behind a mean. */
  readonly runs: number;
  /** log10 of Gamma_t / Gamma_0 after each of `rounds`: mean, and standard deviation of a single run. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** Gamma_t / Gamma_0 as the third program says; null where it does not. */
  readonly check: readonly (number | null)[];
}

export const rounds: readonly number[] = [100, 500, 1000];
export const setting = { nodes: 16, parameters: 200 } as const;

const none = [null, null, null];

// biome-ignore format: a table
export const decays: readonly Decay[] = [
  { ...{ rule: 'choco', share: 0.1, gamma: 0.2, runs: 16 }, mean: [-1.7727, -5.3956, -9.9198], deviation: [0.035374, 0.035618, 0.035949], check: [1.7e-2, 4e-6, 1e-10] },
  { ...{ rule: 'choco', share: 0.1, gamma: 0.5, runs: 16 }, mean: [-2.215, 1.4398, 6.1836], deviation: [0.093717, 0.76264, 1.3317], check: none },
  { ...{ rule: 'choco', share: 0.01, gamma: 0.04, runs: 16 }, mean: [-0.68709, -1.7117, -2.6329], deviation: [0.018375, 0.035227, 0.035707], check: [0.2, 1.9e-2, 2.3e-3] },
  { ...{ rule: 'choco', share: 0.01, gamma: 0.1, runs: 16 }, mean: [-0.5702, -1.0852, -0.31738], deviation: [0.018399, 0.044962, 0.059975], check: none },
  { ...{ rule: 'adagossip', share: 0.1, gamma: 0.01, runs: 16 }, mean: [-0.48623, -1.4692, -2.7204], deviation: [0.0079222, 0.03918, 0.10482], check: [0.33, 3e-2, 1.3e-3] },
  { ...{ rule: 'adagossip', share: 0.1, gamma: 0.03, runs: 16 }, mean: [-0.97579, -3.6, -2.3294], deviation: [0.020216, 0.14733, 0.076028], check: [0.1, 1.4e-4, 4.5e-3] },
  { ...{ rule: 'adagossip', share: 0.01, gamma: 0.003, runs: 16 }, mean: [-0.1788, -0.64168, -1.015], deviation: [0.0036098, 0.012352, 0.021387], check: [0.67, 0.23, 9e-2] },
  { ...{ rule: 'adagossip', share: 0.01, gamma: 0.03, runs: 16 }, mean: [-0.34627, -0.36639, -0.31489], deviation: [0.012923, 0.034906, 0.025678], check: [null, null, 0.5] },
];
