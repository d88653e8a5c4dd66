/* test_json.c - the writer, character by character. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

/* What write_value puts between [ and ], without blanks at the ends. */
static char *written(void (*write_value)(struct json *json))
{
    char *text = NULL;
    size_t size = 0;
    struct json json = {.out = open_memstream(&text, &size)};

    json_array(&json, NULL);
    write_value(&json);
    json_close(&json);
    fclose(json.out);
    return text;
}

static const char *string_in;

static void write_string_in(struct json *json)
{
    json_string(json, NULL, string_in);
}

static void expect_string(const char *in, const char *out)
{
    char expected[200];

    string_in = in;
    char *text = written(write_string_in);
    snprintf(expected, sizeof expected, "[\n  %s\n]\n", out);
    cr_assert_str_eq(text, expected);
    free(text);
}

Test(json, plain_strings)
{
    expect_string("explicit", "\"explicit\"");
    expect_string("", "\"\"");
    expect_string(NULL, "null");
}

Test(json, quotes_backslashes_and_control_characters_are_escaped)
{
    expect_string("a\"b\\c", "\"a\\\"b\\\\c\"");
    expect_string("a\nb\tc", "\"a\\nb\\u0009c\"");
    expect_string("\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"");
    expect_string("\033[31m", "\"\\u001b[31m\"");
}

Test(json, utf8_becomes_ascii)
{
    expect_string("\xc3\xa9", "\"\\u00e9\"");
    expect_string("\xe2\x82\xac", "\"\\u20ac\"");
    expect_string("\xf0\x9f\x90\xa2", "\"\\ud83d\\udc22\"");
}

Test(json, bytes_that_are_no_utf8_are_replaced)
{
    expect_string("a\xff"
                  "b",
                  "\"a\\ufffdb\"");
    expect_string("\xc3", "\"\\ufffd\"");
    expect_string("\xe2\x82", "\"\\ufffd\\ufffd\"");
    expect_string("\xc0\xaf", "\"\\ufffd\\ufffd\"");
    expect_string("\xe0\x80\x80", "\"\\ufffd\\ufffd\\ufffd\"");
    expect_string("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
    expect_string("\xf5\x80\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
}

static void write_numbers(struct json *json)
{
    json_number(json, NULL, 0.5);
    json_number(json, NULL, 1234567.0);
    json_number(json, NULL, 1e-9);
    json_count(json, NULL, SIZE_MAX);
    json_bool(json, NULL, true);
    json_bool(json, NULL, false);
}

Test(json, numbers)
{
    char *text = written(write_numbers);

    cr_assert_str_eq(text, "[\n  0.5,\n  1.23457e+06,\n  1e-09,\n"
                           "  18446744073709551615,\n  true,\n  false\n]\n");
    free(text);
}

static void write_no_numbers(struct json *json)
{
    json_number(json, NULL, NAN);
    json_number(json, NULL, INFINITY);
    json_number(json, NULL, -INFINITY);
}

Test(json, what_is_no_number_is_null)
{
    char *text = written(write_no_numbers);

    cr_assert_str_eq(text, "[\n  null,\n  null,\n  null\n]\n");
    free(text);
}

static void write_nested(struct json *json)
{
    json_object(json, NULL);
    json_count(json, "a", 1);
    json_array(json, "b\"");
    json_close(json);
    json_object(json, "c");
    json_close(json);
    json_close(json);
}

Test(json, nesting_keys_and_commas)
{
    char *text = written(write_nested);

    cr_assert_str_eq(text, "[\n  {\n    \"a\": 1,\n    \"b\\\"\": [],\n"
                           "    \"c\": {}\n  }\n]\n");
    free(text);
}
