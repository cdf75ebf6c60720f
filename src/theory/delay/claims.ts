/** What the delay theory stands on: which of its statements are theorems, and which are approximations. */

export interface Claim {
  readonly kind: 'theorem' | 'approximation';
  /** What is said, in one sentence. */
  readonly says: string;
  /** Where it is from, or how good it is. */
  readonly ground: string;
}

/** For people to read beside the numbers; z = a E[tau], a = eta nu h. */
export const claims: readonly Claim[] = [
  {
    kind: 'theorem',
    says: 'With a fixed delay the error of dx/dt = -a x(t - tau) decays like e^(s t), s = W_0(-z) / tau: without oscillation up to z = 1/e, where the rate is 1 / tau, with oscillation up to pi/2, and not at all from there on.',
    ground: 'Corless et al. 1996; Hayes 1950',
  },
  {
    kind: 'theorem',
    says: 'With a random delay s solves s + a E[e^(-s tau)] = 0; its dominant root is real exactly up to a = max over r of r / E[e^(r tau)].',
    ground: 'Győri and Ladas 1991; the dominant complex root is confirmed by a count of the roots farther right',
  },
  {
    kind: 'theorem',
    says: 'With exponential delays the equation is always stable, and oscillates from z = 1/4 on.',
    ground: 'a quadratic equation',
  },
  {
    kind: 'theorem',
    says: 'Any law of the delay is stable while z < 1.',
    ground: 'i w = -a E[e^(-i w tau)] has the imaginary part w = a E[sin(w tau)] <= a w E[tau]',
  },
  {
    kind: 'theorem',
    says: 'The recursion x_(k+1) = x_k - p x_(k-d) is stable if and only if 0 < p < 2 sin(pi / (2 (2d + 1))), and has solutions that keep their sign if and only if p <= d^d / (d+1)^(d+1).',
    ground: 'Levin and May 1976; Kuruklis 1994; Győri and Ladas 1991',
  },
  {
    kind: 'theorem',
    says: 'With noise c the variance is c^2 / (2a) (1 + sin z) / cos z for a fixed delay, and c^2 / (2a) (1 + z) for an exponential one.',
    ground: 'Küchler and Mensch 1992; the other by the spectral integral, which serves all other laws',
  },
  {
    kind: 'theorem',
    says: 'M workers apply M / E[T] gradients per unit of time, whatever the law of T; between the reading and the writing of a worker lie M - 1 updates of others on average.',
    ground: 'renewal theorem; every update makes the M - 1 other workers one update staler',
  },
  {
    kind: 'approximation',
    says: 'Updates are so many and so small that the weights follow a continuous path.',
    ground: 'good for eta h up to some 0.02; the bounds of the recursion are there for larger steps',
  },
  {
    kind: 'approximation',
    says: 'Gradients arrive as a Poisson process, and each with a delay of its own acts like the mean over the law of the delay.',
    ground: 'for many workers; for few of them, or for small eta h with long tails, compare with a simulation',
  },
  {
    kind: 'approximation',
    says: 'The loss is a quadratic: every eigenvector of the Hessian is a direction of its own with a fixed curvature h.',
    ground: 'near a minimum; elsewhere the Hessian changes on the way',
  },
  {
    kind: 'approximation',
    says: 'The noise of gradients is white, of one size in every direction, and the same everywhere.',
    ground: 'for batches drawn independently, near a minimum',
  },
  {
    kind: 'approximation',
    says: 'Beyond the bandwidth every gradient waits as long as the mean wait, M / bandwidth - E[T].',
    ground: "the mean is Little's law; its scatter is left out",
  },
];
