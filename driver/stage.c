/* stage.c - load a stage's shared object; see stage.h. */
#include "stage.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* dlopen looks a bare name up in the system's folders: give it a path. */
static void *object_open(const char *path)
{
    char *whole = realpath(path, NULL);
    void *object = dlopen(whole ? whole : path, RTLD_NOW | RTLD_LOCAL);

    free(whole);
    return object;
}

const struct stage *stage_load(const char *path, char *error,
                               size_t error_bytes)
{
    void *object = object_open(path);
    const struct stage *stage = object ? dlsym(object, STAGE_SYMBOL) : NULL;

    if (!stage) {
        const char *why = dlerror();
        snprintf(error, error_bytes, "%s", why ? why : "no " STAGE_SYMBOL);
    }
    return stage;
}
