/*
 * text.c - text as scripts and compilers handle it: many short strings.
 *
 * Lines are made up, taken apart into words, counted in a hash table whose
 * entries hold copies, and the counts printed into one long string.
 */
#include <stdio.h>

#include "work.h"

enum { BUCKETS = 4096, LINE_WORDS = 12, VOCABULARY = 20000 };

struct entry {
    struct entry *next;
    char *word;
    long count;
};

static struct entry *buckets[BUCKETS];

static char *copy(const char *text)
{
    return strcpy(get(strlen(text) + 1), text);
}

static unsigned hash(const char *word)
{
    unsigned h = 5381;

    while (*word)
        h = h * 33 + (unsigned char)*word++;
    return h % BUCKETS;
}

static void count_word(const char *word)
{
    struct entry **place = &buckets[hash(word)];

    while (*place && strcmp((*place)->word, word) != 0)
        place = &(*place)->next;
    if (!*place) {
        *place = get(sizeof(struct entry));
        **place = (struct entry){.word = copy(word)};
    }
    (*place)->count++;
}

/* A word of 3 to 12 letters that depends on its number alone. */
static void word_make(char word[16], size_t number)
{
    uint64_t random = number;
    size_t length = 3 + random_below(&random, 10);

    for (size_t i = 0; i < length; i++)
        word[i] = (char)('a' + random_below(&random, 26));
    word[length] = '\0';
}

static char *append(char *text, const char *more)
{
    size_t length = text ? strlen(text) : 0;
    char *longer = realloc(text, length + strlen(more) + 2);

    if (!longer)
        fail("realloc gave NULL");
    strcpy(longer + length, more);
    return strcat(longer, " ");
}

static char *line_make(uint64_t *random)
{
    char *line = NULL;
    char word[16];

    for (int i = 0; i < LINE_WORDS; i++) {
        size_t rare = random_below(random, VOCABULARY);

        word_make(word, random_below(random, rare + 1));
        line = append(line, word);
    }
    return line;
}

/* Count the words of a line, each in a string of its own first. */
static void line_count(char *line)
{
    char *words[LINE_WORDS];
    char *rest = line;
    int count = 0;

    for (char *word; count < LINE_WORDS && (word = strsep(&rest, " "));)
        words[count++] = copy(word);
    for (int i = 0; i < count; i++) {
        count_word(words[i]);
        free(words[i]);
    }
    free(line);
}

/* All entries as text, which go. Returns the sum of the counts. */
static long report(char **text)
{
    long sum = 0;

    for (int b = 0; b < BUCKETS; b++) {
        for (struct entry *entry = buckets[b], *next; entry; entry = next) {
            char *line;

            if (asprintf(&line, "%s=%ld", entry->word, entry->count) < 0)
                fail("asprintf failed");
            if (b % 64 == 0)
                *text = append(*text, line);
            free(line);
            sum += entry->count;
            next = entry->next;
            free(entry->word);
            free(entry);
        }
        buckets[b] = NULL;
    }
    return sum;
}

static void run(const struct task *task)
{
    long lines = task_share(task, 60 * 1000);
    uint64_t random = 1;
    char *text = NULL;

    for (long i = 0; i < lines; i++)
        line_count(line_make(&random));
    heap_check(__LINE__);
    long sum = report(&text);
    if (sum != lines * LINE_WORDS)
        fail("%ld words counted, expected %ld", sum, lines * LINE_WORDS);
    free(text);
}

const struct program text_programs[] = {
    {"text", "lines made, split into words, words counted", run, 0, false},
    {0},
};
