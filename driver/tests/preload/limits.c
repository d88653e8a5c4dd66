/*
 * limits.c as|data|maps [once] - when the kernel refuses memory, malloc says
 * NULL and ENOMEM, nothing is lost, threads start, and all is well afterwards.
 * once: no afterwards, for a stage that does not use memory again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "expect.h"

/* Live blocks in a list through themselves, each with its size. */
struct block {
    struct block *next;
    size_t size;
};

static struct block *first;

/* Allocate size bytes a block until there is no more; returns how many. */
static size_t exhaust(size_t size)
{
    size_t count = 0;

    for (;; count++) {
        errno = 0;
        struct block *block = keep(malloc(size));
        if (!block)
            break;
        block->next = first;
        block->size = size;
        first = block;
    }
    expect(errno == ENOMEM);
    return count;
}

static void free_all(void)
{
    while (first) {
        struct block *block = first;
        first = block->next;
        expect(block->size % 1000 == 0);
        free(block);
    }
}

static void *thread(void *unused)
{
    void *ptr = keep(malloc(100));

    (void)unused;
    free(ptr);
    return keep(malloc(32));
}

/* There is room for a stack, if for nothing else: the thread has to run, and
 * may get memory or not. */
static void start_thread(void *room, size_t bytes)
{
    pthread_t id;
    void *left;
    pthread_attr_t small;

    munmap(room, bytes);
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, bytes / 4);
    expect(pthread_create(&id, &small, thread, NULL) == 0);
    expect(pthread_join(id, &left) == 0);
    free(left);
    pthread_attr_destroy(&small);
}

static void limit(int resource, rlim_t bytes)
{
    struct rlimit soft;

    expect(getrlimit(resource, &soft) == 0);
    soft.rlim_cur = bytes;
    expect(setrlimit(resource, &soft) == 0);
}

/* Bytes of address space in use. */
static size_t space(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    expect(file && fscanf(file, "%zu", &pages) == 1);
    fclose(file);
    return pages * 4096;
}

/* Leave few mappings: a page in two gets other rights than its neighbours. */
static void take_mappings(int leave)
{
    enum { PAGE = 4096, MOST = 65530 }; /* vm.max_map_count */
    char *pages = mmap(NULL, (size_t)MOST * PAGE, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int taken = 0;

    expect(pages != MAP_FAILED);
    while (mprotect(pages + (size_t)taken * 2 * PAGE, PAGE, PROT_READ) == 0 &&
           2 * taken < MOST - 2)
        taken++;
    expect(taken > leave);
    for (int i = 1; i <= leave; i++)
        mprotect(pages + (size_t)(taken - i) * 2 * PAGE, PAGE, PROT_NONE);
}

/* Run out, and start a thread when there is memory for pthread_create, and
 * little for the thread itself. */
static void run_out_once(void)
{
    enum { ROOM = 256 * 1024, SPARE = 64 };
    void *room = mmap(NULL, ROOM, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *spare[SPARE];

    expect(room != MAP_FAILED);
    for (size_t i = 0; i < SPARE; i++)
        spare[i] = keep(malloc(16 * i));
    expect(exhaust(10000) > 10);
    for (size_t i = 0; i < SPARE; i++)
        free(spare[i]);
    start_thread(room, ROOM);
}

/* Run out with one size after another, and see that the memory comes back. */
static void run_out_often(void)
{
    static const size_t sizes[] = {100000, 12000, 40000, 1000000, 250000};
    char *kept = keep(calloc(1, 5000));
    size_t usual = 0;

    for (int i = 0; i < 10; i++) {
        size_t count = exhaust(sizes[i % 5]);
        expect(count > 10);
        errno = 0;
        expect(realloc(keep(kept), (size_t)1 << 31) == NULL);
        expect(errno == ENOMEM);
        free_all();
        expect(i != 5 || count >= usual / 2); /* nothing was lost since */
        if (i == 0)
            usual = count;
    }
    for (int i = 0; i < 5000; i++)
        expect(kept[i] == 0);
    free(kept);
}

int main(int argc, char **argv)
{
    enum { MORE = 32 << 20 };
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "as") == 0)
        limit(RLIMIT_AS, space() + MORE);
    else if (strcmp(what, "data") == 0)
        limit(RLIMIT_DATA, MORE);
    else if (strcmp(what, "maps") == 0)
        take_mappings(300);
    if (strcmp(what, "maps") == 0)
        limit(RLIMIT_AS, space() + 4 * (size_t)MORE);
    if (strcmp(what, "maps") != 0)
        run_out_once();
    free_all();
    if (argc <= 2)
        run_out_often();
    return 0;
}
