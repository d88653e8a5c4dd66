/* busy.c - what else the machine does; see busy.h. Source: proc(5). */
#define _GNU_SOURCE /* getloadavg */
#include "busy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEAL_AT = 7, COLUMNS = 8 }; /* of the line of all processors */

struct busy busy_now(void)
{
    FILE *file = fopen("/proc/stat", "re");
    struct busy busy = {0.0, 0.0};
    double ticks;

    if (!file)
        return busy;
    (void)!fscanf(file, "cpu");
    for (int i = 0; i < COLUMNS && fscanf(file, "%lf", &ticks) == 1; i++) {
        busy.all += ticks;
        if (i == STEAL_AT)
            busy.stolen = ticks;
    }
    fclose(file);
    return busy;
}

double busy_steal(const struct busy *since)
{
    struct busy now = busy_now();
    double all = now.all - since->all;

    return all > 0 ? (now.stolen - since->stolen) / all : 0.0;
}

double busy_load(void)
{
    double load;

    return getloadavg(&load, 1) == 1 ? load : NAN;
}
