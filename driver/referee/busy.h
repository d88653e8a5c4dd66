/* busy.h - what else the machine does meanwhile. */
#ifndef BUSY_H
#define BUSY_H

/* The kernel's count of time, in ticks of all processors. */
struct busy {
    double all;
    double stolen; /* by other guests of the machine below */
};

struct busy busy_now(void);

/* Share of the time since then that was stolen, 0 to 1. */
double busy_steal(const struct busy *since);

/* Processes at work, in the mean over the last minute; NAN: unknown. */
double busy_load(void);

#endif
