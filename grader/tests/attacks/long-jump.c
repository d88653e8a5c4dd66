/* Looks for return addresses on the stack and skips its caller.
 * unvetted: crash, wrong answer, time-out, rule broken, ok */
#define OWN_FREE
#include "base.h"

void mm_free(void *ptr)
{
    void *volatile *frame = __builtin_frame_address(0);

    base_free(ptr);
    frame[1] = frame[2];
    frame[2] = frame[3];
}
