// The order in which the engine's code comes. V8 puts an operation next to those that use it: of two steps of k it would first make both
// for one sum, then both for the next, and hold the values of both steps in registers that it does not have. It would also put each
// product right before its sum. AMD's Zen 4 behaves as if it dealt its operations out in turn to two halves, with a multiplier and an
// adder each: product, sum, product, sum is all products for one half. Two products and then their sums keep both busy (measured in
// loops without anything else: 77 % against 100 % of the peak).

// `x`, computed after `first`: a shuffle that keeps x as it is. It costs no instruction.
// @ts-ignore: decorator
@inline
export function after(first: v128, x: v128): v128 {
  return i8x16.shuffle(first, x, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
}
