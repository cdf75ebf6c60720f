/* A history played by many threads: the same bytes on any number of them, though any may die.
 *
 * A producer appends ops to a ring in one fixed order. Every entry has a record (op number, verb, rows, the turns and hands that
 * the op waits for) and a word State: 0 done, a tag with the op's number: posted, an owner (thread and incarnation): claimed.
 * The producer writes entry k once entry k - RING is done: the record, then the tag, then Posted = k + 1. Rows (nodes, message
 * slots) have a Turn word: ops so far, and the current side. Nodes have a Hand word: how often their difference was written or
 * read. A worker looks at the ops from the lowest that is not done: it loads State; reads the record (torn, maybe: the entry may
 * be in use again by then); if all turns and hands are those in the record, it claims by compare-exchange from the tag, which
 * fails if anything has happened to the entry. There is no lock: the turn is the guard.
 *
 *   commit, into, mix, mixAndCommit, both   spare sides; intent: turns, hands, State = 0
 *   stow, absorb        the same: a slot is a row; the one that is only read takes a turn too, and keeps its side
 *   descend             copy the row into the node's base; intent: turn, Snapped = k + 1. Then the difference, from base into
 *                       delta; intent: hand, State = 0. Whoever claims it again and finds Snapped = k + 1 goes on from base.
 *
 * Intent = COMMIT or NONE, a count, and as many (word, from, to). Done is a target like others, and the last one: once all ops
 * are done, all rows are what they should be. A worker stores 'to'. THE REDO COMPARES AND EXCHANGES, 'from' to 'to': a row is
 * given on with the store of its turn, and an entry with State = 0, before the intent says NONE; so others may have gone on from
 * there when the redo comes, and a plain store would take the word back (REDO_STORE). No word has the value 'from' twice: turns,
 * hands and Snapped only grow, and an incarnation claims nothing else while its intent stands.
 *
 * A worker that finds nothing ready sleeps on Progress, which it read before the look; Progress changes, and all are woken, after
 * every intent (that of a snapshot too), post, recovery and stop. The producer sleeps on the State of the entry that it waits for;
 * who has executed the op notifies there, and so does recovery. A worker may die before any step; the supervisor then redoes its
 * intent, stores NONE, gives every entry that the dead incarnation owns its tag back, and wakes all.
 *
 * One step is one write of shared memory, or one atomic operation; loads go with the branch or the write that they feed. A look
 * at an entry is two steps, State and then the record with the words that it waits for: all at once, as what is ready stays
 * ready. That Progress is still what a worker read is a bit.
 * Rows, bases and differences have two coordinates, written one at a time; the arithmetic (modulo 256) is such that the order of
 * ops shows. The producer executes each op on plain variables too when it draws it, and puts the result into the record. A side
 * that is no more current is spoiled: nobody may need it.
 *
 * Checked: no deadlock, no lost wake-up; when an op is committed, what it has written, both coordinates, is what serial execution
 * gives, and it was not committed before; who claims an op has read its own record; when the producer sees all done, rows, turns
 * and hands are those of serial execution; at the end every op was committed, and no claim and no intent is left. With -DLIVE:
 * everybody finishes, under weak fairness.
 * The crash budget is drawn at the start from 0..CRASHES (see turnover.pml).
 *
 * Scope    -DNW=1..3 workers  -DNN=1..2 nodes  -DNS=0..1 slots  -DK=ops  -DRING=1..3 entries  -DLOOK=ops looked at  -DCRASHES=k
 *          -DOPS=sum of 1 (descend) 2 (commit) 4 (into) 8 (mix) 16 (mixAndCommit) 32 (both) 64 (stow, absorb): the producer
 *          draws any order of these in which a commit follows a descend, and an absorb a stow; -DANY: any order at all
 * Variants -DCOARSE  for larger scopes, some steps are one: a post; the look (what it finds ready stays ready, what it finds
 *          not ready was not when it began); everything between claim and COMMIT; a change of Progress and its notify
 *          -DLONG  nobody ends its local steps while an op is ready that somebody who sleeps could execute: so a wake-up that
 *          only costs time elsewhere, because the thread that owes it looks again itself, is a deadlock here
 *          -DREDO_AGAIN  the redo itself may be cut short at any step and started again
 * Mutants  -DREDO_STORE  the redo stores                           -DNO_TURN  turns are not waited for
 *          -DEARLY_TURN  one turn too early will do                -DREAD_FREE  a snapshot takes no turn
 *          -DSLOT_EARLY  stow does not wait for the slot's turn    -DABSORB_EARLY  absorb does not
 *          -DABSORB_FREE  absorb takes no turn of the slot         -DNO_HAND  commits do not wait for the hand
 *          -DNO_HAND_BACK  descend does not wait for the hand      -DIN_PLACE  the difference is written over base
 *          -DNO_SNAPPED  descend begins again with its snapshot    -DSNAPPED_APART  Snapped is stored after NONE
 *          -DDONE_LATE  State = 0 comes after NONE                 -DDONE_EARLY  before COMMIT
 *          -DDONE_FIRST  it is the first target, not the last      -DEARLY_COMMIT  COMMIT before the second coordinate
 *          -DCLAIM_STORE  the claim is a store                     -DSAME_TAG  tags without the op's number
 *          -DRECORD_LATE  tag and Posted come before the turns     -DHEAD_FIRST  Posted comes before the tag
 *          -DKEEP_CLAIMS  recovery gives no claim back             -DGIVE_FIRST  recovery gives claims back before the redo
 *          -DSTEAL  recovery on a missed heart-beat                -DNO_ROOM  recovery does not wake the producer
 *          -DLATE_LOOK  Progress is read after the look
 *          with LONG: -DCALL_FIRST  Progress changes before the targets are stored   -DQUIET_SNAP  it does not after a snapshot
 *          -DNO_CALL  it does not after a recovery
 * Run      spin/check spin/play.pml "-DNW=2 -DNN=2 -DK=2";  spin/verify runs every scope and mutant */
#ifndef NW
#define NW 2
#endif
#ifndef NN
#define NN 2
#endif
#ifndef NS
#define NS 0
#endif
#ifndef K
#define K 3
#endif
#ifndef RING
#define RING 2
#endif
#ifndef LOOK
#define LOOK RING
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef OPS
#define OPS 127
#endif
#define NR     (NN+NS)
#define PAIRS  5
#define SPOILT 255
/* verbs; p is the first row, q the second; into: p takes the difference of q */
#define DESCEND 0
#define COMMIT  1
#define INTO    2
#define MIX     3
#define MIXC    4
#define BOTH    5
#define STOW    6
#define ABSORB  7
#define OF(v,set) ((1 << (v)) & (set))
#define TWO(v)    OF(v, 8+16+32+64+128)  /* takes a turn of q */
#define HAND(v)   OF(v, 1+2+4+16+32)
#define FLIP_P(v) OF(v, 2+4+8+16+32+128)
#define FLIP_Q(v) OF(v, 8+16+32+64)

byte M[NR+NN+2*RING];                    /* words: Turns (count, side) of rows, Hands of nodes, States and Snappeds of entries */
#define TURN(r)    (M[r] >> 1)
#define SIDE(r)    (M[r] & 1)
#define HANDS(n)   M[NR+(n)]
#define STATE(k)   (NR+NN+(k)%RING)
#define SNAPPED(k) (NR+NN+RING+(k)%RING)
#ifdef SAME_TAG
#define TAG(k)     128
#else
#define TAG(k)     (128+(k))
#endif
#define ME         (1 << me)
#define ID         ((me+1) | (inc[me] << 2))
#define DEADID     ((w+1) | (inc[w] << 2))

byte P[NR*4];                            /* rows: row, side, coordinate */
byte Base[NN*2], Delta[NN*2];
#define NOW(r,c)   P[(r)*4 + SIDE(r)*2 + (c)]
#define SPARE(r,c) P[(r)*4 + (1-SIDE(r))*2 + (c)]
#ifdef IN_PLACE
#define DIFF Base
#else
#define DIFF Delta
#endif

/* records: number, verb and rows, turns, hands; and the results */
byte num[RING], op[RING], tp[RING], tq[RING], hp[RING], hq[RING];
byte rp[RING], rq[RING];                 /* ghost */
#define VERB(e) (op[e] >> 4)
#define ROWP(e) ((op[e] >> 2) & 3)
#define ROWQ(e) (op[e] & 3)
#define NODE(e) (VERB(e) == INTO -> ROWQ(e) : ROWP(e))                    /* whose hand */
#define E       (j % RING)
#define verb    VERB(E)
#define rowp    ROWP(E)
#define rowq    ROWQ(E)
byte Posted; bit Stop;

bit  C[NW]; byte N[NW];                  /* intents: COMMIT, count, word, from, to */
byte X[NW*PAIRS], F[NW*PAIRS], V[NW*PAIRS];

byte seen, asleep;                       /* sets of workers: Progress is still what they read; they sleep on it */
byte waits;                              /* the producer sleeps: on entry waits-1 */
byte inc[NW];
bit  dead[NW], rec[NW];
byte crashes, fin;
short did;                               /* ghost: ops committed */
byte turns[NR], hands[NN], row[NR], dif[NN];    /* the producer's: what serial execution gives */
byte fresh; bit held;                    /* nodes with a difference, the slot with a message */

#define CRASH   atomic { crashes < CRASHES -> crashes++; goto died }
#define STEP(x) if :: atomic { x } :: CRASH fi
#ifdef COARSE
#define JOIN(x) atomic { x }
#define CALL    STEP(seen = 0; asleep = 0)                               /* change Progress, and notify */
#else
#define JOIN(x) x
#define CALL    STEP(seen = 0); STEP(asleep = 0)
#endif

/* The arithmetic: x, y the rows, d the difference. */
#define STEPS(x)      (5*(x) + 1)
#define NEWP(v,x,y,d) (OF(v, 2+4) -> 3*(x) + (d) : (v == ABSORB -> 3*(x) + (y) : (v == MIX -> (x) + 2*(y) : (x) + 2*(y) + (d))))
#define NEWQ(v,x,y,d) (v == STOW -> (x) : (v == BOTH -> 3*(x) + (y) + (d) : 3*(x) + (y)))

/* If the op of entry e is ready. What is ready stays so until the op itself is executed. */
#if defined(NO_TURN)
#define IS(r,t)  true
#elif defined(EARLY_TURN)
#define IS(r,t)  (TURN(r) == t || TURN(r) + 1 == t)
#else
#define IS(r,t)  (TURN(r) == t)
#endif
#if defined(SLOT_EARLY)
#define IS_Q(e)  (VERB(e) == STOW || IS(ROWQ(e), tq[e]))
#elif defined(ABSORB_EARLY)
#define IS_Q(e)  (VERB(e) == ABSORB || IS(ROWQ(e), tq[e]))
#else
#define IS_Q(e)  IS(ROWQ(e), tq[e])
#endif
#if defined(NO_HAND)
#define SKIPS(e) (VERB(e) != DESCEND)
#elif defined(NO_HAND_BACK)
#define SKIPS(e) (VERB(e) == DESCEND)
#else
#define SKIPS(e) false
#endif
#ifdef NO_SNAPPED
#define SNAPPED_IT(e) false
#else
#define SNAPPED_IT(e) (VERB(e) == DESCEND && M[SNAPPED(e)] == num[e]+1)
#endif
#define READY(e) ((SNAPPED_IT(e) || (IS(ROWP(e), tp[e]) && (!TWO(VERB(e)) || IS_Q(e)))) \
  && (!HAND(VERB(e)) || SKIPS(e) || HANDS(NODE(e)) == hp[e]) && (VERB(e) != BOTH || SKIPS(e) || HANDS(ROWQ(e)) == hq[e]))

#ifdef LONG
#define OPEN(e)  (M[STATE(e)] == TAG(num[e]) && READY(e))
#if RING==1
#define SOME     OPEN(0)
#elif RING==2
#define SOME     (OPEN(0) || OPEN(1))
#else
#define SOME     (OPEN(0) || OPEN(1) || OPEN(2))
#endif
#endif
#define AT(k)    ((k) < Posted && M[STATE(k)] == TAG(k) && READY((k)%RING))
#define INSIDE   (j < Posted && j < low + LOOK)
#ifdef SAME_TAG
#define DONE     (M[STATE(j)] == 0 || (M[STATE(j)] == TAG(j) && num[E] > j))
#else
#define DONE     (M[STATE(j)] == 0 || M[STATE(j)] > TAG(j))               /* op j is done, if it was posted */
#endif
#define NONE     255
/* Stores a target; for the checker, the side that was current is spoiled. */
#define STORE(i) M[X[i]] = V[i]; if :: X[i] < NR -> SPARE(X[i],0) = SPOILT; SPARE(X[i],1) = SPOILT :: else fi
#define PAIR(x,to) X[me*PAIRS+c] = x; F[me*PAIRS+c] = M[x]; V[me*PAIRS+c] = to; c++
#define NEXT(r,flip) ((M[r] + 2) ^ (flip -> 1 : 0))
inline prepare() {
#ifdef DONE_FIRST
  if :: !snap -> PAIR(STATE(j), 0) :: else fi;
#endif
  if
  :: snap ->
#ifndef READ_FREE
     PAIR(rowp, NEXT(rowp, false));
#endif
#ifndef SNAPPED_APART
     PAIR(SNAPPED(j), j+1)
#endif
  :: else ->
     if :: verb != DESCEND -> PAIR(rowp, NEXT(rowp, FLIP_P(verb))) :: else fi;
#ifdef ABSORB_FREE
     if :: TWO(verb) && verb != ABSORB -> PAIR(rowq, NEXT(rowq, FLIP_Q(verb))) :: else fi;
#else
     if :: TWO(verb) -> PAIR(rowq, NEXT(rowq, FLIP_Q(verb))) :: else fi;
#endif
     if :: HAND(verb) -> PAIR(NR+NODE(E), hp[E]+1) :: else fi;
     if :: verb == BOTH -> PAIR(NR+rowq, hq[E]+1) :: else fi;
#if !defined(DONE_FIRST) && !defined(DONE_LATE) && !defined(DONE_EARLY)
     PAIR(STATE(j), 0)
#endif
  fi;
  N[me] = c; c = 0
}
inline write(h) {                        /* coordinate h of everything that the op writes before COMMIT */
  if
  :: snap -> Base[rowp*2+h] = NOW(rowp,h)
  :: !snap && verb == DESCEND -> DIFF[rowp*2+h] = STEPS(Base[rowp*2+h])
  :: else ->
     if :: FLIP_P(verb) -> SPARE(rowp,h) = NEWP(verb, NOW(rowp,h), NOW(rowq,h), (HAND(verb) -> DIFF[NODE(E)*2+h] : 0)) :: else fi;
     if :: FLIP_Q(verb) -> SPARE(rowq,h) = NEWQ(verb, NOW(rowp,h), NOW(rowq,h), (verb == BOTH -> DIFF[rowq*2+h] : 0)) :: else fi
  fi
}
inline check() {                         /* what it has written is what serial execution gives */
  if
  :: snap -> assert(Base[rowp*2] == rp[E] && Base[rowp*2+1] == rp[E])
  :: !snap && verb == DESCEND -> assert(DIFF[rowp*2] == rq[E] && DIFF[rowp*2+1] == rq[E])
  :: else ->
     if :: FLIP_P(verb) -> assert(SPARE(rowp,0) == rp[E] && SPARE(rowp,1) == rp[E]) :: else fi;
     if :: FLIP_Q(verb) -> assert(SPARE(rowq,0) == rq[E] && SPARE(rowq,1) == rq[E]) :: else fi
  fi
}
inline commit() {                        /* the op happens here */
  C[me] = 1;
  if :: !snap -> assert(!(did & (1 << num[E]))); did = did | (1 << num[E]) :: else fi
}
inline clear(w) {                        /* only C matters; the rest is for the checker */
  C[w] = 0; N[w] = 0;
  X[w*PAIRS]=0; X[w*PAIRS+1]=0; X[w*PAIRS+2]=0; X[w*PAIRS+3]=0; X[w*PAIRS+4]=0;
  F[w*PAIRS]=0; F[w*PAIRS+1]=0; F[w*PAIRS+2]=0; F[w*PAIRS+3]=0; F[w*PAIRS+4]=0;
  V[w*PAIRS]=0; V[w*PAIRS+1]=0; V[w*PAIRS+2]=0; V[w*PAIRS+3]=0; V[w*PAIRS+4]=0
}

proctype worker(byte me) {
  byte low, j, k, c; bit snap;           /* low: all ops below are done; j the op in hand */
again:
  do
  :: atomic { Stop -> break }
  :: atomic { !Stop -> j = low;
#ifndef LATE_LOOK
       seen = seen | ME
#endif
     };
look:
#ifdef COARSE
     atomic {
       do :: low < Posted && (num[low%RING] != low || M[STATE(low)] == 0) -> low++ :: else -> break od;
       if
       :: AT(low) -> j = low
#if RING>1 && LOOK>1
       :: AT(low+1) -> j = low+1
#endif
#if RING>2 && LOOK>2
       :: AT(low+2) -> j = low+2
#endif
       :: else -> j = NONE
       fi;
       low = 0 };
     if :: j != NONE -> goto claim :: else fi;
#else
     do
     :: atomic { j >= Posted || j >= low + LOOK -> break }
     :: atomic { INSIDE && DONE -> if :: j == low -> low++ :: else fi; j++ }
     :: atomic { INSIDE && !DONE && M[STATE(j)] != TAG(j) -> j++ }       /* somebody has it */
     :: atomic { INSIDE && M[STATE(j)] == TAG(j) };
        if
        :: atomic { !READY(E) -> j++ }
        :: atomic { READY(E) }; goto claim
        fi
     od;
#endif
#ifdef LATE_LOOK
     seen = seen | ME;
#endif
     if                                                                  /* wait(Progress, seen) */
     :: atomic { seen & ME -> asleep = asleep | ME; seen = seen & ~ME; j = 0 }
     :: atomic { !(seen & ME) -> j = 0 }
     :: CRASH
     fi;
     if :: !(asleep & ME) :: CRASH fi
  od;
  fin++;
  goto endok;
claim:
  if
#ifdef CLAIM_STORE
  :: atomic { M[STATE(j)] = ID; seen = seen & ~ME }
#else
  :: atomic { M[STATE(j)] == TAG(j) -> M[STATE(j)] = ID; assert(num[E] == j); seen = seen & ~ME }
  :: atomic { M[STATE(j)] != TAG(j) -> j++; goto look }
#endif
  :: CRASH
  fi;
claimed:
  atomic { snap = (verb == DESCEND && M[SNAPPED(j)] != num[E]+1) };
#ifdef LONG
  if :: verb == DESCEND && !snap -> if :: !(asleep && SOME) :: CRASH fi :: else fi;
#endif
#ifdef COARSE
  STEP(write(0); write(1); prepare());
#elif defined(EARLY_COMMIT)
  STEP(write(0); prepare());
  STEP(commit());
  STEP(write(1));
#else
  STEP(write(0));
  STEP(write(1));
  STEP(prepare());
#endif
#ifdef DONE_EARLY
  if :: !snap -> STEP(M[STATE(j)] = 0) :: else fi;
#endif
#ifndef EARLY_COMMIT
  STEP(check(); commit());
#endif
#ifdef CALL_FIRST
  CALL;
#endif
  do
  :: k < N[me] -> STEP(STORE(me*PAIRS+k); k++)
  :: else -> break
  od;
  k = 0;
  STEP(clear(me));
#ifdef DONE_LATE
  if :: !snap -> STEP(M[STATE(j)] = 0) :: else fi;
#endif
#ifdef SNAPPED_APART
  if :: snap -> STEP(M[SNAPPED(j)] = j+1) :: else fi;
#endif
#if defined(QUIET_SNAP)
  if :: !snap -> CALL :: else fi;
#elif !defined(CALL_FIRST)
  CALL;
#endif
  if
  :: snap -> goto claimed
  :: else -> STEP(if :: waits == E+1 -> waits = 0 :: else fi; j = 0)     /* notify(State) */
  fi;
  goto again;
died:
  atomic { asleep = asleep & ~ME; seen = seen & ~ME; dead[me]=1; low=0; j=0; k=0; snap=0 };
  atomic { rec[me] -> rec[me]=0; dead[me]=0; inc[me]++ };                /* respawned */
  goto again;
endok: skip
}

/* Draws op k: rows and turns, and executes it on plain variables. */
#define HAS(n)     ((fresh >> (n)) & 1)
#define PENDING(n) (HAS(n) || ANYTIME)
#ifdef ANY
#define ANYTIME true
#else
#define ANYTIME false
#endif
inline draw() {
  if
#if OPS & 1
  :: !HAS(0) || ANYTIME -> v=DESCEND; p=0; q=0
#if NN>1
  :: k > 0 && (!HAS(1) || ANYTIME) -> v=DESCEND; p=1; q=1
#endif
#endif
#if OPS & 2
  :: PENDING(0) -> v=COMMIT; p=0; q=0
#if NN>1
  :: PENDING(1) -> v=COMMIT; p=1; q=1
#endif
#endif
#if NN>1
#if OPS & 4
  :: PENDING(0) -> v=INTO; p=1; q=0
  :: PENDING(1) -> v=INTO; p=0; q=1
#endif
#if OPS & 8
  :: v=MIX; p=0; q=1
#endif
#if OPS & 16
  :: PENDING(0) -> v=MIXC; p=0; q=1
  :: PENDING(1) -> v=MIXC; p=1; q=0
#endif
#if OPS & 32
  :: PENDING(0) && PENDING(1) -> v=BOTH; p=0; q=1
#endif
#endif
#if NS>0 && (OPS & 64)
  :: !held || ANYTIME -> v=STOW; p=0; q=NN
  :: held || ANYTIME -> v=ABSORB; p=0; q=NN
#if NN>1
  :: k > 0 && (!held || ANYTIME) -> v=STOW; p=1; q=NN
  :: held || ANYTIME -> v=ABSORB; p=1; q=NN
#endif
#endif
  fi;
  n = (v == INTO -> q : p)
}
inline serial() {
  x = row[p]; y = row[q];
  if :: FLIP_P(v) -> row[p] = NEWP(v, x, y, (HAND(v) -> dif[n] : 0)) :: else fi;
  if :: FLIP_Q(v) -> row[q] = NEWQ(v, x, y, (v == BOTH -> dif[q] : 0)) :: else fi;
  if :: v == DESCEND -> dif[p] = STEPS(x); fresh = fresh | (1 << p) :: else fi;
  if :: HAND(v) && v != DESCEND -> fresh = fresh & ~(1 << n) :: else fi;
  if :: v == BOTH -> fresh = fresh & ~(1 << q) :: else fi;
#if NS>0
  if :: v == STOW -> held = 1 :: v == ABSORB -> held = 0 :: else fi;
#endif
#ifdef READ_FREE
  if :: v != DESCEND -> turns[p]++ :: else fi;
#else
  turns[p]++;
#endif
#ifdef ABSORB_FREE
  if :: TWO(v) && v != ABSORB -> turns[q]++ :: else fi;
#else
  if :: TWO(v) -> turns[q]++ :: else fi;
#endif
  if :: HAND(v) -> hands[n]++ :: else fi;
  if :: v == BOTH -> hands[q]++ :: else fi
}
inline write_record() {
  num[k%RING] = k; op[k%RING] = v*16 + p*4 + q
}
inline write_turns() {                   /* and the results, for the checker */
  tp[k%RING] = turns[p]; tq[k%RING] = turns[q];
  hp[k%RING] = (HAND(v) -> hands[n] : 0); hq[k%RING] = (v == BOTH -> hands[q] : 0);
  serial();
  rp[k%RING] = row[p]; rq[k%RING] = (v == DESCEND -> dif[p] : row[q]);
  x = 0; y = 0
}
inline wait_done(k) {                    /* until the entry's op is done; load, then wait(State, what was loaded) */
  do
  :: atomic { M[STATE(k)] == 0 -> break }
  :: atomic { M[STATE(k)] != 0 -> waits = k%RING + 1 }; waits == 0
  od
}
proctype producer() {
  byte k, v, p, q, n, x, y;
  do
  :: k == K -> break
  :: k < K ->
     wait_done(k);
#if defined(HEAD_FIRST)
     atomic { draw(); write_record() };
     atomic { write_turns() };
     Posted = k+1;
     M[STATE(k)] = TAG(k);
#elif defined(RECORD_LATE)
     atomic { draw(); write_record() };
     M[STATE(k)] = TAG(k);
     Posted = k+1;
     atomic { write_turns() };
#else
     JOIN(atomic { draw(); write_record() }; atomic { write_turns() }; M[STATE(k)] = TAG(k); Posted = k+1);
#endif
     JOIN(atomic { k++; v=0; p=0; q=0; n=0; seen = 0 }; asleep = 0)
  od;
  k = 0;
  do
  :: k < RING -> wait_done(k); k++
  :: else -> break
  od;
  atomic {                               /* all done: the rows may be read */
    k = 0;
    do
    :: k < NR -> assert(NOW(k,0) == row[k] && NOW(k,1) == row[k] && TURN(k) == turns[k]); k++
    :: else -> break
    od;
    k = 0;
    do
    :: k < NN -> assert(HANDS(k) == hands[k]); k++
    :: else -> break
    od;
    k = 0;
    Stop = 1 };
  JOIN(seen = 0; asleep = 0)
}

#ifdef REDO_AGAIN
#define CUT if :: goto redo :: skip fi
#else
#define CUT skip
#endif
inline give_back() {
#ifdef KEEP_CLAIMS
  skip
#else
  do
  :: atomic { k < RING -> if :: M[STATE(k)] == DEADID -> M[STATE(k)] = TAG(num[k]) :: else fi; k++ }
  :: atomic { k == RING -> k = 0; break }
  od
#endif
}
proctype supervisor() {
  byte w, k;
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
  :: atomic { crashes < CRASHES && fin == 0 -> crashes++; w=0 }; goto recover    /* worker 0 is alive, only slow */
#endif
  od;
recover:
#ifdef GIVE_FIRST
  give_back();
#endif
redo:
  k = 0;
  do
  :: C[w] && k < N[w] ->
#ifdef REDO_STORE
     atomic { STORE(w*PAIRS+k); k++ };
#else
     atomic { if :: M[X[w*PAIRS+k]] == F[w*PAIRS+k] -> STORE(w*PAIRS+k) :: else fi; k++ };
#endif
     CUT
  :: else -> break
  od;
  k = 0;
#ifdef GIVE_FIRST
  atomic { clear(w) };
#else
  JOIN(atomic { clear(w) }; give_back());
#endif
#ifndef NO_CALL
  JOIN(seen = 0; asleep = 0);
#endif
#ifndef NO_ROOM
  waits = 0;
#endif
  atomic { if :: dead[w] -> rec[w] = 1 :: else fi; w = 0 };
  goto end_s
}

init {
  byte n;
  atomic {
    do :: n < NR*4 -> P[n] = SPOILT; n++ :: else -> break od;
    n = 0;
    do :: n < NR -> row[n] = 16*n+1; NOW(n,0) = row[n]; NOW(n,1) = row[n]; n++ :: else -> break od;
    do :: crashes < CRASHES -> crashes++ :: break od;
    run worker(0);
#if NW>1
    run worker(1);
#endif
#if NW>2
    run worker(2);
#endif
    run producer(); run supervisor()
  };
  atomic {
    fin == NW;
    assert(did == (1 << K) - 1);
    n = 0;
    do :: n < RING -> assert(M[STATE(n)] == 0); n++ :: else -> break od;
    n = 0;
    do :: n < NW -> assert(!C[n]); n++ :: else -> break od
  }
}
#ifdef LIVE
ltl alldone { <> (fin == NW) }
#endif
