/** Thrown between two local steps when the run is to end at once: nothing of the piece is committed, no row is held. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned';
}
