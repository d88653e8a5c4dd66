/*
 * rig.c - timed passes in players; see rig.h.
 *
 * Passes that count are played by players of their own, which have seen
 * nothing of the trace. Such a player has loaded the stage and rehearsed a
 * trace of the same shape but of other sizes, so that the processor knows the
 * code. It plays a few passes, as processors learn even the data, and all
 * memory that it shares is overwritten between them. The first of them is new
 * to it: one that is faster by far has been remembered, not worked out, and
 * counts no more than a share of the first. The operations come when mm_init
 * is over. The time is that of the process, by the kernel's clock, read from
 * here.
 */
#define _GNU_SOURCE /* cpu_set_t */
#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"
#include "busy.h"
#include "door.h"
#include "explain.h"
#include "measure.h"
#include "measure_crew.h"
#include "memlib.h"
#include "memlib_sim.h"
#include "pages.h"
#include "remote.h"
#include "score.h"

enum {
    EMPTY_PASSES = 8,    /* of a new player */
    REHEARSALS = 2,      /* before passes that count, */
    SLOW_REHEARSALS = 1, /* and before slow ones */
    FRESH_PASSES = 16,   /* of a player */
    AUDIT_EACH = 8,      /* passes, in the mean, between two that are stopped */
};

static const double SLOW_SECONDS = 5e-3;  /* a pass that is slow */
static const double CRAWL_SECONDS = 5e-2; /* and one too slow to rehearse */

static const size_t PRIVATE_MOST = (size_t)256 << 10; /* bytes */
static const size_t TOUCHED_MOST = (size_t)8 << 20;   /* bytes */
static const size_t SPOILED_MOST = (size_t)8 << 20;   /* bytes */

static const struct check *check;
static struct trace other;     /* that is rehearsed: the same, other sizes */
static struct timed rehearsal; /* its steps; */
static struct timed_crew crew_rehearsal; /* for all threads, if there are */
static bool is_crew;                     /* any; then, of the pass: */
static struct timed_crew *crew_now;
static double crew_seconds; /* that its threads took, once it */
static bool has_ended;
static volatile size_t nowhere; /* its place; not told */
static struct result apart;     /* likewise */
static struct claim *claims;    /* of the last pass, copied */
static size_t claims_count;
static size_t claims_next; /* the first not yet carried out */
static double last_pass;   /* seconds, about */
static bool is_seated;     /* a player for the passes that count, */
static int passes_left;    /* so many of which it is to play; */
static double new_pass;    /* seconds of its first, or 0 */
static double empty_pass;  /* seconds of one without operations, or 0 */
static bool counts_now;    /* the pass under way counts */
static size_t cpu;         /* that all is pinned to */
static uint64_t random_state;

/* --- Small things -------------------------------------------------------- */

static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static struct seat *seat_of(uint32_t number)
{
    return &remote_wire()->seats[number];
}

static size_t ops_count(void)
{
    return check->trace->ops_count;
}

static size_t steps_bytes(void)
{
    return ops_count() * sizeof(struct step);
}

static size_t log_bytes(void)
{
    return ops_count() * (is_crew ? sizeof(struct event) : sizeof(void *));
}

static size_t claims_bytes(void)
{
    return remote_terms()->claims_most * sizeof(*claims);
}

static void pin(pid_t process)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(process, sizeof(set), &set);
}

/* What the player has spent of a processor, in seconds. */
static double player_seconds(void)
{
    struct timespec now = {0, 0};
    clockid_t clock;

    if (clock_getcpuclockid(remote_player(), &clock) == 0)
        clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* --- The trace that is rehearsed ----------------------------------------- */

/* A part of size, between half of it and all. */
static size_t part(size_t size, uint64_t share)
{
    return size - (size_t)((double)size / 2.0 * (double)(share % 1024) / 1024);
}

/*
 * Each block is smaller than in the trace by a share of its own: what worked
 * for one does not for the other, and it needs no more memory. A block keeps
 * its share over realloc, so that what grows there grows here.
 */
static void make_smaller(struct trace_op *ops, uint64_t *shares)
{
    for (size_t i = 0; i < ops_count(); i++) {
        struct trace_op *op = &ops[i];

        if (op->kind == TRACE_FREE)
            continue;
        if (op->kind != TRACE_REALLOC || shares[op->id] == 0)
            shares[op->id] = random_next();
        if (op->kind == TRACE_CALLOC && op->extra > 1)
            op->extra = part(op->extra, shares[op->id]);
        else
            op->size = part(op->size, shares[op->id]);
    }
}

static bool open_rehearsal(void)
{
    size_t ops_bytes = ops_count() * sizeof(struct trace_op);
    size_t shares_bytes = (check->trace->ids + 1) * sizeof(uint64_t);
    struct trace_op *ops = pages_get(ops_bytes);
    uint64_t *shares = pages_get(shares_bytes);

    if (!ops || !shares)
        return false;
    memcpy(ops, check->trace->ops, ops_bytes);
    make_smaller(ops, shares);
    pages_give(shares, shares_bytes);
    other = *check->trace;
    other.ops = ops;
    return timed_open(&rehearsal, &other, &nowhere) &&
           (!is_crew || timed_crew_open(&crew_rehearsal, &other, &apart));
}

/* --- Players ------------------------------------------------------------- */

/* What a player has taken for itself is footprint, too, but for its variables
   and stack, and for what memlib notes of mappings there. */
static void count_private(struct result *result, size_t bytes)
{
    static size_t counted; /* in the footprint already */
    size_t allowed = PRIVATE_MOST + (result->peak_footprint - counted) / 32;
    size_t excess = bytes > allowed ? bytes - allowed : 0;

    if (excess > counted) {
        result->peak_footprint += excess - counted;
        counted = excess;
    }
}

/* Few of the claims are ever made: the pages of all others are taken out. */
static void wipe_claims(struct wire *wire)
{
    const size_t page = mem_pagesize();
    size_t first =
        (size_t)((char *)wire_claims(wire, ops_count()) - (char *)wire);
    size_t used = first + claims_count * sizeof(*claims);
    size_t whole = (used + page - 1) / page * page;
    size_t end = wire_bytes(ops_count());

    memset((char *)wire + first, 0, (whole < end ? whole : end) - first);
    if (whole < end)
        fallocate(remote_wire_file(),
                  FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)whole,
                  (off_t)(end - whole));
}

/* What the players that count could leave there: the one that has this seat
   waits at its first slot. */
static void wipe_main_seat(void)
{
    struct seat *seat = seat_of(SEAT_MAIN);
    struct slot *first = &seat->slots[0];

    memset(seat, 0, offsetof(struct seat, slots));
    memset(&first->call, 0, sizeof(*first) - offsetof(struct slot, call));
    memset(first + 1, 0, sizeof(seat->slots) - sizeof(*first));
}

/* Nothing on the wire tells a new player of what another has seen. */
static void wipe_wire(void)
{
    struct wire *wire = remote_wire();
    struct terms *terms = remote_terms();

    wipe_main_seat();
    memset(wire_log(wire), 0, log_bytes());
    wipe_claims(wire);
    terms->extent = mem_extent();
    fallocate(remote_maps_file(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
              (off_t)terms->extent.maps,
              (off_t)(mem_region_bytes() - terms->extent.maps));
    terms->junk = random_next();
}

/* The order of all threads lies behind the steps. */
static void show_order(const struct order *order)
{
    memcpy(wire_turns(remote_steps(), ops_count()), order->turns,
           ops_count() * sizeof *order->turns);
    memcpy(wire_strands(remote_steps(), ops_count()), order->strands,
           check->trace->threads * sizeof *order->strands);
}

static void hide_steps(void)
{
    memset(remote_steps(), 0, steps_bytes());
    if (is_crew)
        memset(wire_turns(remote_steps(), ops_count()), 0,
               ops_count() * sizeof(struct turn));
}

/* All threads are there: only now the steps come, and the clock runs. */
static void open_gate(void)
{
    crew_seconds = -player_seconds();
    memcpy(remote_steps(), crew_now->steps, steps_bytes());
}

/* No thread has any more to play: what is not in the log by now never was. */
static void end_crew(void)
{
    memcpy(crew_now->log, wire_events(remote_wire()), log_bytes());
    crew_seconds += player_seconds();
    has_ended = true;
}

/* All threads play. */
static bool ask_crew(struct timed_crew *timed)
{
    crew_now = timed;
    has_ended = false;
    show_order(&timed->order);
    remote_expect(open_gate, end_crew);
    check->result->op = RESULT_THREADS;
    return remote_ask(CALL_CREW, check->result->is_locked, 0, 0) != 0;
}

static void play_rehearsal(void)
{
    if (is_crew) {
        ask_crew(&crew_rehearsal);
    } else {
        timed_clear(&rehearsal);
        memcpy(remote_steps(), rehearsal.steps, steps_bytes());
        remote_ask(CALL_PLAY, 0, ops_count(), rehearsal.stamp);
    }
    hide_steps();
}

/* One pass over the steps of the rehearsal, whatever comes of it. */
static void rehearse(void)
{
    struct seat *seat = seat_of(SEAT_FRESH);

    mem_reset(MEM_WARM);
    seat->claims = 0;
    remote_begin_grant();
    if (remote_ask(CALL_INIT, MEM_WARM, 0, 0) != 0)
        play_rehearsal();
}

static int rehearsals(void)
{
    if (last_pass > CRAWL_SECONDS)
        return 0;
    return last_pass > SLOW_SECONDS ? SLOW_REHEARSALS : REHEARSALS;
}

/*
 * What it costs to ask for a pass and to wait again, of a player that has no
 * stage yet: one that has could take its time where there is nothing to do.
 * What clears the slots is a part of it where passes do so under the clock. The
 * caches are as cold as at a pass.
 */
static void time_empty(void)
{
    size_t none = is_crew ? 1 : 0;

    for (int i = 0; i < EMPTY_PASSES; i++) {
        timed_unlearn(&rehearsal);
        double seconds = -player_seconds();
        memcpy(remote_steps(), rehearsal.steps, steps_bytes());
        remote_ask(CALL_PLAY, none, none, 0);
        seconds += player_seconds();
        hide_steps();
        if (empty_pass == 0.0 || seconds < empty_pass)
            empty_pass = seconds;
    }
}

static void leave_fresh(void)
{
    if (is_seated) {
        remote_sit(SEAT_FRESH);
        count_private(check->result, remote_private());
        door_kill(SEAT_FRESH);
    }
    is_seated = false;
}

static bool sit_fresh(void)
{
    leave_fresh();
    wipe_wire();
    mem_reset(MEM_WARM);
    is_seated = true;
    if (!remote_seat(SEAT_FRESH))
        return false;
    pin(remote_player());
    time_empty();
    if (!remote_load())
        return false;
    for (int i = rehearsals(); i > 0; i--)
        rehearse();
    return true;
}

static bool play_part(const struct timed *timed, size_t first, size_t end)
{
    return remote_ask(CALL_PLAY, first, end, timed->stamp) != 0;
}

/* A pass that looks like one that counts, but is stopped. */
static bool audit(const struct timed *timed)
{
    struct seat *seat = seat_of(SEAT_FRESH);
    struct audit audit = {timed, check->result, random_next(), play_part};

    mem_reset(MEM_WARM);
    seat->claims = 0;
    remote_begin_grant();
    if (remote_ask(CALL_INIT, MEM_WARM, 0, 0) == 0)
        return true; /* the pass that counts will tell */
    memcpy(remote_steps(), timed->steps, steps_bytes());
    bool sound = audit_pass(&audit);
    hide_steps();
    return sound;
}

/* A player with passes left finds nothing of the last one in shared memory,
   unless that is more than a cache holds. */
static void spoil(void)
{
    const struct terms *terms = remote_terms();
    struct mem_extent extent = mem_extent();

    remote_sit(SEAT_FRESH);
    wipe_wire();
    if (extent.heap + extent.maps <= SPOILED_MOST) {
        wire_spoil(remote_heap_file(), terms->share.heap_at, random_next());
        wire_spoil(remote_maps_file(), terms->share.maps_at, random_next());
    }
}

static bool continue_fresh(const struct timed *timed, bool audits)
{
    spoil();
    if (!audits)
        return true;
    bool sound = audit(timed);
    spoil();
    return sound;
}

/* One of AUDIT_EACH players is there for its first pass to be stopped, and
   one of as many other passes is stopped in between. */
static bool begin_fresh(const struct timed *timed)
{
    bool audits = random_next() % AUDIT_EACH == 0;

    if (is_seated && passes_left > 0)
        return continue_fresh(timed, audits);
    if (audits && (!sit_fresh() || !audit(timed)))
        return false;
    passes_left = FRESH_PASSES;
    new_pass = 0.0;
    return sit_fresh();
}

/* As struct rig's begin. */
static bool begin(const struct timed *timed, bool counts)
{
    struct seat *seat = seat_of(counts ? SEAT_FRESH : SEAT_MAIN);

    counts_now = counts;
    if (!counts)
        remote_sit(SEAT_MAIN);
    else if (!begin_fresh(timed))
        return false;
    seat->claims = 0;
    remote_begin_grant();
    return true;
}

/* --- A pass -------------------------------------------------------------- */

static void take_claims(const struct seat *seat)
{
    claims_count = seat->claims;
    claims_next = 0;
    if (claims_count > remote_terms()->claims_most)
        remote_accuse("called memlib more often than a referee can note");
    memcpy(claims, wire_claims(remote_wire(), ops_count()),
           claims_count * sizeof *claims);
}

/* An address is missing where there was one in a pass that came to its end. */
static bool is_gap(const struct step *step, const void *address, bool is_whole)
{
    return is_whole && step->needs && !address;
}

/* Take what the player says of a pass. */
static void take_pass(struct timed *timed, const struct seat *seat,
                      bool is_whole)
{
    size_t at = seat->at;

    memcpy(timed->log, wire_log(remote_wire()),
           ops_count() * sizeof *timed->log);
    for (size_t i = 0; i < ops_count(); i++) {
        if (is_gap(&timed->steps[i], timed->log[i], is_whole))
            remote_accuse("has written over the record of its answers");
    }
    timed->wrong = seat->wrong;
    check->result->op = at < ops_count() ? at : ops_count() - 1;
    take_claims(seat);
}

/* What the pass counts, when it took so long. */
static double judge_seconds(double seconds)
{
    last_pass = seconds;
    if (!counts_now)
        return seconds;
    passes_left--;
    if (new_pass == 0.0)
        new_pass = seconds;
    return score_pass(seconds, new_pass);
}

/* Have lines in the cache, which the referee's work has driven out; more than
   so many bytes are not in one anyway. */
static void touch(void)
{
    size_t maps = mem_extent().maps;

    if (remote_granted() + maps <= TOUCHED_MOST)
        remote_ask(CALL_TOUCH, maps, 0, 0);
}

/* As struct rig's play. The clock runs before there is anything to read, and
   until there is nothing more to write. */
static bool play(struct timed *timed, uint64_t *cycles, double *seconds)
{
    const struct seat *seat = seat_of(counts_now ? SEAT_FRESH : SEAT_MAIN);
    enum call call = cycles ? CALL_CYCLES : CALL_PLAY;

    touch();
    timed_unlearn(timed);
    double start = player_seconds();
    memcpy(remote_steps(), timed->steps, steps_bytes());
    bool is_whole = remote_ask(call, 0, ops_count(), timed->stamp) != 0;
    take_pass(timed, seat, is_whole);
    *seconds = player_seconds() - start;
    hide_steps();
    *seconds = judge_seconds(fmax(*seconds - empty_pass, 1e-9));
    for (int kind = 0; cycles && kind < CYCLE_KINDS; kind++)
        cycles[kind] = seat->cycles[kind];
    return is_whole;
}

/* --- Claims -------------------------------------------------------------- */

/* When the call was made, as a count of the operations begun by then. */
static size_t claim_time(const struct claim *claim)
{
    return claim->op == UINT32_MAX ? 0 : (size_t)claim->op + 1;
}

/* Carry out the call at claims_next. */
static void repeat_claim(void)
{
    const struct claim *first = &claims[claims_next];
    size_t count = wire_arguments(first->kind);
    struct mem_call call = {.kind = (enum mem_kind)first->kind};

    if (count == 0 || claims_next + count > claims_count)
        remote_accuse("has written over the record of its calls");
    for (size_t i = 0; i < count; i++)
        call.args[i] = first[i].arg;
    mem_repeat(&call);
    claims_next += count;
}

/* Bytes of pages above all mappings that there ever were. */
static size_t unclaimed_bytes(void)
{
    enum { BLOCK = 512 }; /* of st_blocks; see stat(3type) */
    struct stat maps = {.st_blocks = 0};

    fstat(remote_maps_file(), &maps);
    size_t bytes = (size_t)maps.st_blocks * BLOCK;
    return bytes > mem_extent().maps ? bytes - mem_extent().maps : 0;
}

/* All calls are to be carried out by now; memory that was had, but not asked
   for, counts. */
static void end_claims(void)
{
    struct result *result = check->result;
    size_t heap = remote_granted() > mem_extent().heap ? remote_granted() : 0;
    size_t bytes = heap + unclaimed_bytes();

    if (claims_next < claims_count)
        remote_accuse("has written over the record of its calls");
    if (bytes > result->peak_footprint)
        result->peak_footprint = bytes;
}

/* As struct rig's advance. */
static void advance(size_t op)
{
    while (claims_next < claims_count &&
           claim_time(&claims[claims_next]) <= op + 1)
        repeat_claim();
    if (op == ops_count())
        end_claims();
}

/* --- All threads --------------------------------------------------------- */

static bool begin_crew(const struct timed_crew *timed, bool counts)
{
    return begin(&timed->timed, counts);
}

/*
 * The clock that the threads share cannot have been as the log has it: it
 * goes back within a thread, stands still for longer than a period, or an
 * operation came before the one it had to wait for.
 */
static bool is_log_odd(const struct timed_crew *timed,
                       const struct strand *strand)
{
    const struct turn *turns = timed->order.turns;
    const struct event *log = timed->log;
    uint32_t now = 0;

    for (uint32_t place = strand->first; place < strand->end; place++) {
        uint32_t after = turns[place].after;
        uint32_t since = place - strand->first;

        if (is_gap(&timed->steps[place], log[place].address, true) ||
            log[place].taken < now || log[place].given < log[place].taken ||
            log[place].given > atomic_load(&timed->clock) ||
            (since >= timed->period &&
             log[place].taken <= log[place - timed->period].taken) ||
            (after != ORDER_NONE && log[place].taken < log[after].given))
            return true;
        now = log[place].given;
    }
    return false;
}

/* Take what the player says of a pass of all threads, and make sure that it
   can be. */
static void take_crew_pass(struct timed_crew *timed, const struct seat *seat,
                           bool is_whole)
{
    uint32_t clock = seat->crew_clock;
    uint32_t wrong = seat->crew_wrong;
    uint32_t null = seat->crew_null;

    atomic_store(&timed->clock, clock);
    atomic_store(&timed->wrong, wrong < ops_count() ? wrong : ORDER_NONE);
    atomic_store(&timed->null, null < ops_count() ? null : ORDER_NONE);
    if (clock > ops_count())
        remote_accuse("has written over the clock of its threads");
    for (size_t i = 0; is_whole && i < check->trace->threads; i++) {
        if (is_log_odd(timed, &timed->order.strands[i]))
            remote_accuse("has written over the record of its threads");
    }
    take_claims(seat);
    advance(ops_count());
}

/* As struct crew_rig's play. */
static bool play_crew(struct timed_crew *timed, double *seconds)
{
    const struct seat *seat = seat_of(counts_now ? SEAT_FRESH : SEAT_MAIN);

    bool is_whole = ask_crew(timed);

    hide_steps();
    if (is_whole && !has_ended)
        remote_accuse("has not said when its threads ended");
    *seconds = judge_seconds(fmax(crew_seconds - empty_pass, 1e-9));
    take_crew_pass(timed, seat, is_whole);
    if (is_whole || atomic_load(&timed->null) != ORDER_NONE)
        return is_whole;
    if (has_ended)
        remote_accuse("has stopped at an operation that does not exist");
    return explain(check->result, VERDICT_NONE, check->trace, RESULT_THREADS,
                   "could not be graded: no threads for it");
}

/* --- The interface, see rig.h -------------------------------------------- */

bool rig_audit(const struct check *of)
{
    count_private(of->result, remote_private());
    return true;
}

static bool measure_any(void)
{
    static const struct rig rig = {begin, play, advance};
    static const struct measure_options with = {
        .pairs_min = 5, .pairs_max = 50, .seconds = 2.0, .rig = &rig};
    static const struct crew_rig crew_rig = {begin_crew, play_crew};
    static const struct measure_crew_options crew_with = {.parallel = true,
                                                          .rig = &crew_rig};

    if (is_crew)
        return measure_crew(check->trace, check->stage, &crew_with,
                            check->result);
    return measure_trace(check->trace, check->stage, &with, check->result);
}

/* Pinned, all threads share the one processor, as under mdriver. */
static bool measure_pinned(const struct job *job)
{
    uint32_t spins = remote_terms()->spins;
    cpu_set_t before;

    sched_getaffinity(0, sizeof(before), &before);
    cpu =
        job->options->cpu > 0 ? job->options->cpu - 1 : (size_t)sched_getcpu();
    pin(0);
    pin(remote_player());
    remote_terms()->spins = 0; /* the other one cannot run meanwhile */
    struct busy start = busy_now();
    bool done = measure_any();
    check->result->load = busy_load();
    check->result->steal = busy_steal(&start);
    leave_fresh();
    remote_sit(SEAT_MAIN);
    remote_terms()->spins = spins;
    sched_setaffinity(0, sizeof(before), &before);
    sched_setaffinity(remote_player(), sizeof(before), &before);
    return done;
}

bool rig_measure(const struct check *of, const struct job *job)
{
    check = of;
    is_crew = check->trace->threads > 1;
    if (getrandom(&random_state, sizeof(random_state), 0) < 0 ||
        random_state == 0)
        random_state = 1;
    claims = pages_get(claims_bytes());
    if (claims && open_rehearsal())
        return measure_pinned(job);
    return explain(check->result, VERDICT_NONE, check->trace, 0,
                   "could not be graded: no memory for measuring: %s",
                   strerror(errno));
}
