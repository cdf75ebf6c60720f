/**
 * Writes the micro-kernels of convolutions of one channel (planes.ts). Lanes run along the places of a line, so no number is copied into
 * patches and no lane is idle, whatever the number of filters. Products and sums are apart in both sets: fused, V8 copies a register
 * before each operation and runs out of them (measured: slower by a quarter to a half).
 */
import { names, range, steps, tileSteps } from './emit.mjs';

export function planes() {
  const shown = [3, 2, 1].flatMap(height =>
    [12, 8, 4].flatMap(width => [5, 3, 0].map(taps => ({ height, width, taps, fused: false }))),
  );
  const found = [5, 4, 3, 2, 1].flatMap(taps => [2, 1].map(filters => ({ taps, filters })));
  return [
    ...shown.map(showing),
    choice('showTile', 'filters: i32, width: i32', SHOW, shown, ({ height, width, taps }) => [
      `filters == ${height} && width == ${width}${taps ? ` && size == ${taps}` : ''}`,
      `${height}x${width}by${taps}`,
    ]),
    ...found.map(finding),
    choice('findTile', 'taps: i32, filters: i32', FIND, found, ({ taps, filters }) => [
      `taps == ${taps} && filters == ${filters}`,
      `${taps}x${filters}`,
    ]),
  ];
}

function choice(family, sizes, parameters, tiles, caseOf) {
  const cases = tiles.map(caseOf).map(([condition, size]) => `if (${condition}) return ${family}${size}(${names(parameters)});`);
  return `export function ${family}(${sizes}, ${parameters}): void {\n${cases.join('\n')}\nunreachable();\n}`;
}

/**
 * Some filters at 4, 8 or 12 neighbouring places: y = bias + sum over taps of w x. Lines of x are `line` bytes apart, taps of w and places
 * of y `step` bytes, and there are `size` x `size` taps. Lines of 5 or 3 taps are written into the code.
 */
const SHOW = 'y: usize, x: usize, line: usize, w: usize, bias: usize, step: usize, size: i32';

function showing(tile) {
  const { height, width, taps } = tile;
  const vectors = range(width / 4);
  const each = f => range(height).map(i => vectors.map(j => f(i, j)));
  const lie = { a: i => `p, ${4 * i}`, b: (j, u) => `q, ${4 * u + 16 * j}`, between: ['p += step;'] };
  const known = ['const q = x;', tileSteps(tile, lie, taps), 'p += step;'];
  const counted = ['for (let q = x, end = x + (<usize>size << 2); q != end; q += 4, p += step) {', tileSteps(tile, lie, 1), '}'];
  const body = [
    each((i, j) => `let s${i}${j} = v128.load32_splat(bias, ${4 * i});`),
    'let p = w;',
    'for (let k = size; k > 0; k--, x += line) {',
    taps ? known : counted,
    '}',
    vectors.map(j =>
      turned(
        range(height).map(i => `s${i}${j}`),
        4 * j,
      ),
    ),
  ];
  return alone(`showTile${height}x${width}by${taps}`, SHOW, body);
}

/** Stores four sums of a filter each as four places of these filters. */
function turned([a, b, c], first) {
  const place = lane => `y + ${first + lane} * step`;
  if (!b) return range(4).map(lane => `v128.store32_lane(${place(lane)}, ${a}, ${lane});`);
  const pairs = [
    `const l${first} = v128.shuffle<i32>(${a}, ${b}, 0, 4, 1, 5), h${first} = v128.shuffle<i32>(${a}, ${b}, 2, 6, 3, 7);`,
    range(4).map(lane => `v128.store64_lane(${place(lane)}, ${lane < 2 ? 'l' : 'h'}${first}, ${lane % 2});`),
  ];
  return [pairs, c ? range(4).map(lane => `v128.store32_lane(${place(lane)}, ${c}, ${lane}, 8);`) : []];
}

/**
 * What some neighbouring taps of a line get of one image and one or two filters: w += sum over places of x dy. dy is turned into planes
 * of `plane` bytes whose lines are as long as those of x, zeros where no window stands, so x and dy run side by side. Taps of w are `step`
 * bytes apart.
 */
const FIND = 'w: usize, x: usize, dy: usize, plane: usize, step: usize';

function finding({ taps, filters }) {
  const both = range(filters);
  const sums = range(taps).flatMap(k => both.map(f => `s${k}${f}`));
  const { lines, load, add } = steps(false);
  for (const f of both) load(`d${f}`, `v128.load(q${f === 0 ? '' : ' + plane'})`);
  for (const k of range(taps)) {
    load(`x${k}`, `v128.load(p, ${4 * k})`);
    const all = name => both.map(f => name(f));
    add(
      all(f => `s${k}${f}`),
      all(() => `x${k}`),
      all(f => `d${f}`),
    );
  }
  const body = [
    sums.map(sum => `let ${sum} = f32x4.splat(0);`),
    'for (let p = x, q = dy, end = dy + plane; q != end; p += 16, q += 16) {',
    lines,
    '}',
    range(taps).map(k => both.map(f => `addLanes(w + ${k} * step + ${4 * f}, s${k}${f});`)),
  ];
  return alone(`findTile${taps}x${filters}`, FIND, body);
}

function alone(name, parameters, body) {
  return `function ${name}(${parameters}): void {\n${body.flat(Number.POSITIVE_INFINITY).join('\n')}\n}`;
}
