/* Default mm_info: a stage that says nothing of itself. See mm.h. */
#include "mm.h"

const struct mm_info mm_info = {
    .name = "unnamed",
    .number = 0,
    .thread_safe = false,
};
