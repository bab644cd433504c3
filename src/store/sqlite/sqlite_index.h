/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite_index: what the files of full text share.
 *
 * For this folder only.  The writer gathers what is posted in builders, one
 * for each base, and flushes them before it commits; readers read pages
 * through a cache that all readers of the process share.
 */
#ifndef STORE_SQLITE_SQLITE_INDEX_H
#define STORE_SQLITE_SQLITE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/part.h"
#include "index/topk.h"
#include "store/store_index.h"

struct pages;
struct store;

/* What of a segment is posted: keywords NULL or a JSON array of strings. */
struct posting {
	int64_t base_id, segment_id;
	uint32_t stamp;
	const char *section, *text;
	size_t text_len;
	const char *keywords;
	unsigned stems; /* by whose rules (text/language.h) */
};

/* ---- writing (sqlite_index.c) ------------------------------------------ */

int index_open(struct store *store, const char *path);
void index_close(struct store *store);
int index_add(struct store *store, const struct posting *posting);
/* Postings of segments with these ids may be good no more. */
int index_lose(struct store *store, int64_t base_id, int64_t first_id,
    int64_t last_id);
/* What was added becomes parts. */
int index_flush(struct store *store);
/* ...and small parts larger ones: before a commit. */
int index_settle(struct store *store);
/* What was added is forgotten: after a rollback. */
void index_forget(struct store *store);
int index_base_drop(struct store *store, int64_t base_id);

/* ---- what terms are (sqlite_index_words.c) ----------------------------- */

/* All terms of a posting into the builder, whose document it is; *ret_bytes:
 * how long its words are.  ERR_NOMEM, ERR_CORRUPT: there is no such language;
 * ERR_TOO_BIG. */
int index_words(struct store *store, const struct posting *posting,
    struct part_builder *builder, uint64_t *ret_bytes);

/* By whose rules words of a revision are stemmed that was made before that was
 * kept, or that had no text then: it is kept from now on.  document_language
 * is what it says of itself; text: a text of it, NULL: its segments. */
struct text_looked {
	const char *document_language, *text;
	size_t text_len;
};
int index_stems_decide(struct store *store, int64_t revision_id,
    const struct text_looked *looked, unsigned *ret_stems);

/* The terms that a request asks for. */
struct asked {
	struct topk_term *terms;
	size_t count;
	char *texts; /* where theirs are */
};
/* Of a base that has these languages (part_row.languages).  ERR_TOO_BIG: over
 * TOPK_TERMS_MAX with all their stems; ERR_INVALID: a text is longer than a
 * word; ERR_NOMEM.  asked_fini() when it is 0. */
int asked_init(struct asked *asked, struct store *store,
    const struct search_request *request, uint32_t languages);
void asked_fini(struct asked *asked);

/* ---- parts as rows (sqlite_index_part.c) ------------------------------- */

enum part_state { PART_WRITTEN = 1, PART_LIVE = 2, PART_WASTE = 3 };

#define PART_PAGES_BITS 20
#define PART_PAGES_MAX (1u << PART_PAGES_BITS)

struct part_row {
	int64_t id, base_id, docs, first_id, last_id, lost;
	uint64_t bytes;
	uint32_t languages; /* bit n: it has stems of language n */
};

unsigned part_level(uint64_t bytes);
/* A live one with these bytes; row->id and ->lost do not matter. */
int part_store(struct store *store, const struct part_row *row,
    const void *bytes);
int part_pages_write(struct store *store, int64_t part_id, uint32_t first,
    const void *bytes, size_t len);
/* The rows of a statement whose columns are PART_COLUMNS; closes it. */
struct q;
int part_rows(struct q *q, struct part_row *rows, size_t size,
    size_t *ret_count);
/* Live ones of a level, the oldest first. */
int part_rows_of(struct store *store, int64_t base_id, unsigned level,
    struct part_row *rows, size_t size, size_t *ret_count);
/* All its bytes; returns owned (mem_free).  ERR_CORRUPT. */
int part_read(struct store *store, const struct part_row *row,
    uint8_t **ret_bytes);
int part_delete(struct store *store, int64_t part_id);

/* ---- reading (sqlite_index_page.c) ------------------------------------- */

int pages_open(const char *path, struct pages **ret_pages);
void pages_close(struct pages *pages);

/* A part that is read page by page.  What was read stays until it is closed,
 * or, when it was opened for one walk, until some more were read. */
struct reading {
	struct part part;
	struct store *store;
	int64_t part_id;
	uint32_t page_count;
	bool is_walk;
	struct page **pages; /* by number; of a walk the last few */
	uint32_t next;	     /* of a walk: whose place is taken next */
};
/* It must stay where it is.  ERR_NOT_FOUND: a page is not there.  Also after
 * an error it is closed. */
int reading_open(struct reading *reading, struct store *store,
    const struct part_row *row, bool is_walk);
void reading_close(struct reading *reading);

/* ---- the rest ----------------------------------------------------------- */

/* Live postings of the base, as an audit counts them (sqlite_index_search.c).
 */
int index_count(struct store *store, int64_t base_id, uint64_t *ret_count);
/* Is the posting good for as long as it is the segment's?  1, 0 or an error;
 * as part_keep_fn, arg is the store. */
int index_keeps(void *store, int64_t segment_id, uint32_t stamp);
/* Within a transaction: parts of a level that are many become one
 * (sqlite_index_merge.c). */
int index_merge_now(struct store *store, int64_t base_id);
/* At the writer's start: rebuild what was made by other rules
 * (sqlite_index_build.c). */
int index_build(struct store *store);

#endif
