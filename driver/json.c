/* json.c - write JSON; see json.h. */
#include "json.h"

#include <math.h>
#include <stdint.h>

/* --- Strings ----------------------------------------------------------- */

/* Bytes of the UTF-8 sequence that lead starts; 0 when it can start none. */
static int utf8_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead < 0xe0)
        return 2;
    if (lead >= 0xe0 && lead < 0xf0)
        return 3;
    if (lead >= 0xf0 && lead < 0xf5)
        return 4;
    return 0;
}

/* No surrogates, nothing beyond Unicode, no longer form than needed. */
static bool utf8_is_valid(uint32_t point, int length)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};

    return point >= lowest[length] && point <= 0x10ffff &&
           !(point >= 0xd800 && point < 0xe000);
}

/*
 * utf8_next - read the code point at *text and move *text behind it.
 *
 * Returns it; U+FFFD, moving by one byte, when there is no valid sequence.
 */
static uint32_t utf8_next(const char **text)
{
    enum { REPLACEMENT = 0xfffd };
    const unsigned char *bytes = (const unsigned char *)*text;
    int length = utf8_length(bytes[0]);
    uint32_t point = length > 1 ? bytes[0] & (0x7fu >> length) : bytes[0];

    for (int i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            length = 0;
            break;
        }
        point = point << 6 | (bytes[i] & 0x3fu);
    }
    if (length == 0 || !utf8_is_valid(point, length)) {
        *text += 1;
        return REPLACEMENT;
    }
    *text += length;
    return point;
}

static void write_escaped(FILE *out, uint32_t point)
{
    if (point == '"' || point == '\\')
        fprintf(out, "\\%c", (int)point);
    else if (point == '\n')
        fputs("\\n", out);
    else if (point >= 0x20 && point < 0x7f)
        putc((int)point, out);
    else if (point < 0x10000)
        fprintf(out, "\\u%04x", (unsigned)point);
    else
        fprintf(out, "\\u%04x\\u%04x",
                (unsigned)(0xd800 + ((point - 0x10000) >> 10)),
                (unsigned)(0xdc00 + ((point - 0x10000) & 0x3ff)));
}

static void write_string(FILE *out, const char *text)
{
    putc('"', out);
    while (*text != '\0')
        write_escaped(out, utf8_next(&text));
    putc('"', out);
}

/* --- Structure --------------------------------------------------------- */

static void new_line(struct json *json)
{
    fprintf(json->out, "\n%*s", 2 * json->depth, "");
}

/* Comma, line and key, whatever is due before the next value. */
static void begin_value(struct json *json, const char *key)
{
    if (json->has_member)
        putc(',', json->out);
    if (json->depth > 0)
        new_line(json);
    if (key) {
        write_string(json->out, key);
        fputs(": ", json->out);
    }
    json->has_member = true;
}

static void open_value(struct json *json, const char *key, char open,
                       char close)
{
    begin_value(json, key);
    putc(open, json->out);
    json->close[json->depth++] = close;
    json->has_member = false;
}

void json_object(struct json *json, const char *key)
{
    open_value(json, key, '{', '}');
}

void json_array(struct json *json, const char *key)
{
    open_value(json, key, '[', ']');
}

void json_close(struct json *json)
{
    json->depth--;
    if (json->has_member)
        new_line(json);
    putc(json->close[json->depth], json->out);
    json->has_member = true;
    if (json->depth == 0)
        putc('\n', json->out);
}

/* --- Values ------------------------------------------------------------ */

void json_string(struct json *json, const char *key, const char *value)
{
    begin_value(json, key);
    if (value)
        write_string(json->out, value);
    else
        fputs("null", json->out);
}

void json_number(struct json *json, const char *key, double value)
{
    begin_value(json, key);
    if (isfinite(value))
        fprintf(json->out, "%.6g", value);
    else
        fputs("null", json->out);
}

void json_count(struct json *json, const char *key, size_t value)
{
    begin_value(json, key);
    fprintf(json->out, "%zu", value);
}

void json_bool(struct json *json, const char *key, bool value)
{
    begin_value(json, key);
    fputs(value ? "true" : "false", json->out);
}
