/* Includes a secret file, so that the compiler's messages show it.
 * vet: include
 * unvetted: compile error */
#include "base.h"
#include "@SECRET@"
