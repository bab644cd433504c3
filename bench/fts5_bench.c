/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fts5_bench: the floor under every pipeline that ends in SQLite.
 *
 *	fts5_bench DATABASE FOLDER
 *
 * Puts the texts of all files of the folder, whole, into one FTS5 table, in
 * one transaction that is durable when it ends (WAL, synchronous=FULL), and
 * does nothing else: no cleaning, no chunks, no vectors, no states.  The
 * database must not exist.  Prints the documents and bytes.
 */
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

static const char setup[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -32768;"
    "CREATE VIRTUAL TABLE page USING fts5(name, text,"
    " tokenize = 'unicode61');"
    "BEGIN";

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "fts5_bench: %s\n", what);
	exit(1);
}

static void
run_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(db));
}

static void
read_file(const char *folder, const char *name, struct buf *text)
{
	char path[4096], piece[65536];
	size_t n;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (file == NULL)
		die("cannot open a file");
	buf_clear(text);
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		(void)buf_put(text, piece, n);
	(void)fclose(file);
	if (text->err < 0)
		die("cannot read a file");
}

static size_t
insert_all(sqlite3 *db, const char *folder, size_t *ret_bytes)
{
	sqlite3_stmt *insert;
	struct dirent *entry;
	struct buf text;
	size_t count = 0, bytes = 0;
	DIR *dir;

	if (sqlite3_prepare_v2(db, "INSERT INTO page VALUES (?, ?)", -1,
		&insert, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(db));
	dir = opendir(folder);
	if (dir == NULL)
		die("cannot open the folder");
	buf_init(&text, GIB);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		read_file(folder, entry->d_name, &text);
		(void)sqlite3_bind_text(insert, 1, entry->d_name, -1,
		    SQLITE_STATIC);
		(void)sqlite3_bind_text64(insert, 2, buf_text(&text),
		    text.len, SQLITE_STATIC, SQLITE_UTF8);
		if (sqlite3_step(insert) != SQLITE_DONE)
			die(sqlite3_errmsg(db));
		(void)sqlite3_reset(insert);
		count++;
		bytes += text.len;
	}
	(void)closedir(dir);
	(void)sqlite3_finalize(insert);
	buf_fini(&text);
	*ret_bytes = bytes;
	return count;
}

int
main(int argc, char **argv)
{
	size_t count, bytes = 0;
	sqlite3 *db;

	if (argc != 3)
		die("usage: fts5_bench DATABASE FOLDER");
	if (sqlite3_open(argv[1], &db) != SQLITE_OK)
		die("cannot open the database");
	run_sql(db, setup);
	count = insert_all(db, argv[2], &bytes);
	run_sql(db, "COMMIT");
	if (sqlite3_close(db) != SQLITE_OK)
		die("cannot close the database");
	(void)printf("%zu documents, %zu bytes\n", count, bytes);
	return 0;
}
