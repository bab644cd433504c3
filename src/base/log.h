/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log: lines for the operator, on standard error.
 *
 * Floor 0.  One call writes one line with one write(2); any thread may call.
 * Floors 0 to 3 log nothing above debug: they return errors instead.
 *
 * A line is a sentence and fields.  Both may hold what comes from outside:
 * whatever it is, it stays within its line and within its field, and what is
 * too long is cut.  Secrets, the texts of documents and what is asked are not
 * logged at any level.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uuid;

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

enum log_format {
	LOG_FORMAT_TEXT,   /* for people: tidemark: warn: a sentence name=... */
	LOG_FORMAT_LOGFMT, /* time=... level=warn msg="a sentence" name=... */
	LOG_FORMAT_JSON,   /* an object with the same members */
};

/* No line is longer, its end included: so much a pipe takes as a whole. */
#define LOG_LINE_MAX 4096u
#define LOG_MESSAGE_MAX 1024u /* bytes of a sentence */
#define LOG_VALUE_MAX 1024u   /* bytes of one field's text */

/* Lines above level are dropped; the default is LOG_INFO. */
void log_set_level(enum log_level level);
/* The default is LOG_FORMAT_TEXT.  now_us is the wall clock; without it lines
 * have no time.  Before other threads log. */
void log_set_format(enum log_format format, int64_t (*now_us)(void));

/* "error", "warn", "info", "debug"; 0, or ERR_INVALID. */
int log_level_parse(const char *text, enum log_level *ret_level);
/* "text", "logfmt", "json"; 0, or ERR_INVALID. */
int log_format_parse(const char *text, enum log_format *ret_format);

/* Would a line of that level be written? */
bool log_is_on(enum log_level level);

enum log_kind { LOG_KIND_TEXT, LOG_KIND_UUID, LOG_KIND_NUMBER, LOG_KIND_MS };

/* Made by the macros below; borrowed until the call is over. */
struct log_field {
	const char *name; /* a literal: letters and '_' */
	enum log_kind kind;
	const char *text; /* NULL: the field is left out */
	const struct uuid *uuid;
	int64_t number;
};

#define LOG_TEXT(field, value)                                                \
	{.name = (field), .kind = LOG_KIND_TEXT, .text = (value)}
#define LOG_UUID(field, value)                                                \
	{.name = (field), .kind = LOG_KIND_UUID, .uuid = (value)}
#define LOG_NUMBER(field, value)                                              \
	{.name = (field), .kind = LOG_KIND_NUMBER, .number = (int64_t)(value)}
/* Microseconds, shown as milliseconds with three digits behind the point. */
#define LOG_MS(field, us)                                                     \
	{.name = (field), .kind = LOG_KIND_MS, .number = (us)}

/* A sentence (no format) and count fields. */
void log_event(enum log_level level, const char *message,
    const struct log_field *fields, size_t count);

/* log_with(LOG_WARN, "a job waits", LOG_UUID("job", &job->uuid), ...) */
#define log_with(level, message, ...)                                         \
	log_event(level, message,                                             \
	    (const struct log_field[]){__VA_ARGS__},                          \
	    sizeof((const struct log_field[]){__VA_ARGS__}) /                 \
		sizeof(struct log_field))

void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* As info, and written whatever the level is: who started us waits for it. */
void log_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

/*
 * The line that log_event() would write, for tests: into out, len bytes with
 * its line feed, at most LOG_LINE_MAX; now_us 0: without a time.
 */
size_t log_format_line(enum log_format format, int64_t now_us,
    enum log_level level, const char *message,
    const struct log_field *fields, size_t count, char out[LOG_LINE_MAX]);

#endif
