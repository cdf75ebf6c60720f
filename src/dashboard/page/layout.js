/**
 * Where nodes stand: families with a shape of their own have it; of the others, springs along edges and a push between nodes find one, a
 * little in every frame (Fruchterman and Reingold 1991; of the pushes, each node feels some that are drawn anew each time).
 */

/**
 * Positions, two numbers a node, in -1..1; `settle(some)` moves them on and says whether there is more to do. `aspect`: width to height, where
 * it is not 1.
 */
export function openLayout({ name, nodes, shown, edges }) {
  const family = name.split(':')[0];
  const at = new Float32Array(2 * shown);
  if (family === 'star') {
    round(at, 1, shown);
    at[0] = at[1] = 0;
    return { at, settle: () => false };
  }
  const side = family === 'torus' && shown === nodes ? sideOf(edges, shown) : 0;
  if (side > 0) {
    const high = shown / side;
    const step = 1.9 / (Math.max(side, high) - 1);
    for (let k = 0; k < shown; k++) {
      at[2 * k] = ((k % side) - (side - 1) / 2) * step;
      at[2 * k + 1] = (Math.floor(k / side) - (high - 1) / 2) * step;
    }
    return { at, settle: () => false, aspect: side / high };
  }
  round(at, 0, shown);
  const isRound = ['complete', 'ring', 'exponential', 'small-world'].includes(family) || shown < 9 || edges.length === 0;
  return isRound ? { at, settle: () => false } : { at, settle: springs(at, edges, shown) };
}

/** Nodes in a row of a torus, 0 when it is none: edges go to the next node, to the next row, and around. */
function sideOf(edges, shown) {
  const apart = new Set();
  for (let k = 0; k < edges.length; k += 2) apart.add(Math.abs(edges[k] - edges[k + 1]));
  for (const side of apart) {
    const allowed = [1, side - 1, side, shown - side];
    if (side > 2 && shown % side === 0 && [...apart].every(one => allowed.includes(one))) return side;
  }
  return 0;
}

function round(at, from, to) {
  for (let k = from; k < to; k++) {
    const angle = (2 * Math.PI * (k - from)) / (to - from) - Math.PI / 2;
    at[2 * k] = 0.95 * Math.cos(angle);
    at[2 * k + 1] = 0.95 * Math.sin(angle);
  }
}

const rounds = 300;

function springs(at, edges, shown) {
  const push = new Float32Array(2 * shown);
  const some = Math.min(shown - 1, 24);
  const length = Math.sqrt(2 / shown);
  let state = 12345;
  const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * shown);
  };
  let done = 0;

  function once() {
    push.fill(0);
    for (let k = 0; k < shown; k++) {
      for (let j = 0; j < some; j++) {
        const other = draw();
        const [x, y] = [at[2 * k] - at[2 * other], at[2 * k + 1] - at[2 * other + 1]];
        const square = x * x + y * y + 1e-4;
        const force = (((length * length) / square) * shown) / some;
        push[2 * k] += x * force;
        push[2 * k + 1] += y * force;
      }
    }
    for (let k = 0; k < edges.length; k += 2) {
      const [a, b] = [2 * edges[k], 2 * edges[k + 1]];
      const [x, y] = [at[b] - at[a], at[b + 1] - at[a + 1]];
      const force = Math.hypot(x, y) / length;
      push[a] += x * force;
      push[a + 1] += y * force;
      push[b] -= x * force;
      push[b + 1] -= y * force;
    }
    const heat = 0.1 * (1 - done / rounds) + 0.001;
    for (let k = 0; k < shown; k++) {
      const [x, y] = [push[2 * k], push[2 * k + 1]];
      const far = Math.hypot(x, y) || 1;
      const go = Math.min(far, heat) / far;
      at[2 * k] += x * go;
      at[2 * k + 1] += y * go;
    }
    fit(at);
    done++;
  }

  return milliseconds => {
    const until = performance.now() + milliseconds;
    while (done < rounds && performance.now() < until) once();
    return done < rounds;
  };
}

/** Into -0.95..0.95. */
function fit(at) {
  for (const part of [0, 1]) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let k = part; k < at.length; k += 2) {
      low = Math.min(low, at[k]);
      high = Math.max(high, at[k]);
    }
    const factor = high > low ? 1.9 / (high - low) : 0;
    for (let k = part; k < at.length; k += 2) at[k] = (at[k] - low) * factor - 0.95;
  }
}
