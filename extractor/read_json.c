/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON, one value or many (JSON Lines): read as a stream, strictly, with no
 * recursion and no tree.
 *
 * A record is an object that stands alone, or in an array near the top.  Of
 * each record the title becomes a heading, what is called text, content and
 * so on becomes paragraphs, and all other values become lines "path: value".
 * What a record holds is gathered and sent at its end, because its title may
 * come after its text; it is sent earlier when it grows large.
 */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/bytes.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"

#define JSON_DEPTH_MAX 256u
#define JSON_PATH_MAX 4096u
#define JSON_KEY_MAX 1024u
#define JSON_FIELDS_SEND 4096u		 /* at the end of a line */
#define JSON_GATHER_MAX (64 * KIB) /* anywhere */

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

	/* Of the record. */
	size_t record_depth;
	struct buf title, body, fields;
	bool has_begun; /* some of it was sent */
	bool is_listing; /* the last line may get another value */
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

/* Send the paragraphs of text. */
static void
send_paragraphs(struct json *json, const char *text, size_t len)
{
	const char *gap;
	size_t n;

	while (len > 0) {
		gap = bytes_find(text, len, "\n\n", 2);
		n = gap == NULL ? len : (size_t)(gap - text) + 2;
		(void)emit_block(json->emit, BLOCK_PARAGRAPH, 0, text, n);
		text += n;
		len -= n;
	}
}

static void
send_title(struct json *json)
{
	/* A title without a text is a value like others. */
	if (json->title.len > 0 && json->body.len > 0) {
		(void)emit_block(json->emit, BLOCK_HEADING, 1,
		    json->title.data, json->title.len);
	} else if (json->title.len > 0) {
		(void)emit_open(json->emit, BLOCK_PARAGRAPH, 0);
		(void)emit_words(json->emit, "title:", 6);
		(void)emit_words(json->emit, " ", 1);
		(void)emit_words(json->emit, json->title.data,
		    json->title.len);
		(void)emit_close(json->emit);
	}
	buf_clear(&json->title);
}

/* The record is complete, or what there is of it is enough. */
static int
send_record(struct json *json)
{
	send_title(json);
	send_paragraphs(json, buf_text(&json->body), json->body.len);
	(void)emit_block(json->emit, BLOCK_PARAGRAPH, 0,
	    buf_text(&json->fields), json->fields.len);
	buf_clear(&json->body);
	buf_clear(&json->fields);
	json->has_begun = false;
	json->is_listing = false;
	return json->emit->err;
}

/* Send what fills text, up to the last space: the rest follows. */
static int
send_part(struct json *json, struct buf *text)
{
	size_t len = text->len;

	if (!json->has_begun && text == &json->body)
		send_title(json);
	json->has_begun = true;
	while (len > text->len / 2 && text->data[len - 1] != ' ' &&
	    text->data[len - 1] != '\n')
		len--;
	if (len <= text->len / 2)
		len = utf8_floor(text->data, text->len, text->len - 1);
	send_paragraphs(json, text->data, len);
	memmove(text->data, text->data + len, text->len - len + 1);
	text->len -= len;
	return json->emit->err;
}

/* More of a value; it may be very long. */
static int
json_gather(struct json *json, struct buf *to, const char *text, size_t len)
{
	size_t piece;
	int err;

	while (len > 0) {
		piece = utf8_floor(text, len, JSON_GATHER_MAX);
		err = buf_put(to, text, piece);
		if (err == 0 && to->len > JSON_GATHER_MAX && to != &json->key)
			err = send_part(json, to);
		if (err < 0)
			return err;
		text += piece;
		len -= piece;
	}
	return 0;
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
	if (json->depth == json->record_depth && json->title.len == 0 &&
	    !json->has_begun && is_one_of("title headline subject", key))
		return USE_TITLE;
	if (is_one_of("text content contents body abstract description "
		      "summary passage markdown answer message",
		key))
		return USE_BODY;
	return USE_FIELD;
}

/* Begin a line "path: ", or go on with the list in the line before. */
static int
begin_field(struct json *json)
{
	struct buf *fields = &json->fields;
	bool is_array = json->depth > 0 &&
	    json->levels[json->depth - 1].is_array;

	if (json->is_listing && is_array && fields->len > 0)
		return buf_puts(fields, ", ");
	if (fields->len > JSON_FIELDS_SEND) {
		(void)emit_block(json->emit, BLOCK_PARAGRAPH, 0, fields->data,
		    fields->len);
		buf_clear(fields);
	}
	if (fields->len > 0)
		(void)buf_putc(fields, '\n');
	json->is_listing = is_array;
	if (json->path.len == 0)
		return fields->err;
	(void)buf_put(fields, json->path.data, json->path.len);
	return buf_puts(fields, ": ");
}

static int
json_text_value(struct json *json)
{
	int err;

	input_eat(json->input, 1);
	if (input_peek(json->input) == '"') {
		input_eat(json->input, 1);
		return 0; /* nothing in it */
	}
	switch (json_use(json)) {
	case USE_TITLE:
		err = json_string(json, &json->title);
		if (json->title.len > SECTION_BYTES_MAX / 2) {
			/* Too long for one: part of the text. */
			if (err == 0)
				err = json_gather(json, &json->body,
				    json->title.data, json->title.len);
			(void)json_gather(json, &json->body, "\n\n", 2);
			buf_clear(&json->title);
		} else if (err == 0 && json->record_depth == 1 &&
		    !json->is_lines) {
			emit_title(json->emit, buf_text(&json->title),
			    json->title.len);
		}
		return err;
	case USE_BODY:
		err = json_string(json, &json->body);
		return err < 0 ? err
			       : json_gather(json, &json->body, "\n\n", 2);
	case USE_FIELD:
		break;
	}
	err = begin_field(json);
	return err < 0 ? err : json_string(json, &json->fields);
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
	err = begin_field(json);
	return err < 0 ? err : buf_put(&json->fields, word, n);
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
	    json->title.len == 0 && json->body.len == 0 && !json->has_begun;
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
	json->is_listing = false;
	if (level->is_record) {
		if (json->fields.len > 0)
			err = send_record(json);
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
		err = send_record(json);
	json->is_listing = false;
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
	buf_init(&json.title, 3 * JSON_GATHER_MAX);
	buf_init(&json.body, 3 * JSON_GATHER_MAX);
	buf_init(&json.fields, 3 * JSON_GATHER_MAX);
	while (err == 0 && json_next(&json) >= 0) {
		err = json_value(&json);
		if (err == 0 && json.fields.len > 0)
			err = send_record(&json);
	}
	if (err == 0)
		err = input->err;
	buf_fini(&json.path);
	buf_fini(&json.key);
	buf_fini(&json.title);
	buf_fini(&json.body);
	buf_fini(&json.fields);
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
