/* Keeps the compiler busy for ever, with text that doubles at every level.
 * vet: compile error
 * unvetted: compile error */
#include "base.h"

#define A(x) x x x x x x x x x x x x x x x x
#define B(x) A(A(A(A(x))))
int mm_bomb[] = {B(B(B(B(1 +)))) 1};
