/* Everybody parks: the protocol of src/engine/quiesce.ts, with deaths, jobs and the stop.
 *
 * Workers do pair ops (two writes under a lock, with an intent) and look at the word Want between ops: when it is odd they park,
 * that is they store the generation into a word of their own, do each job that is posted, and sleep on the word Call in between.
 * A worker without work dozes on Call. The supervisor takes SNAPS snapshots: Want odd, everybody parked or dead and recovered;
 * looks at the rows; posts a job, waits until everybody has done it; Want even; at last Stop. A worker may die before any step;
 * the supervisor recovers and respawns it, and its replacement parks, and does the job, like any other.
 *
 * Checked: the supervisor looks at a consistent cut (the sum is kept, no lock is held, no intent is left); every job is done by
 * everybody; everybody leaves after the stop: no deadlock, no lost wake-up (sleeps have no time-out here; the code has them on top).
 *
 * Scope    -DNW=1..3 workers  -DSNAPS=snapshots  -DOPS=ops of a worker  -DCRASHES=k (the budget is drawn from 0..k)
 * Mutants  -DBOOLFLAG  a flag and a shared counter instead of generations   -DNODEAD  the supervisor waits for the dead
 *          -DLATE_CALL  Call is read after Want: the wake-up in between is lost
 *          -DCALL_FIRST  the supervisor changes Call before Want            -DNO_CALL  Want alone changes, and Call not
 *          -DSTOP_ODD  the stop leaves Want odd                             -DEARLY_DONE  a job is reported before it is done */
#ifndef NW
#define NW 2
#endif
#ifndef SNAPS
#define SNAPS 2
#endif
#ifndef OPS
#define OPS 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
byte Want, Call, Job, Stop;
byte parked[NW], jobdone[NW];
byte parkcount;                          /* BOOLFLAG only */
byte work[NW];                           /* what a worker's part of a job leaves behind: the number of the job */
bit  asleep[NW];                         /* on Call */
bit  dead[NW], rec[NW];
byte XA=64, XB=0, lock;                  /* two rows and one lock: 0 or the worker + 1 */
bit  intent[NW]; byte ta[NW], tb[NW];
byte crashes, left;

#define CRASH   atomic { crashes < CRASHES -> crashes++; goto died }
#define STEP(x) if :: atomic { x } :: CRASH fi

inline wake() {
#ifndef NO_CALL
  atomic { Call++; w = 0 };
#endif
  atomic { do :: w < NW -> asleep[w] = 0; w++ :: else -> break od; w = 0 }
}
inline sleep(seen) {                     /* wait(Call, seen) */
  if
  :: atomic { Call == seen -> asleep[me] = 1 }
  :: atomic { Call != seen -> skip }
  :: CRASH
  fi;
  if :: asleep[me]==0 :: CRASH fi
}

proctype worker(byte me) {
  byte n, call, want, job;
again:
  do
  :: STEP(want = Want);                                                  /* safe point */
     if
     :: want & 1 ->
        do
        :: atomic { want = 0; job = 0 };
#ifdef LATE_CALL
           STEP(want = Want);
           STEP(call = Call);
#else
           STEP(call = Call);
           STEP(want = Want);
#endif
           if :: !(want & 1) -> break :: else fi;
#ifdef BOOLFLAG
           STEP(parkcount++);
           if :: !(Want & 1) :: CRASH fi;
           STEP(parkcount--);
           break;
#endif
           if :: parked[me] != want -> STEP(parked[me] = want) :: else fi;
           STEP(job = Job);
           if
           :: jobdone[me] != job ->
#ifdef EARLY_DONE
              STEP(jobdone[me] = job);
              STEP(work[me] = job)
#else
              STEP(work[me] = job);
              STEP(jobdone[me] = job)
#endif
           :: else -> sleep(call)
           fi
        od;
        atomic { want = 0; call = 0; job = 0 }
     :: else ->
        if
        :: atomic { Stop -> skip }; break
        :: atomic { !Stop && n < OPS && lock == 0 -> lock = me+1 };
           STEP(ta[me] = (XA+XB)/2 + 1; tb[me] = XA+XB - ta[me]);
           STEP(intent[me] = 1);
           STEP(XA = ta[me]);
           STEP(XB = tb[me]);
           STEP(intent[me] = 0; ta[me] = 0; tb[me] = 0);
           STEP(lock = 0; n++)
        :: atomic { !Stop && n < OPS && lock != 0 -> n++ }               /* busy: something else */
        :: atomic { !Stop && n >= OPS -> call = Call };                  /* doze */
           if
           :: (Want & 1) || Stop
           :: !((Want & 1) || Stop) -> sleep(call)
           fi;
           call = 0
        :: CRASH
        fi
     fi
  od;
  left++;
  goto endok;
died:
  atomic { asleep[me]=0; dead[me]=1; call=0; want=0; job=0 };
  atomic { rec[me] -> rec[me]=0; dead[me]=0 };
  goto again;
endok: skip
}

inline recover(x) {
  atomic {
    if :: intent[x] -> XA = ta[x]; XB = tb[x]; intent[x] = 0 :: else fi;
    ta[x] = 0; tb[x] = 0;
    if :: lock == x+1 -> lock = 0 :: else fi;
    dead[x] -> rec[x] = 1
  }
}
/* Waits until every worker's condition holds; the dead are recovered meanwhile, and their replacements waited for like others. */
inline wait_all() {
  w = 0;
  do
  :: w < NW ->
     if
     :: atomic { parked[w] == goal && (!posted || jobdone[w] == Job) -> w++ }
#ifndef NODEAD
     :: atomic { dead[w] && !rec[w] -> skip }; recover(w)
#endif
     fi
  :: else -> break
  od;
  w = 0
}
inline look() {
  atomic {
    assert(XA + XB == 64); assert(lock == 0); assert(!intent[0]);
#if NW>1
    assert(!intent[1]);
#endif
#if NW>2
    assert(!intent[2]);
#endif
  }
}
proctype supervisor() {
  byte s, w, goal; bit posted;
  do
  :: s >= SNAPS -> break
  :: else ->
#ifdef CALL_FIRST
     wake();
     Want = Want + 1;
#else
     Want = Want + 1;                                                    /* odd */
     wake();
#endif
     goal = Want;
#ifdef BOOLFLAG
     do                                                                  /* deaths are recovered here too */
     :: parkcount == NW -> break
     :: atomic { dead[0] && !rec[0] -> w=0 }; recover(w)
#if NW>1
     :: atomic { dead[1] && !rec[1] -> w=1 }; recover(w)
#endif
     od;
     w = 0;
#else
     posted = 0; wait_all();
#endif
     look();
#ifndef BOOLFLAG
     Job = Job + 1;
     wake();
     posted = 1; wait_all();
     atomic { do :: w < NW -> assert(work[w] == Job); w++ :: else -> break od; w = 0 };
     posted = 0;
#endif
     look();
     Want = Want + 1;
     wake();
     goal = 0;
     s++
  od;
  /* half of the stops come while everybody is asked to park */
  if :: Want = Want + 1; wake() :: skip fi;
  Stop = 1;
#ifndef STOP_ODD
  if :: Want & 1 -> Want = Want + 1 :: else fi;
#endif
  wake();
  do                                     /* the exits are awaited */
  :: left == NW -> break
  :: atomic { dead[0] && !rec[0] -> w=0 }; recover(w)
#if NW>1
  :: atomic { dead[1] && !rec[1] -> w=1 }; recover(w)
#endif
#if NW>2
  :: atomic { dead[2] && !rec[2] -> w=2 }; recover(w)
#endif
  od;
  w = 0;
  look();
  assert(left == NW)
}
init {
  atomic {
    do :: crashes < CRASHES -> crashes++ :: break od;
    run worker(0);
#if NW>1
    run worker(1);
#endif
#if NW>2
    run worker(2);
#endif
    run supervisor()
  }
}
