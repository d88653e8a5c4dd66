/*
 * fork.c [single] - children of a process whose threads allocate can allocate
 * too, and start threads, and fork again. single: they start none, which
 * ThreadSanitizer does not allow.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

enum { THREADS = 4, FORKS = 25, SLOTS = 200, PATIENCE = 30 };

static atomic_bool is_over;
static bool children_have_threads = true;

/* Allocate and free at random, every size class and large blocks too. */
static void *churn(void *arg)
{
    void *slots[SLOTS] = {NULL};
    unsigned seed = (unsigned)(size_t)arg;

    for (unsigned i = 0; !is_over && (arg || i < 2000); i++) {
        seed = seed * 1103515245 + 12345;
        unsigned at = seed / 65536 % SLOTS;
        free(slots[at]);
        slots[at] =
            keep(malloc(seed % 97 == 0 ? 200000 : 1 + seed / 256 % 3000));
        expect(slots[at] != NULL);
    }
    for (int i = 0; i < SLOTS; i++)
        free(slots[i]);
    return NULL;
}

static void child(bool has_child)
{
    pthread_t thread;

    alarm(PATIENCE);
    churn(NULL);
    if (children_have_threads) {
        expect(pthread_create(&thread, NULL, churn, NULL) == 0);
        churn(NULL);
        expect(pthread_join(thread, NULL) == 0);
    }
    if (has_child) {
        pid_t pid = fork();
        int status = 1;
        if (pid == 0)
            exit(churn(NULL) != NULL);
        expect(waitpid(pid, &status, 0) == pid && status == 0);
    }
    exit(0); /* not _exit: the handlers run too */
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];

    (void)argv;
    children_have_threads = argc == 1;

    for (size_t i = 0; i < THREADS; i++)
        expect(pthread_create(&threads[i], NULL, churn, (void *)(i + 1)) == 0);
    for (int i = 0; i < FORKS; i++) {
        int status = 1;
        pid_t pid = fork();
        if (pid == 0)
            child(i % 10 == 0);
        expect(pid > 0 && waitpid(pid, &status, 0) == pid);
        if (status != 0)
            fprintf(stderr, "fork %d: child ended with status 0x%x\n", i,
                    (unsigned)status);
        expect(status == 0);
    }
    is_over = true;
    for (int i = 0; i < THREADS; i++)
        expect(pthread_join(threads[i], NULL) == 0);
    return 0;
}
