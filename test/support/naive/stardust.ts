/** STARDUST in plain numbers, as its rule says; gradients are no longer than a sketch, and a piece of work is one step. */

const range = (n: number) => Array.from({ length: n }, (_, k) => k);

export interface Rule {
  readonly nodes: number;
  readonly parameters: number;
  readonly eta: number;
  readonly per: 'model' | 'coordinate';
  readonly least: number;
  readonly carry: 'model' | 'gradient' | 'both';
  readonly weight: number;
  readonly share: number;
  readonly coalesce: boolean;
  readonly momentum: number;
  readonly average: boolean;
}

interface Message {
  readonly x: readonly number[];
  readonly drive: readonly number[];
  readonly gradient: readonly number[];
}

/** Running means of V and |m|^2, of one coordinate or of all. */
interface Estimate {
  noise: number;
  signal: number;
  weight: number;
}

export const first = (node: number, k: number) => Math.cos(node * 17 + k * 3);

export function naiveStardust(rule: Rule, gradientOf: (x: readonly number[], node: number) => number[]) {
  const { nodes, parameters, eta, per, least, carry, share, coalesce, momentum, average } = rule;
  const all = range(parameters);
  const none = () => all.map(() => 0);
  const models = range(nodes).map(node => ({
    x: all.map(k => first(node, k)),
    delta: none(),
    gradient: none(),
    last: undefined as number[] | undefined,
    drive: none(),
    heard: [] as { from: number; gradient: number[] }[],
    estimates: all.map((): Estimate => ({ noise: 0, signal: 0, weight: 0 })),
    paces: all.map(() => 1),
    inbox: [] as Message[],
  }));

  /** The pace of these coordinates. */
  function paceOf(gradients: readonly number[][], coordinates: readonly number[], estimate: Estimate): number {
    const count = gradients.length;
    let [noise, signal] = [0, 0];
    for (const k of coordinates) {
      const mean = gradients.reduce((sum, g) => sum + g[k], 0) / count;
      noise += gradients.reduce((sum, g) => sum + (g[k] - mean) ** 2, 0) / (count - 1);
      signal += mean ** 2;
    }
    estimate.noise = 0.9 * estimate.noise + 0.1 * noise;
    estimate.signal = 0.9 * estimate.signal + 0.1 * signal;
    estimate.weight = 0.9 * estimate.weight + 0.1;
    const v = estimate.noise / estimate.weight;
    const s = v / (Math.max(estimate.signal / estimate.weight - v / count, 0) + 1e-12 * Math.max(v, 1e-30));
    return Math.min(1, Math.max(least, 1 / Math.sqrt(1 + s / Math.min(9, nodes))));
  }

  /** All of them are one: with the weight w each of k models counts w / k. */
  function apply(to: number, messages: readonly Message[], weight: number): void {
    const one = models[to];
    const towards = (own: number, others: readonly number[]) =>
      (1 - weight) * own + (weight / others.length) * others.reduce((sum, value) => sum + value, 0);
    const of = (plane: keyof Message, k: number) => messages.map(message => message[plane][k]);
    if (carry !== 'gradient') one.x = one.x.map((value, k) => towards(value, of('x', k)));
    if (average) one.drive = one.drive.map((value, k) => towards(value, of('drive', k)));
    if (carry !== 'model')
      one.x = one.x.map((value, k) => value - eta * one.paces[k] * share * of('gradient', k).reduce((sum, g) => sum + g, 0));
  }

  return {
    models,
    begin(node: number) {
      const one = models[node];
      const known = [...(one.last ? [one.last] : []), ...one.heard.map(({ gradient }) => gradient)];
      if (known.length < 2) one.paces = all.map(() => 1);
      else if (per === 'coordinate') one.paces = all.map(k => paceOf(known, [k], one.estimates[k]));
      else {
        const pace = paceOf(known, all, one.estimates[0]);
        one.paces = all.map(() => pace);
      }
      one.gradient = gradientOf(one.x, node);
      one.delta = one.gradient.map((g, k) => -eta * one.paces[k] * (g + one.drive[k]));
    },
    finish(node: number) {
      const one = models[node];
      one.x = one.x.map((value, k) => value + one.delta[k]);
      one.last = one.gradient;
      one.drive = one.drive.map((value, k) => momentum * (value + one.gradient[k]));
    },
    send(from: number, to: number) {
      const [one, other] = [models[from], models[to]];
      const message = { x: [...one.x], drive: [...one.drive], gradient: [...(one.last ?? none())] };
      if (coalesce) other.inbox.push(message);
      else apply(to, [message], rule.weight);
      if (!one.last) return;
      other.heard = [{ from, gradient: [...one.last] }, ...other.heard.filter(heard => heard.from !== from)].slice(0, 8);
    },
    release(node: number) {
      const { inbox } = models[node];
      if (inbox.length > 0) apply(node, inbox, inbox.length / (inbox.length + 1));
      models[node].inbox = [];
    },
  };
}
