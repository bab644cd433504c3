/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chunk: cuts a sequence of blocks into segments small enough to embed.
 *
 * Floor 2, pure.  By structure: blocks are gathered up to the rule's size; a
 * heading starts a new segment and a new section; what is too long is cut at
 * the best border there is: paragraph, line, sentence, word, character.
 * Segments never cross a heading.  Memory is bounded by the rule's size, not
 * by the document.  The same blocks and rule give the same segments: a restart
 * counts on it.
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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct block;
struct chunker;

/*
 * How text is cut.  CHUNK_STRUCTURE and CHUNK_SEMANTIC see blocks, all others
 * the document as plain text.  These count lengths in code points, and leave
 * white space at the edges of a piece away.  Pieces of CHUNK_SEPARATOR and
 * CHUNK_RECURSIVE begin without the marks that lists, headings and cut
 * sentences begin with; pieces that have children, and children, lose one full
 * stop at most.
 *
 * Plain text is the blocks put together again: paragraphs stand apart by an
 * empty line; items, rows and lines of code by a line's end.  It is scrubbed
 * (scrub.h) unless the document is one segment.
 */
enum chunk_method {
	/* By the document's structure, as told above. */
	CHUNK_STRUCTURE,
	/* At every occurrence of the separator, which is dropped; pieces are
	 * not gathered.  Longer ones than chars_max are cut as below. */
	CHUNK_SEPARATOR,
	/* At the first border that occurs of an empty line, an ideographic
	 * full stop, ". ", a blank and any character; the parts are gathered
	 * up to chars_max, and whole parts up to overlap_chars repeated. */
	CHUNK_RECURSIVE,
	/* The document is one segment of at most WHOLE_BYTES_MAX. */
	CHUNK_WHOLE,
	/* At every chars_max characters of the running text, whatever stands
	 * there; but where that would cut a word, at the last blank of the
	 * piece when it is in its last eighth. */
	CHUNK_FIXED,
	/* Between sentences, where the matter changes: where the vectors of
	 * those before and of those behind are less near to each other than
	 * around it, by as much as the threshold says.  Segments never cross a
	 * heading, and none is shorter than an eighth of chars_max that could
	 * be joined with its neighbour. */
	CHUNK_SEMANTIC,
	CHUNK_METHOD_COUNT
};

#define CHUNK_SEPARATOR_BYTES_MAX 255u

struct chunk_cut {
	enum chunk_method method;
	uint32_t chars_max;	/* of a segment, 64..8000 (CHUNK_STRUCTURE,
				   CHUNK_SEMANTIC), 1..8000;
				   SEGMENT_BYTES_MAX holds as well; nothing to
				   CHUNK_WHOLE */
	uint32_t overlap_chars; /* repeated from the end of the segment before,
				   within a section; 0..chars_max/2, or
				   0..chars_max (CHUNK_SEPARATOR,
				   CHUNK_RECURSIVE) */
	/* 0..1, of CHUNK_SEMANTIC: 0 cuts where chars_max is passed only, 1
	 * wherever it may; more of it never gives fewer segments. */
	double threshold;
	char separator[CHUNK_SEPARATOR_BYTES_MAX + 1]; /* UTF-8, not empty */
};

struct chunk_rule {
	struct chunk_cut cut;
	/* Each segment is cut once more into children, by CHUNK_STRUCTURE,
	 * CHUNK_SEPARATOR, CHUNK_RECURSIVE or CHUNK_FIXED; chars_max 0: it is
	 * not. */
	struct chunk_cut child;
	/* Of plain text, before it is cut: three line ends or more become two,
	 * two blanks or more one; mail addresses and web addresses that are no
	 * targets of Markdown links go. */
	bool squeezes_blanks, drops_addresses;
};

/* "structure"; and back: ERR_NOT_FOUND. */
const char *chunk_method_name(enum chunk_method method);
int chunk_method_parse(const char *name, enum chunk_method *ret_method);

/* Is every number of it within its limits? */
bool chunk_rule_is_valid(const struct chunk_rule *rule);

/* Does it see the document as plain text? */
bool chunk_method_is_plain(enum chunk_method method);

/* How the blocks of a document make texts; segments that are cut from plain
 * text never span two. */
enum chunk_form {
	CHUNK_FORM_RUNNING,  /* all of it is one */
	CHUNK_FORM_SECTIONS, /* each heading, with what is below, is one */
	CHUNK_FORM_ROWS	     /* each block is one, but for headings */
};

/* A piece of a chunk's text. */
struct chunk_child {
	size_t start, len; /* bytes of the chunk's text */
	uint32_t chars;
};

struct chunk {
	uint32_t ordinal; /* dense from 0 */
	uint32_t page_start, page_end; /* 0: no pages */
	const char *text; /* valid UTF-8, len bytes, never empty */
	size_t len;
	uint32_t chars;
	/* The headings it stands under, outermost first, joined by the unit
	 * separator 0x1F; "" at the top, and in plain text of running form.
	 * Terminated. */
	const char *section;
	const struct chunk_child *children; /* at most CHILDREN_MAX */
	size_t child_count;
};

/* Called for each segment; chunk is valid during the call.  A negative
 * return stops and is returned by the call that caused it. */
typedef int chunk_fn(void *arg, const struct chunk *chunk);

/* Texts that are embedded at once. */
#define CHUNK_EMBED_MAX 256u

struct chunk_text {
	const char *text; /* valid UTF-8, not terminated */
	size_t len;
};

/* Put the vectors of the texts, 1..CHUNK_EMBED_MAX of them, at ret_vectors,
 * row by row.  The same text gives the same vector.  A negative return stops
 * and is returned by the call that caused it. */
typedef int chunk_embed_fn(void *arg, const struct chunk_text *texts,
    size_t count, float *ret_vectors);

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

/* Before the first block; CHUNK_FORM_RUNNING when nothing is said. */
void chunker_set_form(struct chunker *chunker, enum chunk_form form);

/* Before the first block, and needed by CHUNK_SEMANTIC; nothing to the other
 * methods.  fn and arg are kept.  0 or ERR_NOMEM. */
int chunker_set_embed(struct chunker *chunker, size_t dimensions,
    chunk_embed_fn *fn, void *arg);

/* The next block, cleaned unless it is verbatim.  0, ERR_NOMEM, ERR_TOO_BIG
 * (over SEGMENTS_MAX, CHILDREN_MAX, PLAIN_BYTES_MAX, WHOLE_BYTES_MAX, or an
 * overlap that multiplies the text: see chunker_words()), or what fn
 * returned. */
int chunker_add(struct chunker *chunker, const struct block *block);

/* No more blocks: gives out what is left. */
int chunker_end(struct chunker *chunker);

/* What limit was reached, after ERR_TOO_BIG; valid until chunker_free(). */
const char *chunker_words(const struct chunker *chunker);

#endif
