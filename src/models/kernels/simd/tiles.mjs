/**
 * Writes the micro-kernels: a tile of `height` rows and `width` columns of C = from + A B stays in registers while k runs.
 *
 * The engine's x64 code has 15 vector registers of four floats. A sum that finds no register waits in memory, which takes longer than
 * a whole step of k; so the largest tiles are those that just fit. A step of k then costs, in cycles:
 *
 *                                        multiply and add          fused
 *                                        3 x 12       5 x 8        6 x 8
 *   registers: sums, B, A, products      9+3+1+2      10+2+1+2     12+2+1
 *   AMD Zen 4: 2 units multiply or fuse,
 *     2 more add                         9 / 2        10 / 2       12 / 2
 *     2 loads of vectors                 6 / 2        7 / 2        8 / 2
 *     6 instructions, counted            27 / 6       30 / 6       31 / 6
 *   Intel: 2 units for all of these      18 / 2       20 / 2       12 / 2
 *     2 loads                            6 / 2        7 / 2        8 / 2
 *     4 instructions (6 of late)         27 / 4       30 / 4       31 / 4
 *
 * On AMD the arithmetic and the instructions weigh the same, so the portable loop does four steps of k; on Intel its arithmetic
 * takes longest by far. Fused loops are not unrolled: V8 does worse on them then (measured), and they need not be.
 */
import { far, names, range, strip, tileSteps } from './emit.mjs';

/** The sizes of tiles; cut.ts cuts products into them. */
const heights = (width, fused) => (width === 12 ? [3, 2, 1] : fused ? [6, 4, 2, 1] : [5, 2, 1]);

export function tiles(fused) {
  const sizes = [12, 8, 4].flatMap(width => heights(width, fused).map(height => ({ height, width, fused })));
  // steps of B that are written into the code, packed or ten columns as they lie: fewer instructions in the largest tile
  const known = fused ? [] : [48, 40].map(step => ({ height: 3, width: 12, step }));
  return [
    ...[...known, ...sizes].map(rowTile),
    choice('rowTiles', ROWS, [...known, ...sizes]),
    ...sizes.map(columnTile),
    choice('columnTiles', COLUMNS, sizes),
  ];
}

const nameOf = (family, { height, width, step }) => `${family}${height}x${width}${step ? `by${step}` : ''}`;

/** The function that takes a height and a width to their tile. */
function choice(family, parameters, sizes) {
  const cases = sizes.map(size => {
    const { height, width, step } = size;
    const condition = `height == ${height} && width == ${width}${step ? ` && db == ${step}` : ''}`;
    return `if (${condition}) return ${nameOf(family, size)}(${names(parameters)}, count);`;
  });
  return `export function ${family}(height: i32, width: i32, ${parameters}, count: i32): void {
${cases.join('\n')}
unreachable();
}`;
}

/**
 * A as rows: element (i, k) at a + i da + 4 k, row k of B at b + k db. Sums start from the rows at from + i df; df = 0: from one row for
 * all; from = 0: from zero. Of the last vector of a row `tail` (1..4) floats are stored. The tiles lie below each other.
 */
const ROWS = 'a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32, tail: i32';

function rowTile(size) {
  const { height, step } = size;
  const body = [
    start(size, 'from', (i, j) => `${far('from', i, 'df')}, ${16 * j}`),
    range(height).map(i => `let a${i} = ${far('a', i, 'da')};`),
    loops(size, step ?? 'db', {
      a: (i, u) => `a${i}, ${4 * u}`,
      b: (j, u) => `q, ${16 * j + (step ?? 0) * u}`,
      between: step ? [] : ['q += db;'],
      advance: u => [range(height).map(i => `a${i} += ${4 * u};`), step ? `q += ${step * u};` : 'q += db;'],
    }),
    store(size),
  ];
  const next = `a += ${height} * da, c += ${height} * dc, from += ${height} * df`;
  return strip(nameOf('rowTiles', size), ROWS, next, body, size.fused);
}

/**
 * A as columns: element (i, k) at a + 4 i + k da; B packed. Sums start from C, or from zero (keep = 0). A tile's A, B and C lie na, nb
 * and nc bytes from those of the one before.
 */
const COLUMNS =
  'a: usize, da: usize, na: usize, b: usize, nb: usize, c: usize, dc: usize, nc: usize, keep: i32, k: i32, tail: i32';

function columnTile(size) {
  const step = 4 * size.width;
  const body = [
    start(size, 'keep', (i, j) => `${far('c', i, 'dc')}, ${16 * j}`),
    'let p = a + 0;',
    loops(size, step, {
      a: i => `p, ${4 * i}`,
      b: (j, u) => `q, ${16 * j + step * u}`,
      between: ['p += da;'],
      advance: u => ['p += da;', `q += ${step * u};`],
    }),
    store(size),
  ];
  return strip(nameOf('columnTiles', size), COLUMNS, 'a += na, b += nb, c += nc', body, size.fused);
}

const each = ({ height, width }, f) => range(height).map(i => range(width / 4).map(j => f(i, j)));

function start(size, condition, place) {
  return [
    'const zero = f32x4.splat(0);',
    each(size, (i, j) => `let s${i}${j} = zero;`),
    `if (${condition}) {`,
    each(size, (i, j) => `s${i}${j} = v128.load(${place(i, j)});`),
    '}',
  ];
}

function loops(size, step, lie) {
  const loop = (k, count) => [
    `for (const end = b + <usize>${k} * ${step}; q != end; ) {`,
    tileSteps(size, lie, count),
    lie.advance(count),
    '}',
  ];
  return ['let q = b + 0;', size.fused ? [] : loop('(k & ~3)', 4), loop('k', 1)];
}

/** Row by row: V8 gives registers in the order in which they are stored, and in another order it runs out of them (measured). */
function store(size) {
  const right = size.width / 4 - 1;
  const rows = last =>
    each(size, (i, j) => {
      const [place, sum] = [far('c', i, 'dc'), `s${i}${j}`];
      return j < right ? `v128.store(${place}, ${sum}, ${16 * j});` : last(`${place} + ${16 * j}`, sum);
    });
  return [
    'if (tail == 4) {',
    rows((place, sum) => `v128.store(${place}, ${sum});`),
    '} else {',
    rows((place, sum) => `put(${place}, ${sum}, tail);`),
    '}',
  ];
}
