/*
 * logs.c - see logs.h.
 */
#include "logs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* By the name it was called by; a file may have several. */
static void log_name(struct record_log *log)
{
    const struct log_header *header = log->header;
    const char *called = *header->command ? header->command : header->program;

    snprintf(log->name, sizeof log->name, "%.63s", path_base(called));
}

/* Fill in what the header says, if it is one. */
static bool log_understand(struct record_log *log)
{
    uint64_t room = (log->bytes - LOG_HEADER_BYTES) / sizeof *log->events;

    if (memcmp(log->header->magic, LOG_MAGIC, sizeof log->header->magic) != 0)
        return false;
    log->events = (const void *)((const char *)log->header + LOG_HEADER_BYTES);
    log->events_count =
        (size_t)(log->header->events < room ? log->header->events : room);
    log_name(log);
    return true;
}

static bool log_open(struct record_log *log, int directory, const char *name)
{
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    struct stat st = {.st_size = 0};
    void *p = MAP_FAILED;

    if (fd < 0)
        return false;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        st.st_size >= LOG_HEADER_BYTES)
        p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return false;
    log->header = p;
    log->bytes = (size_t)st.st_size;
    if (log_understand(log))
        return true;
    munmap(p, log->bytes);
    return false;
}

/* More events first; of equal ones the older process. */
static int log_compare(const void *a, const void *b)
{
    const struct log_header *x = ((const struct record_log *)a)->header;
    const struct log_header *y = ((const struct record_log *)b)->header;

    if (x->events != y->events)
        return x->events > y->events ? -1 : 1;
    return x->pid < y->pid ? -1 : x->pid > y->pid;
}

struct record_log *logs_open(const char *directory, size_t *count)
{
    struct record_log *logs = NULL;
    DIR *dir = opendir(directory);
    struct dirent *entry = NULL;

    *count = 0;
    while (dir && (entry = readdir(dir)) != NULL) {
        struct record_log *more = realloc(logs, (*count + 1) * sizeof *logs);

        if (!more)
            break;
        logs = more;
        *count += log_open(&logs[*count], dirfd(dir), entry->d_name);
    }
    if (dir)
        closedir(dir);
    if (*count)
        qsort(logs, *count, sizeof *logs, log_compare);
    return logs;
}

void logs_close(struct record_log *logs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        munmap((void *)(uintptr_t)logs[i].header, logs[i].bytes);
    free(logs);
}

const struct record_log *logs_pick(const struct record_log *logs, size_t count,
                                   const char *program)
{
    for (size_t i = 0; i < count; i++) {
        if (!*program || strcmp(program, logs[i].name) == 0 ||
            strcmp(program, path_base(logs[i].header->program)) == 0)
            return &logs[i];
    }
    return NULL;
}
