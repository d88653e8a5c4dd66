/*
 * mm_stats.c - MM_STATS; see mm_stats.h.
 *
 * Sources: mm_walk for what is in the heap, memlib for what it took.
 */
#include "mm_stats.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memlib_real.h"
#include "mm.h"

enum { TEXT = 512 };

static const char *wanted; /* the value of MM_STATS, or NULL */

/*
 * A second descriptor of standard error. A program that closes all that it
 * does not know, as daemons do, may have put another file there by its end:
 * what it was says whether it still is that.
 */
static int error_fd = -1;
static struct stat error_file;

/* Descriptors from here on are seldom asked for by number. */
enum { FIRST_FD = 200 };

/* What secure_getenv(3) would say; that one lies in a part of libc which many
   programs never touch, and each part is 64 KiB of resident memory. */
static const char *wish(void)
{
    return getauxval(AT_SECURE) ? NULL : getenv("MM_STATS");
}

void stats_open(void)
{
    const char *value = wish();

    if (!value || value[0] == '\0' || strcmp(value, "0") == 0)
        return;
    wanted = value;
    if (strcmp(value, "1") != 0)
        return;
    error_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, FIRST_FD);
    if (error_fd < 0 || fstat(error_fd, &error_file) != 0)
        error_fd = -1;
}

bool stats_are_wanted(void)
{
    return wanted != NULL;
}

static bool error_fd_is_kept(void)
{
    struct stat now;

    return error_fd >= 0 && fstat(error_fd, &now) == 0 &&
           now.st_dev == error_file.st_dev && now.st_ino == error_file.st_ino;
}

/* Where the line goes; -1 if that is gone. */
static int stats_fd(void)
{
    if (strcmp(wanted, "1") != 0)
        return open(wanted, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    return error_fd_is_kept() ? error_fd : -1;
}

/* Sums over mm_walk, by enum mm_use. */
struct sums {
    size_t extents[MM_OVERHEAD + 1];
    size_t bytes[MM_OVERHEAD + 1];
};

static void sums_add(const struct mm_extent *extent, void *arg)
{
    struct sums *sums = arg;

    sums->extents[extent->use]++;
    sums->bytes[extent->use] += extent->bytes;
}

/* A part of the whole in tenths of a percent; in integers, since printf may
 * allocate for a double. */
static size_t permille(size_t part, size_t whole)
{
    return whole > 0 ? (part * 1000 + whole / 2) / whole : 0;
}

/* Append what the heap holds; a stage without mm_walk does not say. */
static size_t sums_print(const struct sums *s, char *text, size_t bytes)
{
    size_t total =
        s->bytes[MM_USED] + s->bytes[MM_FREE] + s->bytes[MM_OVERHEAD];
    size_t share = permille(s->bytes[MM_USED], total);

    if (total == 0)
        return 0;
    return (size_t)snprintf(
        text, bytes,
        "in use %zu KiB in %zu blocks, free %zu KiB in %zu, overhead %zu KiB, "
        "so %zu.%zu %% in use; ",
        s->bytes[MM_USED] / 1024, s->extents[MM_USED], s->bytes[MM_FREE] / 1024,
        s->extents[MM_FREE], s->bytes[MM_OVERHEAD] / 1024, share / 10,
        share % 10);
}

void stats_write(void)
{
    struct sums sums = {0};
    struct mem_held held = mem_held();
    char text[TEXT];
    size_t length;

    mm_walk(sums_add, &sums);
    length = (size_t)snprintf(
        text, TEXT, "libmm %d-%s, process %d (%.32s): ", mm_info.number,
        mm_info.name, (int)getpid(), program_invocation_short_name);
    length += sums_print(&sums, text + length, TEXT - length);
    length += (size_t)snprintf(text + length, TEXT - length,
                               "footprint %zu KiB, at its peak %zu KiB\n",
                               held.now / 1024, held.peak / 1024);

    int fd = stats_fd();
    if (fd >= 0 && write(fd, text, length) < 0)
        return; /* a full disk or a closed pipe: nobody is left to be told */
}
