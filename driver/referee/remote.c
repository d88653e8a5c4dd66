/* remote.c - a stage in another process; see remote.h. */
#define _GNU_SOURCE /* memfd_create, strerrordesc_np */
#include "remote.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "alone.h"
#include "crew.h"
#include "door.h"
#include "explain.h"
#include "memlib.h"
#include "private.h"

/* Where no program has anything else: below libraries, stack and heap, and
   above what sanitizers keep for themselves. */
static void *const HEAP_AT = (void *)0x200000000000;
static void *const MAPS_AT = (void *)0x210000000000;

static const double LOOK_SECONDS = 0.02; /* between looks at a silent player */

enum {
    SPINS = 100, /* some 2 us: more would take time from the player */
    FILES = 4,   /* that the player inherits */
};

static const struct trace *trace;
static struct result *result;
static struct wire *wire;
static struct terms *terms;
static int files[FILES]; /* wire, steps, heap, maps */
static uint32_t seat_now;
static pid_t players[WIRE_SEATS];
static size_t private_before[WIRE_SEATS];
static size_t limit;   /* bytes of footprint */
static size_t granted; /* see remote.h */
static struct mm_info info;
static struct hello hello;
static struct stage stage;

/* A thread of the crew has a slot while it lives; 0 is the main thread's. */
static _Thread_local uint32_t my_slot;

/* What came with the last answer of a call that gives a block. */
static _Thread_local size_t last_block, last_usable;

static bool taken[WIRE_SLOTS];
static pthread_key_t slot_key;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* --- Where the player stands in a timed pass ------------------------------ */

static size_t sound_op(size_t op)
{
    return op < trace->ops_count ? op : result->op;
}

static void copy_lanes(void)
{
    const struct lane *lanes = wire->seats[seat_now].crew.lanes;

    for (size_t i = 0; i < RESULT_LANES; i++) {
        size_t at = atomic_load(&lanes[i].at);
        bool is_op = (at & ~(LANE_WAITS | LANE_ENDS)) < trace->ops_count;
        atomic_store(&result->lanes[i].at, is_op ? at : LANE_IDLE);
    }
}

/* Note it in the result, as if it were here. */
static void note_standing(const struct slot *slot)
{
    if (result->phase != PHASE_TIMED || mem_mode() != MEM_WARM)
        return;
    if (slot->call == CALL_PLAY)
        result->op = sound_op(wire->seats[seat_now].at);
    else if (slot->call == CALL_CREW)
        copy_lanes();
}

/* --- When the player is no more ------------------------------------------ */

/* As in the process that held the stage: first the cause, then the end. */
static void end_here(void) __attribute__((noreturn));

static void end_here(void)
{
    fflush(NULL);
    _exit(EXIT_SUCCESS);
}

/* Another thread's slot is to blame: that one will see it, too. */
static void leave_to(uint32_t slot)
{
    enum { TRIES = 100, PAUSE_US = 20000 };

    for (int i = 0;
         i < TRIES && slot != my_slot && slot < WIRE_SLOTS && taken[slot]; i++)
        usleep(PAUSE_US);
}

static bool is_signal(const struct crash *crash)
{
    return crash->number > 0 && crash->number < NSIG &&
           sigabbrev_np(crash->number);
}

static void explain_death(int status) __attribute__((noreturn));

static void explain_death(int status)
{
    const struct seat *seat = &wire->seats[seat_now];
    struct crash crash = seat->crash;

    if (seat->is_told)
        leave_to(seat->slot);
    note_standing(&seat->slots[0]);
    if (seat->is_told && result->op == RESULT_THREADS)
        result->op = sound_op(seat->at);
    result->op = crew_op(result->op);
    if (is_signal(&crash))
        crash_explain(result, trace, &crash);
    else
        child_explain_status(result, trace, status);
    end_here();
}

void remote_accuse(const char *what)
{
    explain(result, VERDICT_WRONG, trace, crew_op(result->op),
            "the process of the stage %s, which no stage does that keeps to "
            "its functions",
            what);
    end_here();
}

/* --- Serving the player -------------------------------------------------- */

static void serve_memlib(const size_t *args)
{
    struct mem_call call = {.kind = (enum mem_kind)args[0]};

    if (mem_mode() != MEM_CHECKED)
        remote_accuse("asked for memory as it may not");
    memcpy(call.args, args + 1, sizeof(call.args));
    mem_repeat(&call);
}

static void set_granted(size_t bytes)
{
    granted = bytes;
    wire->seats[seat_now].granted = bytes;
}

size_t remote_granted(void)
{
    return granted;
}

void remote_begin_grant(void)
{
    set_granted(mem_extent().heap);
}

/* The heap of a timed pass goes further than ever before; memlib, which counts
   afterwards, knows the limit. */
static void serve_grow(size_t bytes)
{
    size_t page = mem_pagesize();

    if (mem_mode() != MEM_WARM)
        remote_accuse("asked for more heap as it may not");
    if (bytes <= granted || bytes > limit || bytes > mem_region_bytes())
        return;
    bytes = (bytes + page - 1) / page * page;
    if (ftruncate(files[2], (off_t)bytes) == 0)
        set_granted(bytes);
}

/* --- Asking -------------------------------------------------------------- */

static struct slot *slot_of(uint32_t index)
{
    return &wire->seats[seat_now].slots[index];
}

static void await_player(struct slot *slot)
{
    int status;

    while (!wire_await(slot, TURN_REFEREE, terms->spins, LOOK_SECONDS)) {
        if (door_has_died(seat_now, &status) &&
            atomic_load(&slot->turn) != TURN_REFEREE)
            explain_death(status);
        note_standing(slot);
    }
}

static void (*on_extents)(const struct mm_extent *extents, size_t count);

static void (*expected[2])(void); /* at SAYS_GATE, at SAYS_END */

void remote_expect(void (*at_gate)(void), void (*at_end)(void))
{
    expected[0] = at_gate;
    expected[1] = at_end;
}

static void serve_crew(bool is_end)
{
    void (*then)(void) = expected[is_end];

    if (!then || (is_end && expected[0]))
        remote_accuse("says of its threads what cannot be");
    expected[is_end] = NULL;
    then();
}

/* Do what the player says in the middle of that call. */
static void serve(const struct slot *slot, enum call call, uint32_t says)
{
    struct mm_extent extents[WIRE_EXTENTS];
    size_t args[5];

    memcpy(args, slot->args, sizeof(args));
    if (says == SAYS_MEMLIB) {
        serve_memlib(args);
    } else if (says == SAYS_GROW) {
        serve_grow(args[0]);
    } else if (says == SAYS_EXTENTS && call == CALL_WALK &&
               args[0] <= WIRE_EXTENTS) {
        memcpy(extents, wire->seats[seat_now].extents, sizeof(extents));
        on_extents(extents, args[0]);
    } else if (says == SAYS_GATE || says == SAYS_END) {
        serve_crew(says == SAYS_END);
    } else {
        remote_accuse("said what means nothing");
    }
}

/* One call by way of a slot. */
static size_t ask(struct slot *slot, enum call call, const size_t args[3])
{
    uint32_t says;

    slot->error = errno;
    slot->call = call;
    memcpy(slot->args, args, 3 * sizeof(*args));
    wire_give(slot, TURN_PLAYER);
    for (;;) {
        await_player(slot);
        says = slot->says;
        if (says == SAYS_ANSWER)
            break;
        serve(slot, call, says);
        wire_give(slot, TURN_PLAYER);
    }
    size_t answer = slot->answer;
    last_block = answer;
    last_usable = slot->usable;
    alone_tell(slot->is_alone != 0);
    errno = slot->error;
    return answer;
}

/* --- Threads ------------------------------------------------------------- */

/* Ask the player's main thread, which serves all of the crew. */
static size_t ask_main(enum call call, uint32_t index)
{
    size_t args[3] = {index, 0, 0};

    return ask(slot_of(0), call, args);
}

/* The calling thread of the crew ends, and so does its thread there, with what
   the stage does at that. */
static void leave_slot(void *slot)
{
    uint32_t index = (uint32_t)((struct slot *)slot - slot_of(0));

    slot_of(index)->call = CALL_LEAVE;
    wire_give(slot, TURN_PLAYER);
    pthread_mutex_lock(&mutex);
    ask_main(CALL_JOIN, index);
    taken[index] = false;
    atomic_store(&slot_of(index)->turn, TURN_REFEREE);
    pthread_mutex_unlock(&mutex);
}

/* A slot for the calling thread, with a thread of the player behind it. */
static void take_slot(void)
{
    uint32_t index = 1;

    pthread_mutex_lock(&mutex);
    while (index < WIRE_SLOTS && taken[index])
        index++;
    if (index == WIRE_SLOTS || ask_main(CALL_THREAD, index) != 0) {
        explain(result, VERDICT_NONE, trace, crew_op(result->op),
                "could not be graded: no thread for it");
        end_here();
    }
    taken[index] = true;
    pthread_mutex_unlock(&mutex);
    my_slot = index;
    pthread_setspecific(slot_key, slot_of(index));
}

size_t remote_ask(enum call call, size_t a, size_t b, size_t c)
{
    size_t args[3] = {a, b, c};
    int error = errno;

    if (my_slot == 0 && crew_op(RESULT_INIT) != RESULT_INIT)
        take_slot();
    errno = error;
    return ask(slot_of(my_slot), call, args);
}

/* --- The stage ----------------------------------------------------------- */

static bool remote_init(void)
{
    return remote_ask(CALL_INIT, mem_mode(), 0, 0) != 0;
}

static void *remote_malloc(size_t size)
{
    return (void *)remote_ask(CALL_MALLOC, size, 0, 0);
}

static void remote_free(void *ptr)
{
    remote_ask(CALL_FREE, (size_t)ptr, 0, 0);
}

static void *remote_realloc(void *ptr, size_t size)
{
    return (void *)remote_ask(CALL_REALLOC, (size_t)ptr, size, 0);
}

static void *remote_calloc(size_t count, size_t size)
{
    return (void *)remote_ask(CALL_CALLOC, count, size, 0);
}

static void *remote_memalign(size_t align, size_t size)
{
    return (void *)remote_ask(CALL_MEMALIGN, align, size, 0);
}

static size_t remote_usable_size(const void *ptr)
{
    if ((size_t)ptr == last_block && last_usable != WIRE_UNKNOWN)
        return last_usable;
    return remote_ask(CALL_USABLE, (size_t)ptr, 0, 0);
}

static bool remote_checkheap(int line)
{
    return remote_ask(CALL_CHECKHEAP, (size_t)line, 0, 0) != 0;
}

static mm_visit *visitor;
static void *visitor_arg;

static void visit_extents(const struct mm_extent *extents, size_t count)
{
    for (size_t i = 0; i < count; i++)
        visitor(&extents[i], visitor_arg);
}

static void remote_walk(mm_visit *visit, void *arg)
{
    visitor = visit;
    visitor_arg = arg;
    on_extents = visit_extents;
    remote_ask(CALL_WALK, 0, 0, 0);
}

/* --- Players ------------------------------------------------------------- */

struct wire *remote_wire(void)
{
    return wire;
}

struct terms *remote_terms(void)
{
    return terms;
}

struct step *remote_steps(void)
{
    return wire_steps(terms);
}

int remote_wire_file(void)
{
    return files[0];
}

int remote_heap_file(void)
{
    return files[2];
}

int remote_maps_file(void)
{
    return files[3];
}

pid_t remote_player(void)
{
    return players[seat_now];
}

size_t remote_private(void)
{
    size_t now = private_bytes(players[seat_now]);

    return now > private_before[seat_now] ? now - private_before[seat_now] : 0;
}

static bool explain_ungraded(const char *why)
{
    return explain(result, VERDICT_NONE, trace, RESULT_INIT,
                   "could not be graded: %s", why);
}

void remote_sit(uint32_t seat)
{
    seat_now = seat;
}

bool remote_seat(uint32_t seat)
{
    remote_sit(seat);
    memset(&wire->seats[seat], 0, sizeof(wire->seats[seat]));
    players[seat] = door_seat(seat);
    return players[seat] >= 0 || explain_ungraded("no player takes a seat");
}

bool remote_load(void)
{
    if (remote_ask(CALL_LOAD, 0, 0, 0) != 0) {
        private_before[seat_now] = private_bytes(players[seat_now]);
        return true;
    }
    hello = wire->seats[seat_now].hello;
    hello.error[sizeof(hello.error) - 1] = '\0';
    return explain(result, VERDICT_BROKEN, trace, RESULT_INIT,
                   "the stage cannot be loaded: %s", hello.error);
}

/* --- Opening ------------------------------------------------------------- */

static int new_file(const char *name, size_t bytes)
{
    int file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (file >= 0 && bytes > 0 && ftruncate(file, (off_t)bytes) != 0)
        return -1;
    return file;
}

static void *map_file(int file, size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

    return p != MAP_FAILED ? p : NULL;
}

/* The wire; and terms and steps, which nobody but this process will write. */
static bool open_wire(void)
{
    size_t ops = trace->ops_count;
    size_t terms_bytes = wire_terms_bytes(ops, trace->threads);

    files[0] = new_file("wire", wire_bytes(ops));
    files[1] = new_file("steps", terms_bytes);
    files[2] = new_file("heap", 0);
    files[3] = new_file("maps", 0);
    wire = map_file(files[0], wire_bytes(ops));
    terms = map_file(files[1], terms_bytes);
    return wire && terms &&
           fcntl(files[0], F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) == 0 &&
           fcntl(files[1], F_ADD_SEALS,
                 F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_FUTURE_WRITE) == 0;
}

static bool open_memory(const struct job *job, const char **why)
{
    terms->share.heap_at =
        job->options->heap_at ? job->options->heap_at : HEAP_AT;
    terms->share.maps_at = MAPS_AT;

    struct mem_share share = terms->share;
    share.heap_file = files[2];
    share.maps_file = files[3];
    share.is_keeper = true;
    struct mem_options memory = {.limit = job->limit, .share = &share};
    if (!mem_open(&memory, why))
        return false;
    terms->share.bytes = mem_region_bytes();
    return true;
}

/* As many as there are threads at a time; 0, explained, without memory. */
static size_t count_lanes(void)
{
    struct order order;

    if (!order_open(&order, trace, false)) {
        explain_ungraded(strerrordesc_np(errno));
        return 0;
    }
    size_t lanes = order.lanes;
    order_close(&order);
    return lanes;
}

static bool fill_terms(const struct job *job)
{
    terms->lanes = trace->threads > 1 ? count_lanes() : 1;
    terms->ops = trace->ops_count;
    terms->ids = trace->ids;
    terms->threads = trace->threads;
    limit = job->limit;
    terms->limit = limit;
    terms->claims_most = WIRE_CLAIMS + CLAIMS_PER_OP * trace->ops_count;
    terms->spins = SPINS;
    return terms->lanes > 0;
}

/* "build/player" beside this program, unless another is named. */
static const char *player_path(const struct job *job)
{
    static char path[PATH_MAX];
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (job->options->player)
        return job->options->player;
    self[length > 0 ? length : 0] = '\0';
    snprintf(path, sizeof(path), "%s/player", dirname(self));
    return path;
}

static bool start(const struct job *job)
{
    char *alone[] = {(char *)(uintptr_t)player_path(job), NULL};
    char *const *words = job->options->launch ? job->options->launch : alone;
    char whole[PATH_MAX];
    char error[256];

    if (!realpath(job->stage, whole))
        snprintf(whole, sizeof(whole), "%s", job->stage);
    return door_open(words, files, FILES, job->options->filter, whole, error,
                     sizeof(error)) ||
           explain_ungraded(error);
}

/* The stage as the first player describes it. */
static const struct stage *describe(void)
{
    hello = wire->seats[SEAT_MAIN].hello;
    hello.name[sizeof(hello.name) - 1] = '\0';
    hello.era[sizeof(hello.era) - 1] = '\0';
    if (hello.alignment != 8 && hello.alignment != 16)
        remote_accuse("promises an alignment of neither 8 nor 16");
    info = (struct mm_info){hello.name, hello.number, hello.thread_safe};
    stage = (struct stage){
        .info = &info,
        .era = hello.era,
        .alignment = hello.alignment,
        .init = remote_init,
        .malloc = remote_malloc,
        .free = remote_free,
        .realloc = remote_realloc,
        .calloc = remote_calloc,
        .memalign = hello.has_memalign ? remote_memalign : NULL,
        .usable_size = remote_usable_size,
        .checkheap = remote_checkheap,
        .walk = remote_walk,
    };
    return &stage;
}

const struct stage *remote_open(const struct trace *of, const struct job *job,
                                struct result *to)
{
    const char *why = NULL;

    trace = of;
    result = to;
    result->is_refereed = true;
    pthread_key_create(&slot_key, leave_slot);
    if (!open_wire()) {
        explain_ungraded(strerrordesc_np(errno));
        return NULL;
    }
    if (!fill_terms(job))
        return NULL;
    if (!open_memory(job, &why)) {
        explain_ungraded(why);
        return NULL;
    }
    return start(job) && remote_seat(SEAT_MAIN) && remote_load() ? describe()
                                                                 : NULL;
}
