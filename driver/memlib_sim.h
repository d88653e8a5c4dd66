/*
 * memlib_sim.h - the driver's side of the simulated memlib.
 *
 * Not on a stage's include path: a stage can neither reset the break nor see
 * the limit. The whole address space is reserved at once and committed as it
 * is asked for, so addresses repeat from run to run of one process and heaps
 * beyond the machine's memory work as long as they are not touched. Where a
 * region starts is a multiple of 1 GiB (unless heap_at says otherwise), so a
 * stage that aligns what it gets wastes the same in every process.
 */
#ifndef MEMLIB_SIM_H
#define MEMLIB_SIM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Memory that two processes map at the same addresses: one keeps it and the
 * other uses it. Both are told of the same calls, the keeper first.
 *
 * The keeper lets the heap's file end with the page of the break, so that who
 * uses it cannot reach beyond, and takes back the pages of mappings given
 * back; it leaves their protection, and zeros, to the user.
 */
struct mem_share {
    int heap_file; /* memfd_create(2); the keeper sets the size of both */
    int maps_file;
    void *heap_at; /* multiples of 1 GiB */
    void *maps_at;
    size_t bytes; /* of each region; 0: the keeper chooses */
    bool is_keeper;
};

struct mem_options {
    void *heap_at; /* where the heap starts (--heap-at); NULL: anywhere */
    size_t limit;  /* bytes of footprint granted at most; 0: all there is */
    const struct mem_share *share; /* NULL: this process has it for itself */
};

/* A call that changes what the stage holds, with its arguments in order. */
struct mem_call {
    enum mem_kind { MEM_SBRK, MEM_MAP, MEM_UNMAP, MEM_REMAP } kind;
    size_t args[4];
};

/* What the stage holds and held since the last mem_reset, in bytes. */
struct mem_counts {
    size_t heap;      /* below the break */
    size_t mapped;    /* in mappings, whole pages */
    size_t peak;      /* largest heap + mapped at any moment */
    size_t peak_heap; /* largest heap at any moment */
    size_t refusals;  /* calls answered with ENOMEM */
};

/* How a heap is laid out by mem_reset. */
enum mem_mode {
    MEM_CHECKED, /* pages beyond the break cannot be touched */
    MEM_WARM,    /* pages once touched stay, so a replay does not fault */
};

/*
 * mem_open - reserve the address space: 64 GiB for the heap and as much for
 * mappings; less where the process may not have that much (ulimit -v).
 *
 * All is then as after mem_reset(MEM_CHECKED). Transparent huge pages are
 * switched off for this process: with them, one byte touched would commit
 * 2 MiB, and whether the stage or glibc gets them would be left to chance.
 *
 * Returns true; false with errno, after which *why is a sentence for the user.
 */
bool mem_open(const struct mem_options *options, const char **why);

/* Give the address space back. */
void mem_close(void);

/* How long each of the regions is, in bytes. */
size_t mem_region_bytes(void);

/*
 * mem_listen - have listener told of every call before it is carried out;
 * NULL: no more. It is called with memlib's lock.
 */
typedef void mem_listener(enum mem_kind kind, size_t a, size_t b, size_t c,
                          size_t d);
void mem_listen(mem_listener *listener);

/*
 * mem_repeat - make a call that was told, as the keeper of the memory.
 *
 * Returns what it returned, as a number.
 */
size_t mem_repeat(const struct mem_call *call);

/*
 * mem_reset - take back all memory: break at the start, no mappings, counts
 * zero.
 *
 * The heap keeps its bytes, so after the first use mem_sbrk gives dirty
 * memory, which shows a stage that counts on zeros. Addresses depend only on
 * the calls since the reset: the same calls get the same addresses again.
 */
void mem_reset(enum mem_mode mode);

/* The mode of the last mem_reset. */
enum mem_mode mem_mode(void);

/* How far up the pages of heap and mappings have ever been used, in bytes. */
struct mem_extent {
    size_t heap;
    size_t maps;
};

struct mem_extent mem_extent(void);

/* Take the pages so far up for used, as another process has used them. */
void mem_set_extent(const struct mem_extent *extent);

/* Set the limit (bytes of footprint; 0: none) from here on. */
void mem_set_limit(size_t limit);

/* The counts at this moment. */
struct mem_counts mem_counts(void);

/* True when all bytes from p on lie below the break or in one mapping. */
bool mem_contains(const void *p, size_t bytes);

/*
 * mem_reached - true when all bytes from p on lie below the highest break, or
 * between the first and the end of the highest mapping, since mem_reset.
 *
 * What a block handed out at any moment since must satisfy; mem_contains
 * speaks of this moment only.
 */
bool mem_reached(const void *p, size_t bytes);

/*
 * mem_spill - find a byte written beyond the break, on the break's page.
 *
 * Only after mem_reset(MEM_CHECKED). A byte that mem_sbrk found so when it
 * moved the break over it counts as well.
 *
 * Returns the first such byte, or NULL; once found, the same until the reset.
 */
const void *mem_spill(void);

/*
 * mem_describe - say where an address lies, for a message: "24 bytes past
 * the break (0x...)", "in the heap at +0x1f0, 16 bytes before the break", "in
 * the guard page, 8 bytes past the end of the mapping at 0x... (4096 bytes)",
 * "in no memory of the stage (NULL + 8)".
 *
 * The one function here for the handler of a signal that may have interrupted
 * memlib: it does not wait for the lock.
 */
void mem_describe(const void *p, char *text, size_t text_bytes);

#endif
