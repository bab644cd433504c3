/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How SQLite runs the statements: what a server does all the time may not read
 * a whole table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/standing.h"
#include "store_world.h"

struct statement {
	const char *name, *sql;
};

static const struct statement statements[] = {
#define STMT(name, sql) {#name, sql},
#include "store/sqlite/stmt_tbl.h"
};

#define COUNT (sizeof(statements) / sizeof(statements[0]))

/* Small tables, or what is asked for once in a long while. */
static const char *const may_scan[] = {"ACCOUNT_FIRST", "KEYS", "BASES",
    "JOBS", "JOBS_COUNT", "JOBS_LIVE", "REVISIONS_HIDDEN",
    "BASE_DELETE_SEGMENTS", "BASE_DELETE_REVISIONS", "BASE_DELETE_CHILDREN",
    "AUDIT_SEGMENTS", "AUDIT_GRAPH", "TAGS",
    "BASES_PAGE", "BASES_COUNT", "KEYWORDS", /* arrays of JSON */
    "DOCUMENT_ENDED" /* what it has found itself */,
    "JOB_NEWEST_BUT" /* the kinds of jobs that there are */,
    "OLD_INDEX", /* at the start */
    "PART_LOST" /* an index of them alone */,
    "PARTS_MANY" /* at the start: some rows for each base */,
    "ACCOUNT_SUMS" /* jobs that have not ended */,
    "STORE_BYTES" /* what a pragma says */};

/* A page is put in order again after its rows are joined; few jobs of a base
 * are live. */
static const char *const may_sort[] = {"DOCUMENTS_PAGE",
    "DOCUMENTS_PAGE_STANDING", "DOCUMENTS_SPAN", "JOBS_OF_BASE",
    "JOB_RUNNING", "JOB_ENDED_LAST" /* one of each kind */,
    "GRANTED_EACH" /* those of several groups */};

static bool
is_in(const char *const *names, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The store's own function, which plans only need the name of. */
static void
has_part(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	(void)values;
	sqlite3_result_int(context, 1);
}

static sqlite3 *
open_file(const struct world *w)
{
	char path[96];
	sqlite3 *db;

	(void)snprintf(path, sizeof(path), "%s/tidemark.db", w->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_create_function(db, "has_part", 2,
			     SQLITE_UTF8, NULL, has_part, NULL, NULL),
	    SQLITE_OK);
	return db;
}

static void
look_at_plan(sqlite3 *db, const struct statement *statement)
{
	char sql[4096];
	sqlite3_stmt *stmt;
	const char *detail;
	bool is_sorted = false;

	(void)snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s",
	    statement->sql);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		detail = (const char *)sqlite3_column_text(stmt, 3);
		/* A page of rows, or rows that stand in the statement, are no
		 * table. */
		if (strncmp(detail, "SCAN ", 5) == 0 &&
		    strcmp(detail, "SCAN page") != 0 &&
		    strcmp(detail, "SCAN v") != 0 &&
		    strstr(detail, " CONSTANT ROW") == NULL)
			fail_msg("%s: %s", statement->name, detail);
		is_sorted |= strstr(detail, "TEMP B-TREE") != NULL;
	}
	(void)sqlite3_finalize(stmt);
	if (is_sorted != is_in(may_sort,
	    sizeof(may_sort) / sizeof(may_sort[0]), statement->name))
		fail_msg("%s: sorted or not", statement->name);
}

static void
test_no_statement_reads_a_whole_table(void **state)
{
	sqlite3 *db = open_file(*state);
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (!is_in(may_scan, sizeof(may_scan) / sizeof(may_scan[0]),
			statements[i].name))
			look_at_plan(db, &statements[i]);
	(void)sqlite3_close(db);
}

/* The revisions that no search may find are few, and found by an index. */
static void
test_hidden_revisions_come_from_an_index(void **state)
{
	sqlite3 *db = open_file(*state);
	char sql[512];
	sqlite3_stmt *stmt;
	size_t i;

	for (i = 0; strcmp(statements[i].name, "REVISIONS_HIDDEN") != 0; i++)
		continue;
	(void)snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s",
	    statements[i].sql);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_non_null(strstr((const char *)sqlite3_column_text(stmt, 3),
	    "INDEX revision_hidden"));
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_no_statement_reads_a_whole_table, world_up, world_down),
	    cmocka_unit_test_setup_teardown(
		test_hidden_revisions_come_from_an_index, world_up,
		world_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
