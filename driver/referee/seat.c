/*
 * seat.c - a player at its seat; see seat.h.
 *
 * In a checked pass every call to memlib is told the referee before it is
 * carried out here. In a timed pass it is only noted, in the claims, and the
 * referee carries all of them out afterwards; but the heap's file ends where
 * the referee lets it, and to go further it has to be asked.
 */
#define _GNU_SOURCE
#include "seat.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alone.h"
#include "guard.h"
#include "locked.h"
#include "memlib.h"
#include "memlib_sim.h"
#include "pages.h"
#include "stage.h"

static const double PATIENCE = 3600.0; /* seconds of one sleep */

static struct wire *wire;
static const struct terms *terms;
static const struct step *steps;
static const char *path;
static const struct stage *stage;
static struct seat *seat;
static struct claim *claims;
static size_t claims_count;
static size_t claims_most;
static bool is_warm;           /* the pass is a timed one; then */
static size_t granted;         /* the heap may have so much without asking */
static struct timed timed;     /* of which the log is on the wire */
static struct trace trace;     /* of which only the length is known */
static struct timed_crew crew; /* likewise, of a trace with threads */
static pthread_t threads[WIRE_SLOTS];

/* Of the calling thread; NULL: the stage has made that thread. */
static _Thread_local struct slot *here;

/* --- The turn ------------------------------------------------------------ */

static void await_turn(struct slot *slot)
{
    while (!wire_await(slot, TURN_PLAYER, terms->spins, PATIENCE))
        continue;
}

/* Say something in the middle of a call, and wait until it is done. */
static void say_here(enum says what)
{
    here->says = what;
    wire_give(here, TURN_REFEREE);
    await_turn(here);
}

/* In a timed pass all threads have one slot. */
static void say_in_turn(enum says what, size_t arg)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&mutex);
    here->args[0] = arg;
    say_here(what);
    pthread_mutex_unlock(&mutex);
}

/* --- memlib -------------------------------------------------------------- */

/* A copy that the stage has forked has no say. */
static void ask_memlib(const struct mem_call *call)
{
    alone_end_copy();
    here->args[0] = call->kind;
    memcpy(here->args + 1, call->args, sizeof(call->args));
    say_here(SAYS_MEMLIB);
}

/* Note an argument of a call in a timed pass, for the referee to carry out
   later. */
static inline void claim(enum mem_kind kind, size_t arg)
{
    size_t at = claims_count++;

    if (at < claims_most)
        claims[at] = (struct claim){(uint32_t)seat->at, kind, arg};
}

/* The break is to move in a timed pass: that is under the clock. */
static inline void claim_break(size_t increment)
{
    size_t bytes = mem_heapsize() + increment;

    claim(MEM_SBRK, increment);
    if (bytes > granted && (intptr_t)increment > 0) {
        say_in_turn(SAYS_GROW, bytes);
        granted = seat->granted;
    }
}

/* A thread of a crew speaks for the main one, which waits for it; memlib's
   lock lets one speak at a time. */
static bool is_heard(void)
{
    if (!here && crew_op(RESULT_INIT) != RESULT_INIT)
        here = &seat->slots[0];
    return here != NULL;
}

static void on_memlib(enum mem_kind kind, size_t a, size_t b, size_t c,
                      size_t d)
{
    if (!is_heard())
        abort();
    if (is_warm && kind == MEM_SBRK) {
        claim_break(a);
        return;
    }

    struct mem_call call = {kind, {a, b, c, d}};

    if (!is_warm)
        ask_memlib(&call);
    for (size_t i = 0; is_warm && i < wire_arguments(kind); i++)
        claim(kind, call.args[i]);
}

/* --- Loading the stage --------------------------------------------------- */

static void fill_hello(struct hello *hello)
{
    snprintf(hello->name, sizeof(hello->name), "%s", stage->info->name);
    snprintf(hello->era, sizeof(hello->era), "%s", stage->era);
    hello->alignment = stage->alignment;
    hello->number = stage->info->number;
    hello->thread_safe = stage->info->thread_safe;
    hello->has_memalign = stage->memalign != NULL;
}

static void load(void)
{
    struct hello *hello = &seat->hello;

    stage = stage_load(path, hello->error, sizeof(hello->error));
    if (!stage)
        return;
    fill_hello(hello);
    if (!guard_enter(terms->threads > 1)) {
        snprintf(hello->error, sizeof(hello->error), "its filter: %s",
                 strerror(errno));
        stage = NULL;
    }
}

/* --- Timed passes -------------------------------------------------------- */

static bool touch(void *pages, size_t bytes)
{
    return pages && memset(pages, 0xff, bytes);
}

static bool open_timed_crew(void)
{
    size_t slots_bytes = timed_crew_slots(&trace) * sizeof *crew.slots;

    crew = (struct timed_crew){
        .trace = &trace,
        .order = {.trace = &trace,
                  .turns = wire_turns(steps, terms->ops),
                  .strands = wire_strands(steps, terms->ops),
                  .lanes = terms->lanes},
        .timed = timed,
        .steps = (struct step *)(uintptr_t)steps,
        .log = wire_events(wire),
        .slots = pages_get(slots_bytes),
        .period = timed_crew_period(&trace),
    };
    return touch(crew.slots, slots_bytes) &&
           crew_open(&crew.crew, &crew.order, &seat->crew);
}

/* What is touched now does not count, as memory that a player takes later
   does. */
static bool open_timed(void)
{
    size_t slots_bytes = (terms->ids + 1) * sizeof *timed.slots;

    trace = (struct trace){
        .ops_count = terms->ops, .ids = terms->ids, .threads = terms->threads};
    timed = (struct timed){
        .trace = &trace,
        .at = &seat->at,
        .slots = pages_get(slots_bytes),
        .log = wire_log(wire),
    };
    return touch(timed.slots, slots_bytes) &&
           (trace.threads < 2 || open_timed_crew());
}

static bool play(const struct slot *slot, uint64_t *cycles)
{
    size_t first = slot->args[0];
    size_t end = slot->args[1];

    if (first == 0) {
        memset(timed.slots, 0, (terms->ids + 1) * sizeof *timed.slots);
        timed.wrong = terms->ops;
    }
    timed.stamp = slot->args[2];

    bool is_whole = cycles ? timed_play_cycles(&timed, steps, stage, cycles)
                           : timed_play_part(&timed, steps, stage, first, end);
    seat->wrong = timed.wrong;
    seat->claims = claims_count;
    return is_whole;
}

static bool play_cycles(const struct slot *slot)
{
    uint64_t cycles[CYCLE_KINDS] = {0};
    bool is_whole = play(slot, cycles);

    memcpy(seat->cycles, cycles, sizeof(cycles));
    return is_whole;
}

static size_t read_lines(const void *base, size_t bytes)
{
    enum { LINE = 64 };
    const volatile unsigned char *first = base;
    size_t sum = 0;

    for (size_t i = 0; i < bytes; i += LINE)
        sum += first[i];
    return sum;
}

/* What the referee has done meanwhile has driven this out of the caches; under
   mdriver it is there from the pass before. */
static size_t touch_all(size_t maps_bytes)
{
    return read_lines(steps, terms->ops * sizeof(*steps)) +
           read_lines(timed.log, terms->ops * sizeof(*timed.log)) +
           read_lines(terms->share.maps_at, maps_bytes) +
           read_lines(terms->share.heap_at, seat->granted) +
           read_lines(timed.slots, terms->ids * sizeof(*timed.slots));
}

static void say_gate(void)
{
    say_in_turn(SAYS_GATE, 0);
}

static void say_end(void)
{
    if (is_heard())
        say_in_turn(SAYS_END, 0);
}

static bool play_crew(const struct slot *slot)
{
    const struct stage *played = slot->args[0] ? locked_stage(stage) : stage;
    bool is_whole;

    crew.crew.at_gate = say_gate;
    crew.crew.at_end = say_end;
    is_whole = timed_crew_play(&crew, crew.steps, played, 1, NULL);
    seat->crew_wrong = atomic_load(&crew.wrong);
    seat->crew_null = atomic_load(&crew.null);
    seat->crew_clock = atomic_load(&crew.clock);
    seat->claims = claims_count;
    return is_whole;
}

/* --- Calls --------------------------------------------------------------- */

static bool begin(enum mem_mode mode)
{
    seat->at = SIZE_MAX;
    is_warm = mode == MEM_WARM;
    claims_count = 0;
    granted = seat->granted;
    mem_reset(mode);
    errno = 0;
    return stage->init();
}

/* Extents go to the referee as soon as there are many. */
static void show(const struct mm_extent *extent, void *arg)
{
    size_t *count = arg;

    seat->extents[(*count)++] = *extent;
    if (*count == WIRE_EXTENTS) {
        here->args[0] = *count;
        say_here(SAYS_EXTENTS);
        *count = 0;
    }
}

static void walk(void)
{
    size_t count = 0;

    stage->walk(show, &count);
    here->args[0] = count;
    say_here(SAYS_EXTENTS);
}

/* A stack for the handlers of signals in a thread; it is kept, as there are
   few threads. */
static void lend_stack(void)
{
    enum { HANDLER_STACK = 64 << 10 };
    stack_t stack = {.ss_sp = pages_get(HANDLER_STACK),
                     .ss_size = HANDLER_STACK};

    if (stack.ss_sp)
        sigaltstack(&stack, NULL);
}

static void *serve(void *arg);

static int start_thread(size_t index)
{
    return pthread_create(&threads[index], NULL, serve, &seat->slots[index]);
}

/* Calls that concern the player and not one block. */
static size_t do_other(struct slot *slot)
{
    switch ((enum call)slot->call) {
    case CALL_LOAD:
        load();
        return stage != NULL;
    case CALL_INIT:
        return begin((enum mem_mode)slot->args[0]);
    case CALL_WALK:
        walk();
        return 0;
    case CALL_PLAY:
        return play(slot, NULL);
    case CALL_CYCLES:
        return play_cycles(slot);
    case CALL_TOUCH:
        return touch_all(slot->args[0]);
    case CALL_CREW:
        return play_crew(slot);
    case CALL_THREAD:
        return (size_t)start_thread(slot->args[0]);
    case CALL_JOIN:
        return (size_t)pthread_join(threads[slot->args[0]], NULL);
    default:
        return 0;
    }
}

static size_t do_call(struct slot *slot)
{
    const size_t *args = slot->args;

    switch ((enum call)slot->call) {
    case CALL_MALLOC:
        return (size_t)stage->malloc(args[0]);
    case CALL_FREE:
        stage->free((void *)args[0]);
        return 0;
    case CALL_REALLOC:
        return (size_t)stage->realloc((void *)args[0], args[1]);
    case CALL_CALLOC:
        return (size_t)stage->calloc(args[0], args[1]);
    case CALL_MEMALIGN:
        return (size_t)stage->memalign(args[0], args[1]);
    case CALL_USABLE:
        return stage->usable_size((void *)args[0]);
    case CALL_CHECKHEAP:
        return stage->checkheap((int)args[0]);
    default:
        return do_other(slot);
    }
}

/* Bytes that a call is to give; 0: it gives none. */
static size_t given_bytes(enum call call, const size_t args[2])
{
    switch (call) {
    case CALL_MALLOC:
        return args[0];
    case CALL_CALLOC:
        return args[0] * args[1];
    case CALL_REALLOC:
    case CALL_MEMALIGN:
        return args[1];
    default:
        return 0;
    }
}

/* What the referee will ask next of a block that was given; but not of one
   that it will refuse. */
static size_t usable_of(size_t given, size_t bytes)
{
    if (bytes == 0 || given % stage->alignment != 0 ||
        !mem_contains((void *)given, bytes))
        return WIRE_UNKNOWN;
    return stage->usable_size((void *)given);
}

/* A copy that the stage has forked ends in alone_is_alone. */
static void answer(struct slot *slot)
{
    size_t bytes = given_bytes((enum call)slot->call, slot->args);

    errno = slot->error;
    size_t answer = do_call(slot);
    int error = errno;

    slot->usable = usable_of(answer, bytes);
    slot->is_alone = !stage || mem_mode() == MEM_WARM || alone_is_alone();
    slot->error = error;
    slot->answer = answer;
    slot->says = SAYS_ANSWER;
    wire_give(slot, TURN_REFEREE);
}

static void *serve(void *arg)
{
    here = arg;
    if (here != &seat->slots[0])
        lend_stack();
    await_turn(here);
    while (here->call != CALL_LEAVE) {
        answer(here);
        await_turn(here);
    }
    return NULL;
}

/* --- The end ------------------------------------------------------------- */

static void note_where(void)
{
    seat->slot = here ? (uint32_t)(here - seat->slots) : 0;
    seat->at = crew_op(seat->at);
    seat->is_told = true;
}

static void note_crash(int number, siginfo_t *info, void *context)
{
    (void)number;
    alone_end_copy();
    if (!seat->is_told) {
        seat->crash = crash_read(info, context);
        note_where();
    }
    _exit(EXIT_FAILURE);
}

/* The stage calls exit. */
static void note_exit(void)
{
    alone_end_copy();
    note_where();
}

/* --- The interface, see seat.h ------------------------------------------- */

void seat_serve(const struct table *table, uint32_t number, const char *so)
{
    wire = table->wire;
    terms = table->terms;
    steps = table->steps;
    path = so;
    seat = &wire->seats[number];
    claims = wire_claims(wire, terms->ops);
    claims_most = terms->claims_most;
    atexit(note_exit);
    if (!open_timed() || !alone_open() || !crash_handle(note_crash)) {
        fprintf(stderr, "player: %s\n", strerror(errno));
        return;
    }
    mem_listen(on_memlib);
    serve(&seat->slots[0]);
    fflush(NULL);
}
