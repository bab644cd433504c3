/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chunk: cuts a sequence of blocks into segments small enough to embed.
 *
 * Floor 2, pure.  Blocks are gathered up to the rule's size; a heading starts
 * a new segment and a new section; what is too long is cut at the best border
 * there is: paragraph, line, sentence, word, character.  Segments never cross
 * a heading.  Memory is bounded by the rule's size, not by the document.  The
 * same blocks and rule give the same segments: a restart counts on it.
 *
 * A heading's text begins the segment that follows it, so that it is found; a
 * heading right below its parent's heading shares that segment, any other
 * heading without a body is a segment of its own.  Paragraphs stand apart by
 * an empty line, items, rows and code by a line's end.  A cut waits until an
 * eighth more than a segment is there, so that no section ends in a crumb.
 * Every character but white space is in some segment, in order.
 */
#ifndef TEXT_CHUNK_H
#define TEXT_CHUNK_H

#include <stddef.h>
#include <stdint.h>

struct block;
struct chunker;

struct chunk_rule {
	uint32_t chars_max;	/* of a segment, 64..8000; SEGMENT_BYTES_MAX
				   holds as well */
	uint32_t overlap_chars; /* repeated from the end of the segment before,
				   within a section; 0..chars_max/2 */
};

struct chunk {
	uint32_t ordinal; /* dense from 0 */
	uint32_t page_start, page_end; /* 0: no pages */
	const char *text; /* valid UTF-8, len bytes, never empty */
	size_t len;
	uint32_t chars;
	/* The headings it stands under, outermost first, joined by the unit
	 * separator 0x1F; "" at the top.  Terminated. */
	const char *section;
};

/* Called for each segment; chunk is valid during the call.  A negative
 * return stops and is returned by the call that caused it. */
typedef int chunk_fn(void *arg, const struct chunk *chunk);

/*
 * The rule used when a base says nothing: 1,200 characters, some 200 words or
 * 300 tokens, fit every embedding model's window (the small ones read 512
 * tokens), hold two or three paragraphs, and are read at a glance.  No
 * overlap: cuts are at paragraphs and sentences, and text that is stored
 * twice is found twice.
 */
extern const struct chunk_rule chunk_rule_default;

/* fn and arg are kept.  Returns owned (chunker_free); NULL: no memory. */
struct chunker *chunker_new(const struct chunk_rule *rule, chunk_fn *fn,
    void *arg);
void chunker_free(struct chunker *chunker);

/* The next block, cleaned.  0, ERR_NOMEM, ERR_TOO_BIG over SEGMENTS_MAX, or
 * what fn returned. */
int chunker_add(struct chunker *chunker, const struct block *block);

/* No more blocks: gives out what is left. */
int chunker_end(struct chunker *chunker);

#endif
