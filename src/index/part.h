/* SPDX-License-Identifier: Apache-2.0 */
/*
 * part: one immutable piece of a full-text index.
 *
 * Floor 2, pure.  A part holds some documents (whatever has an id and is
 * found as one: here, segments) and for each term those that hold it.  What
 * belongs together is written once, never changed, and merged with others
 * into larger parts when there is time; so an index is a handful of parts,
 * and what was put in last is a small one.
 *
 * As bytes, all numbers little endian, offsets from the part's beginning:
 *
 *	lengths	a byte for each document (part_code.h)
 *	ids	8 bytes for each document; they rise
 *	stamps	8 bytes for each document whose stamp is not 0: its number
 *		here, and its stamp
 *	lists	postings, term by term
 *	blocks	the terms, PART_TERMS to a block, each by what it has in common
 *		with the one before it in the block
 *	places	8 bytes for each block of terms: its offset
 *	foot	PART_FOOT_BYTES: "TMP1", counts and offsets (part_read.c)
 *
 * A list is a table of skips, 12 bytes for each PART_BLOCK postings (the last
 * document, the offset behind the block from the first block on, the greatest
 * frequency, the smallest length), and then the blocks: bits a gap, bits a
 * frequency, the gaps between documents less one, the frequencies less one.  A
 * list of one posting has no bytes: it stands with its term.
 *
 * Documents are told apart by id and stamp: when a document is changed it is
 * put in again with another stamp, and only who asks knows which is good (see
 * topk.h).
 *
 * The bytes come from a store and are read as untrusted: a part that is
 * damaged gives ERR_CORRUPT, or wrong hits, and never a read out of bounds.
 */
#ifndef INDEX_PART_H
#define INDEX_PART_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define PART_FOOT_BYTES 88u
#define PART_PAGE_BYTES 65536u
#define PART_TERM_BYTES_MAX 80u
#define PART_BLOCK 128u
#define PART_TERMS 32u
#define PART_DOCS_MAX (UINT32_MAX / 2)
#define PART_FREQUENCY_MAX 65535u /* larger ones count as that */
#define PART_NO_DOC UINT32_MAX

/*
 * Where a part's bytes are: pages of PART_PAGE_BYTES, the last one shorter.
 * get gives a page that stays where it is until the part is closed, or NULL
 * with *ret_err set.  size is of all of them.
 */
struct part_source {
	const uint8_t *(*get)(void *arg, uint32_t page, size_t *ret_len,
	    int *ret_err);
	void *arg;
	uint64_t size;
};

struct part {
	struct part_source source;
	/* When all bytes lie here, source.get is NULL. */
	const uint8_t *bytes;
	uint32_t doc_count, term_count, block_count, stamp_count;
	uint64_t length_sum; /* of all documents, exact */
	uint64_t lengths_at, ids_at, stamps_at, lists_at, blocks_at,
	    places_at;
};

/* ---- reading (part_read.c, part_term.c) --------------------------------- */

/* Of len bytes that outlive it.  ERR_CORRUPT. */
int part_open(struct part *part, const void *bytes, size_t len);
/* Of pages.  ERR_CORRUPT, or what get says. */
int part_open_pages(struct part *part, const struct part_source *source);

/* len bytes from offset on: where they lie, or copied into scratch, which has
 * room for them; NULL with *ret_err set: ERR_CORRUPT when there are no such
 * bytes, or what get said. */
const uint8_t *part_at(const struct part *part, uint64_t offset, size_t len,
    uint8_t *scratch, int *ret_err);

/* Of a document by its number here.  ERR_CORRUPT. */
int part_doc_id(const struct part *part, uint32_t doc, int64_t *ret_id);
int part_doc_stamp(const struct part *part, uint32_t doc,
    uint32_t *ret_stamp);
int part_doc_length(const struct part *part, uint32_t doc,
    uint8_t *ret_code);

/* What a term's list is. */
struct part_term {
	uint32_t count; /* of documents that hold it */
	uint32_t frequency_max;
	uint8_t length_min; /* as a code */
	uint32_t doc;	    /* of a list of one; its frequency is the max */
	uint64_t skips_at;  /* of a longer one */
};
/* ERR_NOT_FOUND; ERR_CORRUPT. */
int part_find(const struct part *part, const char *term, size_t len,
    struct part_term *ret_term);

/* All terms in order of their bytes. */
struct part_walk {
	const struct part *part;
	uint32_t block, in_block; /* of the next one */
	uint64_t at, end;	  /* within the block */
	char term[PART_TERM_BYTES_MAX];
	size_t len;
};
void part_walk_init(struct part_walk *walk, const struct part *part);
/* walk->term and walk->len are the term.  ERR_CLOSED after the last. */
int part_walk_next(struct part_walk *walk, struct part_term *ret_term);

/* ---- a list (part_list.c) ----------------------------------------------- */

struct part_list {
	const struct part *part;
	struct part_term term;
	uint32_t blocks;
	uint64_t data_at; /* of the first block */
	/* Where it stands.  doc is PART_NO_DOC behind the last one. */
	uint32_t doc, frequency;
	uint32_t block; /* that is unpacked; PART_NO_DOC none */
	uint32_t at, in_block;
	uint32_t docs[PART_BLOCK], frequencies[PART_BLOCK];
	/* The block that a document would be in (part_list_bound). */
	uint32_t bound_block, bound_last, bound_frequency;
	uint8_t bound_length;
	int err; /* the first that happened: the list has ended then */
};

/* Stands on its first posting. */
void part_list_init(struct part_list *list, const struct part *part,
    const struct part_term *term);
/* To the next one, and to the first that is doc or a later one; doc never
 * falls. */
void part_list_next(struct part_list *list);
void part_list_seek(struct part_list *list, uint32_t doc);
/* What the block that doc would be in holds at most (bound_frequency) and at
 * least (bound_length), and its last document (bound_last; PART_NO_DOC and a
 * frequency of 0 behind the last block).  Nothing is unpacked; doc never
 * falls. */
void part_list_bound(struct part_list *list, uint32_t doc);

/* ---- making (part_build.c) ---------------------------------------------- */

struct part_builder;
/* Returns owned (part_builder_free); NULL: no memory. */
struct part_builder *part_builder_new(void);
void part_builder_free(struct part_builder *builder);
/* Empty again, the memory is kept. */
void part_builder_clear(struct part_builder *builder);

/* What follows is of that document.  Ids rise.  0, ERR_NOMEM, ERR_TOO_BIG
 * over PART_DOCS_MAX, ERR_INVALID: the id does not rise. */
int part_builder_doc(struct part_builder *builder, int64_t id,
    uint32_t stamp);
/* The document holds the term once more, and counts `weight` times; its length
 * grows by that.  ERR_TOO_BIG over PART_TERM_BYTES_MAX; ERR_NOMEM. */
int part_builder_term(struct part_builder *builder, const char *term,
    size_t len, uint32_t weight);
/* What a word's term is, as 1..PART_TERM_BYTES_MAX bytes. */
typedef int part_term_fn(void *arg, const char *word, size_t len,
    char out[PART_TERM_BYTES_MAX], size_t *ret_len);
/* The same for a word, whose term fn says; it is asked once for each word of a
 * set (1..UINT8_MAX).  Also what fn says. */
int part_builder_word(struct part_builder *builder, unsigned set,
    const char *word, size_t len, uint32_t weight, part_term_fn *fn,
    void *arg);
size_t part_builder_docs(const struct part_builder *builder);
/* Append the part to out.  ERR_NOMEM, ERR_TOO_BIG (out's limit). */
int part_builder_end(struct part_builder *builder, struct buf *out);

/* ---- merging (part_merge.c) --------------------------------------------- */

/* Does a document stay?  Asked once for each: 1, 0 or an error. */
typedef int part_keep_fn(void *arg, int64_t id, uint32_t stamp);
/* Is given the new part's bytes, from the first on.  Nonzero ends it. */
typedef int part_put_fn(void *arg, const void *bytes, size_t len);

/*
 * One part of several, with those documents that stay (keep NULL: all do);
 * where two parts have the same id, both stay if both are kept.  *ret_docs is
 * how many there are; with none of them nothing is put.  Memory grows with the
 * number of documents (some 24 bytes each) and of terms (as many as a part has
 * for them), not with the lists.  ERR_NOMEM,
 * ERR_CORRUPT, ERR_TOO_BIG, or what keep and put return.
 */
int part_merge(const struct part *const *parts, size_t count,
    part_keep_fn *keep, part_put_fn *put, void *arg, uint64_t *ret_docs);

#endif
