/*
 * recorder.c - a library to preload: logs every call of the malloc family.
 *
 * It stands before the program's own allocator (glibc's, or the one it is
 * linked with), passes each call on and writes what was asked and answered to
 * this process's log; log.h has the format and the order of the events.
 *
 * Rules of the house:
 *   - Nothing here allocates, and errno is left as the real call left it.
 *   - No locks. An event's place comes from one atomic counter. The first to
 *     need the log or a chunk claims it; others yield until it is there.
 *   - struct recorder is wiped by the kernel in a child made by fork (also by
 *     one that bypasses libc's handlers), so a child opens a log of its own.
 *     A child of vfork shares the parent's memory, and its log.
 *   - A file descriptor is never kept: programs close those they do not know.
 *   - Kernel calls go through syscall(2), which is no cancellation point.
 *
 * Source: dlsym(3), RTLD_NEXT; madvise(2), MADV_WIPEONFORK.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"

#define EXPORT __attribute__((visibility("default")))

struct recorder {
    _Atomic(struct log_header *) log; /* NULL: none yet; or BUSY, REFUSED */
    _Atomic(struct log_event *) chunks[LOG_CHUNKS_MAX]; /* likewise */
    char path[512];                                     /* of the log */
};

/* Stand-ins for a pointer: someone is making it; it cannot be made. */
#define BUSY ((void *)1)
#define REFUSED ((void *)2)

static _Atomic(struct recorder *) recorder;
static char directory[400]; /* kept, as a program may clear its environment */

/* This thread's number, which is good for one log only. */
static __thread struct {
    const struct log_header *log;
    uint32_t number;
} self;

/* --- Files ------------------------------------------------------------- */

static void *map_pages(size_t bytes, int flags, int fd, off_t offset)
{
    long p = syscall(SYS_mmap, NULL, bytes, PROT_READ | PROT_WRITE, flags, fd,
                     offset);

    return p == -1 ? NULL : (void *)p;
}

/*
 * file_fill - write zeros to part of a file, so that its blocks exist and a
 * full disk shows here and not as SIGBUS later. Returns 0 or an errno.
 */
static int file_fill(int fd, size_t bytes, off_t offset)
{
    static const char zeros[4096];

    for (size_t done = 0; done < bytes; done += sizeof zeros) {
        long n = syscall(SYS_pwrite64, fd, zeros, sizeof zeros,
                         offset + (off_t)done);

        if (n != (long)sizeof zeros)
            return n < 0 ? errno : ENOSPC;
    }
    return 0;
}

/* The end of an open file, filled with zeros and mapped; NULL with errno. */
static void *file_map(int fd, size_t bytes, off_t offset)
{
    int error = file_fill(fd, bytes, offset);

    if (error) {
        syscall(SYS_ftruncate, fd, offset);
        errno = error;
        return NULL;
    }
    return map_pages(bytes, MAP_SHARED, fd, offset);
}

/* Read a file of /proc/self whole, as far as it fits; bytes read. */
static size_t file_read(const char *path, char *text, size_t text_bytes)
{
    long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    long n = 0;

    if (fd < 0)
        return 0;
    n = syscall(SYS_read, fd, text, text_bytes);
    syscall(SYS_close, fd);
    return n < 0 ? 0 : (size_t)n;
}

static void complain(const char *what, int error)
{
    char text[300];
    int n = snprintf(text, sizeof text, "recorder: %s: %s\n", what,
                     strerrordesc_np(error));

    if (n > 0)
        (void)syscall(SYS_write, STDERR_FILENO, text, (size_t)n);
}

/* --- The log of this process ------------------------------------------- */

/* Create a file of a new name: the pid alone repeats over exec. */
static long log_create(char *path, size_t path_bytes)
{
    long fd = -1;
    long pid = syscall(SYS_getpid);

    for (int turn = 0; turn < 100000; turn++) {
        snprintf(path, path_bytes, "%s/%ld.%d", directory, pid, turn);
        fd = syscall(SYS_openat, AT_FDCWD, path,
                     O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            break;
    }
    return fd;
}

static void log_describe(struct log_header *log)
{
    memcpy(log->magic, LOG_MAGIC, sizeof log->magic);
    log->pid = (uint32_t)syscall(SYS_getpid);
    if (syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", log->program,
                sizeof log->program - 1) < 0)
        log->program[0] = '\0';
    file_read("/proc/self/cmdline", log->command, sizeof log->command - 1);
}

static struct log_header *log_open(struct recorder *r)
{
    struct log_header *log = NULL;
    long fd = log_create(r->path, sizeof r->path);

    if (fd >= 0)
        log = file_map((int)fd, LOG_HEADER_BYTES, 0);
    if (!log) {
        complain(r->path, errno);
        log = REFUSED;
    } else {
        log_describe(log);
    }
    if (fd >= 0)
        syscall(SYS_close, fd);
    return log;
}

static struct recorder *recorder_make(void)
{
    struct recorder *r =
        map_pages(sizeof *r, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (!r)
        return NULL;
    if (syscall(SYS_madvise, r, sizeof *r, MADV_WIPEONFORK) < 0) {
        complain("this kernel has no MADV_WIPEONFORK (Linux 4.14)", errno);
        return NULL;
    }
    return r;
}

/* The state, made at the first call; NULL when nothing is to be recorded. */
static struct recorder *recorder_get(void)
{
    struct recorder *r = atomic_load(&recorder);
    const char *wanted = NULL;

    if (r)
        return r == REFUSED ? NULL : r;
    if (!environ)
        return NULL; /* libc is not set up yet: decide later */
    wanted = getenv(LOG_DIRECTORY_VARIABLE);
    if (wanted && strlen(wanted) < sizeof directory) {
        strcpy(directory, wanted);
        r = recorder_make();
    }
    atomic_store(&recorder, r ? r : REFUSED);
    return r;
}

static struct log_header *log_get(struct recorder *r)
{
    struct log_header *log = NULL;

    if (atomic_compare_exchange_strong(&r->log, &log, BUSY)) {
        log = log_open(r);
        atomic_store(&r->log, log);
    }
    while (log == BUSY) {
        sched_yield();
        log = atomic_load(&r->log);
    }
    return log == REFUSED ? NULL : log;
}

/* --- Events ------------------------------------------------------------ */

static struct log_event *chunk_make(struct recorder *r, struct log_header *log,
                                    size_t number)
{
    off_t offset = LOG_HEADER_BYTES + (off_t)(number * LOG_CHUNK_BYTES);
    long fd = syscall(SYS_openat, AT_FDCWD, r->path, O_RDWR | O_CLOEXEC);
    struct log_event *chunk = NULL;

    if (fd >= 0) {
        chunk = file_map((int)fd, LOG_CHUNK_BYTES, offset);
        syscall(SYS_close, fd);
    }
    if (chunk)
        return chunk;
    atomic_store(&log->error, errno);
    return REFUSED;
}

static struct log_event *chunk_get(struct recorder *r, struct log_header *log,
                                   size_t number)
{
    struct log_event *chunk = NULL;

    if (atomic_compare_exchange_strong(&r->chunks[number], &chunk, BUSY)) {
        chunk = chunk_make(r, log, number);
        atomic_store(&r->chunks[number], chunk);
    }
    while (chunk == BUSY) {
        sched_yield();
        chunk = atomic_load(&r->chunks[number]);
    }
    return chunk == REFUSED ? NULL : chunk;
}

static uint32_t thread_number(struct log_header *log)
{
    if (self.log != log) {
        self.number = atomic_fetch_add(&log->threads, 1);
        self.log = log;
    }
    return self.number;
}

/* Take the next number and write the event there. */
static void event_write(enum log_kind kind, const void *address, size_t size,
                        size_t extra)
{
    struct recorder *r = recorder_get();
    struct log_header *log = r ? log_get(r) : NULL;
    struct log_event *chunk = NULL;
    uint64_t number = 0;

    if (!log)
        return;
    number = atomic_fetch_add(&log->events, 1);
    if (number < (uint64_t)LOG_CHUNKS_MAX * LOG_CHUNK_EVENTS)
        chunk = chunk_get(r, log, number / LOG_CHUNK_EVENTS);
    if (chunk) {
        struct log_event *event = &chunk[number % LOG_CHUNK_EVENTS];

        event->address = (uintptr_t)address;
        event->size = size;
        event->extra = extra;
        event->thread = thread_number(log);
        atomic_store(&event->kind, (uint8_t)kind);
    }
}

/* event_write, with errno kept for the program. */
static void record(enum log_kind kind, const void *address, size_t size,
                   size_t extra)
{
    int saved = errno;

    event_write(kind, address, size, extra);
    errno = saved;
}

/* --- The program's allocator ------------------------------------------- */

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    void *(*memalign)(size_t, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
} real;

static enum { UNKNOWN, FINDING, FOUND } real_state;

static void real_find_one(void *function, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    memcpy(function, &found, sizeof found);
}

/*
 * real_is_known - find the allocator, at the first call of all, when there is
 * one thread only.
 *
 * Returns false inside that search: dlsym itself may allocate.
 */
static bool real_is_known(void)
{
    if (real_state == UNKNOWN) {
        real_state = FINDING;
        real_find_one(&real.malloc, "malloc");
        real_find_one(&real.calloc, "calloc");
        real_find_one(&real.realloc, "realloc");
        real_find_one(&real.free, "free");
        real_find_one(&real.memalign, "memalign");
        real_find_one(&real.posix_memalign, "posix_memalign");
        real_find_one(&real.aligned_alloc, "aligned_alloc");
        real_find_one(&real.valloc, "valloc");
        real_find_one(&real.pvalloc, "pvalloc");
        real_state = FOUND;
    }
    return real_state == FOUND;
}

/* What dlsym asks for meanwhile: a few zeroed blocks that are never reused. */
static _Alignas(max_align_t) char early[4096];
static size_t early_used;

static void *early_take(size_t bytes)
{
    size_t start = early_used;

    if (bytes > sizeof early - 16 - start) {
        errno = ENOMEM;
        return NULL;
    }
    early_used += (bytes + 15) / 16 * 16;
    return early + start;
}

static bool early_has(const void *p)
{
    uintptr_t address = (uintptr_t)p;

    return address >= (uintptr_t)early &&
           address < (uintptr_t)early + sizeof early;
}

/* --- The family -------------------------------------------------------- */

EXPORT void *malloc(size_t size)
{
    void *p = NULL;

    if (!real_is_known())
        return early_take(size);
    p = real.malloc(size);
    record(LOG_MALLOC, p, size, 0);
    return p;
}

EXPORT void *calloc(size_t count, size_t size)
{
    void *p = NULL;

    if (!real_is_known())
        return early_take(count * size);
    p = real.calloc(count, size);
    record(LOG_CALLOC, p, size, count);
    return p;
}

EXPORT void free(void *p)
{
    if (!p || early_has(p) || !real_is_known())
        return;
    record(LOG_FREE, p, 0, 0);
    real.free(p);
}

/* A block of early's is left where it is, its bytes copied. */
static void *early_move(const void *p, size_t size)
{
    void *fresh = malloc(size);
    size_t rest = (size_t)(early + sizeof early - (const char *)p);

    return fresh ? memcpy(fresh, p, size < rest ? size : rest) : NULL;
}

EXPORT void *realloc(void *p, size_t size)
{
    void *moved = NULL;

    if (!p)
        return malloc(size);
    if (early_has(p))
        return early_move(p, size);
    record(LOG_REALLOC, p, size, 0);
    moved = real.realloc(p, size);
    record(LOG_REALLOCED, moved, size, 0);
    return moved;
}

/* Not passed on: glibc's reallocarray calls realloc, which is ours. */
EXPORT void *reallocarray(void *p, size_t count, size_t size)
{
    size_t bytes = 0;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(p, bytes);
}

EXPORT void *memalign(size_t align, size_t size)
{
    void *p = real_is_known() ? real.memalign(align, size) : NULL;

    record(LOG_MEMALIGN, p, size, align);
    return p;
}

EXPORT void *aligned_alloc(size_t align, size_t size)
{
    void *p = real_is_known() ? real.aligned_alloc(align, size) : NULL;

    record(LOG_MEMALIGN, p, size, align);
    return p;
}

EXPORT int posix_memalign(void **where, size_t align, size_t size)
{
    int error =
        real_is_known() ? real.posix_memalign(where, align, size) : ENOMEM;

    record(LOG_MEMALIGN, error ? NULL : *where, size, align);
    return error;
}

EXPORT void *valloc(size_t size)
{
    void *p = real_is_known() ? real.valloc(size) : NULL;

    record(LOG_MEMALIGN, p, size, (size_t)sysconf(_SC_PAGESIZE));
    return p;
}

EXPORT void *pvalloc(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *p = real_is_known() ? real.pvalloc(size) : NULL;

    record(LOG_MEMALIGN, p, (size + page - 1) / page * page, page);
    return p;
}
