/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/xmlmemory.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/markup.h"

static bool markup_starved;

static void *
watched_alloc(size_t size)
{
	void *block = mem_alloc(size);

	markup_starved = markup_starved || block == NULL;
	return block;
}

static void *
watched_resize(void *old, size_t size)
{
	void *block = mem_resize(old, size, 1);

	markup_starved = markup_starved || block == NULL;
	return block;
}

static char *
watched_strdup(const char *text)
{
	char *copy = mem_strdup(text);

	markup_starved = markup_starved || copy == NULL;
	return copy;
}

/* Documents are full of errors; the operator's terminal need not be. */
static void
say_nothing(void *arg, const char *format, ...)
{
	(void)arg;
	(void)format;
}

int
markup_init(void)
{
	if (xmlMemSetup(mem_free, watched_alloc, watched_resize,
		watched_strdup) < 0)
		return ERR_INTERNAL;
	xmlInitParser();
	xmlSetGenericErrorFunc(NULL, say_nothing);
	return 0;
}

const char *
markup_words(const char *message)
{
	static const char own[] = "internal error: ";

	if (message == NULL)
		return "";
	return strncmp(message, own, strlen(own)) == 0
	    ? message + strlen(own)
	    : message;
}

void
markup_begin(void)
{
	markup_starved = false;
}

bool
markup_has_starved(void)
{
	return markup_starved;
}

size_t
markup_entity(const char *text, size_t len, char out[4])
{
	const htmlEntityDesc *entity;
	char name[32];
	unsigned long c;

	if (len < 3 || len > sizeof(name) || text[len - 1] != ';')
		return 0;
	memcpy(name, text + 1, len - 2);
	name[len - 2] = '\0';
	if (name[0] == '#') {
		c = name[1] == 'x' || name[1] == 'X'
		    ? strtoul(name + 2, NULL, 16)
		    : strtoul(name + 1, NULL, 10);
	} else {
		entity = htmlEntityLookup((const xmlChar *)name);
		c = entity == NULL ? 0
		    : strcmp(name, "apos") == 0 ? '\''
						: entity->value;
	}
	if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F || c > 0x10FFFF ||
	    (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	return utf8_encode((uint32_t)c, out);
}

void
markup_table_init(struct markup_table *table)
{
	memset(table, 0, sizeof(*table));
	buf_init(&table->names,
	    (size_t)MARKUP_COLUMNS_MAX * (MARKUP_NAME_MAX + 1));
	buf_init(&table->cell, BLOCK_BYTES_MAX);
}

void
markup_table_fini(struct markup_table *table)
{
	buf_fini(&table->names);
	buf_fini(&table->cell);
}

void
markup_table_begin(struct markup_table *table)
{
	buf_clear(&table->names);
	buf_clear(&table->cell);
	table->columns = table->column = 0;
	table->has_header = table->has_rows = table->is_cut = false;
	memset(table->used, 0, sizeof(table->used));
}

int
markup_row_begin(struct markup_table *table, struct emit *emit)
{
	table->column = 0;
	table->is_header_row = !table->has_header && !table->has_rows;
	buf_clear(&table->cell);
	return emit_open(emit, BLOCK_TABLE_ROW, 0);
}

static const char *
column_name(const struct markup_table *table)
{
	const char *name = buf_text(&table->names);
	size_t i;

	if (!table->has_header || table->column >= table->columns)
		return "";
	for (i = 0; i < table->column; i++)
		name += strlen(name) + 1;
	return name;
}

/* No-break spaces hold a cell open and say nothing. */
static bool
is_empty(const struct buf *text)
{
	const char *at = buf_text(text);

	for (;;) {
		at += strspn(at, " \n\t");
		if (strncmp(at, "\xC2\xA0", 2) != 0)
			return *at == '\0';
		at += 2;
	}
}

int
markup_cell_end(struct markup_table *table, struct emit *emit, bool is_header)
{
	const char *name = column_name(table);
	struct buf *cell = &table->cell;
	size_t len;

	if (!is_header)
		table->is_header_row = false;
	if (!is_empty(cell)) {
		emit->has_space = false;
		if (emit_has_text(emit))
			(void)emit_put(emit, "; ", 2); /* errors stick */
		if (*name != '\0') {
			table->used[table->column] = 1;
			(void)emit_words(emit, name, strlen(name));
			(void)emit_put(emit, ": ", 2);
		}
		(void)emit_words(emit, cell->data, cell->len);
	}
	if (table->is_header_row && (cell->len > MARKUP_NAME_MAX ||
		table->columns == MARKUP_COLUMNS_MAX) && !is_empty(cell))
		table->is_cut = true;
	if (table->is_header_row && table->columns < MARKUP_COLUMNS_MAX) {
		len = utf8_floor(buf_text(cell), cell->len, MARKUP_NAME_MAX);
		(void)buf_put(&table->names, buf_text(cell), len);
		(void)buf_put(&table->names, "", 1);
		table->columns++;
	}
	table->column++;
	if (cell->err < 0 && emit->err == 0)
		emit->err = cell->err;
	buf_clear(cell);
	return emit->err;
}

int
markup_row_end(struct markup_table *table, struct emit *emit)
{
	if (table->is_header_row && table->column > 0) {
		table->has_header = true;
		if (table->is_cut) {
			memset(table->used, 1, sizeof(table->used));
			return emit_close(emit);
		}
		/* It comes back in front of every cell below. */
		buf_clear(&emit->text);
		emit->is_open = false;
		return emit->err;
	}
	if (!table->has_header) {
		buf_clear(&table->names);
		table->columns = 0;
		table->is_cut = false;
	}
	/* Empty rows do not say what the header does. */
	if (emit_has_text(emit))
		table->has_rows = true;
	return emit_close(emit);
}

int
markup_table_end(struct markup_table *table, struct emit *emit)
{
	const char *name = buf_text(&table->names);
	size_t i;

	if (table->has_header) {
		(void)emit_open(emit, BLOCK_TABLE_ROW, 0);
		for (i = 0; i < table->columns; i++) {
			if (table->used[i] == 0 && *name != '\0') {
				if (emit_has_text(emit))
					(void)emit_put(emit, "; ", 2);
				(void)emit_words(emit, name, strlen(name));
			}
			name += strlen(name) + 1;
		}
		(void)emit_close(emit);
	}
	table->has_header = table->has_rows = false;
	return emit->err;
}
