/* crew.h - threads that all do the same, with a number from 1 on each. */
#ifndef CREW_H
#define CREW_H

#include <pthread.h>
#include <stdint.h>

#include "expect.h"

enum { CREW_MOST = 16 };

struct crew {
    pthread_t ids[CREW_MOST];
    int count;
};

/* Start count threads; work gets its number as a uintptr_t. */
static inline void crew_start(struct crew *crew, int count, void *work(void *))
{
    expect(count <= CREW_MOST);
    crew->count = count;
    for (int i = 0; i < count; i++)
        expect(pthread_create(&crew->ids[i], NULL, work,
                              (void *)(uintptr_t)(i + 1)) == 0);
}

static inline void crew_join(const struct crew *crew)
{
    for (int i = 0; i < crew->count; i++)
        expect(pthread_join(crew->ids[i], NULL) == 0);
}

#endif
