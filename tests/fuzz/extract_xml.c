/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XML for the fuzzer: elements are left out, repeated, moved, renamed and
 * unwrapped, attributes changed, in a way that leaves well-formed what was.
 */
#include <string.h>

#include "tests/fuzz/extract_mutate.h"

#define TAGS_MAX 8192u
#define DEPTH_MAX 512u
#define NOT_CLOSED UINT32_MAX

struct tag {
	uint32_t start, end; /* from '<' to behind '>' */
	uint32_t name, name_len;
	uint32_t close; /* the tag that closes it; itself when empty */
};

static struct tag tags[TAGS_MAX];

/* Values that have edges near them. */
static const char *const values[] = {"0", "-1", "1", "2", "6", "7", "9", "10",
    "63", "64", "255", "256", "1023", "1024", "16383", "16384", "32768",
    "65535", "65536", "1048576", "1048577", "2147483647", "2147483648",
    "-2147483648", "4294967295", "4294967296", "9223372036854775807",
    "18446744073709551615", "99999999999999999999", "1e308", "-1e-308", "NaN",
    "", " ", "true", "false", "on", "none", "A1", "XFD1048576",
    "A1:XFD1048576", "AAAA1", "A0", "A1:A1 B2:C3", "rId1", "rId2", "#", "/",
    "..", "../..", "../a/../b.xml", "/word/document.xml", "a b c",
    "&#x10FFFF;", "&#xFFFE;", "&amp;&lt;", "\xD7\xA9", "\xEF\xBF\xBD"};

static bool
is_name(char c)
{
	return c != '\0' && strchr(" \t\r\n/>=\"'<", c) == NULL;
}

/* Behind what begins at at and is no tag, or 0. */
static size_t
skip_other(const struct buf *xml, size_t at)
{
	static const char *const kinds[][2] = {{"<!--", "-->"},
	    {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}};
	const char *end;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strncmp(xml->data + at, kinds[i][0],
			strlen(kinds[i][0])) != 0)
			continue;
		end = strstr(xml->data + at, kinds[i][1]);
		return end == NULL
		    ? xml->len
		    : (size_t)(end - xml->data) + strlen(kinds[i][1]);
	}
	return 0;
}

static size_t
tag_end(const struct buf *xml, size_t at)
{
	char quote = '\0';

	for (; at < xml->len; at++) {
		if (quote != '\0') {
			if (xml->data[at] == quote)
				quote = '\0';
		} else if (xml->data[at] == '"' || xml->data[at] == '\'') {
			quote = xml->data[at];
		} else if (xml->data[at] == '>') {
			return at + 1;
		}
	}
	return xml->len;
}

/* Find the tags and which closes which; returns how many there are. */
static size_t
find_tags(const struct buf *xml)
{
	uint32_t open[DEPTH_MAX];
	size_t count = 0, depth = 0, at = 0, next;
	struct tag *tag;
	const char *from;

	while (count < TAGS_MAX) {
		from = memchr(xml->data + at, '<', xml->len - at);
		if (from == NULL)
			break;
		at = (size_t)(from - xml->data);
		next = skip_other(xml, at);
		if (next > 0) {
			at = next;
			continue;
		}
		next = tag_end(xml, at);
		tag = &tags[count];
		tag->start = (uint32_t)at;
		tag->end = (uint32_t)next;
		tag->close = NOT_CLOSED;
		tag->name = tag->start + 1 + (xml->data[at + 1] == '/');
		for (tag->name_len = 0; is_name(
			 xml->data[tag->name + tag->name_len]);)
			tag->name_len++;
		if (next - at > 2 && xml->data[next - 2] == '/')
			tag->close = (uint32_t)count;
		else if (xml->data[at + 1] != '/' && depth < DEPTH_MAX)
			open[depth++] = (uint32_t)count;
		else if (depth > 0)
			tags[open[--depth]].close = (uint32_t)count;
		count++;
		at = next;
	}
	return count;
}

/* An element that is closed; its first tag, or TAGS_MAX. */
static size_t
pick_element(size_t count, struct dice *dice)
{
	size_t i, at;

	for (i = 0; i < 16; i++) {
		at = dice_roll(dice, count);
		if (tags[at].close != NOT_CLOSED)
			return at;
	}
	return TAGS_MAX;
}

/* Put len bytes instead of those from start to end. */
static bool
splice(struct buf *xml, size_t start, size_t end, const char *bytes,
    size_t len)
{
	struct buf out;
	bool is_good;

	buf_init(&out, xml->max);
	(void)buf_put(&out, xml->data, start);
	(void)buf_put(&out, bytes, len);
	(void)buf_put(&out, xml->data + end, xml->len - end);
	is_good = out.err == 0;
	if (is_good) {
		buf_clear(xml);
		(void)buf_put(xml, buf_text(&out), out.len);
	}
	buf_fini(&out);
	return is_good;
}

/* So many copies of an element at at. */
static bool
copy_element(struct buf *xml, const struct tag *tag, size_t at, size_t copies)
{
	size_t len = tags[tag->close].end - tag->start, i;
	struct buf bytes;
	bool is_good;

	buf_init(&bytes, xml->max);
	for (i = 0; i < copies; i++)
		(void)buf_put(&bytes, xml->data + tag->start, len);
	is_good = bytes.err == 0 &&
	    splice(xml, at, at, buf_text(&bytes), bytes.len);
	buf_fini(&bytes);
	return is_good;
}

/* The quoted value of an attribute that chance picks in tag. */
static bool
pick_value(const struct buf *xml, const struct tag *tag, struct dice *dice,
    size_t *ret_start, size_t *ret_end)
{
	size_t at, end, found = 0;
	const char *to;

	for (at = tag->name + tag->name_len; at < tag->end; at = end + 1) {
		while (at < tag->end && xml->data[at] != '"' &&
		    xml->data[at] != '\'')
			at++;
		if (at >= tag->end)
			break;
		to = memchr(xml->data + at + 1, xml->data[at],
		    tag->end - at - 1);
		if (to == NULL)
			break;
		end = (size_t)(to - xml->data);
		if (dice_roll(dice, ++found) == 0) {
			*ret_start = at + 1;
			*ret_end = end;
		}
	}
	return found > 0;
}

static bool
change_value(struct buf *xml, size_t count, struct dice *dice)
{
	size_t start, end, from, to, i, sides;
	const char *value;
	char copy[64];

	for (i = 0; i < 16; i++)
		if (pick_value(xml, &tags[dice_roll(dice, count)], dice,
			&start, &end))
			break;
	if (i == 16)
		return false;
	sides = sizeof(values) / sizeof(values[0]);
	value = values[dice_roll(dice, sides)];
	if (dice_roll(dice, 2) == 0)
		return splice(xml, start, end, value, strlen(value));
	if (!pick_value(xml, &tags[dice_roll(dice, count)], dice, &from,
		&to) || to - from > sizeof(copy))
		return false;
	memcpy(copy, xml->data + from, to - from);
	return splice(xml, start, end, copy, to - from);
}

/* Give an element the name of another. */
static bool
rename_element(struct buf *xml, const struct tag *tag, const struct tag *other)
{
	const struct tag *close = &tags[tag->close];
	char name[128];
	size_t len = other->name_len;

	if (len == 0 || len > sizeof(name))
		return false;
	memcpy(name, xml->data + other->name, len);
	if (close != tag && !splice(xml, close->name,
		close->name + close->name_len, name, len))
		return false;
	return splice(xml, tag->name, tag->name + tag->name_len, name, len);
}

/* The text behind a tag. */
static bool
change_text(struct buf *xml, const struct tag *tag, struct dice *dice)
{
	size_t sides = sizeof(values) / sizeof(values[0]), end = tag->end;
	const char *value = values[dice_roll(dice, sides)];

	while (end < xml->len && xml->data[end] != '<')
		end++;
	return splice(xml, tag->end, end, value, strlen(value));
}

/* Take the tags of an element away, and leave what is in it. */
static bool
unwrap(struct buf *xml, const struct tag *tag)
{
	const struct tag *close = &tags[tag->close];

	if (close != tag && !splice(xml, close->start, close->end, "", 0))
		return false;
	return splice(xml, tag->start, tag->end, "", 0);
}

bool
xml_mutate(struct buf *xml, struct dice *dice)
{
	static const unsigned short many[] = {1, 1, 1, 2, 3, 8, 64, 300};
	const struct tag *tag, *other;
	size_t count, at;

	if (xml->len == 0)
		return false;
	count = find_tags(xml);
	at = count < 2 ? TAGS_MAX : pick_element(count, dice);
	if (at == TAGS_MAX)
		return false;
	tag = &tags[at];
	other = &tags[dice_roll(dice, count)];
	switch (dice_roll(dice, 12)) {
	case 0:
		return splice(xml, tag->start, tags[tag->close].end, "", 0);
	case 1: /* next to itself */
		return copy_element(xml, tag, tag->start,
		    many[dice_roll(dice, sizeof(many) / sizeof(many[0]))]);
	case 2: /* in itself */
		return copy_element(xml, tag, tag->end, tag->close != at);
	case 3:
	case 4: /* anywhere, but for outside of the root */
		return copy_element(xml, tag,
		    other == &tags[0] || other == &tags[count - 1]
			? tags[0].end
			: other->end, 1);
	case 5:
		return rename_element(xml, tag, other);
	case 6:
		return unwrap(xml, tag);
	case 7:
		return change_text(xml, other, dice);
	default:
		return change_value(xml, count, dice);
	}
}
