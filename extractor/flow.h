/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow: from the text of RTF and binary Word documents, in which marks end
 * paragraphs, cells and rows, to blocks.
 *
 * What stands beside the text (notes, comments, text boxes, headers) may come
 * in the middle of a paragraph or a row.  It is an aside: it waits until both
 * are whole and is emitted after them, so that no sentence is split.
 */
#ifndef EXTRACTOR_FLOW_H
#define EXTRACTOR_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "extractor/markup.h"
#include "model/block.h"

struct emit;

#define FLOW_DEPTH_MAX 16u /* asides in asides; deeper ones are one */
#define FLOW_SEEN_MAX 256u /* different headers and footers */

/* A paragraph that is open, of the text (the first) or of an aside. */
struct flow_level {
	size_t text_at;	 /* its text begins here */
	size_t aside_at; /* and what the aside has so far, there */
	bool is_once;
};

struct flow {
	struct emit *emit;
	struct buf text;  /* of open paragraphs, the inner after the outer */
	struct buf aside; /* blocks that wait */
	struct flow_level levels[FLOW_DEPTH_MAX];
	unsigned depth, depth_flat;
	struct markup_table table;
	struct buf cells; /* of the row, each with a zero behind it */
	unsigned cell_count;
	size_t cell_len; /* of whole paragraphs in the open cell */
	bool has_plain; /* the row has text that is not bold */
	bool is_in_table, has_rows;
	bool is_spilled; /* the paragraph's beginning was emitted */
	uint64_t seen[FLOW_SEEN_MAX];
	unsigned seen_count;
};

/* emit is kept.  Errors stick in it; the functions below return it. */
void flow_init(struct flow *flow, struct emit *emit);
void flow_fini(struct flow *flow);

/* Valid UTF-8 at the end of the open paragraph. */
int flow_put(struct flow *flow, const char *text, size_t len, bool is_bold);

/* Was something put into the open paragraph? */
bool flow_has_text(const struct flow *flow);

/* End the paragraph.  One in a table goes on with the cell that it is in. */
int flow_paragraph(struct flow *flow, enum block_kind kind, unsigned level,
    bool is_in_table);

/* End the cell; the row, of which the document may say that it is a header.
 * Without that a first row is taken for one when all of it is bold. */
int flow_cell(struct flow *flow);
int flow_row(struct flow *flow, bool is_header);

/* What ends the inside of a table in a cell. */
int flow_inner_cell(struct flow *flow);
int flow_inner_row(struct flow *flow);

/* An aside begins, and ends; one that is_once (a page's header) is dropped
 * when the same was there before. */
void flow_aside_begin(struct flow *flow, bool is_once);
int flow_aside_end(struct flow *flow);

/* End what is open. */
int flow_end(struct flow *flow);

#endif
