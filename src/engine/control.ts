/** The words of the one shared memory, by name: what each says, who writes it and who reads it. Where they lie is in layout.ts. */

/**
 * Words of the header that are written while a run goes on. Those that are waited on have a line of their own; words that are written
 * together share one.
 */
export const Header = {
  /** Generation of the quiesce; odd: everybody parks. Written by the supervisor, read by all. */
  Want: 512,
  /** 1: finish the op and leave. Written by the supervisor. */
  Stop: 544,
  /** 1: the run is to end with what is committed; local steps under way are given up. Written by the supervisor. */
  Hurry: 545,
  /** Total of local steps at which threads pause by themselves, modulo 2^32. Written by the supervisor while all are parked. */
  PauseAt: 576,
  /** Changes whenever parked threads have something to look at; they sleep on it. Written by the supervisor. */
  Call: 608,
  /** The job that parked threads do together, numbered; see quiesce. Written by the supervisor. */
  Job: 640,
  /** What the job is: its kind, how many models, how many chunks of rows. Written by the supervisor before Job. */
  JobKind: 641,
  JobModels: 642,
  JobChunks: 643,
  /** Meetings held so far. A target of the meeting's intent, written by the leader. */
  Generation: 672,
  /** The node that gave the last pilot signal, plus 1. Written by whoever serves it. */
  Signal: 864,
  /** The number that it gave. Written before Signal. */
  SignalNumber: 865,
  /** Changes when a thread wants the supervisor's eye. Written by any thread; the supervisor sleeps on it. */
  Bell: 704,
  /** Changes whenever something happens at the barrier; waiting threads sleep on it. Written by any thread. */
  Arrivals: 736,
  /** Entries of the agenda that were posted, and a hint: those before it are all done. Written by the poster; by players. */
  Posted: 768,
  Low: 800,
  /** Changes whenever an op is posted or done; players sleep on it. Written by any thread. */
  Progress: 832,
  /**
   * f64, milliseconds of the clock that all threads share: when training would have begun, had it never paused. Written by the supervisor
   * while all are parked.
   */
  Began: 896,
} as const;

/**
 * Words of a row's control line. Counters of ops change only as targets of an intent, so they move with the row or not at all; Draws
 * has an exception. The first sixteen, one cache line, are all that a simulation touches.
 */
export const Control = {
  /** 0, or the owner with the contended bit. Written by whoever takes and frees it. */
  Lock: 0,
  /** High 24 bits: turn; low 8 bits: the current side of each two-sided plane. Written by the holder. */
  Turn: 1,
  /** Number of the piece of work whose delta is complete. Written by the serving thread, read by holders. */
  Begun: 2,
  /** Pieces committed. Intent target of the holder. A piece is pending while Begun = Committed + 1. */
  Committed: 3,
  /** Local steps committed: the position in the node's stream of batches. Intent target of the holder. */
  Steps: 4,
  /**
   * Partner draws used. Intent target of the holder; of a node that sends, stored plainly by the thread that sends for it, which holds
   * nothing then. That is the one exception, and harmless: a draw picks a partner and nothing else, so a death before the store, or
   * a redo that takes it back, has the next draw find the same partner again; a death after it, leaves one unused. No sum and no count
   * rests on it.
   */
  Draws: 5,
  /**
   * Local steps of the pending piece, and the turn of its snapshot: written by the serving thread before Begun. Ops of the node's own
   * between that and its commit count the turn up, as targets of their intents, so that staleness is of others.
   */
  PieceSteps: 6,
  SnapshotTurn: 7,
  /** f64s: sum of the batch losses of the node's local steps, and how many. Written by the serving thread. */
  Loss: 8,
  LossSteps: 10,
  /** 1 while the node takes part. Written by the supervisor, read by all. */
  Alive: 12,
  /** Of a slot: receivers that have not had the message yet. Target of the op that receives it, else written by whoever serves it. */
  Receivers: 13,
  /** Of a slot, in the places of Begun and Committed: its sender plus 1, from the stow on until the slot is free (0). Intent target. */
  Sender: 2,
  /** And for which of its receivers, counted by Receivers, a kernel has had its turn: what is left is to drop it. Intent target. */
  Applied: 3,
  /**
   * Of a slot of a live run, in the places of Steps, PieceSteps and SnapshotTurn: to whom it was sent, plus 1 (-1: to all neighbours), after
   * how many pieces of that node it is delivered, and its place in the order of sending. Written by who sends it, before Receivers.
   */
  Receiver: 4,
  DuePiece: 6,
  Sent: 7,
  /** Of a model, in the place of Receivers: `Steps` when the optimizer's state was put to zero for a newcomer, or one that begins again. Intent target. */
  Since: 13,
  /** A player's turn of what is private to the node: differences made and used. Intent target, or written by who makes one. */
  Hand: 14,
  /** The node whose place in the graph, and whose data, this node has taken, plus 1; 0 for its own. Intent target. */
  Place: 15,
  /** The meeting that the node has arrived for. Intent target of the holder. */
  Met: 16,
  /** Draws of random times so far, of all purposes. Written by whoever serves the node. */
  Times: 17,
  /** Deaths of threads in a row while they worked on this node, and the piece at the last. Written by the supervisor. */
  Deaths: 18,
  DeathPiece: 19,
  /** f64, milliseconds: when the pending piece may finish (a slowed node). Written and read by the serving thread. */
  Due: 20,
  /** The piece that no partner may commit yet (a slowed node's, until it is due); 0 for none. Written by the serving thread. */
  Held: 22,
  /** The piece whose losses were counted last, and f64s: the sums before it (see losses.ts). Written by the serving thread. */
  LossPiece: 23,
  /** In the same place, where ops are planned or played: the piece whose difference was dropped. Written by who makes it, before Begun. */
  Dropped: 23,
  LossBefore: 24,
  LossStepsBefore: 26,
  /** Bits of f32: the mass of the model, or of a message (see mass.ts). Intent target; 0 says 1. */
  Mass: 28,
  /** Bits of f32: how far the row is from those it meets, a running measure (see quantizer.ts). Intent target of the holder. */
  Distance: 29,
  /** Four counters of an algorithm's own, of 16 bits (see counters.ts). Written by any thread; one that dies may leave one behind. */
  Counters: 30,
} as const;

/** Words of a thread's block. One writer: the thread itself (incarnation: the supervisor). Summed by the observer. */
export const Thread = {
  /** How often the slot was manned. */
  Incarnation: 0,
  /** The quiesce generation that it has parked for. */
  Parked: 1,
  /** The last job done. */
  JobDone: 2,
  /** At the barrier, for meeting number g: 2g - 1 all its nodes have arrived, 2g its columns are summed. */
  Phase: 3,
  /** The node that it works on, or -1: parked, at the barrier, not yet seated. */
  Node: 4,
  /** threadId of the worker that mans the slot: the supervisor finds it by this. Written when it starts. */
  Id: 6,
  /** 1 when it has rung because the total has reached PauseAt. */
  Paused: 5,
  Steps: 32,
  Pieces: 33,
  Exchanges: 34,
  Busy: 35,
  Alone: 36,
  /** Neighbours asked whether they are ready for the blocking rule. */
  Asked: 37,
  /** Models that went from one node to another. */
  Models: 38,
  /** Bytes that it has written into its recorder's ring, modulo 2^32: a target of every intent. Bytes that were taken out. */
  RingHead: 41,
  RingTail: 42,
  /** Ops played, and those of them that an earlier op was still waiting behind. */
  Played: 39,
  Overtaking: 40,
  /**
   * Messages of lattice codes, those that were seen to arrive wrong, and models that then went, or went at first, as they are. Targets of
   * the intent of the exchange.
   */
  Messages: 44,
  Retries: 45,
  Plain: 46,
  /** Rounds in which it found nothing to do. The supervisor reads it to see a run that has come to rest. */
  Idle: 43,
  /** Messages that reached their node and were not taken. */
  Ignored: 47,
  /** Pieces of work that were dropped, as what came of them was not finite. */
  Dropped: 48,
  /** f64s, milliseconds: local steps, gossip, waiting. */
  Working: 64,
  Gossip: 66,
  Blocked: 68,
  /** Histogram of staleness, 128 buckets (see metrics). */
  Staleness: 128,
} as const;
