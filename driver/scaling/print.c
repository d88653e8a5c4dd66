/* print.c - what the experiments found, as tables and as JSON. */
#include "scaling.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "json.h"
#include "live.h"

/* --- Tables ------------------------------------------------------------ */

/* Three significant digits or more; "-" for what is unknown. */
static void print_number(double value, int width)
{
    if (!isfinite(value))
        printf(" %*s", width, "-");
    else
        printf(" %*.*f", width, value < 10 ? 2 : value < 100 ? 1 : 0, value);
}

/* A column is as wide as its head, but not too narrow for a figure. */
static int column_width(const char *path)
{
    char name[NAME_MAX];

    series_name(path, name, sizeof(name));
    return strlen(name) < 7 ? 7 : (int)strlen(name);
}

static void print_head(const char *path)
{
    char name[NAME_MAX];

    series_name(path, name, sizeof(name));
    printf(" %*s", column_width(path), name);
}

typedef double live_figure(const struct live_point *point);

static double figure_ns(const struct live_point *point)
{
    return point->ns;
}

static double figure_spread(const struct live_point *point)
{
    return 100 * point->spread;
}

static double figure_loop(const struct live_point *point)
{
    return point->loop_ns;
}

/* The figure with so many live blocks; NAN when there is none. */
static double figure_at(const struct plan *plan,
                        const struct live_point *points, size_t blocks,
                        live_figure *figure)
{
    for (size_t i = 0; i < plan->blocks_count; i++) {
        if (plan->blocks[i] == blocks)
            return figure(&points[i]);
    }
    return NAN;
}

/* Title and heads of the columns, then a row for each number of blocks. */
static void live_rows_print(const struct plan *plan,
                            const struct live_table *table, enum live_way way,
                            const char *title, live_figure *figure)
{
    const struct live_series *series = table->series;

    printf("%s\n%11s", title, "live blocks");
    for (size_t s = 0; s < table->series_count; s++)
        print_head(series[s].path);
    for (size_t i = 0; i < plan->blocks_count; i++) {
        printf("\n%11zu", plan->blocks[i]);
        for (size_t s = 0; s < table->series_count; s++)
            print_number(figure(&series[s].points[way][i]),
                         column_width(series[s].path));
    }
    puts("");
}

/* How many times as much at a million live blocks as at a thousand. */
static void live_growth_print(const struct plan *plan,
                              const struct live_table *table, enum live_way way,
                              live_figure *figure)
{
    printf("%11s", "10^6 : 10^3");
    for (size_t s = 0; s < table->series_count; s++) {
        const struct live_point *points = table->series[s].points[way];

        print_number(figure_at(plan, points, 1000000, figure) /
                         figure_at(plan, points, 1000, figure),
                     column_width(table->series[s].path));
    }
    puts("");
}

static void live_slope_print(const struct plan *plan,
                             const struct live_table *table, enum live_way way)
{
    printf("%11s", "slope");
    for (size_t s = 0; s < table->series_count; s++)
        print_number(live_slope(plan, table->series[s].points[way]),
                     column_width(table->series[s].path));
    puts("");
}

static void live_way_print(const struct plan *plan,
                           const struct live_table *table, enum live_way way)
{
    static const char *const titles[] = {
        [LIVE_ANY] = "Any of the live blocks is replaced: ns a pair of free "
                     "and malloc, loop subtracted",
        [LIVE_HOT] = "The same 100 blocks are replaced again and again: ns "
                     "a pair, loop subtracted"};

    live_rows_print(plan, table, way, titles[way], figure_ns);
    live_growth_print(plan, table, way, figure_ns);
    live_slope_print(plan, table, way);
    live_rows_print(plan, table, way, "\n  spread, % of the ns above",
                    figure_spread);
    live_rows_print(plan, table, way,
                    "\n  the loop, ns: a block is read, another written",
                    figure_loop);
    live_growth_print(plan, table, way, figure_loop);
}

void live_print(const struct plan *plan, const struct live_table *table)
{
    live_way_print(plan, table, LIVE_ANY);
    puts("");
    live_way_print(plan, table, LIVE_HOT);
}

/* "6-slab*", the star for a lock. Returns the width of its column. */
static int threads_head(const struct threads_series *series, char *head,
                        size_t bytes)
{
    enum { LEAST = sizeof("0.00 +-00") - 1 };
    char name[NAME_MAX];

    series_name(series->path, name, sizeof(name));
    int width =
        snprintf(head, bytes, "%s%s", name, series->is_locked ? "*" : "");
    return width < LEAST ? LEAST : width;
}

static void threads_cell_print(const struct threads_series *series,
                               const struct threads_point *point)
{
    char head[NAME_MAX + 1];
    char cell[64] = "-";

    if (isfinite(point->relative))
        snprintf(cell, sizeof(cell), "%.2f +-%2.0f", point->relative,
                 100 * point->spread);
    printf("  %*s", threads_head(series, head, sizeof(head)), cell);
}

void threads_print(const struct plan *plan, const struct threads_table *table)
{
    static const char *const titles[] = {
        [WAY_OWN] = "Each thread has blocks of its own:",
        [WAY_HANDED] = "Each thread frees what another has allocated:"};
    char head[NAME_MAX + 1];

    puts("\nCalls a second of all threads together, x those of libc with one "
         "thread,\n+- the spread in % (* with a lock around it).");
    for (enum threads_way way = 0; way < WAYS; way++) {
        printf("\n%s\nthreads", titles[way]);
        for (size_t s = 0; s < table->series_count; s++) {
            int width = threads_head(&table->series[s], head, sizeof(head));
            printf("  %*s", width, head);
        }
        for (size_t i = 0; i < plan->threads_count; i++) {
            printf("\n%7zu", plan->threads[i]);
            for (size_t s = 0; s < table->series_count; s++)
                threads_cell_print(&table->series[s],
                                   &table->series[s].points[way][i]);
        }
        puts("");
    }
}

/* --- JSON -------------------------------------------------------------- */

static void live_series_write(struct json *json, const struct plan *plan,
                              const struct live_series *series,
                              enum live_way way)
{
    char name[NAME_MAX];

    series_name(series->path, name, sizeof(name));
    json_object(json, NULL);
    json_string(json, "stage", name);
    json_string(json, "way", live_way_name(way));
    json_number(json, "slope", live_slope(plan, series->points[way]));
    json_array(json, "points");
    for (size_t i = 0; i < plan->blocks_count; i++) {
        const struct live_point *point = &series->points[way][i];

        json_object(json, NULL);
        json_count(json, "live", plan->blocks[i]);
        json_number(json, "ns", point->ns);
        json_number(json, "spread", point->spread);
        json_number(json, "loop_ns", point->loop_ns);
        json_close(json);
    }
    json_close(json);
    json_close(json);
}

static void threads_series_write(struct json *json, const struct plan *plan,
                                 const struct threads_series *series,
                                 enum threads_way way)
{
    char name[NAME_MAX];

    series_name(series->path, name, sizeof(name));
    json_object(json, NULL);
    json_string(json, "stage", name);
    json_string(json, "way", threads_way_name(way));
    json_bool(json, "locked", series->is_locked);
    json_array(json, "points");
    for (size_t i = 0; i < plan->threads_count; i++) {
        const struct threads_point *point = &series->points[way][i];

        json_object(json, NULL);
        json_count(json, "threads", plan->threads[i]);
        json_number(json, "ops", point->ops);
        json_number(json, "relative", point->relative);
        json_number(json, "spread", point->spread);
        json_close(json);
    }
    json_close(json);
    json_close(json);
}

void tables_write(const struct plan *plan, const struct live_table *live,
                  const struct threads_table *threads, FILE *out)
{
    struct json json = {.out = out};

    json_object(&json, NULL);
    json_count(&json, "rounds", (size_t)plan->rounds);
    json_array(&json, "live");
    for (enum live_way way = 0; way < LIVE_WAYS; way++) {
        for (size_t s = 0; s < live->series_count; s++)
            live_series_write(&json, plan, &live->series[s], way);
    }
    json_close(&json);
    json_array(&json, "threads");
    for (enum threads_way way = 0; way < WAYS; way++) {
        for (size_t s = 0; s < threads->series_count; s++)
            threads_series_write(&json, plan, &threads->series[s], way);
    }
    json_close(&json);
    json_close(&json);
}
