/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building the index of what is there already: of stores that were written
 * before there were parts, and when the rule by which words become terms
 * changes.  It goes through the segments of all bases, some at a time; when it
 * is interrupted it begins again at the next start.
 *
 * Old stores have FTS5 tables, which must go.  SQLite wants to know their
 * tokenizer even so; it gets one that finds nothing.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"

/* Raise it when words_each() or what is posted changes. */
#define WORDS_RULE 2
#define SEGMENTS 1000 /* in one transaction */
#define NAME_BYTES 64

/* ---- tables of FTS5 ----------------------------------------------------- */

static int
nothing_create(void *arg, const char **options, int count,
    Fts5Tokenizer **ret_tokenizer)
{
	static int nothing; /* must not be NULL */

	(void)arg;
	(void)options;
	(void)count;
	*ret_tokenizer = (Fts5Tokenizer *)&nothing;
	return SQLITE_OK;
}

static void
nothing_delete(Fts5Tokenizer *tokenizer)
{
	(void)tokenizer;
}

static int
nothing_run(Fts5Tokenizer *tokenizer, void *context, int flags,
    const char *text, int len,
    int (*token)(void *, int, const char *, int, int, int))
{
	(void)tokenizer;
	(void)context;
	(void)flags;
	(void)text;
	(void)len;
	(void)token;
	return SQLITE_OK;
}

static int
nothing_register(struct store *store)
{
	static fts5_tokenizer tokenizer = {nothing_create, nothing_delete,
	    nothing_run};
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

/* ERR_NOT_FOUND: there is none. */
static int
old_table(struct store *store, char *name, size_t size)
{
	struct q q;
	int got, err = 0;

	q_open(&q, store, STMT_OLD_INDEX);
	got = q_step(&q);
	if (got > 0 && strlen(q_col_text(&q, 0)) < size)
		(void)memcpy(name, q_col_text(&q, 0),
		    strlen(q_col_text(&q, 0)) + 1);
	else
		err = got == 0 ? ERR_NOT_FOUND : got < 0 ? got : ERR_CORRUPT;
	return q_close(&q, err);
}

static int
old_tables_drop(struct store *store)
{
	char name[NAME_BYTES];
	bool is_known = false;
	struct buf sql;
	int err;

	while ((err = old_table(store, name, sizeof(name))) == 0) {
		if (!is_known)
			err = nothing_register(store);
		is_known = true;
		buf_init(&sql, KIB);
		(void)buf_printf(&sql, "DROP TABLE \"%s\"", name);
		if (err == 0)
			err = sql.err;
		if (err == 0)
			err = store_exec(store, buf_text(&sql), NULL);
		buf_fini(&sql);
		if (err < 0)
			break;
	}
	return err == ERR_NOT_FOUND ? 0 : err;
}

/* ---- segments ----------------------------------------------------------- */

struct build {
	int64_t last_id;
	uint64_t count;
	int64_t revision_id; /* of the last one */
	unsigned stems;
};

static int
stems_get(struct q *q, struct build *build)
{
	int64_t revision_id = q_col_int(q, 7);
	struct text_looked looked = {.document_language = q_col_text(q, 9)};

	/* What this walk has written it need not see. */
	if (revision_id == build->revision_id)
		return 0;
	build->revision_id = revision_id;
	build->stems = (unsigned)q_col_int(q, 8);
	return build->stems != 0 ? 0
	    : index_stems_decide(q->store, revision_id, &looked,
		  &build->stems);
}

static int
segment_add(struct q *q, void *arg)
{
	struct build *build = arg;
	struct posting posting = {.segment_id = q_col_int(q, 0),
	    .base_id = q_col_int(q, 1)};
	int err;

	build->last_id = posting.segment_id;
	build->count++;
	if (q_col_int(q, 2) == 0)
		return 0; /* nothing of it is posted */
	err = stems_get(q, build);
	if (err < 0)
		return err;
	posting.stems = build->stems;
	posting.stamp = (uint32_t)q_col_int(q, 3);
	posting.section = q_col_text(q, 4);
	posting.text = q_col_text(q, 5);
	posting.text_len = (size_t)sqlite3_column_bytes(q->stmt, 5);
	posting.keywords = q_col_text_or_null(q, 6);
	return index_add(q->store, &posting);
}

static int
build_some(struct store *store, struct build *build, bool *ret_more)
{
	uint64_t before = build->count;
	struct q q;
	int err;

	q_open(&q, store, STMT_SEGMENTS_POSTED);
	q_int(&q, build->last_id);
	q_int(&q, SEGMENTS);
	err = q_each(&q, segment_add, build);
	if (err == 0)
		*ret_more = build->count > before;
	return err;
}

static int
rule_set(struct store *store)
{
	struct q q;

	q_open(&q, store, STMT_META_SET);
	q_text(&q, "words");
	q_int(&q, WORDS_RULE);
	return q_run(&q);
}

static int
build_clear(struct store *store)
{
	int err;

	err = old_tables_drop(store);
	if (err == 0)
		err = store_exec(store, "DELETE FROM part_page", NULL);
	return err < 0 ? err : store_exec(store, "DELETE FROM part", NULL);
}

static int
build_all(struct store *store)
{
	struct build build = {.last_id = 0};
	bool is_more = true;
	int err;

	err = store_begin(store, NULL);
	if (err == 0)
		err = build_clear(store);
	while (err == 0 && is_more) {
		err = build_some(store, &build, &is_more);
		if (err == 0 && !is_more)
			err = rule_set(store);
		if (err == 0)
			err = store_commit(store, NULL);
		if (err == 0 && is_more)
			err = store_begin(store, NULL);
	}
	if (err < 0)
		store_rollback(store);
	else if (build.count > 0)
		log_info("the index of words was built, segments: %llu",
		    (unsigned long long)build.count);
	return err;
}

int
index_build(struct store *store)
{
	int64_t rule = 0;
	struct q q;
	int got;

	q_open(&q, store, STMT_META_GET);
	q_text(&q, "words");
	got = q_step(&q);
	if (got > 0)
		rule = q_col_int(&q, 0);
	got = q_close(&q, got == 0 ? ERR_CORRUPT : got < 0 ? got : 0);
	if (got == 0 && rule != WORDS_RULE)
		got = build_all(store);
	/* What was being written when the process ended will not be ended. */
	return got < 0 ? got : store_exec(store,
	    "UPDATE part SET state = 3, lost = 0 WHERE state = 1", NULL);
}
