/*
 * json.h - write JSON, value by value, to a stream.
 *
 * Usage: struct json json = {.out = file};
 *        json_object(&json, NULL);
 *        json_string(&json, "stage", "explicit");
 *        json_close(&json);
 *
 * key is the member's name inside an object and NULL inside an array or at
 * the top. What is written is ASCII, so valid whatever the locale; ferror on
 * the stream tells of write errors.
 *
 * Source: RFC 8259.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { JSON_DEPTH = 8 }; /* objects and arrays inside each other, at most */

struct json {
    FILE *out;
    int depth;              /* objects and arrays open */
    char close[JSON_DEPTH]; /* what ends each: '}' or ']' */
    bool has_member;        /* the innermost has one, so a comma is due */
};

void json_object(struct json *json, const char *key);
void json_array(struct json *json, const char *key);

/* End the innermost object or array; at the top also the line. */
void json_close(struct json *json);

/* NULL is written as null; a byte that is not UTF-8 as U+FFFD. */
void json_string(struct json *json, const char *key, const char *value);

/* Six significant digits; NAN and the infinities become null. */
void json_number(struct json *json, const char *key, double value);

void json_count(struct json *json, const char *key, size_t value);
void json_bool(struct json *json, const char *key, bool value);

#endif
