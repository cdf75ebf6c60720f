/** The states seen, by a 64-bit hash: two of ten million states share one with probability 3e-6. With each goes a number. */

export class Visited {
  size = 0;
  #keys = new Uint32Array(2 << 16);
  #numbers = new Float64Array(1 << 16);
  #mask = (1 << 16) - 1;

  /** The place of a state, new or known: compare `size` before and after. Places move when a state is added. */
  place(low: number, high: number): number {
    if (this.size * 2 > this.#mask) this.#grow();
    const at = this.#find(low >>> 0, high >>> 0 || 1);
    if (this.#keys[2 * at + 1] === 0) {
      this.#keys[2 * at] = low;
      this.#keys[2 * at + 1] = high || 1;
      this.size++;
    }
    return at;
  }

  number(place: number): number {
    return this.#numbers[place];
  }

  /** `place` is where the state was when it was added. */
  setNumber(place: number, low: number, high: number, number: number): void {
    const isThere = this.#keys[2 * place] === low >>> 0 && this.#keys[2 * place + 1] === (high >>> 0 || 1);
    this.#numbers[isThere ? place : this.#find(low >>> 0, high >>> 0 || 1)] = number;
  }

  #find(low: number, high: number): number {
    let at = (low ^ Math.imul(high, 0x9e3779b1)) & this.#mask;
    while (this.#keys[2 * at + 1] !== 0 && (this.#keys[2 * at] !== low || this.#keys[2 * at + 1] !== high)) {
      at = (at + 1) & this.#mask;
    }
    return at;
  }

  #grow(): void {
    const [keys, numbers] = [this.#keys, this.#numbers];
    this.#mask = this.#mask * 2 + 1;
    this.#keys = new Uint32Array(2 * (this.#mask + 1));
    this.#numbers = new Float64Array(this.#mask + 1);
    for (let k = 0; k < numbers.length; k++) {
      if (keys[2 * k + 1] === 0) continue;
      const at = this.#find(keys[2 * k], keys[2 * k + 1]);
      this.#keys[2 * at] = keys[2 * k];
      this.#keys[2 * at + 1] = keys[2 * k + 1];
      this.#numbers[at] = numbers[k];
    }
  }
}
