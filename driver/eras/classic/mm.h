/* mm.h as an mm.c of the classic lab (2001 on) knows it. */
#ifndef MM_H
#define MM_H

#include <stddef.h>
#include <stdio.h>

int mm_init(void); /* 0, or -1 */
void *mm_malloc(size_t size);
void mm_free(void *ptr);
void *mm_realloc(void *ptr, size_t size);

/* Some handouts had it, void or int; see ../flags.sh. */
#ifdef TEXTBOOK_CHECKHEAP
TEXTBOOK_CHECKHEAP mm_checkheap(int verbose);
#endif

typedef struct {
    char *teamname;
    char *name1; /* first member */
    char *id1;
    char *name2; /* second member, or "" */
    char *id2;
} team_t;

extern team_t team;

#endif
