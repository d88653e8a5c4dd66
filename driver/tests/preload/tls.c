/*
 * tls.c - a library loaded late may still have its own static TLS; and the
 * preload library itself may be loaded late, where it serves nobody.
 *
 * Built twice: with -DLIBRARY as that library.
 */
#ifdef LIBRARY

static _Thread_local char block[700] __attribute__((tls_model("initial-exec")));

char *library_block(void);

char *library_block(void)
{
    return block;
}

#else

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "expect.h"

static char *(*library_block)(void);

static void *thread(void *unused)
{
    (void)unused;
    memset(library_block(), 1, 700);
    free(keep(malloc(100)));
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t id;

    for (int i = 1; i < argc; i++) {
        void *library = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
        if (!library)
            fprintf(stderr, "%s\n", dlerror());
        expect(library != NULL);
        if (i == 1)
            *(void **)&library_block = dlsym(library, "library_block");
        else
            expect(dlclose(library) == 0);
    }
    expect(library_block != NULL);
    thread(NULL);
    expect(pthread_create(&id, NULL, thread, NULL) == 0);
    expect(pthread_join(id, NULL) == 0);
    return 0;
}

#endif
