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

/* Words, by which they are known to be all there, and unchanged. */
struct tally {
    long count;
    uint64_t sum; /* of their hashes */
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
    return h;
}

static void tally_add(struct tally *tally, const char *word, long count)
{
    tally->count += count;
    tally->sum += (uint64_t)count * hash(word);
}

static void count_word(const char *word)
{
    struct entry **place = &buckets[hash(word) % BUCKETS];

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

static char *line_make(uint64_t *random, struct tally *made)
{
    char *line = NULL;
    char word[16];

    for (int i = 0; i < LINE_WORDS; i++) {
        size_t rare = random_below(random, VOCABULARY);

        word_make(word, random_below(random, rare + 1));
        line = append(line, word);
        tally_add(made, word, 1);
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

/* All entries go. Returns the counts of some as text. */
static char *report(struct tally *counted)
{
    char *text = NULL;

    for (int b = 0; b < BUCKETS; b++) {
        for (struct entry *entry = buckets[b], *next; entry; entry = next) {
            char *line;

            if (asprintf(&line, "%s=%ld", entry->word, entry->count) < 0)
                fail("asprintf failed");
            if (b % 64 == 0)
                text = append(text, line);
            free(line);
            tally_add(counted, entry->word, entry->count);
            next = entry->next;
            free(entry->word);
            free(entry);
        }
        buckets[b] = NULL;
    }
    return text;
}

static void run(const struct task *task)
{
    long lines = task_share(task, 60 * 1000);
    uint64_t random = 1;
    struct tally made = {0};
    struct tally counted = {0};

    for (long i = 0; i < lines; i++)
        line_count(line_make(&random, &made));
    heap_check(__LINE__);
    free(report(&counted));
    if (counted.count != made.count || counted.sum != made.sum)
        fail("%ld words counted, some changed; expected %ld as they were",
             counted.count, made.count);
}

const struct program text_programs[] = {
    {"text", "lines made, split into words, words counted", run, 0, false},
    {0},
};
