/*
 * spawn.c - posix_spawn, popen and vfork while threads allocate.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

enum { THREADS = 2, ROUNDS = 20 };

static atomic_bool is_over;

static void *churn(void *unused)
{
    (void)unused;
    while (!is_over)
        free(keep(malloc(1000)));
    return NULL;
}

static void wait_for(pid_t pid)
{
    int status = 1;

    expect(waitpid(pid, &status, 0) == pid && status == 0);
}

int main(void)
{
    char *command[] = {"true", NULL};
    pthread_t threads[THREADS];
    pid_t pid;

    for (int i = 0; i < THREADS; i++)
        expect(pthread_create(&threads[i], NULL, churn, NULL) == 0);
    for (int i = 0; i < ROUNDS; i++) {
        expect(posix_spawnp(&pid, "true", NULL, NULL, command, environ) == 0);
        wait_for(pid);
        pid = vfork();
        if (pid == 0) {
            execlp("true", "true", NULL);
            _exit(1);
        }
        wait_for(pid);
        FILE *pipe = popen("echo hello", "r");
        char text[16];
        expect(pipe && fgets(text, sizeof(text), pipe) && text[0] == 'h');
        expect(pclose(pipe) == 0);
    }
    is_over = true;
    for (int i = 0; i < THREADS; i++)
        expect(pthread_join(threads[i], NULL) == 0);
    return 0;
}
