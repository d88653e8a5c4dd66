/* memlib.h as an mm.c of the classic lab (2001 on) knows it. */
#include "../textbook.h"
