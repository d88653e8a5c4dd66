/* Includes what never ends, or its own process's memory.
 * vet: include
 * unvetted: compile error */
#include "base.h"
#include "/proc/self/environ"
#include "/dev/zero"
