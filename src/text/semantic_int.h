/* SPDX-License-Identifier: Apache-2.0 */
/*
 * semantic_int: what the files of semantic.h share.
 *
 * Floor 2, for these files only.
 */
#ifndef TEXT_SEMANTIC_INT_H
#define TEXT_SEMANTIC_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "model/block.h"
#include "text/chunk.h"
#include "text/near.h"
#include "text/section.h"
#include "text/semantic.h"

/* So that a segment that has an overlap still has room. */
#define OVERLAP_BYTES_MAX (SEGMENT_BYTES_MAX / 4)

/* Borders without the white space around the unit. */
struct unit {
	size_t start, end;		 /* bytes of the text */
	size_t start_chars, end_chars; /* the same, in characters */
	uint32_t page_start, page_end;
};

struct semantic {
	struct chunk_cut cut;
	chunk_fn *fn;
	void *arg;
	/* Of a part, without its overlap. */
	size_t chars_min, chars_max, bytes_max;
	size_t unit_chars_max;

	char *text;
	size_t len;
	size_t at, chars;	 /* read so far */
	size_t open, open_chars; /* where the open unit begins */
	size_t hold;		 /* no sentence ends before: a heading */
	size_t page_at;		 /* from here on it is page */
	uint32_t page, page_before;

	struct unit *units;
	size_t count, first; /* those before first were given out */
	struct near near;
	double cutoff;
	bool is_measured;

	struct section section;
	enum block_kind kind; /* of the last block */
	uint32_t ordinal;
	bool has_body; /* the section has more than headings */
	bool has_last; /* a block came already: one may continue it */
};

/* The panel is full: give out the first half of its units, or more.
 * (semantic_cut.c) */
int semantic_end_panel(struct semantic *s);
/* The section has ended: give out all units.  (semantic_cut.c) */
int semantic_give_rest(struct semantic *s);

#endif
