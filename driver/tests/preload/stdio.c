/*
 * stdio.c - threads in getline, fopen and fflush(NULL) while another forks.
 *
 * getline holds a file and asks for memory; fflush(NULL) holds the list of
 * files and waits for each; fork wants the list. If the heap is locked before
 * the list, these wait for each other for ever.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

enum { FORKS = 250, PATIENCE = 60 };

static atomic_bool is_over;
static FILE *shared; /* one file that all read lines of */

static void *read_lines(void *unused)
{
    (void)unused;
    while (!is_over) {
        char *line = NULL;
        size_t room = 0;
        if (getline(&line, &room, shared) < 0)
            rewind(shared);
        free(line);
    }
    return NULL;
}

static void *open_files(void *unused)
{
    (void)unused;
    while (!is_over) {
        FILE *file = fopen("/dev/null", "w");
        expect(file != NULL);
        fputs("x", file);
        fclose(file);
    }
    return NULL;
}

static void *flush_all(void *unused)
{
    (void)unused;
    while (!is_over)
        fflush(NULL);
    return NULL;
}

/* A child's files work too: its locks are free, and stay right when used. */
static void child(void)
{
    FILE *file = fopen("/dev/null", "w");

    alarm(PATIENCE);
    expect(file != NULL);
    fputs("x", file);
    fflush(NULL);
    fclose(file);
    free(keep(malloc(100)));
    _exit(0);
}

int main(void)
{
    void *(*const work[])(void *) = {read_lines, read_lines, open_files,
                                     flush_all, flush_all};
    enum { THREADS = sizeof(work) / sizeof(work[0]) };
    pthread_t threads[THREADS];

    alarm(PATIENCE);
    shared = tmpfile();
    expect(shared != NULL);
    for (int i = 0; i < 2000; i++)
        fprintf(shared, "line %d %0*d\n", i, i % 200, i);
    rewind(shared);
    for (int i = 0; i < THREADS; i++)
        expect(pthread_create(&threads[i], NULL, work[i], NULL) == 0);
    for (int i = 0; i < FORKS; i++) {
        int status = 1;
        pid_t pid = fork();
        if (pid == 0)
            child();
        expect(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
    }
    is_over = true;
    for (int i = 0; i < THREADS; i++)
        expect(pthread_join(threads[i], NULL) == 0);
    return 0;
}
