/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON, one value or many (JSON Lines): read as a stream, strictly, with no
 * recursion and no tree.
 *
 * A record is an object that stands alone, or in an array near the top; what
 * becomes of it stands in json_record.h.
 */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/json_record.h"

#define JSON_DEPTH_MAX 256u
#define JSON_PATH_MAX 4096u
#define JSON_KEY_MAX 1024u

enum json_use { USE_FIELD, USE_TITLE, USE_BODY };

struct json_level {
	bool is_array, is_record;
	size_t path_len; /* of the path inside it, without a member's name */
};

struct json {
	struct input *input;
	struct emit *emit;
	struct err_note *note;
	bool is_lines;
	unsigned long line;

	struct json_level levels[JSON_DEPTH_MAX];
	size_t depth;
	struct buf path, key;

	struct json_record record;
	size_t record_depth;
};

static int
json_error(struct json *json, const char *what)
{
	if (json->input->err < 0)
		return json->input->err;
	return err_set(json->note, ERR_SYNTAX,
	    "the JSON is malformed in line %lu: %s", json->line, what);
}

/* The next character after white space, not eaten; -1 at the end. */
static int
json_next(struct json *json)
{
	int c;

	while ((c = input_peek(json->input)) >= 0) {
		if (c == '\n')
			json->line++;
		else if (c != ' ' && c != '\t')
			break;
		input_eat(json->input, 1);
	}
	return c;
}

/* More of a name, or of a value, which may be very long. */
static int
json_gather(struct json *json, struct buf *to, const char *text, size_t len)
{
	return to == &json->key ? buf_put(to, text, len)
				: json_record_gather(&json->record, to, text,
				      len);
}

/* The four digits after a backslash and u; -1 when they are none. */
static long
json_hex(struct json *json)
{
	long value = 0;
	int i, c;

	for (i = 0; i < 4; i++) {
		c = input_peek(json->input);
		if (c >= '0' && c <= '9')
			c -= '0';
		else if (c >= 'a' && c <= 'f')
			c -= 'a' - 10;
		else if (c >= 'A' && c <= 'F')
			c -= 'A' - 10;
		else
			return -1;
		value = value * 16 + c;
		input_eat(json->input, 1);
	}
	return value;
}

static int json_escape(struct json *json, struct buf *to);

/* After a backslash and u: half a pair alone becomes U+FFFD. */
static int
json_unicode(struct json *json, struct buf *to)
{
	char out[4];
	long c, low;

	c = json_hex(json);
	while (c >= 0xD800 && c <= 0xDBFF) {
		if (input_peek(json->input) != '\\')
			break;
		input_eat(json->input, 1);
		if (input_peek(json->input) != 'u') {
			if (json_gather(json, to, "\xEF\xBF\xBD", 3) < 0)
				return json->emit->err;
			return json_escape(json, to);
		}
		input_eat(json->input, 1);
		low = json_hex(json);
		if (low >= 0xDC00 && low <= 0xDFFF) {
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
		} else {
			if (json_gather(json, to, "\xEF\xBF\xBD", 3) < 0)
				return json->emit->err;
			c = low;
		}
	}
	if (c < 0)
		return json_error(json, "a wrong \\u escape");
	if (c >= 0xD800 && c <= 0xDFFF)
		c = 0xFFFD;
	if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
		c = ' ';
	return json_gather(json, to, out, utf8_encode((uint32_t)c, out));
}

static int
json_escape(struct json *json, struct buf *to)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/  \n\n\t";
	const char *at;
	int c;

	c = input_peek(json->input);
	if (c < 0)
		return json_error(json, "a string does not end");
	input_eat(json->input, 1);
	if (c == 'u')
		return json_unicode(json, to);
	at = strchr(from, c);
	if (at == NULL || c == '\0')
		return json_error(json, "a wrong escape");
	return json_gather(json, to, into + (at - from), 1);
}

/* A string whose opening quote was eaten. */
static int
json_string(struct json *json, struct buf *to)
{
	struct input *input = json->input;
	const char *text;
	size_t len, i;
	int c, err;

	while ((c = input_peek(input)) >= 0) {
		text = input_text(input);
		len = input_len(input);
		for (i = 0; i < len && text[i] != '"' && text[i] != '\\' &&
		     text[i] != '\n'; i++)
			continue;
		err = json_gather(json, to, text, i);
		if (err == ERR_TOO_BIG && to == &json->key)
			return json_error(json, "a name is too long");
		if (err < 0)
			return err;
		input_eat(input, i);
		if (i == len)
			continue;
		c = *input_text(input);
		if (c == '\n')
			return json_error(json, "a string does not end");
		input_eat(input, 1);
		if (c == '"')
			return 0;
		err = json_escape(json, to);
		if (err < 0)
			return err;
	}
	return json_error(json, "a string does not end");
}

static bool
is_one_of(const char *words, const char *key)
{
	size_t len = strlen(key), n;

	for (; *words != '\0'; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		if (n == len && strncasecmp(words, key, n) == 0)
			return true;
	}
	return false;
}

/* What the value after the present key is good for. */
static enum json_use
json_use(const struct json *json)
{
	const char *key = buf_text(&json->key);

	if (json->depth == 0 || json->levels[json->depth - 1].is_array)
		return USE_FIELD;
	if (json->depth == json->record_depth && json->record.title.len == 0 &&
	    !json->record.has_begun && is_one_of("title headline subject", key))
		return USE_TITLE;
	if (is_one_of("text content contents body abstract description "
		      "summary passage markdown answer message",
		key))
		return USE_BODY;
	return USE_FIELD;
}

/* Begin a line, or go on with the list in the line before. */
static int
json_begin_field(struct json *json)
{
	return json_record_field(&json->record, buf_text(&json->path),
	    json->path.len,
	    json->depth > 0 && json->levels[json->depth - 1].is_array);
}

/* A title that is too long for one is part of the text. */
static int
json_title(struct json *json)
{
	struct buf *title = &json->record.title, *body = &json->record.body;
	int err;

	err = json_string(json, title);
	if (err < 0)
		return err;
	if (title->len > SECTION_BYTES_MAX / 2) {
		err = json_gather(json, body, title->data, title->len);
		if (err == 0)
			err = json_gather(json, body, "\n\n", 2);
		buf_clear(title);
	} else if (json->record_depth == 1 && !json->is_lines) {
		emit_title(json->emit, buf_text(title), title->len);
	}
	return err;
}

static int
json_text_value(struct json *json)
{
	struct buf *body = &json->record.body;
	int err;

	input_eat(json->input, 1);
	if (input_peek(json->input) == '"') {
		input_eat(json->input, 1);
		return 0; /* nothing in it */
	}
	switch (json_use(json)) {
	case USE_TITLE:
		return json_title(json);
	case USE_BODY:
		err = json_string(json, body);
		return err < 0 ? err : json_gather(json, body, "\n\n", 2);
	case USE_FIELD:
		break;
	}
	err = json_begin_field(json);
	return err < 0 ? err : json_string(json, &json->record.fields);
}

/* RFC 8259: -? int frac? exp? */
static bool
is_number(const char *s)
{
	if (*s == '-')
		s++;
	if (*s == '0')
		s++;
	else if (*s >= '1' && *s <= '9')
		s += strspn(s, "0123456789");
	else
		return false;
	if (*s == '.') {
		if (strspn(s + 1, "0123456789") == 0)
			return false;
		s += 1 + strspn(s + 1, "0123456789");
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		if (*s == '+' || *s == '-')
			s++;
		if (strspn(s, "0123456789") == 0)
			return false;
		s += strspn(s, "0123456789");
	}
	return *s == '\0';
}

/* A number, true, false or null. */
static int
json_word(struct json *json)
{
	char word[512];
	size_t n = 0;
	int c, err;

	while ((c = input_peek(json->input)) >= 0 &&
	    strchr(" \t\n,:]}[{\"", c) == NULL) {
		if (n + 1 == sizeof(word))
			return json_error(json, "a number is too long");
		word[n++] = (char)c;
		input_eat(json->input, 1);
	}
	word[n] = '\0';
	if (strcmp(word, "null") == 0)
		return 0;
	if (strcmp(word, "true") != 0 && strcmp(word, "false") != 0 &&
	    !is_number(word))
		return json_error(json, "a value is expected");
	err = json_begin_field(json);
	return err < 0 ? err : buf_put(&json->record.fields, word, n);
}

/*
 * An object is a record when it stands alone or in an array that does.  In a
 * file of one object also when its array is a member of that object, which
 * has no text itself: {"items": [{...}, {...}]}.
 */
static bool
is_record(const struct json *json)
{
	const struct json_level *levels = json->levels;

	if (json->depth == 0)
		return true;
	if (!levels[json->depth - 1].is_array)
		return false;
	if (json->depth == 1)
		return true;
	return json->depth == 2 && !json->is_lines && levels[0].is_record &&
	    json->record.title.len == 0 && json->record.body.len == 0 &&
	    !json->record.has_begun;
}

static int
json_open(struct json *json, bool is_array)
{
	struct json_level *level;
	int err = 0;

	input_eat(json->input, 1);
	if (json->depth == JSON_DEPTH_MAX)
		return err_set(json->note, ERR_TOO_BIG,
		    "the JSON is nested deeper than %u levels in line %lu",
		    JSON_DEPTH_MAX, json->line);
	level = &json->levels[json->depth];
	*level = (struct json_level){
	    .is_array = is_array,
	    .is_record = !is_array && is_record(json),
	};
	json->record.is_listing = false;
	if (level->is_record) {
		if (json->record.fields.len > 0)
			err = json_record_send(&json->record);
		buf_clear(&json->path);
		json->record_depth = json->depth + 1;
	}
	level->path_len = json->path.len;
	json->depth++;
	return err;
}

static int
json_close(struct json *json)
{
	struct json_level *level;
	int err = 0;

	input_eat(json->input, 1);
	json->depth--;
	level = &json->levels[json->depth];
	if (level->is_record)
		err = json_record_send(&json->record);
	json->record.is_listing = false;
	return err;
}

/* The name of a member, and the colon; the path gets the name. */
static int
json_member(struct json *json)
{
	int err;

	if (json_next(json) != '"')
		return json_error(json, "a name is expected");
	input_eat(json->input, 1);
	buf_clear(&json->key);
	err = json_string(json, &json->key);
	if (err < 0)
		return err;
	if (json_next(json) != ':')
		return json_error(json, "a colon is expected");
	input_eat(json->input, 1);
	if (json->path.len + json->key.len + 1 > JSON_PATH_MAX)
		return err_set(json->note, ERR_TOO_BIG,
		    "the names in line %lu are too long", json->line);
	if (json->path.len > 0)
		(void)buf_putc(&json->path, '.');
	return buf_put(&json->path, buf_text(&json->key), json->key.len);
}

/* Cut the path back to that of the innermost level.  It may be shorter: that
 * of a record begins anew. */
static void
json_path_back(struct json *json)
{
	size_t len = json->levels[json->depth - 1].path_len;

	if (json->path.len > len)
		json->path.len = len;
}

static int
json_scalar_or_open(struct json *json, int c)
{
	if (c == '{' || c == '[')
		return json_open(json, c == '[');
	if (c == '"')
		return json_text_value(json);
	return json_word(json);
}

/* One value with everything in it. */
static int
json_value(struct json *json)
{
	bool is_first = true;
	size_t before;
	int c, err;

	err = json_scalar_or_open(json, json_next(json));
	while (err == 0 && json->depth > 0) {
		c = json_next(json);
		if (c == (json->levels[json->depth - 1].is_array ? ']' : '}')) {
			err = json_close(json);
			is_first = false;
			continue;
		}
		if (!is_first && c != ',')
			return json_error(json, c < 0 ? "it ends too early"
						      : "a comma is expected");
		if (!is_first)
			input_eat(json->input, 1);
		json_path_back(json);
		if (!json->levels[json->depth - 1].is_array)
			err = json_member(json);
		if (err < 0)
			break;
		before = json->depth;
		err = json_scalar_or_open(json, json_next(json));
		is_first = json->depth > before;
	}
	json->path.len = 0;
	return err;
}

static int
json_read(struct input *input, struct emit *emit, struct err_note *note,
    bool is_lines)
{
	struct json json = {
	    .input = input,
	    .emit = emit,
	    .note = note,
	    .is_lines = is_lines,
	    .line = 1,
	};
	int err = 0;

	buf_init(&json.path, JSON_PATH_MAX + 1);
	buf_init(&json.key, JSON_KEY_MAX);
	json_record_init(&json.record, emit);
	while (err == 0 && json_next(&json) >= 0) {
		err = json_value(&json);
		if (err == 0 && json.record.fields.len > 0)
			err = json_record_send(&json.record);
	}
	if (err == 0)
		err = input->err;
	buf_fini(&json.path);
	buf_fini(&json.key);
	json_record_fini(&json.record);
	return err;
}

int
read_json(struct input *input, struct emit *emit, struct err_note *note)
{
	return json_read(input, emit, note, false);
}

int
read_jsonl(struct input *input, struct emit *emit, struct err_note *note)
{
	return json_read(input, emit, note, true);
}
