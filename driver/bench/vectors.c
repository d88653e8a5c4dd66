/*
 * vectors.c - arrays that grow by realloc.
 *
 * Programs double an array that is full, or (badly, but often) make it longer
 * by one each time, and have one array or many that grow side by side.
 */
#include "work.h"

struct vector {
    uint32_t *items;
    size_t count;
    size_t room; /* items */
};

static void vector_reserve(struct vector *v, size_t room)
{
    uint32_t *items = realloc(v->items, room * sizeof(*items));

    if (!items)
        fail("realloc to %zu bytes gave NULL", room * sizeof(*items));
    v->items = items;
    v->room = room;
}

static void vector_push(struct vector *v, uint32_t item, bool doubles)
{
    if (v->count == v->room)
        vector_reserve(v,
                       doubles && v->count > 0 ? 2 * v->count : v->count + 1);
    v->items[v->count++] = item;
}

/* Its items are first, first + step, ... */
static void vector_drop(struct vector *v, uint32_t first, uint32_t step)
{
    for (size_t i = 0; i < v->count; i++) {
        if (v->items[i] != first + (uint32_t)i * step)
            fail("item %zu is %u, expected %u", i, v->items[i],
                 first + (uint32_t)i * step);
    }
    free(v->items);
    *v = (struct vector){0};
}

static void run_doubling(const struct task *task)
{
    struct vector vector = {0};

    for (long round = 0; round < task_share(task, 2000); round++) {
        uint32_t items = 1 << (8 + round % 11);

        for (uint32_t i = 0; i < items; i++)
            vector_push(&vector, i, true);
        vector_drop(&vector, 0, 1);
    }
    for (uint32_t i = 0; i < 1 << 24; i++)
        vector_push(&vector, i, true);
    vector_drop(&vector, 0, 1);
}

static void run_by_one(const struct task *task)
{
    struct vector vector = {0};

    for (long round = 0; round < task_share(task, 2400); round++) {
        for (uint32_t i = 0; i < 16 * 1024; i++)
            vector_push(&vector, i, false);
        vector_drop(&vector, 0, 1);
    }
}

static void run_many(const struct task *task)
{
    enum { VECTORS = 1 << 14 };
    static struct vector vectors[VECTORS];
    uint32_t items = (uint32_t)task_share(task, 20 * 1000 * 1000);

    for (uint32_t i = 0; i < items; i++)
        vector_push(&vectors[i % VECTORS], i, true);
    heap_check(__LINE__);
    for (uint32_t i = 0; i < VECTORS; i++)
        vector_drop(&vectors[i], i, VECTORS);
}

const struct program vector_programs[] = {
    {"doubling", "an array that doubles when full, to 64 MiB", run_doubling, 0,
     false},
    {"by-one", "an array longer by 4 bytes each time, to 64 KiB", run_by_one, 0,
     false},
    {"vectors", "16384 arrays that double, side by side", run_many, 0, false},
    {0},
};
