/** A loss or a difference that is not finite, caught at the node that made it, before any other row has seen it. */
export class Diverged extends Error {
  override readonly name = 'Diverged';
  readonly node: number;
  /** The node's first local step of the piece that blew up. */
  readonly step: number;

  constructor(node: number, step: number) {
    super(`node ${node} diverged in the piece that began at its step ${step}`);
    this.node = node;
    this.step = step;
  }
}
