/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Only the two ends of a value are shown, so of what is long or deep only the
 * ends are written at all: the cost does not grow with the value.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/dify/dify_repr.h"
#include "base/buf.h"
#include "base/utf8.h"

#define REPR_BYTES_MAX 65536u
/* Whoever has written so much writes no more but what closes. */
#define REPR_ENOUGH 4096u
#define SHOWN_FIRST 25u
#define SHOWN_LAST 24u
#define ENDS 40u /* characters or members of each end that are written */

static void repr(struct buf *out, const json_t *json);

static void
repr_char(struct buf *out, const char *text, size_t len, uint32_t c,
    char quote)
{
	if (c == UTF8_BAD)
		(void)buf_puts(out, "\xEF\xBF\xBD");
	else if (c == '\n')
		(void)buf_puts(out, "\\n");
	else if (c == '\r')
		(void)buf_puts(out, "\\r");
	else if (c == '\t')
		(void)buf_puts(out, "\\t");
	else if (c == '\\' || c == (uint32_t)quote)
		(void)buf_printf(out, "\\%c", (int)c);
	else if (c < ' ' || (c >= 0x7F && c <= 0xA0))
		(void)buf_printf(out, "\\x%02x", (unsigned)c);
	else
		(void)buf_put(out, text, len);
}

static void
repr_text(struct buf *out, const char *text, size_t len)
{
	char quote = memchr(text, '\'', len) != NULL &&
	    memchr(text, '"', len) == NULL ? '"' : '\'';
	size_t at, n, tail = len;
	uint32_t c;

	/* Bytes, of which a character has four at most. */
	if (len > 8 * ENDS)
		tail = len - utf8_floor(text, len, len - 4 * ENDS);
	(void)buf_putc(out, quote);
	for (at = 0; at < len; at += n) {
		if (tail < len && at >= 4 * ENDS && at < len - tail)
			at = len - tail;
		c = utf8_decode(text + at, len - at, &n);
		repr_char(out, text + at, n, c, quote);
	}
	(void)buf_putc(out, quote);
}

static void
repr_real(struct buf *out, double value)
{
	char text[40];
	int digits;

	for (digits = 1; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) >= value &&
		    strtod(text, NULL) <= value)
			break;
	}
	(void)buf_puts(out, text);
	if (strpbrk(text, ".en") == NULL)
		(void)buf_puts(out, ".0");
}

static void
repr_array(struct buf *out, const json_t *json)
{
	size_t n = json_array_size(json), i;

	(void)buf_putc(out, '[');
	for (i = 0; i < n && out->len < REPR_ENOUGH; i++) {
		if (i == ENDS && n > 2 * ENDS)
			i = n - ENDS;
		if (i > 0)
			(void)buf_puts(out, ", ");
		repr(out, json_array_get(json, i));
	}
	(void)buf_putc(out, ']');
}

static void
repr_object(struct buf *out, const json_t *json)
{
	size_t n = json_object_size(json), i = 0;
	json_t *object = (json_t *)(uintptr_t)json; /* walked, not changed */
	const json_t *value;
	const char *name;
	void *at;

	(void)buf_putc(out, '{');
	for (at = json_object_iter(object);
	     at != NULL && out->len < REPR_ENOUGH;
	     at = json_object_iter_next(object, at), i++) {
		if (i >= ENDS && i + ENDS < n)
			continue;
		if (i > 0)
			(void)buf_puts(out, ", ");
		name = json_object_iter_key(at);
		value = json_object_iter_value(at);
		repr_text(out, name, strlen(name));
		(void)buf_puts(out, ": ");
		repr(out, value);
	}
	(void)buf_putc(out, '}');
}

static void
repr(struct buf *out, const json_t *json)
{
	if (json == NULL || json_is_null(json))
		(void)buf_puts(out, "None");
	else if (json_is_boolean(json))
		(void)buf_puts(out, json_is_true(json) ? "True" : "False");
	else if (json_is_integer(json))
		(void)buf_printf(out, "%lld",
		    (long long)json_integer_value(json));
	else if (json_is_real(json))
		repr_real(out, json_real_value(json));
	else if (json_is_string(json))
		repr_text(out, json_string_value(json),
		    json_string_length(json));
	else if (json_is_array(json))
		repr_array(out, json);
	else
		repr_object(out, json);
}

/* The byte at which the nth character from the start begins. */
static size_t
char_at(const char *text, size_t len, size_t nth)
{
	size_t at = 0, n;

	for (; nth > 0 && at < len; nth--) {
		(void)utf8_decode(text + at, len - at, &n);
		at += n;
	}
	return at;
}

void
dify_repr(struct buf *out, const json_t *json)
{
	size_t chars, head, tail;
	struct buf all;

	buf_init(&all, REPR_BYTES_MAX);
	repr(&all, json);
	chars = utf8_count(buf_text(&all), all.len);
	if (chars <= DIFY_REPR_CHARS_MAX) {
		(void)buf_puts(out, buf_text(&all));
	} else {
		head = char_at(all.data, all.len, SHOWN_FIRST);
		tail = char_at(all.data, all.len, chars - SHOWN_LAST);
		(void)buf_put(out, all.data, head);
		(void)buf_puts(out, "...");
		(void)buf_put(out, all.data + tail, all.len - tail);
	}
	buf_fini(&all);
}

const char *
dify_repr_type(const json_t *json)
{
	if (json == NULL || json_is_null(json))
		return "NoneType";
	if (json_is_boolean(json))
		return "bool";
	if (json_is_integer(json))
		return "int";
	if (json_is_real(json))
		return "float";
	if (json_is_string(json))
		return "str";
	return json_is_array(json) ? "list" : "dict";
}
