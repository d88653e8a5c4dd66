/*
 * rep.c - see rep.h; the format is described in traces/README.md.
 *
 * The text goes to a file beside the one wanted, which it replaces when it is
 * complete.
 */
#include "rep.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the text goes at first; false when that path is too long. */
static bool path_beside(char *beside, size_t bytes, const char *path)
{
    int n = snprintf(beside, bytes, "%s.tmp", path);

    return n >= 0 && (size_t)n < bytes;
}

static FILE *beside_open(char *beside, size_t bytes, const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        return NULL;
    }
    if (!path_beside(beside, bytes, path)) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    return fopen(beside, "w");
}

int rep_open_check(const char *path)
{
    char beside[PATH_MAX];
    FILE *file = beside_open(beside, sizeof beside, path);

    if (!file)
        return errno;
    fclose(file);
    unlink(beside);
    return 0;
}

static void op_write(FILE *file, const struct record_op *op)
{
    switch (op->kind) {
    case 'c':
    case 'm':
        fprintf(file, "%c %" PRIu32 " %" PRIu64 " %" PRIu64 "\n", op->kind,
                op->id, op->extra, op->size);
        break;
    case 'f':
        fprintf(file, "f %" PRIu32 "\n", op->id);
        break;
    default:
        fprintf(file, "%c %" PRIu32 " %" PRIu64 "\n", op->kind, op->id,
                op->size);
    }
}

static void text_write(FILE *file, const struct rep_head *head,
                       const struct recording *r)
{
    uint32_t thread = 0;

    fprintf(file, "# %s\n# made by: %s\n", head->about, head->made_by);
    fprintf(file, "1\n%zu\n%zu\n%" PRIu64 "\n", r->ids, r->ops_count,
            r->peak_payload);
    for (size_t i = 0; i < r->ops_count; i++) {
        if (r->ops[i].thread != thread) {
            thread = r->ops[i].thread;
            fprintf(file, "@ %" PRIu32 "\n", thread);
        }
        op_write(file, &r->ops[i]);
    }
}

int rep_write(const char *path, const struct rep_head *head,
              const struct recording *recording)
{
    char beside[PATH_MAX];
    FILE *file = beside_open(beside, sizeof beside, path);
    int error = 0;

    if (!file)
        return errno;
    errno = 0;
    text_write(file, head, recording);
    if (ferror(file))
        error = errno ? errno : EIO;
    if (fclose(file) != 0 && !error)
        error = errno;
    if (!error && rename(beside, path) != 0)
        error = errno;
    if (error)
        unlink(beside);
    return error;
}
