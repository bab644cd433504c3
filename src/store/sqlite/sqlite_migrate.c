/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Migrations are SQL files in store/migrate/, numbered from 1, compiled into
 * the binary, run once and in order, each in a transaction of its own that
 * also raises user_version.
 */
#include <stdio.h>

#include "base/err.h"
#include "store/sqlite/sqlite_int.h"

extern const char migrate_0001_base_sql[];
extern const char migrate_0002_members_sql[];
extern const char migrate_0003_editing_sql[];
extern const char migrate_0004_sources_sql[];
extern const char migrate_0005_collections_sql[];
extern const char migrate_0006_users_sql[];
extern const char migrate_0007_graph_sql[];
extern const char migrate_0008_embedders_sql[];
extern const char migrate_0009_vectors_sql[];
extern const char migrate_0010_index_sql[];
extern const char migrate_0011_stems_sql[];
extern const char migrate_0012_models_sql[];
extern const char migrate_0013_lists_sql[];

static const char *const migrations[] = {
    migrate_0001_base_sql,
    migrate_0002_members_sql,
    migrate_0003_editing_sql,
    migrate_0004_sources_sql,
    migrate_0005_collections_sql,
    migrate_0006_users_sql,
    migrate_0007_graph_sql,
    migrate_0008_embedders_sql,
    migrate_0009_vectors_sql,
    migrate_0010_index_sql,
    migrate_0011_stems_sql,
    migrate_0012_models_sql,
    migrate_0013_lists_sql,
};

#define MIGRATIONS ((int)(sizeof(migrations) / sizeof(migrations[0])))

int
store_schema_version(void)
{
	return MIGRATIONS;
}

static int
version_get(struct store *store, int *ret_version)
{
	sqlite3_stmt *stmt = NULL;
	struct q q;
	int err, got;

	err = store_prepare(store, "PRAGMA user_version", &stmt);
	if (err < 0)
		return err;
	q_open_stmt(&q, store, stmt);
	got = q_step(&q);
	if (got > 0)
		*ret_version = (int)q_col_int(&q, 0);
	err = got < 0 ? got : got == 0 ? ERR_CORRUPT : 0;
	(void)sqlite3_finalize(stmt);
	return err;
}

static int
migrate_one(struct store *store, int number, struct err_note *note)
{
	char sql[64];
	int err;

	err = store_exec(store, "BEGIN IMMEDIATE", note);
	if (err < 0)
		return err;
	err = store_exec(store, migrations[number - 1], note);
	if (err == 0) {
		(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %d",
		    number);
		err = store_exec(store, sql, note);
	}
	if (err == 0)
		err = store_exec(store, "COMMIT", note);
	if (err < 0)
		(void)store_exec(store, "ROLLBACK", NULL);
	return err;
}

int
store_migrate(struct store *store, struct err_note *note)
{
	int err, version = 0;

	err = version_get(store, &version);
	if (err < 0)
		return err_set(note, err, "the store cannot be read");
	if (version < 0)
		return err_set(note, ERR_CORRUPT,
		    "the store says it has schema %d", version);
	if (version > MIGRATIONS)
		return err_set(note, ERR_UNSUPPORTED,
		    "the store has schema %d, this program knows %d only",
		    version, MIGRATIONS);
	if (store->mode == STORE_READER)
		return version == MIGRATIONS
		    ? 0
		    : err_set(note, ERR_BUSY, "the store is not migrated yet");
	while (err == 0 && version < MIGRATIONS)
		err = migrate_one(store, ++version, note);
	return err;
}
