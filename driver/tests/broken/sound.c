/*
 * sound.c - nothing is broken: every check must let it pass.
 *
 * options: -D
 * trace:
 *   a 0 24
 *   a 1 0
 *   a 2 0
 *   c 3 3 5
 *   r 4 100
 *   r 0 48
 *   r 0 7
 *   r 4 101
 *   f -1
 *   f 1
 *   r 0 0
 *   r 2 0
 *   a 5 2000000
 *   r 5 3000000
 *   r 5 1500000
 *   m 6 16 40
 *   a 0 1048576
 *   a 1 1048577
 *   c 2 1 1048583
 *   f 0
 *   f 3
 *   f 5
 *   f 2
 * valid: 9646352
 */
#include "base.h"
