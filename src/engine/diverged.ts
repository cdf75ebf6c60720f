/** A loss or a difference that is not finite, caught at the node that made it. */
export class Diverged extends Error {
  override readonly name = 'Diverged';
  readonly node: number;
  /** The node's first local step of the piece that blew up. */
  readonly step: number;
  /** False when no other row has seen it; true when the steps were taken in place, on a row that others read. */
  readonly spread: boolean;

  /** The last loss of a batch of the node that was finite, where its thread has seen one. */
  readonly lastLoss: number | undefined;

  constructor(node: number, step: number, spread: boolean, lastLoss?: number) {
    super(`node ${node} diverged in the piece that began at its step ${step}`);
    this.node = node;
    this.step = step;
    this.spread = spread;
    this.lastLoss = lastLoss;
  }
}
