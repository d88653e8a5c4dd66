/*
 * session.h - one call of a driver: read options and traces, replay each trace
 * on each stage in a child of its own, and report.
 */
#ifndef SESSION_H
#define SESSION_H

#include "child.h"

/*
 * session_main - what main does, but for how a stage is reached.
 *
 * way: NULL: it is loaded into the child, as mdriver does.
 *
 * Returns the exit status: 0 every trace valid, 1 some are not, 2 wrong usage
 * or a file that cannot be read or written, 3 some could not be replayed at
 * all, for no fault of the stage.
 */
int session_main(int argc, char *argv[], const struct way *way);

#endif
