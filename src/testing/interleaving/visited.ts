/** The states seen, by a 64-bit hash: two of ten million states share one with probability 3e-6. With each goes a number. */

export class Visited {
  size = 0;
  // One place is 16 bytes, a quarter of a cache line: the two halves of its hash, then its number. A look is one miss of the cache.
  #keys!: Uint32Array;
  #numbers!: Float64Array;
  #mask = 0;

  constructor() {
    this.#open((1 << 16) - 1);
  }

  /** The place of a state, new or known: compare `size` before and after. Places move when a state is added. */
  place(low: number, high: number): number {
    if (this.size * 2 > this.#mask) this.#grow();
    const at = this.#find(low >>> 0, high >>> 0 || 1);
    if (this.#keys[4 * at + 1] === 0) {
      this.#keys[4 * at] = low;
      this.#keys[4 * at + 1] = high || 1;
      this.size++;
    }
    return at;
  }

  number(place: number): number {
    return this.#numbers[2 * place + 1];
  }

  /** `place` is where the state was when it was added. */
  setNumber(place: number, low: number, high: number, number: number): void {
    const isThere = this.#keys[4 * place] === low >>> 0 && this.#keys[4 * place + 1] === (high >>> 0 || 1);
    this.#numbers[2 * (isThere ? place : this.#find(low >>> 0, high >>> 0 || 1)) + 1] = number;
  }

  #find(low: number, high: number): number {
    let at = (low ^ Math.imul(high, 0x9e3779b1)) & this.#mask;
    while (this.#keys[4 * at + 1] !== 0 && (this.#keys[4 * at] !== low || this.#keys[4 * at + 1] !== high)) {
      at = (at + 1) & this.#mask;
    }
    return at;
  }

  #open(mask: number): void {
    const memory = new ArrayBuffer(16 * (mask + 1));
    this.#mask = mask;
    this.#keys = new Uint32Array(memory);
    this.#numbers = new Float64Array(memory);
  }

  #grow(): void {
    const [keys, numbers] = [this.#keys, this.#numbers];
    this.#open(this.#mask * 2 + 1);
    for (let k = 0; 4 * k < keys.length; k++) {
      if (keys[4 * k + 1] === 0) continue;
      const at = this.#find(keys[4 * k], keys[4 * k + 1]);
      this.#keys[4 * at] = keys[4 * k];
      this.#keys[4 * at + 1] = keys[4 * k + 1];
      this.#numbers[2 * at + 1] = numbers[2 * k + 1];
    }
  }
}
