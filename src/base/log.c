/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line is put together in an array on the stack, piece by piece: a piece (a
 * character as the format writes it) goes in as a whole or not at all, and
 * room is kept for what closes the line, so that one that was cut is still
 * a line of its format.  Nothing is allocated: a log must work when memory is
 * what there is to complain about.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/uuid.h"

/* For the end of a value that was cut, of the object and of the line. */
#define CLOSE_BYTES 8u
/* A field begins when so much of it finds room beside its name. */
#define FIELD_BYTES 24u
#define CUT "\xE2\x80\xA6"     /* an ellipsis */
#define UNKNOWN "\xEF\xBF\xBD" /* U+FFFD: what is no UTF-8 */

static atomic_int log_max = LOG_INFO;
static atomic_int log_format = LOG_FORMAT_TEXT;
static int64_t (*log_now_us)(void);

static const char *const level_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARN] = "warn",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

static const char *const format_names[] = {
    [LOG_FORMAT_TEXT] = "text",
    [LOG_FORMAT_LOGFMT] = "logfmt",
    [LOG_FORMAT_JSON] = "json",
};

/* ---- settings ----------------------------------------------------------- */

static int
name_find(const char *const *names, size_t count, const char *text)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(text, names[i]) == 0)
			return (int)i;
	return ERR_INVALID;
}

void
log_set_level(enum log_level level)
{
	atomic_store(&log_max, (int)level);
}

void
log_set_format(enum log_format format, int64_t (*now_us)(void))
{
	log_now_us = now_us;
	atomic_store(&log_format, (int)format);
}

int
log_level_parse(const char *text, enum log_level *ret_level)
{
	int found = name_find(level_names,
	    sizeof(level_names) / sizeof(*level_names), text);

	if (found >= 0)
		*ret_level = (enum log_level)found;
	return found < 0 ? found : 0;
}

int
log_format_parse(const char *text, enum log_format *ret_format)
{
	int found = name_find(format_names,
	    sizeof(format_names) / sizeof(*format_names), text);

	if (found >= 0)
		*ret_format = (enum log_format)found;
	return found < 0 ? found : 0;
}

bool
log_is_on(enum log_level level)
{
	return (int)level <=
	    atomic_load_explicit(&log_max, memory_order_relaxed);
}

/* ---- pieces ------------------------------------------------------------- */

struct line {
	char *text;
	size_t len, max;
	enum log_format format;
};

/* All of it, or nothing. */
static bool
put(struct line *line, const char *bytes, size_t len)
{
	if (len > line->max - line->len)
		return false;
	memcpy(line->text + line->len, bytes, len);
	line->len += len;
	return true;
}

static bool
puts_all(struct line *line, const char *text)
{
	return put(line, text, strlen(text));
}

/* Controls, Unicode's line ends, and what turns the direction of writing or
 * is not seen: they could make a line look like another one. */
static bool
is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad ||
	    c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	    c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb);
}

/* A character of a sentence in LOG_FORMAT_TEXT. */
static bool
put_plain(struct line *line, uint32_t c, const char *bytes, size_t len)
{
	if (c == UTF8_BAD)
		return puts_all(line, UNKNOWN);
	return is_hidden(c) ? put(line, "?", 1) : put(line, bytes, len);
}

/* One within quotes, as JSON has it and readers of logfmt take it. */
static bool
put_quoted(struct line *line, uint32_t c, const char *bytes, size_t len)
{
	char escape[8];

	if (c == UTF8_BAD)
		return puts_all(line, UNKNOWN);
	if (c == '"' || c == '\\') {
		escape[0] = '\\';
		escape[1] = (char)c;
		return put(line, escape, 2);
	}
	if (c == '\n')
		return put(line, "\\n", 2);
	if (c == '\t')
		return put(line, "\\t", 2);
	if (!is_hidden(c))
		return put(line, bytes, len);
	(void)snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)c & 0xffff);
	return put(line, escape, 6);
}

/* At most max bytes of text, and a mark when it was more. */
static void
put_text(struct line *line, const char *text, size_t max,
    bool (*one)(struct line *line, uint32_t c, const char *bytes, size_t len))
{
	size_t len = strnlen(text, max + 1), at, n;
	uint32_t c;

	for (at = 0; at < len && at < max; at += n) {
		c = utf8_decode(text + at, len - at, &n);
		if (at + n > max || !one(line, c, text + at, n))
			break;
	}
	if (at < len) {
		line->max += sizeof(CUT) - 1;
		(void)puts_all(line, CUT);
		line->max -= sizeof(CUT) - 1;
		if (line->max < line->len)
			line->max = line->len;
	}
}

/* ---- fields ------------------------------------------------------------- */

/* May a value of logfmt stand without quotes? */
static bool
is_bare(const char *text)
{
	size_t i;

	for (i = 0; text[i] != '\0' && i <= LOG_VALUE_MAX; i++)
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '"' ||
		    text[i] == '=' || text[i] == '\\')
			return false;
	return i > 0 && i <= LOG_VALUE_MAX;
}

static void
put_string(struct line *line, const char *text, size_t max)
{
	bool is_quoted = line->format == LOG_FORMAT_JSON || !is_bare(text);

	if (is_quoted)
		(void)put(line, "\"", 1);
	put_text(line, text, max, put_quoted);
	if (is_quoted) {
		line->max++; /* of CLOSE_BYTES */
		(void)put(line, "\"", 1);
		line->max--;
		if (line->max < line->len)
			line->max = line->len;
	}
}

/* False: there is no room for it any more. */
static bool
put_name(struct line *line, const char *name)
{
	if (line->max - line->len < strlen(name) + FIELD_BYTES)
		return false;
	if (line->format == LOG_FORMAT_JSON) {
		(void)puts_all(line, line->text[line->len - 1] == '{'
			? "\"" : ",\"");
		(void)puts_all(line, name);
		return puts_all(line, "\":");
	}
	if (line->len > 0)
		(void)put(line, " ", 1);
	(void)puts_all(line, name);
	return put(line, "=", 1);
}

static void
put_field(struct line *line, const struct log_field *field)
{
	char text[UUID_TEXT_SIZE];
	int64_t us = field->number;

	if (field->kind == LOG_KIND_TEXT && field->text == NULL)
		return;
	if (!put_name(line, field->name))
		return;
	switch (field->kind) {
	case LOG_KIND_TEXT:
		put_string(line, field->text, LOG_VALUE_MAX);
		return;
	case LOG_KIND_UUID:
		uuid_format(field->uuid, text);
		put_string(line, text, LOG_VALUE_MAX);
		return;
	case LOG_KIND_NUMBER:
		(void)snprintf(text, sizeof(text), "%" PRId64, field->number);
		break;
	case LOG_KIND_MS:
		us = us < 0 ? 0 : us;
		(void)snprintf(text, sizeof(text), "%" PRId64 ".%03d",
		    us / 1000, (int)(us % 1000));
		break;
	}
	(void)puts_all(line, text);
}

/* ---- lines -------------------------------------------------------------- */

static void
put_head(struct line *line, int64_t now_us, enum log_level level,
    const char *message)
{
	char time[TIME_TEXT_SIZE];

	if (line->format == LOG_FORMAT_TEXT) {
		(void)puts_all(line, "tidemark: ");
		if (level != LOG_INFO) {
			(void)puts_all(line, level_names[level]);
			(void)puts_all(line, ": ");
		}
		put_text(line, message, LOG_MESSAGE_MAX, put_plain);
		return;
	}
	if (line->format == LOG_FORMAT_JSON)
		(void)put(line, "{", 1);
	if (now_us != 0) {
		time_format(now_us, time);
		if (put_name(line, "time"))
			put_string(line, time, sizeof(time));
	}
	if (put_name(line, "level"))
		put_string(line, level_names[level], LOG_VALUE_MAX);
	if (put_name(line, "msg"))
		put_string(line, message, LOG_MESSAGE_MAX);
}

size_t
log_format_line(enum log_format format, int64_t now_us, enum log_level level,
    const char *message, const struct log_field *fields, size_t count,
    char out[LOG_LINE_MAX])
{
	struct line line = {.text = out, .format = format,
	    .max = LOG_LINE_MAX - CLOSE_BYTES};
	size_t i;

	put_head(&line, now_us, level, message);
	for (i = 0; i < count; i++)
		put_field(&line, &fields[i]);
	line.max = LOG_LINE_MAX;
	(void)puts_all(&line, format == LOG_FORMAT_JSON ? "}\n" : "\n");
	return line.len;
}

static void
line_write(enum log_level level, const char *message,
    const struct log_field *fields, size_t count)
{
	char out[LOG_LINE_MAX];
	size_t len;

	len = log_format_line((enum log_format)atomic_load_explicit(
	    &log_format, memory_order_relaxed),
	    log_now_us == NULL ? 0 : log_now_us(), level, message, fields,
	    count, out);
	/* Nothing can be done about a standard error that is gone. */
	if (write(STDERR_FILENO, out, len) < 0)
		return;
}

void
log_event(enum log_level level, const char *message,
    const struct log_field *fields, size_t count)
{
	if (log_is_on(level))
		line_write(level, message, fields, count);
}

__attribute__((format(printf, 2, 0))) static void
words_write(enum log_level level, const char *format, va_list args)
{
	char message[LOG_MESSAGE_MAX + 2];

	(void)vsnprintf(message, sizeof(message), format, args);
	line_write(level, message, NULL, 0);
}

void
log_line(enum log_level level, const char *format, ...)
{
	va_list args;

	if (!log_is_on(level))
		return;
	va_start(args, format);
	words_write(level, format, args);
	va_end(args);
}

void
log_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	words_write(LOG_INFO, format, args);
	va_end(args);
}
