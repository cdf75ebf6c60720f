/**
 * Writes the micro-kernels of a layer with ten outputs, the usual number of classes, where multiply and add are apart: tiles that are
 * as wide as the vectors they fill would waste a sixth of the work, or as long as starting a tile takes.
 */
import { far, range, steps, strip, tileSteps } from './emit.mjs';

export const ten = () => [accumulate(), ...[3, 2, 1].map(backward)];

/**
 * W (+)= x' dy, four rows of W: eight columns of each, and the last two columns of two rows in one vector, [r0 c8, r1 c8, r0 c9, r1 c9].
 * That is 20 operations for 40 sums. `b` is dy packed for it by packTen.
 */
function accumulate() {
  const some = count => {
    const { lines, write, load, add } = steps(false);
    for (const u of range(count)) {
      write('{');
      if (u > 0) write('p += da;');
      for (const j of [0, 1]) load(`b${j}`, `v128.load(q, ${48 * u + 16 * j})`);
      for (const i of range(4)) {
        load(`x${i}`, `v128.load32_splat(p, ${4 * i})`);
        add([`s${i}0`, `s${i}1`], [`x${i}`, `x${i}`], ['b0', 'b1']);
      }
      load('b2', `v128.load(q, ${48 * u + 32})`);
      for (const i of [0, 1]) load(`y${i}`, `v128.load64_splat(p, ${8 * i})`);
      add(['t0', 't1'], ['y0', 'y1'], ['b2', 'b2']);
      write('}');
    }
    return [...lines, 'p += da;', `q += ${48 * count};`];
  };
  const whole = f => range(4).map(i => [0, 1].map(j => f(`s${i}${j}`, 40 * i + 16 * j)));
  const pairs = f => [0, 1].map(t => f(`t${t}`, 80 * t + 32, 80 * t + 72));
  return strip(
    'tenAccumulate',
    'a: usize, da: usize, b: usize, c: usize, keep: i32, k: i32',
    'a += 16, c += 160',
    [
      'const zero = f32x4.splat(0);',
      whole(sum => `let ${sum} = zero;`),
      pairs(sum => `let ${sum} = zero;`),
      'if (keep) {',
      whole((sum, at) => `${sum} = v128.load(c, ${at});`),
      pairs(
        (sum, at, next) => `${sum} = v128.shuffle<i32>(v128.load64_zero(c, ${at}), v128.load64_zero(c, ${next}), 0, 4, 1, 5);`,
      ),
      '}',
      'let p = a + 0, q = b + 0;',
      'for (const end = b + <usize>(k & ~3) * 48; q != end; ) {',
      some(4),
      '}',
      'for (const end = b + <usize>k * 48; q != end; ) {',
      some(1),
      '}',
      whole((sum, at) => `v128.store(c, ${sum}, ${at});`),
      pairs((sum, at, next) => [
        `${sum} = v128.shuffle<i32>(${sum}, ${sum}, 0, 2, 1, 3);`,
        `v128.store64_lane(c, ${sum}, 0, ${at});`,
        `v128.store64_lane(c, ${sum}, 1, ${next});`,
      ]),
    ],
    false,
  );
}

/** dx = dy W', `height` rows by twelve columns: all ten steps of k in one piece, from one packed panel of W' to the next. */
function backward(height) {
  const size = { height, width: 12, fused: false };
  const each = f => range(height).map(i => range(3).map(j => f(`s${i}${j}`, far('c', i, 'dc'), 16 * j)));
  const lie = {
    a: (i, u) => `a, ${40 * i + 4 * u}`,
    b: (j, u) => `b, ${48 * u + 16 * j}`,
    between: [],
  };
  return strip(
    `tenBackward${height}`,
    'a: usize, b: usize, c: usize, dc: usize',
    'b += 480, c += 48',
    [
      'const zero = f32x4.splat(0);',
      each(sum => `let ${sum} = zero;`),
      tileSteps(size, lie, 10),
      each((sum, row, at) => `v128.store(${row}, ${sum}, ${at});`),
    ],
    false,
  );
}
