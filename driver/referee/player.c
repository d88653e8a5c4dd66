/*
 * player.c - the process that holds a submission; see docs/referee.md.
 *
 * The first process of all loads nothing. It sits at the door, and forks one
 * player after another, each of which takes a seat at the wire, loads the
 * stage, shuts itself in, and does what it is asked.
 *
 * Usage: player WIRE STEPS HEAP MAPS CONTROL FILTER STAGE
 * where all but the last are descriptors (-1: no filter).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"
#include "seat.h"
#include "stage.h"
#include "wire.h"

/* The descriptors that the command line names. */
struct files {
    int wire;
    int steps;
    int heap;
    int maps;
    int control;
    int filter;
};

static struct files files;
static struct table table; /* what all players find on the wire */
static pid_t players[WIRE_SEATS];

/* --- Getting ready ------------------------------------------------------- */

static void fail(const char *what)
{
    fprintf(stderr, "player: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void *map_file(int file, int access)
{
    struct stat stat_of;

    if (fstat(file, &stat_of) != 0)
        fail("a descriptor of the referee's");
    void *p = mmap(NULL, (size_t)stat_of.st_size, access, MAP_SHARED, file, 0);
    if (p == MAP_FAILED)
        fail("mapping what the referee shares");
    return p;
}

static void open_table(void)
{
    const char *why = NULL;

    table.wire = map_file(files.wire, PROT_READ | PROT_WRITE);
    table.terms = map_file(files.steps, PROT_READ);
    table.steps = wire_steps(table.terms);
    table.share = table.terms->share;
    table.share.heap_file = files.heap;
    table.share.maps_file = files.maps;
    table.share.is_keeper = false;
    struct mem_options memory = {.limit = table.terms->limit,
                                 .share = &table.share};
    if (!mem_open(&memory, &why)) {
        fprintf(stderr, "player: %s\n", why);
        exit(EXIT_FAILURE);
    }
    if (files.filter >= 0 && !guard_read(files.filter))
        fail("the filter of system calls");
}

/* --- A player ------------------------------------------------------------ */

static void say(enum door door, uint32_t seat, int status)
{
    struct message message = {door, seat, status};

    send(files.control, &message, sizeof(message), MSG_NOSIGNAL);
}

/* A player for the passes that count finds the pages used by others. */
static void take_over_pages(void)
{
    const struct terms *terms = table.terms;

    mem_set_extent(&terms->extent);
    mem_reset(MEM_WARM);
    wire_spoil(files.heap, terms->share.heap_at, terms->junk | 1);
    wire_spoil(files.maps, terms->share.maps_at, ~terms->junk | 1);
}

static void player_main(uint32_t seat, const char *stage, pid_t parent,
                        const sigset_t *mask)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    sigprocmask(SIG_SETMASK, mask, NULL);
    if (seat == SEAT_FRESH)
        take_over_pages();
    say(DOOR_HELLO, seat, 0);
    closefrom(STDERR_FILENO + 1);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* or a crash loses what it says */
    seat_serve(&table, seat, stage);
    _exit(EXIT_SUCCESS);
}

/* --- The door ------------------------------------------------------------ */

static void seat_player(uint32_t seat, const char *stage, const sigset_t *mask)
{
    pid_t parent = getpid();

    players[seat] = fork();
    if (players[seat] == 0)
        player_main(seat, stage, parent, mask);
    if (players[seat] < 0)
        say(DOOR_DIED, seat, EXIT_FAILURE << 8);
}

/* Tell of the players that are no more. */
static void gather(void)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (uint32_t seat = 0; seat < WIRE_SEATS; seat++) {
            if (players[seat] == pid) {
                players[seat] = 0;
                say(DOOR_DIED, seat, status);
            }
        }
    }
}

/* Do as the referee says. Returns false when it is no longer there. */
static bool obey(const char *stage, const sigset_t *mask)
{
    struct message message;

    if (recv(files.control, &message, sizeof(message), 0) != sizeof(message) ||
        message.seat >= WIRE_SEATS)
        return false;
    if (message.door == DOOR_SIT)
        seat_player(message.seat, stage, mask);
    else if (message.door == DOOR_KILL && players[message.seat] > 0)
        kill(players[message.seat], SIGKILL);
    return true;
}

static void attend(const char *stage)
{
    struct signalfd_siginfo info;
    sigset_t child, before;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &before);

    int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    struct pollfd fds[] = {{files.control, POLLIN, 0}, {signals, POLLIN, 0}};
    if (signals < 0)
        fail("signalfd");
    say(DOOR_READY, 0, 0);
    while (poll(fds, 2, -1) > 0 || errno == EINTR) {
        while (read(signals, &info, sizeof(info)) > 0)
            gather();
        if (fds[0].revents != 0 && !obey(stage, &before))
            return;
    }
}

int main(int argc, char *argv[])
{
    struct rlimit no_core = {0, 0};
    int *const named[] = {&files.wire, &files.steps,   &files.heap,
                          &files.maps, &files.control, &files.filter};
    enum { NAMED = sizeof(named) / sizeof(named[0]) };

    if (argc != NAMED + 2) {
        fputs("player: started by the referee only, see docs/referee.md\n",
              stderr);
        return EXIT_FAILURE;
    }
    for (int i = 0; i < NAMED; i++)
        *named[i] = (int)strtol(argv[i + 1], NULL, 10);
    program_invocation_short_name = "mdriver"; /* what a failed assert says */
    setrlimit(RLIMIT_CORE, &no_core);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    open_table();
    attend(argv[NAMED + 1]);
    for (uint32_t seat = 0; seat < WIRE_SEATS; seat++) {
        if (players[seat] > 0)
            kill(players[seat], SIGKILL);
    }
    return EXIT_SUCCESS;
}
