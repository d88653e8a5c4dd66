/*
 * door.h - how the referee starts players and learns of their end.
 *
 * The first process of the player, perhaps in a sandbox, is asked over a
 * socket for one player after another; the kernel tells with the first message
 * of each which process it is, whatever the sandbox calls it.
 */
#ifndef DOOR_H
#define DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * door_open - start the first process, and wait until it is ready.
 *
 * words: the command, to which the player's arguments are appended; files:
 * count descriptors for it to inherit, which come first among them, then the
 * control socket, the filter (a descriptor or -1) and the stage's path.
 *
 * Returns true; false after writing why to error, error_bytes long.
 */
bool door_open(char *const *words, const int *files, size_t count, int filter,
               const char *stage, char *error, size_t error_bytes);

/* Have a player take the seat. Returns its process; -1 when there is none. */
pid_t door_seat(uint32_t seat);

/* End the player of that seat, whatever it does, and wait until it has. */
void door_kill(uint32_t seat);

/* True when the player of that seat is no more; *status as of wait(2). */
bool door_has_died(uint32_t seat, int *status);

#endif
