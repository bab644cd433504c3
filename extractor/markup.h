/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * markup: what the readers of Markdown, HTML and XML share.
 */
#ifndef EXTRACTOR_MARKUP_H
#define EXTRACTOR_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Start libxml2, before the sandbox closes; 0 or ERR_INTERNAL.  Its memory is
 * then watched: where it runs out, the library sometimes says nothing and goes
 * on without the text that it had no room for.
 */
int markup_init(void);

/* What libxml2 says of an error, without what it says of itself. */
const char *markup_words(const char *message);

/* Forget what happened before this document; did memory run out in it? */
void markup_begin(void);
bool markup_has_starved(void);

/*
 * The text of the character reference of len bytes, "&amp;" or "&#x41;":
 * returns its length in out, 0 when it is unknown or no character of a text.
 */
size_t markup_entity(const char *text, size_t len, char out[4]);

/* Rows of a table, with the names of the header row in front of the cells. */
#define MARKUP_COLUMNS_MAX 256u
#define MARKUP_NAME_MAX 120u

struct emit;

struct markup_table {
	struct buf names; /* one after the other, each terminated */
	size_t columns;
	struct buf cell;
	size_t column; /* of the next cell */
	unsigned char used[MARKUP_COLUMNS_MAX]; /* a row said the name */
	bool is_header_row; /* nothing but header cells so far */
	bool is_cut;	    /* the header says more than the names */
	bool has_header, has_rows;
};

void markup_table_init(struct markup_table *table);
void markup_table_fini(struct markup_table *table);

/* Begin a table; a row; end a cell that was put into cell; end a row. */
void markup_table_begin(struct markup_table *table);
int markup_row_begin(struct markup_table *table, struct emit *emit);
int markup_cell_end(struct markup_table *table, struct emit *emit,
    bool is_header);
int markup_row_end(struct markup_table *table, struct emit *emit);

/* Names of columns with nothing in them are still text. */
int markup_table_end(struct markup_table *table, struct emit *emit);

#endif
