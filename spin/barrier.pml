/* The barrier of the synchronous methods: src/engine/barrier.ts, with deaths.
 *
 * Every thread serves one node. It commits a piece of work (the node's turn and the word Met, which names the meeting that it has
 * arrived for, are targets of one intent); when its node has arrived it attends: it stores 'arrived' into its phase word; once
 * all have, it writes its range of columns of every row's spare side and stores 'summed'; once all have, thread 0 performs one
 * intent over all rows and the number of meetings held. Between two looks a thread sleeps on the word Arrivals, which changes with
 * everything that happens here. A thread may die before any step; the supervisor redoes or drops its intent, wakes everybody and
 * respawns it; the replacement looks at the words again. All words are absolute numbers.
 *
 * One step is one write of shared memory, or one atomic operation; a load of a word goes with the branch that it decides. Locks
 * are taken whole (turnover.pml has how). They are needed although nobody serves a node that has arrived: a thread that sees the
 * new number may commit again while the leader, dead, still has its intent to be redone.
 * Column t of all rows is summed by thread t.
 *
 * Checked: no deadlock, no lost wake-up (sleeps have no time-out here); at the end every column of every row has the value that
 * MEETINGS rounds of 'everybody adds its piece, then all take the sum' give, and nothing is counted twice.
 *
 * Scope    -DNW=2..3 threads  -DMEETINGS=k  -DCRASHES=k (the budget is drawn from 0..k)
 * Mutants  -DNO_SUMMED  the leader does not wait for the columns      -DNO_ARRIVED  columns are summed without waiting for all
 *          -DMET_APART  Met is stored after the commit, not with it   -DGENERATION_APART  the meeting's number likewise
 *          -DNO_SIGNAL  'summed' is not signalled                     -DNO_WAKE  the recovery wakes nobody at the barrier
 *          -DNO_HOLD  the leader does not hold the rows
 *          -DREAD_TWICE  the thread attends the meeting that is next by then, not the one that its node has arrived for
 *          -DLATE_LOOK  Arrivals is read after the look               -DPHASE_COUNT  arrivals are counted, not numbered */
#ifndef NW
#define NW 2
#endif
#ifndef MEETINGS
#define MEETINGS 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
byte Generation, Arrivals;
byte Phase[NW], Met[NW], Committed[NW];
byte count;                              /* PHASE_COUNT only */
bit  Side[NW];
byte P[NW*2*NW];                         /* node, side, column */
#define AT(n,s,c)  P[((n)*2 + (s))*NW + (c)]
#define NOW(n,c)   AT(n, Side[n], c)
#define SPARE(n,c) AT(n, 1-Side[n], c)
byte C[NW];                              /* intent: 0, 1 a commit, 2 the meeting; its targets follow from it and from g */
byte cm[NW], cg[NW]; bit cs[NW], ms[NW*NW];
byte lock[NW];                           /* of a node: 0 or the thread + 1 */
bit  asleep[NW], dead[NW], rec[NW];
byte crashes, fin;

#define CRASH   atomic { crashes < CRASHES -> crashes++; goto died }
#define STEP(x) if :: atomic { x } :: CRASH fi
/* Phases: 2g-1 all my nodes have arrived for meeting g, 2g my columns are summed. */
inline signal() {
  STEP(Arrivals = Arrivals + 1);         /* the code stores a value that differs from all before: the same to a sleeper */
  STEP(wake_all())
}
inline wake_all() {
  asleep[0] = 0;
#if NW>1
  asleep[1] = 0;
#endif
#if NW>2
  asleep[2] = 0;
#endif
}
#if NW==1
#define ALL(x) (Phase[0] >= (x))
#elif NW==2
#define ALL(x) (Phase[0] >= (x) && Phase[1] >= (x))
#else
#define ALL(x) (Phase[0] >= (x) && Phase[1] >= (x) && Phase[2] >= (x))
#endif
#if NW==1
#define SUM(c) NOW(0,c)
#elif NW==2
#define SUM(c) (NOW(0,c) + NOW(1,c))
#else
#define SUM(c) (NOW(0,c) + NOW(1,c) + NOW(2,c))
#endif

proctype thread(byte me) {
  byte g, seen, n, c; bit held;
again:
  do
  :: Committed[me] == MEETINGS && Generation == MEETINGS -> break
  :: Met[me] != Generation + 1 && Committed[me] < MEETINGS ->            /* serve: commit a piece */
     atomic { g = Generation + 1 };
     if :: atomic { lock[me] == 0 -> lock[me] = me+1 } :: CRASH fi;
     STEP(do :: c < NW -> SPARE(me,c) = NOW(me,c) + 1; c++ :: else -> break od; c = 0);
     STEP(cm[me] = Committed[me] + 1; cg[me] = g; cs[me] = 1 - Side[me]);
     STEP(C[me] = 1);
     STEP(Side[me] = cs[me]);
     STEP(Committed[me] = cm[me]);
#ifndef MET_APART
     STEP(Met[me] = cg[me]);
#endif
     STEP(C[me] = 0; cm[me] = 0; cg[me] = 0; cs[me] = 0);
     STEP(lock[me] = 0);
#ifdef MET_APART
     STEP(Met[me] = g);
#endif
     g = 0
  :: Met[me] == Generation + 1 ->                                        /* attend */
#ifndef LATE_LOOK
     STEP(seen = Arrivals);
#endif
     /* the meeting that the node has arrived for, read once */
     if
#ifdef READ_TWICE
     :: STEP(g = Generation + 1; held = 0);
#else
     :: atomic { Met[me] == Generation + 1 -> g = Generation + 1; held = 0 };
#endif
        if
        :: Phase[me] < 2*g - 1 ->
#ifdef PHASE_COUNT
           STEP(count++);
#endif
           STEP(Phase[me] = 2*g - 1);
           signal()
        :: else
        fi;
        if
#ifdef NO_ARRIVED
        :: true ->
#elif defined(PHASE_COUNT)
        :: count >= NW*g ->
#else
        :: ALL(2*g - 1) ->
#endif
           if
           :: Phase[me] < 2*g ->
              STEP(do :: n < NW -> SPARE(n,me) = SUM(me); n++ :: else -> break od; n = 0);
              STEP(Phase[me] = 2*g);
#ifndef NO_SIGNAL
              signal()
#endif
           :: else
           fi;
           if
           :: me != 0 -> atomic { held = (Generation == g) }
#ifdef NO_SUMMED
           :: me == 0 ->
#else
           :: me == 0 && ALL(2*g) ->
#endif
#ifndef NO_HOLD
              do
              :: n < NW -> if :: atomic { lock[n] == 0 -> lock[n] = me+1; n++ } :: CRASH fi
              :: else -> break
              od;
              n = 0;
#endif
              STEP(do :: n < NW -> ms[me*NW + n] = 1 - Side[n]; n++ :: else -> break od; n = 0; cg[me] = g);
              STEP(C[me] = 2);
              do
              :: n < NW -> STEP(Side[n] = ms[me*NW + n]; n++)
              :: else -> break
              od;
              n = 0;
#ifndef GENERATION_APART
              STEP(Generation = cg[me]);
#endif
              STEP(C[me] = 0; cg[me] = 0; do :: n < NW -> ms[me*NW + n] = 0; n++ :: else -> break od; n = 0);
#ifdef GENERATION_APART
              STEP(Generation = g);
#endif
#ifndef NO_HOLD
              do
              :: n < NW -> STEP(lock[n] = 0; n++)
              :: else -> break
              od;
              n = 0;
#endif
              signal();
              held = 1
#ifndef NO_SUMMED
           :: me == 0 && !ALL(2*g) -> skip
#endif
           fi
#ifndef NO_ARRIVED
        :: else
#endif
        fi;
        if
        :: held
        :: else ->
#ifdef LATE_LOOK
           STEP(seen = Arrivals);
#endif
           if                                                            /* wait(Arrivals, seen) */
           :: atomic { Arrivals == seen -> asleep[me] = 1 }
           :: atomic { Arrivals != seen -> skip }
           :: CRASH
           fi;
           if :: asleep[me] == 0 :: CRASH fi
        fi
#ifndef READ_TWICE
     :: atomic { Met[me] != Generation + 1 -> skip }
#endif
     fi;
     atomic { g = 0; seen = 0; held = 0 }
  :: Met[me] != Generation + 1 && Committed[me] == MEETINGS && Generation < MEETINGS -> assert(false)
  od;
  fin++;
  goto endok;
died:
  atomic { asleep[me]=0; dead[me]=1; g=0; seen=0; n=0; c=0; held=0 };
  atomic { rec[me] -> rec[me]=0; dead[me]=0 };
  goto again;
endok: skip
}

proctype supervisor() {
  byte w, n;
end_s:
  do
  :: atomic { dead[0] && !rec[0] -> w=0 }; goto recover
#if NW>1
  :: atomic { dead[1] && !rec[1] -> w=1 }; goto recover
#endif
#if NW>2
  :: atomic { dead[2] && !rec[2] -> w=2 }; goto recover
#endif
  od;
recover:
  if
  :: C[w] == 1 ->
     Side[w] = cs[w];
     Committed[w] = cm[w];
#ifndef MET_APART
     Met[w] = cg[w]
#endif
  :: C[w] == 2 ->
     do :: n < NW -> Side[n] = ms[w*NW + n]; n++ :: else -> break od;
     n = 0;
#ifndef GENERATION_APART
     Generation = cg[w]
#endif
  :: else
  fi;
  atomic { C[w]=0; cm[w]=0; cg[w]=0; cs[w]=0; do :: n < NW -> ms[w*NW + n] = 0; n++ :: else -> break od; n=0 };
  atomic { do :: n < NW -> if :: lock[n] == w+1 -> lock[n] = 0 :: else fi; n++ :: else -> break od; n=0 };
#ifndef NO_WAKE
  Arrivals = Arrivals + 1;
  atomic { wake_all() };
#endif
  atomic { rec[w] = 1; w = 0 };
  goto end_s
}

init {
  byte g, s, v, n;
  atomic {
    do :: crashes < CRASHES -> crashes++ :: break od;
    run thread(0);
#if NW>1
    run thread(1);
#endif
#if NW>2
    run thread(2);
#endif
    run supervisor()
  };
  atomic {
    fin == NW;
    /* every column: v -> NW * (v + 1) at every meeting, from 0 */
    do :: g < MEETINGS -> v = NW * (v + 1); g++ :: else -> break od;
    assert(Generation == MEETINGS);
    do
    :: n < NW -> s = 0; assert(Committed[n] == MEETINGS && lock[n] == 0);
       do :: s < NW -> assert(NOW(n,s) == v); s++ :: else -> break od;
       n++
    :: else -> break
    od
  }
}
