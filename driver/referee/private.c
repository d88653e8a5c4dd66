/* private.c - memory that a player has for itself; see private.h. */
#include "private.h"

#include <stdio.h>

/* The kilobytes on the line that begins with name, as bytes; 0: none. */
static size_t read_line(const char *path, const char *format)
{
    FILE *file = fopen(path, "re");
    char line[256];
    size_t kib = 0;

    if (!file)
        return 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    while (kib == 0 && fgets(line, sizeof(line), file))
        (void)(sscanf(line, format, &kib) == 1);
#pragma GCC diagnostic pop
    fclose(file);
    return kib << 10;
}

/* smaps_rollup counts exactly, but is not for everyone to read. */
size_t private_bytes(pid_t process)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", process);
    size_t bytes = read_line(path, "Anonymous: %zu");
    if (bytes > 0)
        return bytes;
    snprintf(path, sizeof(path), "/proc/%d/status", process);
    return read_line(path, "RssAnon: %zu");
}
