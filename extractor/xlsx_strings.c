/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/xlsx.h"
#include "extractor/xml.h"

/* ---- escapes ------------------------------------------------------------ */

/* The four hexadecimal digits of "_x000D_" at text, or -1. */
static long
escape_at(const char *text, size_t len)
{
	long c = 0;
	int i, digit;

	if (len < 7 || text[1] != 'x' || text[6] != '_')
		return -1;
	for (i = 2; i < 6; i++) {
		digit = text[i];
		if (digit >= '0' && digit <= '9')
			digit -= '0';
		else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
			digit = (digit | 0x20) - 'a' + 10;
		else
			return -1;
		c = c * 16 + digit;
	}
	return c;
}

/* Text from the byte at on, which may hold the last piece that was put. */
static void
unescape_from(struct buf *text, size_t at)
{
	size_t i = at, n = at, step;
	long c, low;

	if (text->data == NULL || text->len <= at ||
	    memchr(text->data + at, '_', text->len - at) == NULL)
		return;
	while (i < text->len) {
		c = text->data[i] == '_'
		    ? escape_at(text->data + i, text->len - i)
		    : -1;
		if (c < 0) {
			text->data[n++] = text->data[i++];
			continue;
		}
		step = 7;
		if (c >= 0xD800 && c < 0xDC00 && i + 7 < text->len) {
			low = text->data[i + 7] == '_'
			    ? escape_at(text->data + i + 7, text->len - i - 7)
			    : -1;
			if (low >= 0xDC00 && low < 0xE000) {
				c = 0x10000 + ((c - 0xD800) << 10) +
				    (low - 0xDC00);
				step = 14;
			}
		}
		i += step;
		if (c == '\r')
			c = '\n';
		if (c == '\n' || c == '\t' ||
		    (c >= 0x20 && c != 0x7F && (c < 0xD800 || c >= 0xE000)))
			n += utf8_encode((uint32_t)c, text->data + n);
	}
	text->len = n;
	text->data[n] = '\0';
}

void
xlsx_unescape(struct buf *text)
{
	unescape_from(text, 0);
}

/* ---- the table ---------------------------------------------------------- */

struct table {
	struct xlsx_strings *strings;
	struct err_note *note;
	size_t start; /* of the string that is being read */
	bool is_in_text;
	unsigned reading; /* depth of how it is read out: no text of its own */
};

static int
too_big(const struct table *table)
{
	return err_set(table->note, ERR_TOO_BIG,
	    "the workbook has more than %u shared texts, or %llu bytes of "
	    "them", XLSX_STRINGS_MAX, XLSX_STRINGS_BYTES_MAX);
}

/* The second is the name in the trial versions of Excel 2007. */
static bool
is_item(const char *name)
{
	return strcmp(name, "si") == 0 || strcmp(name, "sstItem") == 0;
}

static int
table_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct table *table = arg;

	(void)ns;
	(void)attributes;
	if (strcmp(name, "t") == 0)
		table->is_in_text = table->reading == 0;
	else if (strcmp(name, "rPh") == 0)
		table->reading++;
	else if (is_item(name))
		table->start = table->strings->text.len;
	return 0;
}

static int
table_end(void *arg, enum xml_ns ns, const char *name)
{
	struct table *table = arg;
	struct xlsx_strings *strings = table->strings;
	uint32_t end;

	(void)ns;
	if (strcmp(name, "t") == 0) {
		table->is_in_text = false;
	} else if (strcmp(name, "rPh") == 0) {
		table->reading--;
	} else if (is_item(name)) {
		unescape_from(&strings->text, table->start);
		end = (uint32_t)strings->text.len;
		if (buf_put(&strings->ends, &end, sizeof(end)) < 0)
			return strings->ends.err == ERR_TOO_BIG
			    ? too_big(table)
			    : strings->ends.err;
	}
	return 0;
}

static int
table_text(void *arg, const char *text, size_t len)
{
	struct table *table = arg;
	struct buf *to = &table->strings->text;

	if (!table->is_in_text || buf_put(to, text, len) == 0)
		return 0;
	return to->err == ERR_TOO_BIG ? too_big(table) : to->err;
}

int
xlsx_strings_read(struct package *package, const char *part,
    struct xlsx_strings *strings, struct err_note *note)
{
	static const struct xml_events events = {table_start, table_end,
	    table_text};
	struct table table = {.strings = strings, .note = note};

	return xml_parse_part(package, part, &events, &table, note);
}

size_t
xlsx_strings_count(const struct xlsx_strings *strings)
{
	return strings->ends.len / sizeof(uint32_t);
}

const char *
xlsx_string(const struct xlsx_strings *strings, size_t i, size_t *ret_len)
{
	uint32_t start = 0, end;

	if (i > 0)
		memcpy(&start, strings->ends.data + (i - 1) * sizeof(start),
		    sizeof(start));
	memcpy(&end, strings->ends.data + i * sizeof(end), sizeof(end));
	*ret_len = end - start;
	return buf_text(&strings->text) + start;
}
