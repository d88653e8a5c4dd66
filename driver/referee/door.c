/* door.c - how players are started; see door.h. */
#define _GNU_SOURCE /* struct ucred, strerrordesc_np */
#include "door.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire.h"

enum {
    READY_MS = 20000, /* for a sandbox to start */
    HELLO_MS = 20000, /* for a player to start */
    FILES_MOST = 8,
    DIGITS = 12,
};

static int control = -1;
static pid_t first = -1;          /* the first process, or its sandbox */
static pid_t players[WIRE_SEATS]; /* 0: not there yet */
static bool has_died[WIRE_SEATS];
static int statuses[WIRE_SEATS];
static bool is_ready;
static bool is_closed; /* nobody is at the other end */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* --- Messages ------------------------------------------------------------ */

/* The process that sent a message, as this one sees it; 0: not told. */
static pid_t sender(struct msghdr *header)
{
    struct ucred who = {.pid = 0};
    struct cmsghdr *part = CMSG_FIRSTHDR(header);

    if (part && part->cmsg_level == SOL_SOCKET &&
        part->cmsg_type == SCM_CREDENTIALS)
        memcpy(&who, CMSG_DATA(part), sizeof(who));
    return who.pid;
}

static void note(const struct message *message, pid_t from)
{
    uint32_t seat = message->seat < WIRE_SEATS ? message->seat : 0;

    if (message->door == DOOR_READY) {
        is_ready = true;
    } else if (message->door == DOOR_HELLO) {
        players[seat] = from;
    } else if (message->door == DOOR_DIED) {
        has_died[seat] = true;
        statuses[seat] = message->status;
    }
}

/* Take one message, waiting for it so long; false when there is none. */
static bool take(int milliseconds)
{
    struct message message;
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } extra;
    struct iovec parts = {&message, sizeof(message)};
    struct msghdr header = {.msg_iov = &parts,
                            .msg_iovlen = 1,
                            .msg_control = &extra,
                            .msg_controllen = sizeof(extra)};
    struct pollfd ready = {control, POLLIN, 0};

    if (is_closed || poll(&ready, 1, milliseconds) <= 0)
        return false;
    ssize_t bytes = recvmsg(control, &header, MSG_DONTWAIT);
    is_closed = bytes == 0 || (bytes < 0 && errno != EAGAIN);
    if (bytes != sizeof(message))
        return false;
    note(&message, sender(&header));
    return true;
}

static void say(enum door door, uint32_t seat)
{
    struct message message = {door, seat, 0};

    send(control, &message, sizeof(message), MSG_NOSIGNAL);
}

/* --- The first process --------------------------------------------------- */

/* What is read from a descriptor, like a filter of system calls, is read anew
   by every sandbox. */
static void rewind_inherited(void)
{
    DIR *folder = opendir("/proc/self/fd");
    const struct dirent *entry;

    while (folder && (entry = readdir(folder))) {
        int file = (int)strtol(entry->d_name, NULL, 10);
        if (file > STDERR_FILENO && file != dirfd(folder))
            lseek(file, 0, SEEK_SET);
    }
    if (folder)
        closedir(folder);
}

/* The words with the player's arguments behind them; never freed, as the
   process becomes another. */
static char **command(char *const *words, const int *files, size_t count,
                      const char *stage)
{
    static char digits[FILES_MOST][DIGITS];
    size_t length = 0;

    while (words[length])
        length++;
    char **all = calloc(length + count + 2, sizeof(*all));
    if (!all)
        return NULL;
    memcpy(all, words, length * sizeof(*all));
    for (size_t i = 0; i < count; i++) {
        snprintf(digits[i], DIGITS, "%d", files[i]);
        all[length + i] = digits[i];
    }
    all[length + count] = (char *)(uintptr_t)stage;
    return all;
}

static void become(char *const *words, const int *files, size_t count,
                   const char *stage)
{
    char **all = command(words, files, count, stage);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (size_t i = 0; i < count; i++) {
        if (files[i] >= 0)
            fcntl(files[i], F_SETFD, 0);
    }
    rewind_inherited();
    if (all)
        execvp(all[0], all);
    fprintf(stderr, "%s: %s\n", words[0], strerrordesc_np(errno));
    _exit(EXIT_FAILURE);
}

static bool open_control(int ends[2])
{
    int on = 1;

    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0 &&
           setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0;
}

/* Why there is no first process. */
static void explain_unready(const char *word, char *error, size_t error_bytes)
{
    int status = 0;

    if (!is_closed || waitpid(first, &status, 0) != first)
        snprintf(error, error_bytes, "%s has not started within %d seconds",
                 word, READY_MS / 1000);
    else if (WIFEXITED(status))
        snprintf(error, error_bytes, "%s ended with exit status %d", word,
                 WEXITSTATUS(status));
    else
        snprintf(error, error_bytes, "%s was ended by SIG%s", word,
                 sigabbrev_np(WTERMSIG(status)));
}

bool door_open(char *const *words, const int *files, size_t count, int filter,
               const char *stage, char *error, size_t error_bytes)
{
    int ends[2];
    int all[FILES_MOST];

    if (!open_control(ends)) {
        snprintf(error, error_bytes, "socketpair: %s", strerrordesc_np(errno));
        return false;
    }
    memcpy(all, files, count * sizeof(*files));
    all[count] = ends[1];
    all[count + 1] = filter;
    fflush(NULL);
    first = fork();
    if (first == 0)
        become(words, all, count + 2, stage);
    close(ends[1]);
    control = ends[0];
    while (!is_ready && take(READY_MS))
        continue;
    if (!is_ready)
        explain_unready(words[0], error, error_bytes);
    return is_ready;
}

/* --- Players ------------------------------------------------------------- */

pid_t door_seat(uint32_t seat)
{
    pthread_mutex_lock(&mutex);
    players[seat] = 0;
    has_died[seat] = false;
    say(DOOR_SIT, seat);
    while (players[seat] == 0 && !has_died[seat] && take(HELLO_MS))
        continue;
    pid_t player = players[seat] > 0 ? players[seat] : -1;
    pthread_mutex_unlock(&mutex);
    return player;
}

void door_kill(uint32_t seat)
{
    pthread_mutex_lock(&mutex);
    say(DOOR_KILL, seat);
    while (!has_died[seat] && take(HELLO_MS))
        continue;
    pthread_mutex_unlock(&mutex);
}

bool door_has_died(uint32_t seat, int *status)
{
    pthread_mutex_lock(&mutex);
    while (take(0))
        continue;
    bool died = has_died[seat] || is_closed;
    *status = has_died[seat] ? statuses[seat] : SIGKILL;
    pthread_mutex_unlock(&mutex);
    return died;
}
