/* Brings the table that the driver looks for, with a weaker promise.
 * unvetted: compile error */
#include "base.h"

struct {
    void *info;
    const char *era;
    size_t alignment;
} mm_stage = {NULL, "classic", 1};
