/** y = body(x) + x, or body(x) + shortcut(x) where the body changes the shape (He, Zhang, Ren, Sun 2016). */

import { HearsayError } from '../../errors.js';
import { chain } from './chain.js';
import { type Layer, type LayerOf, padded, parametersOf, sizeOf } from './layer.js';
import { moved, type Operation } from './operation.js';

/** Throws CONFIG_RANGE when body and shortcut give different shapes. */
export function residual(body: readonly LayerOf[], shortcut: readonly LayerOf[] = []): LayerOf {
  return (input, where) => {
    const main = chain(body)(input, `${where}: body`);
    const side = shortcut.length > 0 ? chain(shortcut)(input, `${where}: shortcut`) : undefined;
    const other = side?.output ?? input;
    if (main.output.join() !== other.join())
      throw new HearsayError(
        'CONFIG_RANGE',
        `${where}: the body gives ${main.output.join(' x ')}, and what is added to it ${other.join(' x ')}; give both the same shape`,
      );
    const [into, from] = [sizeOf(input), sizeOf(main.output)];
    const parameters = parametersOf(main);
    /** In `work`: one row of numbers of the input or of the output, then what both use up in turns. */
    const spare = (most: number) => padded(most * Math.max(into, from));

    return {
      name: 'block',
      operation: described(main, side, parameters),
      output: main.output,
      tensors: [
        ...main.tensors.map(({ name, shape }) => ({ name: `body.${name}`, shape })),
        ...(side?.tensors ?? []).map(({ name, shape }) => ({ name: `shortcut.${name}`, shape })),
      ],
      looksAt: { input: true, output: false },
      inPlace: false,
      // The body's own output is kept too, as it may be looked at; the sum goes elsewhere.
      kept: most =>
        padded(main.kept(most)) + padded(side?.kept(most) ?? 0) + padded(most * from) + (side ? padded(most * from) : 0),
      work: most => (side ? 2 : 1) * spare(most) + Math.max(main.work(most), side?.work(most) ?? 0),

      initialize(weights, random, normal) {
        main.initialize(weights.subarray(0, parameters), random, normal);
        side?.initialize(weights.subarray(parameters), random, normal);
      },

      forward(pass, { x, y, weights, kept, work }) {
        const { kernels, rows } = pass;
        const at = placesIn(kept, work, pass.most);
        main.forward(pass, { x, y: at.output, weights, kept, work: at.work });
        if (side) side.forward(pass, { x, y: at.beside, weights: weights + 4 * parameters, kept: at.sideKept, work: at.work });
        kernels.commit(y, at.output, side ? at.beside : x, rows * from);
      },

      backward(pass, { x, dx, dy, weights, into: to, kept, work }, keep) {
        const { kernels, rows } = pass;
        const at = placesIn(kept, work, pass.most);
        // Each of the two ways may use up its dy.
        kernels.copy(at.delta, dy, rows * from);
        const forth = { x, y: at.output, weights, kept, work: at.work };
        main.backward(pass, { ...forth, dx, dy: at.delta, into: to }, keep);
        if (!side) {
          if (dx !== 0) kernels.commit(dx, dx, dy, rows * into);
          return;
        }
        const beside = { x, y: at.beside, weights: weights + 4 * parameters, kept: at.sideKept, work: at.work };
        side.backward(pass, { ...beside, dx: dx === 0 ? 0 : at.other, dy, into: to + 4 * parameters }, keep);
        if (dx !== 0) kernels.commit(dx, dx, at.other, rows * into);
      },
    };

    function placesIn(kept: number, work: number, most: number) {
      const sideKept = kept + 4 * padded(main.kept(most));
      const output = sideKept + 4 * padded(side?.kept(most) ?? 0);
      const beside = output + 4 * padded(most * from);
      const delta = work;
      const other = delta + 4 * spare(most);
      return { sideKept, output, beside, delta, other, work: side ? other + 4 * spare(most) : other };
    }
  };
}

function described(main: Layer, side: Layer | undefined, parameters: number): Operation | undefined {
  const [body, shortcut] = [main.operation, side?.operation];
  if (body?.kind !== 'chain' || (side && shortcut?.kind !== 'chain')) return undefined;
  const beside = shortcut?.kind === 'chain' ? moved(shortcut.steps, 'shortcut.', parameters) : [];
  return { kind: 'residual', body: moved(body.steps, 'body.', 0), shortcut: beside };
}
