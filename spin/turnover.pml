/* Rows that turn over: the protocol of src/engine/guard.ts, hold.ts, intent.ts and recovery.ts.
 *
 * Every node has two sides of its row and one word: which side is current (lowest bit), and how many ops the row has seen (its
 * turn). An op over one, two or three rows holds them in ascending order, writes their spare sides, writes a record beyond the
 * head of its worker's ring, writes an intent, stores COMMIT, stores every word of the intent, stores NONE, unlocks. A snapshot
 * is an op over one row that takes a turn and flips nothing. A worker may die before any step; the supervisor, once the worker
 * has really stopped, redoes a committed intent, frees the locks that the dead incarnation owns, notifies all waiters on all
 * locks and respawns; the replacement does the piece of work again unless its intent was committed. An observer copies rows.
 *
 * Intent = COMMIT or NONE, a count, and as many (word, value) pairs: absolute targets, never 'toggle' or 'add one'; so doing
 * them all again after any prefix, or after a part of an earlier redo, is right. Words are numbered: rows, then ring heads.
 *
 * One step is one write of shared memory, or one atomic operation. Coarser where no other thread can tell: reads of held rows go
 * with the write that they feed; the spare sides of an op are written one coordinate at a time, all rows together; the words of
 * an intent before COMMIT are one step; so is 'load, then exchange' when the supervisor frees an orphan.
 * Ghosts, changed in the step that stores COMMIT: G = value that the row logically has, done = ops committed on it, log = records
 * committed by a worker, expect = initial sum + committed deltas. A freed row's spare side is spoiled: nobody may need it.
 *
 * Checked: no deadlock, no lost wake-up; at most one live owner of a lock; whoever holds a row sees it whole (two coordinates, kept
 * equal), with value G and turn == done; whenever a worker has died and its intent is finished, and at the end, the records up to
 * the head of its ring are exactly the ops that it committed; at the end every row is sound, the sums of both coordinates are
 * `expect`, all locks are free, no intent is left, nobody sleeps, and every worker has done each piece of work exactly once.
 * With -DLIVE: everybody finishes, under weak fairness.
 * The crash budget is drawn at the start from 0..CRASHES: a crash that is still possible would count as a way out of a deadlock
 * (and under fairness as one that must be taken), so a fixed budget hides every deadlock that needs fewer.
 *
 * Scope    -DNW=1..3 workers  -DNN=1..3 rows  -DROUNDS=pieces of work of a worker  -DCRASHES=k  -DREADS=copies by the observer
 *          -DOPS=sum of 1 (one row) 2 (two rows) 4 (three rows) 8 (snapshot); 15 by default
 *          -DRING=n  the ring has n slots, reserved before the first lock; the supervisor drains it meanwhile (else: room for all)
 * Variants -DTRYLOCK  give up instead of waiting (the piece is then left undone)
 *          -DREDO_AGAIN  the redo itself may be cut short at any step and started again      -DKEEP  do not spoil spare sides
 *          -DHEAD_LOW  the ring head is the first word of the intent, not the last
 *          -DCOARSE  everything between the locks and COMMIT is one step (nobody else reads it before COMMIT): for larger scopes
 * Mutants  -DFLIP_FIRST  the first word is stored before COMMIT    -DEARLY_COMMIT  COMMIT before the spare sides are complete
 *          -DINPLACE  the current sides are written                -DCLEAR_EARLY  NONE before the last word is stored
 *          -DCLEAR_BETWEEN  NONE after the first unlock            -DCLEAR_AFTER_UNLOCK  NONE after the last
 *          -DRELATIVE_REDO  redo computes the next word from the one it finds
 *          -DREDO_BY_SIDE  redo leaves out rows that stand on the target's side
 *          -DSTALE_COUNT  the count is only ever raised            -DBLIND_RETRY  the replacement does not look if it was committed
 *          -DFREE_FIRST  supervisor frees the locks before the redo
 *          -DFREE_BY_INTENT  supervisor frees the rows of the intent instead of those that the dead one owns
 *          -DSTEAL  recovery on a missed heart-beat                -DUNORDERED  rows in any order
 *          -DNONOTIFY  recovery notifies nobody                    -DNOTIFY_FREED  recovery notifies only on locks that it freed
 *          -DNOCBIT  a woken waiter takes the lock without the contended bit
 *          -DSNAP_FLIP  a snapshot flips its row                   -DRECORD_LATE  the record is written after COMMIT
 *          -DHEAD_APART  the head is stored after the intent's words, not as one of them
 *          -DHEAD_EARLY  the head is stored with the record
 *          -DNO_RESERVE  the ring's room is not waited for         -DTAIL_FIRST  the slot is given back before it is copied
 * Run      spin/check spin/turnover.pml "-DNW=2 -DNN=2 -DCRASHES=1";  spin/verify runs every scope and mutant */
#ifndef NW
#define NW 2
#endif
#ifndef NN
#define NN 2
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef READS
#define READS 1
#endif
#ifndef OPS
#define OPS 15
#endif
#define LOG (ROUNDS + CRASHES + 1)       /* room for what a mutant may commit */
#ifdef RING
#define SLOTS RING
#else
#define SLOTS LOG
#endif
#define FREE   0
#define CB     64                        /* contended bit */
#define OWN(x) ((x) & 63)
#define ID     ((me+1) | (inc[me] << 3)) /* owner: slot and incarnation, never 0 */
#define DEADID ((w+1) | (inc[w] << 3))
#define DELTA  1                         /* what an op adds to the sum: it rotates its rows and adds this to the first */
#define SPOILT 255

byte L[NN];                              /* lock words: 0, or owner with contended bit */
byte P[NN*4];                            /* rows: node, side, coordinate */
byte W[NN+NW];                           /* words: (turn, side) of each row, head of each ring */
byte R[NW*SLOTS];                        /* rings of records */
byte tail[NW];                           /* records drained */
#define SIDE(n)   (W[n] & 1)
#define TURN(n)   (W[n] >> 1)
#define HEAD(w)   W[NN+(w)]
#define AT(n,s,k) P[(n)*4 + (s)*2 + (k)]
#define NOW(n,k)  AT(n, SIDE(n), k)
#define SPARE(n,k) AT(n, 1-SIDE(n), k)
#ifdef INPLACE
#define NEW(n,k)  NOW(n,k)
#define FLIP      0
#else
#define NEW(n,k)  SPARE(n,k)
#define FLIP      1
#endif

bit  C[NW];                              /* intent: COMMIT */
byte N[NW];                              /* intent: count */
byte X[NW*4], V[NW*4];                   /* intent: words, values */

byte slp[NW+1];                          /* futex queue: 0 awake, n+1 asleep on lock n; the observer is slot NW */
byte inc[NW+1];                          /* incarnation */
bit  dead[NW], rec[NW];
byte crashes, fin;
byte inside[NN];                         /* ghost: live holders */
byte G[NN], done[NN];                    /* ghost: logical value, committed ops */
byte log[NW*LOG], logged[NW];            /* ghost: committed records of a worker */
byte expect;                             /* ghost: initial sum + committed deltas */

#define CRASH   atomic { (crashes < CRASHES && me < NW) -> crashes++; goto died }
#define STEP(x) if :: atomic { x } :: CRASH fi
#ifdef KEEP
#define SPOIL(n) skip
#else
#define SPOIL(n) SPARE(n,0) = SPOILT; SPARE(n,1) = SPOILT
#endif
#define SOUND(n) assert(NOW(n,0) == NOW(n,1)); assert(NOW(n,0) == G[n]); assert(TURN(n) == done[n])

inline notify_one(n) {                   /* inside atomic; any sleeper may be the one */
  if
  :: slp[0]==n+1 -> slp[0]=0
#if NW>1
  :: slp[1]==n+1 -> slp[1]=0
#endif
#if NW>2
  :: slp[2]==n+1 -> slp[2]=0
#endif
  :: slp[NW]==n+1 -> slp[NW]=0
  :: else
  fi
}
inline notify_all(n) {
  if :: slp[0]==n+1 -> slp[0]=0 :: else fi;
#if NW>1
  if :: slp[1]==n+1 -> slp[1]=0 :: else fi;
#endif
#if NW>2
  if :: slp[2]==n+1 -> slp[2]=0 :: else fi;
#endif
  if :: slp[NW]==n+1 -> slp[NW]=0 :: else fi
}
inline acquire(n) {                      /* ok = 1: held */
  do
  :: atomic { L[n]==FREE -> L[n] = ID | cont; inside[n]++; assert(inside[n]==1); v=0; cont=0; ok=1; break }
#ifdef TRYLOCK
  :: atomic { L[n]!=FREE -> ok=0; break }
  :: CRASH
#else
  :: atomic { L[n]!=FREE -> v = L[n] };                                  /* the exchange failed and says why */
     if                                                                  /* set the contended bit */
     :: atomic { L[n]==v -> L[n] = v | CB; v = v | CB; ok=1 }
     :: atomic { L[n]!=v -> v=0; ok=0 }
     :: CRASH
     fi;
     if
     :: ok -> ok=0;
        if                                                               /* wait(L, n, v): compare and sleep */
        :: atomic { L[n]==v -> slp[me] = n+1; v=0 }
        :: atomic { L[n]!=v -> v=0 }
        :: CRASH
        fi;
        if :: atomic { slp[me]==0 ->
#ifndef NOCBIT
              cont = CB
#else
              skip
#endif
           }
           :: CRASH                                                      /* dies asleep, or woken: swallows the wake-up */
        fi
     :: else
     fi
  :: CRASH
#endif
  od
}
inline release(n) {
  STEP(v = L[n] & CB; L[n] = FREE; inside[n]--; SPOIL(n));               /* exchange */
  if
  :: atomic { v!=0 -> notify_one(n); v=0 }
  :: v==0
  :: atomic { v!=0 && crashes < CRASHES && me < NW -> crashes++; goto died }
  fi
}

/* Draws an op: rows q[0..m-1] ascending, snap. */
inline draw() {
  if
#if OPS & 1
  :: q[0]=0; m=1
#if NN>1
  :: q[0]=1; m=1
#endif
#if NN>2
  :: q[0]=2; m=1
#endif
#endif
#if (OPS & 2) && NN>1
  :: q[0]=0; q[1]=1; m=2
#ifdef UNORDERED
  :: q[0]=1; q[1]=0; m=2
#endif
#if NN>2
  :: q[0]=0; q[1]=2; m=2
  :: q[0]=1; q[1]=2; m=2
#endif
#endif
#if (OPS & 4) && NN>2
  :: q[0]=0; q[1]=1; q[2]=2; m=3
#endif
#if OPS & 8
  :: q[0]=0; m=1; snap=1
#if NN>1
  :: q[0]=1; m=1; snap=1
#endif
#if NN>2
  :: q[0]=2; m=1; snap=1
#endif
#endif
  fi
}
inline write(k) {                        /* coordinate k of every row: rotate, and add to the first */
  NEW(q[0],k) = (m==1 -> NOW(q[0],k) : NOW(q[1],k)) + DELTA;
  if
  :: m==2 -> NEW(q[1],k) = NOW(q[0],k)
  :: m==3 -> NEW(q[1],k) = NOW(q[2],k); NEW(q[2],k) = NOW(q[0],k)
  :: else
  fi
}
#ifdef SNAP_FLIP
#define NEXT(n) ((W[n] + 2) ^ FLIP)
#else
#define NEXT(n) ((W[n] + 2) ^ (snap -> 0 : FLIP))
#endif
#define PAIR(k,x,v) X[me*4+(k)] = x; V[me*4+(k)] = v
#ifdef HEAD_LOW
#define ROW(k)   ((k)+1)
#define LAST     0
#else
#define ROW(k)   (k)
#define LAST     m
#endif
#ifdef HEAD_APART
#define COUNT    m
#else
#define COUNT    (m+1)
#endif
inline prepare() {                       /* the intent's words but its state */
  PAIR(ROW(0), q[0], NEXT(q[0]));
  if :: m>1 -> PAIR(ROW(1), q[1], NEXT(q[1])) :: else fi;
  if :: m>2 -> PAIR(ROW(2), q[2], NEXT(q[2])) :: else fi;
#ifndef HEAD_APART
  PAIR(LAST, NN+me, HEAD(me)+1);
#endif
#ifdef STALE_COUNT
  if :: N[me] < COUNT -> N[me] = COUNT :: else fi
#else
  N[me] = COUNT
#endif
}
#ifdef FLIP_FIRST
#define VALUE(n) NOW(n,0)
#else
#define VALUE(n) NEW(n,0)
#endif
inline publish() {                       /* the op happens here */
  C[me] = 1;
  log[me*LOG + logged[me]] = code; logged[me]++;
  done[q[0]]++;
  if :: !snap -> G[q[0]] = VALUE(q[0]); expect = expect + DELTA :: else fi;
  if :: m>1 -> done[q[1]]++; G[q[1]] = NEW(q[1],0) :: else fi;
  if :: m>2 -> done[q[2]]++; G[q[2]] = NEW(q[2],0) :: else fi
}
inline clear(w) {                        /* only C matters; the rest is for the checker */
  C[w] = 0;
#ifndef STALE_COUNT
  N[w]=0; X[w*4]=0; X[w*4+1]=0; X[w*4+2]=0; X[w*4+3]=0; V[w*4]=0; V[w*4+1]=0; V[w*4+2]=0; V[w*4+3]=0
#endif
}
#define CODE (16*(TURN(q[0])+1) + 8*snap + (1 << q[0]) + (m>1 -> (1 << q[1]) : 0) + (m>2 -> (1 << q[2]) : 0))
#define RECORD STEP(R[me*SLOTS + HEAD(me) % SLOTS] = code)
#define SOUND_ALL SOUND(q[0]); if :: m>1 -> SOUND(q[1]) :: else fi; if :: m>2 -> SOUND(q[2]) :: else fi
#define FORGET q[0]=0; q[1]=0; q[2]=0; m=0; k=0; v=0; cont=0; ok=0; snap=0; code=0

proctype worker(byte me) {
  byte r, q[3], m, k, v, cont, code, start; bit ok, snap;
again:
  do
  :: r >= ROUNDS -> break
  :: atomic { r < ROUNDS -> r++; start = HEAD(me); draw() };             /* start stands in shared memory: it outlives the worker */
#if defined(RING) && !defined(NO_RESERVE)
     if :: atomic { HEAD(me) - tail[me] < RING -> skip } :: CRASH fi;
#endif
     do
     :: k < m -> acquire(q[k]); if :: ok -> ok=0; k++ :: else -> break fi
     :: else -> break
     od;
     if :: k < m -> goto leave :: else fi;                               /* busy */
     /* 1. new values into the spare sides, 2. the record beyond the head */
     atomic { k = 0; code = CODE };
#ifdef COARSE
     STEP(SOUND_ALL; if :: !snap -> write(0); write(1) :: else fi; R[me*SLOTS + HEAD(me) % SLOTS] = code; prepare());
     STEP(publish());
#else
     STEP(SOUND_ALL; if :: !snap -> write(0) :: else fi);
#ifdef EARLY_COMMIT
     RECORD;
     STEP(prepare());
     STEP(publish());
     if :: !snap -> STEP(write(1)) :: else fi;
#else
     if :: !snap -> STEP(write(1)) :: else fi;
#ifndef RECORD_LATE
     RECORD;
#endif
#ifdef HEAD_EARLY
     STEP(HEAD(me) = HEAD(me)+1; prepare(); V[me*4+LAST] = HEAD(me));
#else
     /* 3. the intent, 4. COMMIT */
     STEP(prepare());
#endif
#ifdef FLIP_FIRST
     STEP(W[X[me*4]] = V[me*4]; k=1);
#endif
     STEP(publish());
#ifdef RECORD_LATE
     RECORD;
#endif
#endif
#endif
     /* 5. every word of the intent, 6. NONE */
     do
     :: k < COUNT ->
#ifdef CLEAR_EARLY
        if :: k == COUNT-1 -> STEP(C[me]=0) :: else fi;
#endif
        STEP(W[X[me*4+k]] = V[me*4+k]; k++)
     :: else -> break
     od;
#ifdef HEAD_APART
     STEP(HEAD(me) = HEAD(me)+1);
#endif
#if !defined(CLEAR_BETWEEN) && !defined(CLEAR_AFTER_UNLOCK)
     STEP(clear(me));
#endif
     k = m;
leave:                                                                   /* 7. unlock what is held */
     do
     :: k > 0 -> release(q[k-1]); k--;
#ifdef CLEAR_BETWEEN
        if :: k == m-1 -> STEP(clear(me)) :: else fi
#endif
     :: else -> break
     od;
#ifdef CLEAR_AFTER_UNLOCK
     STEP(clear(me));
#endif
     atomic { FORGET }
  od;
  fin++;
  goto endok;
died:
  atomic { slp[me]=0; dead[me]=1; FORGET };
  atomic { rec[me] -> rec[me]=0; dead[me]=0; inc[me]++;                  /* respawned */
#ifdef BLIND_RETRY
     if :: r > 0 -> r-- :: else fi
#else
     if :: r > 0 && HEAD(me) == start -> r-- :: else fi
#endif
  };
  goto again;
endok: skip
}

proctype observer() {                    /* copies a row; holds it and takes no turn */
  byte r, a, v, cont, t, me; bit ok;
  me = NW;
  do
  :: r >= READS -> break
  :: atomic { r < READS -> r++;
       if
       :: a=0
#if NN>1
       :: a=1
#endif
#if NN>2
       :: a=2
#endif
       fi }
     acquire(a);
     if
     :: ok ->
        ok = 0;
        t = NOW(a,0);
        atomic { assert(t == NOW(a,1)); SOUND(a); t=0 };
        release(a)
     :: else
     fi;
     atomic { a=0; v=0; cont=0; ok=0 }
  od;
  fin++;
  goto endok;
died: assert(false);
endok: skip
}

#ifdef REDO_AGAIN
#define CUT if :: goto redo :: skip fi
#else
#define CUT skip
#endif
inline free_orphan(n) {
  atomic {
    if
#ifdef FREE_BY_INTENT
    :: (mask & (1 << n)) && OWN(L[n]) == DEADID -> L[n]=FREE; inside[n]--; SPOIL(n); ok=1
#else
    :: OWN(L[n]) == DEADID -> L[n]=FREE; inside[n]--; SPOIL(n); ok=1
#endif
    :: else -> ok=0
    fi };
  atomic {
#ifdef NONOTIFY
    skip;
#else
#ifdef NOTIFY_FREED
    if :: ok -> notify_all(n) :: else fi;
#else
    notify_all(n);
#endif
#endif
    ok=0; n++ }
}
inline free_all() {
  n = 0;
  do
  :: n < NN -> free_orphan(n)
  :: else -> break
  od;
  n = 0
}
/* The records up to the head of w's ring, drained ones apart, are exactly the ops that w committed. */
inline recorded(w) {
  assert(HEAD(w) == logged[w]);
  n = tail[w];
  do
  :: n < logged[w] -> assert(R[w*SLOTS + n % SLOTS] == log[w*LOG + n]); n++
  :: else -> break
  od;
  n = 0
}
#ifdef TAIL_FIRST
#define DRAIN(x) atomic { HEAD(x) > tail[x] -> w=x; n=tail[x]; tail[x]++ }; \
                 atomic { assert(R[w*SLOTS + n % SLOTS] == log[w*LOG + n]); n=0; w=0 }
#else
#define DRAIN(x) atomic { HEAD(x) > tail[x] -> assert(R[x*SLOTS + tail[x] % SLOTS] == log[x*LOG + tail[x]]); w=x }; \
                 atomic { tail[w]++; w=0 }
#endif
proctype supervisor() {
  byte w, n, k, mask; bit ok;
end_s:
  do
  :: atomic { dead[0] && !rec[0] -> w=0 }; goto recover
#if NW>1
  :: atomic { dead[1] && !rec[1] -> w=1 }; goto recover
#endif
#if NW>2
  :: atomic { dead[2] && !rec[2] -> w=2 }; goto recover
#endif
#ifdef STEAL
  :: atomic { crashes < CRASHES && fin==0 -> crashes++; w=0 }; goto recover    /* worker 0 is alive, only slow */
#endif
#ifdef RING
  :: DRAIN(0)
#if NW>1
  :: DRAIN(1)
#endif
#endif
  od;
recover:
#ifdef FREE_BY_INTENT
  atomic { if :: C[w] -> do :: k < N[w] -> if :: X[w*4+k] < NN -> mask = mask | (1 << X[w*4+k]) :: else fi; k++ :: else -> break od; k=0 :: else fi };
#endif
#ifdef FREE_FIRST
  free_all();
#endif
redo:
  k = 0;
  if
  :: C[w] ->
     do
     :: k < N[w] ->
#if defined(RELATIVE_REDO)
        atomic { if :: X[w*4+k] < NN -> W[X[w*4+k]] = (W[X[w*4+k]] + 2) ^ 1 :: else -> W[X[w*4+k]] = V[w*4+k] fi; k++ };
#elif defined(REDO_BY_SIDE)
        atomic { if :: X[w*4+k] < NN && (W[X[w*4+k]] & 1) == (V[w*4+k] & 1) -> skip :: else -> W[X[w*4+k]] = V[w*4+k] fi; k++ };
#else
        atomic { W[X[w*4+k]] = V[w*4+k]; k++ };
#endif
        CUT
     :: else -> break
     od
  :: else
  fi;
  atomic { clear(w); k=0; if :: dead[w] -> recorded(w) :: else fi };
#ifndef FREE_FIRST
  free_all();
#endif
  atomic { if :: dead[w] -> rec[w]=1 :: else fi; w=0; mask=0 };
  goto end_s
}

init {
  byte n;
  atomic {
    do :: n < NN*4 -> P[n] = SPOILT; n++ :: else -> break od;
    n = 0;
    AT(0,0,0)=32; AT(0,0,1)=32; G[0]=32; expect=32;
#if NN>1
    AT(1,0,0)=0; AT(1,0,1)=0;
#endif
#if NN>2
    AT(2,0,0)=96; AT(2,0,1)=96; G[2]=96; expect=128;
#endif
    do :: crashes < CRASHES -> crashes++ :: break od;                      /* a budget of 0..CRASHES, see above */
    run worker(0);
#if NW>1
    run worker(1);
#endif
#if NW>2
    run worker(2);
#endif
    run observer(); run supervisor()
  };
  atomic {
    fin == NW+1;
    byte s0, s1;
    do
    :: n < NN -> assert(L[n]==FREE); SOUND(n); s0 = s0 + NOW(n,0); s1 = s1 + NOW(n,1); n++
    :: else -> break
    od;
    assert(s0 == expect && s1 == expect);
    byte w;
    do
    :: w < NW -> assert(!C[w] && slp[w]==0); recorded(w);
#ifndef TRYLOCK
       assert(logged[w] == ROUNDS);
#endif
       w++
    :: else -> break
    od;
    assert(slp[NW]==0)
  }
}
#ifdef LIVE
ltl alldone { <> (fin == NW+1) }
#endif
