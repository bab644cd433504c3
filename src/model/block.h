/* SPDX-License-Identifier: Apache-2.0 */
/*
 * block: a piece of a document as its format has it.
 *
 * Floor 2, pure.  The extractor reads a file into a sequence of blocks in
 * reading order; cleaning and chunking keep the order and the structure.
 */
#ifndef MODEL_BLOCK_H
#define MODEL_BLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Sent over the extractor's pipe: append, never renumber. */
enum block_kind {
	BLOCK_PARAGRAPH = 1,
	BLOCK_HEADING = 2,   /* level 1..6 */
	BLOCK_LIST_ITEM = 3, /* level 1.. is the depth */
	BLOCK_TABLE_ROW = 4, /* "column: value; column: value" */
	BLOCK_CODE = 5,      /* line breaks and indents matter */
	BLOCK_VERBATIM = 6,  /* plain text as it is, blank lines included */
	BLOCK_KIND_COUNT
};

struct block {
	enum block_kind kind;
	uint8_t level;
	/* The block goes on where the one before it stopped: BLOCK_BYTES_MAX
	 * was reached.  Nothing stands between the two. */
	uint8_t is_continued;
	uint32_t page;	  /* from 1; 0 when the format has no pages */
	const char *text; /* valid UTF-8, len bytes, not terminated */
	size_t len;
};

#endif
