/** What the micro-kernels are written of: AssemblyScript in an order that the engine's compiler keeps. */

export const range = n => [...Array(n).keys()];

/** base + i step */
export const far = (base, i, step) => (i === 0 ? base : i === 1 ? `${base} + ${step}` : `${base} + ${i} * ${step}`);

/** The names in a list of parameters: the arguments of a call that hands them on. */
export const names = parameters => parameters.replaceAll(/: \w+/g, '');

/**
 * An exported function that makes `count` tiles, one after the other. With products and sums apart the tile is written into the loop. The
 * fused one is a function of its own: its body is so small that V8 would unroll it inside another loop, and then run out of registers.
 */
export function strip(name, parameters, next, body, fused) {
  const text = body.flat(Number.POSITIVE_INFINITY).join('\n');
  const loop = inside => `export function ${name}(${parameters}, count: i32): void {
for (; count > 0; count--, ${next}) {
${inside}
}
}`;
  if (!fused) return loop(text);
  return `function ${name}Tile(${parameters}): void {\n${text}\n}\n${loop(`${name}Tile(${names(parameters)});`)}`;
}

/**
 * Collects the lines of some steps of k. Each load waits for the sum before it, and the products of a row come before its sums
 * (see order.ts). Fused, V8 keeps the order by itself.
 */
export function steps(fused) {
  const lines = [];
  let last = '';
  const next = x => (last && !fused ? `after(${last}, ${x})` : x);
  return {
    lines,
    write: (...more) => void lines.push(...more),
    load: (name, from) => void lines.push(`const ${name} = ${next(from)};`),
    /** sums[n] += xs[n] ys[n] */
    add(sums, xs, ys) {
      if (fused) {
        for (const [n, sum] of sums.entries()) lines.push(`${sum} = madd(${xs[n]}, ${ys[n]}, ${sum});`);
        return;
      }
      for (const [n, sum] of sums.entries()) lines.push(`const p${sum} = f32x4.mul(${xs[n]}, ${ys[n]});`);
      last = `p${sums.at(-1)}`;
      for (const sum of sums) {
        lines.push(`${sum} = f32x4.add(${sum}, after(${last}, p${sum}));`);
        last = sum;
      }
    },
  };
}

/**
 * Some steps of k for a whole tile: a row of B, then each value of A with all of it. `a(i, u)` and `b(j, u)` say where they lie in
 * step u, `between` is done between two steps.
 */
export function tileSteps({ height, width, fused }, { a, b, between }, count) {
  const vectors = range(width / 4);
  const { lines, write, load, add } = steps(fused);
  for (const u of range(count)) {
    write('{');
    if (u > 0) write(...between);
    for (const j of vectors) load(`b${j}`, `v128.load(${b(j, u)})`);
    for (const i of range(height)) {
      load(`x${i}`, `v128.load32_splat(${a(i, u)})`);
      const all = f => vectors.map(f);
      add(
        all(j => `s${i}${j}`),
        all(() => `x${i}`),
        all(j => `b${j}`),
      );
    }
    write('}');
  }
  return lines;
}
