/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite_int: what the files of the SQLite store share.
 *
 * A statement is used through a struct q: open it by its number, put the
 * arguments in order, then run it (no rows) or step it (rows), then close it.
 * Errors stick in it, so only the last call needs to be looked at.
 */
#ifndef STORE_SQLITE_SQLITE_INT_H
#define STORE_SQLITE_SQLITE_INT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"
#include "store/store.h"

struct err_note;
struct index;
struct pages;
struct stemmer;

enum stmt_id {
#define STMT(name, sql) STMT_##name,
#include "store/sqlite/stmt_tbl.h"
	STMT_COUNT
};

struct store {
	sqlite3 *db;
	enum store_mode mode;
	int lock_fd; /* writer: DIR/lock, held; -1 otherwise */
	bool in_transaction;
	int64_t rev, generation; /* writer: as they will be committed */
	int64_t rev_committed, generation_committed;
	int64_t changes_begun; /* store_changes() when it began */
	int log_pages, log_copied; /* writer: in the log; of them copied */
	bool is_index_changed;	 /* in this transaction */
	sqlite3_stmt *stmts[STMT_COUNT];
	struct index *index; /* writer: sqlite_index.c */
	struct pages *pages; /* reader: sqlite_index_page.c */
	struct stemmer *stemmer; /* sqlite_index_words.c; NULL: not used yet */
	/* Rows of the small blob, object, job's source and account looked at
	 * last. */
	int64_t blob_looked, object_looked, source_looked, account_looked;
	struct UCaseMap *folding; /* sqlite_part.c */
};

struct q {
	struct store *store;
	sqlite3_stmt *stmt;
	int at;	 /* arguments put, or columns read */
	int err; /* first failure */
};

/* The enum err that fits what SQLite said. */
int store_error(struct store *store, int sqlite_code);
/* The same with SQLite's words. */
int store_error_note(struct store *store, int sqlite_code,
    struct err_note *note);
int store_exec(struct store *store, const char *sql, struct err_note *note);
int store_prepare(struct store *store, const char *sql,
    sqlite3_stmt **ret_stmt);

void q_open(struct q *q, struct store *store, enum stmt_id id);
void q_open_stmt(struct q *q, struct store *store, sqlite3_stmt *stmt);
void q_int(struct q *q, int64_t value);
/* NULL is stored as NULL; borrowed until q_close. */
void q_text(struct q *q, const char *text);
void q_textn(struct q *q, const char *text, size_t len);
void q_blob(struct q *q, const void *bytes, size_t len);
/* Execute what gives no rows, and close. */
int q_run(struct q *q);
/* All of it, for statements with one or two numbers. */
int stmt_run_1(struct store *store, enum stmt_id id, int64_t value);

/*
 * Delete the rows that nobody refers to, limit of them looked at in one call,
 * from *cursor on, so that each call holds up the writer for a short time
 * however many there are.  What a rollback brings back is looked at in the
 * next round.  look gives rowid and whether it goes, for (cursor, limit) and,
 * if that is not 0, before_us; drop deletes by rowid.
 */
struct collect {
	enum stmt_id look, drop;
	int64_t before_us;
};
int collect_rows(struct store *store, const struct collect *collect,
    size_t limit, int64_t *cursor, bool *ret_more);
/* Does the statement give a row? */
int has_rows(struct store *store, enum stmt_id id, bool *ret_have);
int stmt_run_2(struct store *store, enum stmt_id id, int64_t first,
    int64_t second);
/* 1 a row, 0 none left, negative an error. */
int q_step(struct q *q);
/* Ends it; returns err, or the error of q when err is 0. */
int q_close(struct q *q, int err);

/* Columns of the row, from 0. */
int64_t q_col_int(struct q *q, int column);
const char *q_col_text(struct q *q, int column); /* never NULL */
const char *q_col_text_or_null(struct q *q, int column);
/* NULL unless it is a blob of exactly len bytes. */
const uint8_t *q_col_blob(struct q *q, int column, size_t len);
int q_col_uuid(struct q *q, int column, struct uuid *ret_uuid);

/* Run a walk: q is ready; row is called for each row, and ends it. */
typedef int q_row_fn(struct q *q, void *arg);
int q_each(struct q *q, q_row_fn *row, void *arg);

/* Numbers in blobs: 64 bits, least significant byte first. */
void le64_put(uint8_t *out, uint64_t value);
uint64_t le64_get(const uint8_t *in);

/* sqlite_part.c: has_part(text, part) for statements. */
int part_register(struct store *store);
void part_close(struct store *store);

/* sqlite_revision.c */
/* revision.state */
enum revision_state {
	REVISION_BUILDING = 1,
	REVISION_LIVE = 2,
	REVISION_DEAD = 3,
	REVISION_OFF = 4, /* live but not found */
	REVISION_KEPT = 5, /* replaced; undoing the job brings it back */
};
struct document_live {
	int64_t base_id;
	int64_t revision_id; /* 0 none, and then the rest is 0 */
	int64_t segments, characters;
	bool has_vectors;
	unsigned stems; /* of its words */
	bool is_off; /* switched off or put away */
};
/* ERR_NOT_FOUND: no such document. */
int document_live(struct store *store, int64_t document_id,
    struct document_live *ret_live);
/* The index of base changes: by so much. */
int base_grow(struct store *store, int64_t base_id, int64_t documents,
    int64_t segments, int64_t characters);

/* The document's live one, and those being built, become dead... */
int revisions_alive_end(struct store *store, int64_t document_id);
/* ...and those that are kept for who undoes what replaced them. */
int revisions_kept_end(struct store *store, int64_t document_id);

/* The rows of a query whose columns are DOCUMENT_COLUMNS; closes it. */
int document_rows(struct q *q, document_fn *fn, void *arg);

/* sqlite_undo.c */
/* The job publishes revision_id over live_id (0 none).  That is kept from now
 * on, unless it was the job's own, or the job has not noted the document. */
int replaced_publish(struct store *store, int64_t job_id,
    int64_t document_id, int64_t live_id, int64_t revision_id);

/* sqlite_tag.c: ERR_NOT_FOUND. */
int tag_id(struct store *store, int64_t account_id, const struct uuid *uuid,
    int64_t *ret_id);

/* sqlite_segment.c */
/* Of what revision a segment is. */
struct segment_home {
	int64_t base_id, revision_id;
	bool has_vectors;
	unsigned stems; /* whose rules make them (text/language.h) */
};
/* The row, its children, and what of them is to be found. */
int segment_write(struct store *store, const struct segment_home *home,
    const struct segment *segment, int64_t *ret_id);
/* Which of its postings. */
struct posted {
	int64_t segment_id;
	uint32_t stamp;
};
/* Its posting and, without children, its own vector, where it is on.
 * ERR_INVALID: the vector is missing. */
int segment_index(struct store *store, const struct segment_home *home,
    const struct posted *posted, const struct segment *segment,
    bool has_children);
/* Rows of its children, and their vectors where it is on. */
int children_write(struct store *store, const struct segment_home *home,
    int64_t segment_id, const struct segment *segment);
/* One that is not indexed yet; child->ordinal must be free. */
int child_write(struct store *store, const struct child *child,
    int64_t *ret_id);
struct vector {
	const int8_t *bytes; /* NULL: ERR_INVALID */
	size_t dimensions;
	float scale;
	int64_t embedder_id;
};
/* Of a segment itself with child_id 0; one of that embedder that is there is
 * replaced. */
int vector_write(struct store *store, const struct segment_home *home,
    int64_t segment_id, int64_t child_id, const struct vector *vector);
int child_vector_write(struct store *store, const struct segment_home *home,
    const struct child *child, size_t dimensions);
/* Its own and its children's. */
int segment_vectors_delete(struct store *store, int64_t base_id,
    int64_t segment_id);
/* All of it but its posting. */
int segment_erase(struct store *store, int64_t base_id, int64_t segment_id);

/* sqlite_vector.c */
/* Note for store_vector_changes() that vectors of a segment that was there
 * before came, changed or went, or that a revision went with all of them. */
int vectors_changed(struct store *store, int64_t base_id,
    int64_t segment_id);
int vectors_gone(struct store *store, int64_t base_id, int64_t revision_id);
/* The row of segment, child, revision, value, embedder; valid as long as the
 * row.  ERR_CORRUPT. */
int vector_read(struct q *q, struct vector_kept *ret_vector);

/* sqlite_graph.c */
/* What a segment names, which has no graph yet.  ERR_TOO_BIG, ERR_INVALID: not
 * as store_graph.h has it; ERR_EXISTS: something is named twice. */
int graph_write(struct store *store, int64_t base_id, int64_t segment_id,
    const struct segment_graph *graph);
/* The same goes, with the entities that nothing else names. */
int graph_erase(struct store *store, int64_t segment_id);
/* How many rows a segment's graph has. */
int graph_rows(struct store *store, int64_t segment_id, uint64_t *ret_rows);

/* sqlite_item.c */
/* Rows of ITEM_COLUMNS, to fn; closes q. */
int items_walk(struct q *q, item_row_fn *fn, void *arg);

/* sqlite_migrate.c */
int store_migrate(struct store *store, struct err_note *note);

#endif
