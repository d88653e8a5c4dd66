/* memlib.h as an mm.c of the 2010 lab knows it. */
#include "../textbook.h"
