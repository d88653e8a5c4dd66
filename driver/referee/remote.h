/*
 * remote.h - a stage in another process, as this one sees it: struct stage,
 * of which every function asks a player (wire.h).
 *
 * Where a player dies, or does what no player may, that is explained in the
 * result, and this process, the child that replays one trace, ends.
 */
#ifndef REMOTE_H
#define REMOTE_H

#include <stdbool.h>
#include <sys/types.h>

#include "child.h"
#include "wire.h"

/* As struct way's open. */
const struct stage *remote_open(const struct trace *trace,
                                const struct job *job, struct result *result);

struct wire *remote_wire(void);
struct terms *remote_terms(void);

/* The steps of a timed pass as the player reads them. */
struct step *remote_steps(void);

/* The files of the wire, of the heap and of the mappings. */
int remote_wire_file(void);
int remote_heap_file(void);
int remote_maps_file(void);

/* Talk to that seat from here on. */
void remote_sit(uint32_t seat);

/*
 * remote_seat - have a new player take that seat, and talk to it.
 *
 * It holds nothing of the stage until remote_load, so what it says till then is
 * to be believed. Returns false, explained, when no player comes.
 */
bool remote_seat(uint32_t seat);

/* Have the player talked to load the stage; false, explained, if it cannot. */
bool remote_load(void);

/* The process of the player talked to. */
pid_t remote_player(void);

/* Bytes that it has taken for itself since it has loaded the stage. */
size_t remote_private(void);

/* Have those called when the threads of the next CALL_CREW may begin, and when
   the last of them has played its last operation; each once, in that order. */
void remote_expect(void (*at_gate)(void), void (*at_end)(void));

/* Ask the player talked to. Returns what it answers. */
size_t remote_ask(enum call call, size_t a, size_t b, size_t c);

/* Bytes of the heap that this timed pass may use without asking; as many as
   any pass before, at its beginning. */
size_t remote_granted(void);
void remote_begin_grant(void);

/* Explain that the player did what none may, and end. */
void remote_accuse(const char *what) __attribute__((noreturn));

#endif
