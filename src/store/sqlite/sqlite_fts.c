/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Full text: one FTS5 table per base, so that scores depend on the base's own
 * words only and a deleted base leaves nothing behind.
 *
 * The tables have external content (the text is stored once, in segment) and
 * a tokenizer of our own, "tidemark", which is text/words.h: the index, the
 * embedding and the keyphrases agree on what a term is.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_int.h"
#include "text/words.h"

#define SQL_MAX 512
#define MATCH_BYTES_MAX (64 * KIB)
/* Of a segment's text and keywords. */
#define POSTED_BYTES_MAX (2 * WHOLE_BYTES_MAX)

static int
tokenizer_create(void *arg, const char **options, int count,
    Fts5Tokenizer **ret_tokenizer)
{
	static int nothing; /* it has no state, but must not be NULL */

	(void)arg;
	(void)options;
	if (count != 0)
		return SQLITE_ERROR;
	*ret_tokenizer = (Fts5Tokenizer *)&nothing;
	return SQLITE_OK;
}

static void
tokenizer_delete(Fts5Tokenizer *tokenizer)
{
	(void)tokenizer;
}

struct token_sink {
	void *context;
	int (*token)(void *, int, const char *, int, int, int);
};

static int
token_put(void *arg, const char *term, size_t len, size_t start, size_t end)
{
	const struct token_sink *sink = arg;

	return sink->token(sink->context, 0, term, (int)len, (int)start,
	    (int)end);
}

static int
tokenizer_run(Fts5Tokenizer *tokenizer, void *context, int flags,
    const char *text, int len,
    int (*token)(void *, int, const char *, int, int, int))
{
	struct token_sink sink = {context, token};

	(void)tokenizer;
	(void)flags;
	if (text == NULL || len <= 0)
		return SQLITE_OK;
	return words_each(text, (size_t)len, token_put, &sink);
}

int
fts_register(struct store *store)
{
	static fts5_tokenizer tokenizer = {tokenizer_create, tokenizer_delete,
	    tokenizer_run};
	fts5_api *api = NULL;
	sqlite3_stmt *stmt = NULL;
	int err;

	err = store_prepare(store, "SELECT fts5(?1)", &stmt);
	if (err < 0)
		return err;
	(void)sqlite3_bind_pointer(stmt, 1, &api, "fts5_api_ptr", NULL);
	(void)sqlite3_step(stmt);
	(void)sqlite3_finalize(stmt);
	if (api == NULL)
		return ERR_UNSUPPORTED;
	return store_error(store,
	    api->xCreateTokenizer(api, "tidemark", NULL, &tokenizer, NULL));
}

static void
fts_slot_clear(struct fts_slot *slot)
{
	int i;

	for (i = 0; i < FTS_COUNT; i++) {
		(void)sqlite3_finalize(slot->stmts[i]);
		slot->stmts[i] = NULL;
	}
	slot->base_id = 0;
}

void
fts_close(struct store *store)
{
	int i;

	for (i = 0; i < FTS_BASES; i++)
		fts_slot_clear(&store->fts[i]);
}

/* Each %s is the table's name. */
static const char *const fts_shapes[FTS_COUNT] = {
    [FTS_ADD] = "INSERT INTO %s (rowid, section, text) VALUES (?1, ?2, ?3)",
    [FTS_DELETE] = "INSERT INTO %s (%s, rowid, section, text)"
		   " VALUES ('delete', ?1, ?2, ?3)",
    [FTS_SEARCH] = "SELECT rowid, -rank FROM %s WHERE %s MATCH ?1"
		   " ORDER BY rank",
};

/* Put the base's table name for each %s of shape. */
static int
fts_sql(int64_t base_id, const char *shape, struct buf *sql)
{
	const char *at;

	while ((at = strstr(shape, "%s")) != NULL) {
		(void)buf_put(sql, shape, (size_t)(at - shape));
		(void)buf_printf(sql, "fts_%lld", (long long)base_id);
		shape = at + 2;
	}
	return buf_puts(sql, shape);
}

static int
fts_exec(struct store *store, int64_t base_id, const char *shape)
{
	struct buf sql;
	int err;

	buf_init(&sql, SQL_MAX);
	err = fts_sql(base_id, shape, &sql);
	if (err == 0)
		err = store_exec(store, buf_text(&sql), NULL);
	buf_fini(&sql);
	return err;
}

int
fts_base_create(struct store *store, int64_t base_id)
{
	int err;

	err = fts_exec(store, base_id,
	    "CREATE VIRTUAL TABLE %s USING fts5(section, text,"
	    " content='segment', content_rowid='id', tokenize='tidemark')");
	/* A word of a heading counts twice. */
	if (err == 0)
		err = fts_exec(store, base_id,
		    "INSERT INTO %s (%s, rank)"
		    " VALUES ('rank', 'bm25(2.0, 1.0)')");
	/* Merging is put off to when nobody waits (store_search_merge), but
	 * for a limit on how many pieces a query must look into. */
	if (err == 0)
		err = fts_exec(store, base_id,
		    "INSERT INTO %s (%s, rank) VALUES ('automerge', 0)");
	if (err == 0)
		err = fts_exec(store, base_id,
		    "INSERT INTO %s (%s, rank) VALUES ('crisismerge', 64)");
	return err;
}

int
fts_base_drop(struct store *store, int64_t base_id)
{
	int i;

	for (i = 0; i < FTS_BASES; i++)
		if (store->fts[i].base_id == base_id)
			fts_slot_clear(&store->fts[i]);
	return fts_exec(store, base_id, "DROP TABLE IF EXISTS %s");
}

static int
fts_stmt(struct store *store, int64_t base_id, enum fts_id id,
    sqlite3_stmt **ret_stmt)
{
	struct fts_slot *slot = NULL;
	struct buf sql;
	int i, err = 0;

	for (i = 0; i < FTS_BASES; i++)
		if (store->fts[i].base_id == base_id)
			slot = &store->fts[i];
	if (slot == NULL) {
		slot = &store->fts[store->fts_next++ % FTS_BASES];
		fts_slot_clear(slot);
		slot->base_id = base_id;
	}
	if (slot->stmts[id] == NULL) {
		buf_init(&sql, SQL_MAX);
		err = fts_sql(base_id, fts_shapes[id], &sql);
		if (err == 0)
			err = store_prepare(store, buf_text(&sql),
			    &slot->stmts[id]);
		buf_fini(&sql);
	}
	if (err == 0)
		*ret_stmt = slot->stmts[id];
	return err;
}

/* Words that were given by hand follow the text, a line each. */
static int
keywords_put(struct store *store, const char *keywords, struct buf *text)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_KEYWORDS);
	q_text(&q, keywords);
	got = q_step(&q);
	if (got > 0) {
		(void)buf_putc(text, '\n');
		got = buf_puts(text, q_col_text(&q, 0));
	}
	return q_close(&q, got);
}

static int
fts_run(struct store *store, const struct posting *posting, enum fts_id id,
    const char *text, size_t len)
{
	sqlite3_stmt *stmt;
	struct q q;
	int err;

	err = fts_stmt(store, posting->base_id, id, &stmt);
	if (err < 0)
		return err;
	q_open_stmt(&q, store, stmt);
	q_int(&q, posting->segment_id);
	q_text(&q, posting->section);
	q_textn(&q, text, len);
	return q_run(&q);
}

static int
fts_write(struct store *store, const struct posting *posting, enum fts_id id)
{
	struct buf text;
	int err;

	if (posting->keywords == NULL)
		return fts_run(store, posting, id, posting->text,
		    posting->text_len);
	buf_init(&text, POSTED_BYTES_MAX);
	(void)buf_put(&text, posting->text, posting->text_len);
	err = keywords_put(store, posting->keywords, &text);
	if (err == 0)
		err = fts_run(store, posting, id, buf_text(&text), text.len);
	buf_fini(&text);
	return err;
}

int
fts_add(struct store *store, const struct posting *posting)
{
	return fts_write(store, posting, FTS_ADD);
}

int
fts_delete(struct store *store, const struct posting *posting)
{
	return fts_write(store, posting, FTS_DELETE);
}

/*
 * Postings of live segments.  A plain SELECT on a table with external content
 * reads the content, so this counts the rows of the index itself: docsize has
 * one for each segment that was posted.
 */
int
fts_count(struct store *store, int64_t base_id, uint64_t *ret_count)
{
	sqlite3_stmt *stmt = NULL;
	struct buf sql;
	struct q q;
	int err, got;

	buf_init(&sql, SQL_MAX);
	err = fts_sql(base_id,
	    "SELECT count(*) FROM %s_docsize d JOIN segment s ON s.id = d.id"
	    " JOIN revision r ON r.id = s.revision_id WHERE r.state IN (2, 4)",
	    &sql);
	if (err == 0)
		err = store_prepare(store, buf_text(&sql), &stmt);
	buf_fini(&sql);
	if (err < 0)
		return err;
	q_open_stmt(&q, store, stmt);
	got = q_step(&q);
	if (got > 0)
		*ret_count = (uint64_t)q_col_int(&q, 0);
	err = got < 0 ? got : got == 0 ? ERR_CORRUPT : 0;
	(void)sqlite3_finalize(stmt);
	return err;
}

int
store_search_optimize(struct store *store, int64_t base_id)
{
	return fts_exec(store, base_id,
	    "INSERT INTO %s (%s) VALUES ('optimize')");
}

int
store_search_merge(struct store *store, int64_t base_id, bool *ret_more)
{
	int64_t before = store_changes(store);
	int err;

	err = fts_exec(store, base_id,
	    "INSERT INTO %s (%s, rank) VALUES ('merge', 500)");
	/* FTS5's documentation: fewer than two changes, nothing was done. */
	if (err == 0)
		*ret_more = store_changes(store) - before >= 2;
	return err;
}

/* "a" OR "b": terms are quoted, so that none is taken for an operator. */
static int
match_text(const char *const *terms, size_t count, struct buf *match)
{
	size_t i;
	const char *c;

	for (i = 0; i < count; i++) {
		if (i > 0)
			(void)buf_puts(match, " OR ");
		(void)buf_putc(match, '"');
		for (c = terms[i]; *c != '\0'; c++) {
			if (*c == '"')
				(void)buf_putc(match, '"');
			(void)buf_putc(match, *c);
		}
		(void)buf_putc(match, '"');
	}
	return match->err;
}

static int
segment_is_found(struct store *store, int64_t segment_id,
    int64_t *ret_revision_id)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_SEGMENT_IS_FOUND);
	q_int(&q, segment_id);
	got = q_step(&q);
	if (got > 0)
		*ret_revision_id = q_col_int(&q, 0);
	return q_close(&q, got);
}

struct hits {
	size_t left;
	hit_fn *fn;
	void *arg;
};

#define HITS_ENOUGH 1 /* ends the walk */

static int
hit_row(struct q *q, void *arg)
{
	struct hits *hits = arg;
	int64_t id = q_col_int(q, 0), revision_id = 0;
	int is_found, err;

	is_found = segment_is_found(q->store, id, &revision_id);
	if (is_found <= 0)
		return is_found;
	err = hits->fn(hits->arg, id, revision_id,
	    sqlite3_column_double(q->stmt, 1));
	if (err == HIT_PASSED)
		return 0;
	if (err == 0 && --hits->left == 0)
		return HITS_ENOUGH;
	return err;
}

int
store_search_terms(struct store *store, int64_t base_id,
    const char *const *terms, size_t term_count, size_t limit, hit_fn *fn,
    void *arg)
{
	struct hits hits = {limit, fn, arg};
	sqlite3_stmt *stmt;
	struct buf match;
	struct q q;
	int err;

	if (term_count == 0 || limit == 0)
		return 0;
	buf_init(&match, MATCH_BYTES_MAX);
	err = match_text(terms, term_count, &match);
	if (err == 0)
		err = fts_stmt(store, base_id, FTS_SEARCH, &stmt);
	if (err == 0) {
		q_open_stmt(&q, store, stmt);
		q_textn(&q, buf_text(&match), match.len);
		err = q_each(&q, hit_row, &hits);
	}
	buf_fini(&match);
	return err == HITS_ENOUGH ? 0 : err;
}
