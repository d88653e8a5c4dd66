/* wire.c - what the referee and the player say to each other; see wire.h. */
#define _GNU_SOURCE /* SEEK_DATA */
#include "wire.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static size_t line_up(size_t bytes)
{
    return (bytes + 63) & ~(size_t)63;
}

static size_t log_at(void)
{
    return line_up(sizeof(struct wire));
}

static size_t claims_at(size_t ops)
{
    return line_up(log_at() + ops * sizeof(struct event));
}

size_t wire_bytes(size_t ops)
{
    return claims_at(ops) +
           (WIRE_CLAIMS + CLAIMS_PER_OP * ops) * sizeof(struct claim);
}

void **wire_log(struct wire *wire)
{
    return (void **)((char *)wire + log_at());
}

struct event *wire_events(struct wire *wire)
{
    return (struct event *)((char *)wire + log_at());
}

static size_t turns_at(size_t ops)
{
    return line_up(ops * sizeof(struct step));
}

static size_t strands_at(size_t ops)
{
    return line_up(turns_at(ops) + ops * sizeof(struct turn));
}

static size_t steps_at(void)
{
    return line_up(sizeof(struct terms));
}

size_t wire_terms_bytes(size_t ops, size_t threads)
{
    return steps_at() + strands_at(ops) + (threads + 1) * sizeof(struct strand);
}

struct step *wire_steps(const struct terms *terms)
{
    return (struct step *)((uintptr_t)terms + steps_at());
}

struct turn *wire_turns(const struct step *steps, size_t ops)
{
    return (struct turn *)((uintptr_t)steps + turns_at(ops));
}

struct strand *wire_strands(const struct step *steps, size_t ops)
{
    return (struct strand *)((uintptr_t)steps + strands_at(ops));
}

struct claim *wire_claims(struct wire *wire, size_t ops)
{
    return (struct claim *)((char *)wire + claims_at(ops));
}

size_t wire_arguments(uint32_t kind)
{
    static const size_t arguments[] = {
        [MEM_SBRK] = 1, [MEM_MAP] = 2, [MEM_UNMAP] = 2, [MEM_REMAP] = 4};

    return kind <= MEM_REMAP ? arguments[kind] : 0;
}

/* The next junk is by Knuth's linear congruence (TAOCP vol. 2, 3.3.4). */
void wire_spoil(int file, char *base, uint64_t junk)
{
    off_t from = lseek(file, 0, SEEK_DATA);

    while (from >= 0) {
        off_t end = lseek(file, from, SEEK_HOLE);

        if (end <= from)
            return;
        for (off_t at = from; at < end; at += (off_t)sizeof(junk)) {
            junk = junk * 6364136223846793005u + 1442695040888963407u;
            memcpy(base + at, &junk, sizeof(junk));
        }
        from = lseek(file, end, SEEK_DATA);
    }
}

void wire_give(struct slot *slot, enum whose turn)
{
    atomic_store(&slot->turn, turn);
    if (atomic_load(&slot->asleep[turn]) != 0)
        syscall(SYS_futex, &slot->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void pause_briefly(void)
{
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
}

bool wire_await(struct slot *slot, enum whose turn, uint32_t spins,
                double seconds)
{
    uint32_t other = turn == TURN_PLAYER ? TURN_REFEREE : TURN_PLAYER;
    struct timespec most = {(time_t)seconds,
                            (long)(1e9 * (seconds - (double)(time_t)seconds))};

    for (uint32_t i = 0; i < spins; i++) {
        if (atomic_load_explicit(&slot->turn, memory_order_acquire) == turn)
            return true;
        pause_briefly();
    }
    atomic_store(&slot->asleep[turn], 1);
    if (atomic_load(&slot->turn) != turn)
        syscall(SYS_futex, &slot->turn, FUTEX_WAIT, other, &most, NULL, 0);
    atomic_store(&slot->asleep[turn], 0);
    return atomic_load(&slot->turn) == turn;
}
