/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands beside the cells: comments ("Comment by NAME (B2): text"), the
 * old ones and those with threads, and the ranges of tables.  For old programs
 * a thread is kept as an old comment as well, by an author "tc={...}": that
 * one is left out.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/xlsx.h"
#include "extractor/xml.h"

#define NAME_SIZE 256u
#define COMMENT_BYTES_MAX (1 * MIB)

/* ---- who writes --------------------------------------------------------- */

static int
person_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct buf *persons = arg;
	char id[NAME_SIZE], words[NAME_SIZE];

	(void)ns;
	if (strcmp(name, "person") != 0 ||
	    !xml_attribute_copy(attributes, XML_NS_NONE, "id", id,
		sizeof(id)) ||
	    !xml_attribute_copy(attributes, XML_NS_NONE, "displayName", words,
		sizeof(words)))
		return 0;
	(void)buf_put(persons, id, strlen(id) + 1);
	return buf_put(persons, words, strlen(words) + 1);
}

int
xlsx_persons_read(struct xlsx *xlsx, const char *part)
{
	static const struct xml_events events = {.start = person_start};
	int err;

	err = xml_parse_part(xlsx->package, part, &events, &xlsx->persons,
	    xlsx->note);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static const char *
person_name(const struct buf *persons, const char *id)
{
	const char *at = buf_text(persons), *end = at + persons->len;
	bool is_it;

	while (at < end) {
		is_it = strcmp(at, id) == 0;
		at += strlen(at) + 1;
		if (is_it)
			return at;
		at += strlen(at) + 1;
	}
	return "";
}

/* ---- comments ----------------------------------------------------------- */

struct comments {
	struct xlsx *xlsx;
	struct buf text;
	struct buf authors; /* each terminated */
	char name[NAME_SIZE], cell[32];
	unsigned reading;
	bool is_in_author, is_in_comment, is_in_text, is_reply;
};

/* The author of that number, cut to size. */
static void
author_copy(struct comments *comments, long number)
{
	const char *at = buf_text(&comments->authors);
	const char *end = at + comments->authors.len;

	for (; at < end && number > 0; number--)
		at += strlen(at) + 1;
	(void)snprintf(comments->name, sizeof(comments->name), "%s",
	    at < end && number == 0 ? at : "");
	utf8_trim(comments->name);
}

static void
comment_begin(struct comments *comments,
    const struct xml_attributes *attributes, bool has_thread)
{
	char id[NAME_SIZE];

	(void)xml_attribute_copy(attributes, XML_NS_NONE, "ref",
	    comments->cell, sizeof(comments->cell));
	if (has_thread) {
		(void)xml_attribute_copy(attributes, XML_NS_NONE, "personId",
		    id, sizeof(id));
		(void)snprintf(comments->name, sizeof(comments->name), "%s",
		    person_name(&comments->xlsx->persons, id));
		comments->is_reply = xml_attribute_copy(attributes,
		    XML_NS_NONE, "parentId", id, sizeof(id));
	} else {
		author_copy(comments, xml_attribute_number(attributes,
		    XML_NS_NONE, "authorId", -1));
	}
	comments->is_in_comment = true;
	buf_clear(&comments->text);
}

static int
comment_end(struct comments *comments)
{
	struct drawing_out *out = &comments->xlsx->out;
	struct emit *emit = out->emit;
	size_t name = strlen(comments->name);
	const char *text;

	comments->is_in_comment = false;
	xlsx_unescape(&comments->text);
	text = buf_text(&comments->text);
	/* Excel begins with the name that stands in front already. */
	if (name > 0 && strncmp(text, comments->name, name) == 0 &&
	    text[name] == ':')
		text += name + 1;
	if (strspn(text, " \n\t") == strlen(text) ||
	    strncmp(comments->name, "tc=", 3) == 0)
		return 0;
	(void)drawing_out_open(out, BLOCK_PARAGRAPH, 0); /* errors stick */
	(void)emit_put(emit, comments->is_reply ? "Reply" : "Comment",
	    comments->is_reply ? 5 : 7);
	if (comments->name[0] != '\0') {
		(void)emit_put(emit, " by ", 4);
		(void)emit_words(emit, comments->name,
		    strlen(comments->name));
	}
	if (comments->cell[0] != '\0') {
		(void)emit_put(emit, " (", 2);
		(void)emit_words(emit, comments->cell,
		    strlen(comments->cell));
		(void)emit_put(emit, ")", 1);
	}
	(void)emit_put(emit, ": ", 2);
	(void)emit_words(emit, text, strlen(text));
	return emit_close(emit);
}

static int
comments_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct comments *comments = arg;

	(void)ns;
	if (strcmp(name, "author") == 0)
		comments->is_in_author = true;
	else if (strcmp(name, "comment") == 0)
		comment_begin(comments, attributes, false);
	else if (strcmp(name, "threadedComment") == 0)
		comment_begin(comments, attributes, true);
	else if (strcmp(name, "rPh") == 0)
		comments->reading++;
	else if (strcmp(name, "t") == 0 || strcmp(name, "text") == 0)
		comments->is_in_text = comments->is_in_comment &&
		    comments->reading == 0;
	return 0;
}

static int
comments_end(void *arg, enum xml_ns ns, const char *name)
{
	struct comments *comments = arg;

	(void)ns;
	if (strcmp(name, "author") == 0) {
		comments->is_in_author = false;
		return buf_put(&comments->authors, "", 1);
	}
	if (strcmp(name, "comment") == 0 ||
	    strcmp(name, "threadedComment") == 0)
		return comment_end(comments);
	if (strcmp(name, "rPh") == 0)
		comments->reading--;
	else if (strcmp(name, "t") == 0)
		comments->is_in_text = false;
	else if (strcmp(name, "text") == 0)
		comments->is_in_text = false;
	return 0;
}

static int
comments_text(void *arg, const char *text, size_t len)
{
	struct comments *comments = arg;

	if (comments->is_in_author)
		return buf_put(&comments->authors, text, len);
	return comments->is_in_text ? buf_put(&comments->text, text, len) : 0;
}

int
xlsx_comments_read(struct xlsx *xlsx, const char *part)
{
	static const struct xml_events events = {comments_start, comments_end,
	    comments_text};
	struct comments comments = {.xlsx = xlsx};
	int err;

	buf_init(&comments.text, COMMENT_BYTES_MAX);
	buf_init(&comments.authors, XLSX_AUTHORS_BYTES_MAX);
	err = xml_parse_part(xlsx->package, part, &events, &comments,
	    xlsx->note);
	buf_fini(&comments.text);
	buf_fini(&comments.authors);
	return err == ERR_NOT_FOUND ? 0 : err;
}

/* ---- tables ------------------------------------------------------------- */

static int
table_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct xlsx *xlsx = arg;
	uint32_t column, row, last_column, last_row;
	const char *range;
	size_t len, end;
	int err;

	(void)ns;
	if (strcmp(name, "table") != 0 ||
	    xml_attribute_number(attributes, XML_NS_NONE, "headerRowCount",
		1) <= 0)
		return 0;
	range = xml_attribute(attributes, XML_NS_NONE, "ref", &len);
	if (range == NULL ||
	    !xlsx_reference(range, len, &column, &row, &end) || end == len ||
	    range[end] != ':' ||
	    !xlsx_reference(range + end + 1, len - end - 1, &last_column,
		&last_row, &end) ||
	    last_row <= row || last_column < column)
		return 0;
	err = sheet_rows_table(&xlsx->rows, row, last_row, column,
	    last_column);
	return err != ERR_TOO_BIG
	    ? err
	    : err_set(xlsx->note, err, "a sheet has more than %u tables",
		  SHEET_TABLES_MAX);
}

int
xlsx_table_read(struct xlsx *xlsx, const char *part)
{
	static const struct xml_events events = {.start = table_start};
	int err;

	err = xml_parse_part(xlsx->package, part, &events, xlsx, xlsx->note);
	return err == ERR_NOT_FOUND ? 0 : err;
}
