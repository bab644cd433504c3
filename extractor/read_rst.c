/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reStructuredText, group of lines by group of lines: what stands between
 * blank lines is looked at in the input's window, and its first line says
 * what it is.  The level of a heading is the order in which its adornment was
 * seen first.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/bytes.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"

#define RST_HEADING_MAX 400u
#define RST_GROUP_MAX (64 * KIB)

/* What is done with groups that are indented under the one before. */
enum rst_under { UNDER_TEXT, UNDER_CODE, UNDER_SKIP };

struct rst {
	struct input *input;
	struct emit *emit;
	/* Adornments by level: the character, in upper half with overline. */
	unsigned char adornments[SECTION_DEPTH_MAX];
	unsigned levels;
	enum rst_under under;
	size_t under_indent; /* of what it is under */
};

struct rst_line {
	const char *text; /* without indent and trailing space */
	size_t len;
	size_t indent;
	size_t whole; /* bytes with the line feed */
};

static bool
rst_line(const char *text, size_t len, struct rst_line *ret_line)
{
	const char *feed;
	size_t n, i;

	if (len == 0)
		return false;
	feed = memchr(text, '\n', len);
	n = feed == NULL ? len : (size_t)(feed - text);
	ret_line->whole = feed == NULL ? n : n + 1;
	for (i = 0; i < n && (text[i] == ' ' || text[i] == '\t'); i++)
		continue;
	ret_line->indent = i;
	while (n > i && isspace((unsigned char)text[n - 1]))
		n--;
	ret_line->text = text + i;
	ret_line->len = n - i;
	return true;
}

/* A line of one punctuation character only. */
static bool
is_adornment(const struct rst_line *line)
{
	size_t i;

	if (line->len < 2 || line->indent > 0 ||
	    !ispunct((unsigned char)line->text[0]))
		return false;
	for (i = 1; i < line->len; i++)
		if (line->text[i] != line->text[0])
			return false;
	return true;
}

static unsigned
heading_level(struct rst *rst, char c, bool has_overline)
{
	unsigned char adornment;
	unsigned i;

	adornment = (unsigned char)((unsigned char)c | (has_overline ? 0x80
								     : 0));
	for (i = 0; i < rst->levels; i++)
		if (rst->adornments[i] == adornment)
			return i + 1;
	if (rst->levels < SECTION_DEPTH_MAX)
		rst->adornments[rst->levels++] = adornment;
	return rst->levels;
}

/* ":role:" in front of a back quote: its length, or 0. */
static size_t
role_len(const char *text, size_t len)
{
	size_t i;

	if (len < 4 || text[0] != ':')
		return 0;
	for (i = 1; i < len && (isalnum((unsigned char)text[i]) ||
				   strchr("-_+.:", text[i]) != NULL) &&
	     text[i] != '\0'; i++)
		continue;
	return i > 2 && i < len && text[i] == '`' && text[i - 1] == ':' ? i : 0;
}

/* Words without the inline markup: quotes, roles, targets and stars. */
static int
rst_words(struct emit *emit, const char *text, size_t len)
{
	const char *end;
	size_t i, start, n;
	bool is_quoted = false;

	for (i = start = 0; i < len && emit->err == 0;) {
		n = 0;
		if (text[i] == '`') {
			n = i + 1 < len && text[i + 1] == '`' ? 2 : 1;
			is_quoted = !is_quoted;
			if (!is_quoted && i + n < len && text[i + n] == '_')
				n++;
		} else if (text[i] == '*' && i + 1 < len &&
		    text[i + 1] == '*') {
			n = 2;
		} else if (text[i] == ':' && !is_quoted) {
			n = role_len(text + i, len - i);
		} else if (text[i] == '<' && is_quoted && i > 0 &&
		    text[i - 1] == ' ') {
			/* The target inside `words <target>`. */
			end = memchr(text + i, '>', len - i);
			n = end == NULL ? 0 : (size_t)(end - text) + 1 - i;
		}
		if (n == 0) {
			i++;
			continue;
		}
		(void)emit_words(emit, text + start, i - start);
		i += n;
		start = i;
	}
	return emit_words(emit, text + start, len - start);
}

static int
rst_text(struct rst *rst, enum block_kind kind, unsigned level,
    const char *text, size_t len)
{
	bool is_literal;

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	is_literal = len >= 2 && memcmp(text + len - 2, "::", 2) == 0;
	if (is_literal)
		len--; /* one colon stays */
	if (len == 1 && *text == ':')
		return 0;
	(void)emit_open(rst->emit, kind, level); /* errors stick */
	(void)rst_words(rst->emit, text, len);
	if (kind == BLOCK_HEADING)
		emit_title(rst->emit, buf_text(&rst->emit->text),
		    rst->emit->text.len);
	if (is_literal)
		rst->under = UNDER_CODE;
	return emit_close(rst->emit);
}

/* The heading at the group's beginning: sets *ret_used to its bytes, or 0. */
static int
rst_heading(struct rst *rst, const char *text, size_t len, size_t *ret_used)
{
	struct rst_line a, b, c;
	unsigned level;

	*ret_used = 0;
	if (!rst_line(text, len, &a) ||
	    !rst_line(text + a.whole, len - a.whole, &b) || b.len == 0 ||
	    a.len > RST_HEADING_MAX)
		return 0;
	if (is_adornment(&a)) {
		if (!rst_line(text + a.whole + b.whole,
			len - a.whole - b.whole, &c) ||
		    !is_adornment(&c) || c.text[0] != a.text[0] ||
		    memchr(a.text, ' ', a.len) != NULL ||
		    b.len > RST_HEADING_MAX || is_adornment(&b))
			return 0;
		level = heading_level(rst, a.text[0], true);
		*ret_used = a.whole + b.whole + c.whole;
		return rst_text(rst, BLOCK_HEADING, level, b.text, b.len);
	}
	if (a.indent > 0 || !is_adornment(&b) ||
	    b.len < utf8_count(a.text, a.len))
		return 0;
	level = heading_level(rst, b.text[0], false);
	*ret_used = a.whole + b.whole;
	return rst_text(rst, BLOCK_HEADING, level, a.text, a.len);
}

/* The length of a list item's marker with the space behind it, or 0. */
static size_t
marker_len(const struct rst_line *line)
{
	const char *text = line->text;
	size_t i = 0;

	if (line->len < 3)
		return 0;
	if (strchr("-*+", text[0]) != NULL)
		return text[1] == ' ' ? 2 : 0;
	if (text[0] == '(')
		i++;
	if (text[i] == '#')
		i++;
	else
		while (i < line->len && i < 4 &&
		    isdigit((unsigned char)text[i]))
			i++;
	if (i == 0 || i + 2 > line->len || strchr(".)", text[i]) == NULL ||
	    text[i + 1] != ' ')
		return 0;
	return i + 2;
}

static int
rst_list(struct rst *rst, const char *text, size_t len)
{
	struct rst_line line;
	size_t at = 0, item = 0, marker, level = 1;
	int err = 0;

	while (err == 0 && rst_line(text + at, len - at, &line)) {
		marker = marker_len(&line);
		if (marker > 0) {
			if (at > item)
				err = rst_text(rst, BLOCK_LIST_ITEM,
				    (unsigned)level, text + item, at - item);
			item = at + line.indent + marker;
			level = line.indent / 2 + 1;
			if (level > SECTION_DEPTH_MAX)
				level = SECTION_DEPTH_MAX;
		}
		at += line.whole;
	}
	if (err == 0 && at > item)
		err = rst_text(rst, BLOCK_LIST_ITEM, (unsigned)level,
		    text + item, at - item);
	return err;
}

static bool
is_word_of(const char *words, const char *text, size_t len)
{
	size_t n;

	for (; *words != '\0'; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		if (n == len && strncasecmp(words, text, n) == 0)
			return true;
	}
	return false;
}

/* The lines under a directive's first one that are no options. */
static size_t
options_len(const char *text, size_t len)
{
	struct rst_line line;
	size_t at = 0;

	while (rst_line(text + at, len - at, &line) && line.len > 1 &&
	    line.text[0] == ':' &&
	    memchr(line.text + 1, ':', line.len - 1) != NULL)
		at += line.whole;
	return at;
}

/* Groups that begin with "..": directives, targets, comments. */
static int
rst_explicit(struct rst *rst, const char *text, size_t len)
{
	struct rst_line line;
	const char *name, *colons;
	size_t name_len, at;
	int err = 0;

	if (!rst_line(text, len, &line))
		return 0;
	name = line.text + (line.len > 2 ? 3 : 2);
	rst->under_indent = line.indent;
	rst->under = UNDER_SKIP;
	colons = line.len <= 3 ? NULL : bytes_find(name, line.len - 3, "::", 2);
	if (colons == NULL || *name == '_' || *name == '|' || *name == '[')
		return 0;
	name_len = (size_t)(colons - name);
	if (is_word_of("toctree include image raw index highlight contents "
		       "meta module currentmodule default-role",
		name, name_len))
		return 0;
	at = line.whole + options_len(text + line.whole, len - line.whole);
	if (is_word_of("code code-block sourcecode parsed-literal "
		       "literalinclude math doctest prompt console",
		name, name_len)) {
		rst->under = UNDER_CODE;
		return emit_block(rst->emit, BLOCK_CODE, 0, text + at,
		    len - at);
	}
	rst->under = UNDER_TEXT;
	if (line.text + line.len > colons + 2)
		err = rst_text(rst, BLOCK_PARAGRAPH, 0, colons + 2,
		    (size_t)(line.text + line.len - colons) - 2);
	if (err == 0)
		err = rst_text(rst, BLOCK_PARAGRAPH, 0, text + at, len - at);
	return err;
}

/* Grid tables and simple ones keep their lines. */
static bool
is_table(const struct rst_line *line)
{
	return line->len > 4 && (memcmp(line->text, "+--", 3) == 0 ||
				    memcmp(line->text, "+==", 3) == 0 ||
				    (memcmp(line->text, "===", 3) == 0 &&
					memchr(line->text, ' ', line->len) !=
					    NULL));
}

static int
rst_group(struct rst *rst, const char *text, size_t len)
{
	struct rst_line line;
	size_t used;
	int err;

	if (!rst_line(text, len, &line))
		return 0;
	if (line.indent > rst->under_indent) {
		if (rst->under == UNDER_SKIP)
			return 0;
		if (rst->under == UNDER_CODE)
			return emit_block(rst->emit, BLOCK_CODE, 0, text, len);
	} else {
		rst->under = UNDER_TEXT;
	}
	rst->under_indent = line.indent;
	if (rst->under == UNDER_TEXT) {
		err = rst_heading(rst, text, len, &used);
		if (err < 0)
			return err;
		if (used > 0 && used < len)
			return rst_group(rst, text + used, len - used);
		if (used > 0)
			return 0;
	}
	if (line.len >= 2 && memcmp(line.text, "..", 2) == 0 &&
	    (line.len == 2 || line.text[2] == ' '))
		return rst_explicit(rst, text, len);
	if (is_adornment(&line) && line.whole >= len)
		return 0; /* a transition */
	if (is_table(&line) || (line.len > 4 &&
				   memcmp(line.text, ">>> ", 4) == 0))
		return emit_block(rst->emit, BLOCK_CODE, 0, text, len);
	if (marker_len(&line) > 0)
		return rst_list(rst, text, len);
	return rst_text(rst, BLOCK_PARAGRAPH, 0, text, len);
}

int
read_rst(struct input *input, struct emit *emit, struct err_note *note)
{
	struct rst rst = {.input = input, .emit = emit};
	struct rst_line line;
	size_t group = 0, len;
	int err;

	(void)note;
	for (;;) {
		err = input_line(input, group, &len);
		if (err < 0)
			return err;
		if (len == SIZE_MAX)
			break;
		if (len > 0)
			(void)rst_line(input_text(input) + group, len, &line);
		if (len > 0 && line.len > 0 && group + len <= RST_GROUP_MAX) {
			group += len;
			if (group < input_len(input))
				group++; /* the line feed */
			continue;
		}
		/* A blank line, or more than a group may have. */
		if (group == 0 && len > RST_GROUP_MAX)
			group = utf8_floor(input_text(input), len,
			    RST_GROUP_MAX);
		err = rst_group(&rst, input_text(input), group);
		if (err < 0)
			return err;
		if (group > 0)
			input_eat(input, group);
		else
			input_eat_line(input, len);
		group = 0;
	}
	return rst_group(&rst, input_text(input), group);
}
