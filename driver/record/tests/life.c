/*
 * life.c - the ways in which a process goes on or ends.
 *
 *     life fork        the child makes most calls
 *     life fork raw    the same, none of libc's fork handlers being called
 *     life fork thread the same, from another thread than main
 *     life vfork       its child runs /bin/true
 *     life exec NAME   runs itself under another name, with `blocks 3`
 *     life blocks N    N blocks of 1 to N bytes, then a return from main
 *     life scatter N   the same, then all freed in a scattered order; N is
 *                      no multiple of 7919
 *     life exit N      the same, then _exit
 *     life kill N      the same, then SIGKILL
 *     life thread      main and another thread take turns
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile blocks[100000];

static void take(int count)
{
    for (int i = 0; i < count; i++)
        blocks[i] = malloc((size_t)i + 1);
}

/* Blocks 0 to 3 are the parent's; the child frees two and moves one. */
static int live_fork(int is_raw)
{
    pid_t pid = 0;

    take(4);
    pid = is_raw ? (pid_t)syscall(SYS_fork) : fork();
    if (pid == 0) {
        free(blocks[0]);
        blocks[4] = malloc(50);
        free(blocks[1]);
        blocks[2] = realloc(blocks[2], 60);
        free(blocks[4]);
        free(blocks[2]);
        take(3);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    free(blocks[3]);
    return 0;
}

static int live_vfork(void)
{
    pid_t pid = 0;

    take(1);
    pid = vfork();
    if (pid == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
    free(blocks[0]);
    return 0;
}

static void *thread_main(void *block)
{
    free(block);
    blocks[1] = malloc(20);
    return NULL;
}

static void *fork_main(void *unused)
{
    take(1);
    free(blocks[0]);
    live_fork(0);
    return unused;
}

static int live_fork_in_thread(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, fork_main, NULL);
    pthread_join(thread, NULL);
    return 0;
}

/* The recording starts after the one call that pthread_create makes. */
static int live_thread(void)
{
    pthread_t thread;

    blocks[0] = malloc(10);
    pthread_create(&thread, NULL, thread_main, blocks[0]);
    pthread_join(thread, NULL);
    blocks[1] = realloc(blocks[1], 30);
    free(blocks[1]);
    return 0;
}

int main(int argc, char **argv)
{
    const char *way = argc > 1 ? argv[1] : "";
    int count = argc > 2 ? atoi(argv[2]) : 0;

    if (strcmp(way, "fork") == 0 && strcmp(argv[argc - 1], "thread") == 0)
        return live_fork_in_thread();
    if (strcmp(way, "fork") == 0)
        return live_fork(argc > 2);
    if (strcmp(way, "vfork") == 0)
        return live_vfork();
    if (strcmp(way, "thread") == 0)
        return live_thread();
    if (strcmp(way, "exec") == 0) {
        take(9);
        execl(argv[2], argv[2], "blocks", "3", (char *)NULL);
        return 1;
    }
    take(count);
    for (int i = 0; i < count && strcmp(way, "scatter") == 0; i++)
        free(blocks[i * 7919L % count]);
    if (strcmp(way, "exit") == 0)
        _exit(7);
    if (strcmp(way, "kill") == 0)
        raise(SIGKILL);
    return 0;
}
