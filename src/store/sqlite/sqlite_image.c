/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store that is only looked at, of any schema that there has been: tables
 * that came later are asked for only where they are.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_backup.h"

#define IMAGE_BUSY_MS 5000
#define IMAGE_SQL_MAX (4 * KIB)

struct store_image {
	sqlite3 *db;
	int schema;
	sqlite3_stmt *blobs; /* NULL: not begun */
};

static int
image_error(struct store_image *image, int code, struct err_note *note)
{
	int err = store_error(NULL, code);

	return err == 0 ? 0
			: err_set(note, err, "store: %s",
			      sqlite3_errmsg(image->db));
}

static int
image_number(struct store_image *image, const char *sql, int64_t *ret_number,
    struct err_note *note)
{
	sqlite3_stmt *stmt = NULL;
	int code, err;

	code = sqlite3_prepare_v2(image->db, sql, -1, &stmt, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	err = image_error(image, code, note);
	if (err == 0 && code != SQLITE_ROW)
		err = err_set(note, ERR_CORRUPT, "the store lacks a row");
	if (err == 0)
		*ret_number = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return err;
}

static int
image_has(struct store_image *image, const char *table, bool *ret_has)
{
	char sql[160];
	int64_t count = 0;
	int err;

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
	    " AND name = '%s'", table);
	err = image_number(image, sql, &count, NULL);
	if (err == 0)
		*ret_has = count > 0;
	return err;
}

/* A path as a URI has it: SQLite knows only from a URI that nobody writes to a
 * file. */
static int
path_as_uri(const char *path, bool is_live, struct buf *out)
{
	(void)buf_puts(out, "file:");
	for (; *path != '\0'; path++)
		if (strchr("%?#", *path) != NULL)
			(void)buf_printf(out, "%%%02X", (unsigned)*path);
		else
			(void)buf_putc(out, *path);
	return buf_puts(out, is_live ? "" : "?immutable=1");
}

static int
image_schema(struct store_image *image, struct err_note *note)
{
	bool has_meta = false, has_items = false;
	int64_t schema = 0;
	int err;

	err = image_number(image, "PRAGMA user_version", &schema, note);
	if (err == 0)
		err = image_has(image, "meta", &has_meta);
	if (err == 0)
		err = image_has(image, "item", &has_items);
	if (err < 0)
		return err;
	if (schema < 1 || !has_meta || !has_items)
		return err_set(note, ERR_CORRUPT, "it is not a store");
	if (schema > store_schema_version())
		return err_set(note, ERR_UNSUPPORTED, "the store has schema "
		    "%lld, this program knows %d only: take a newer one",
		    (long long)schema, store_schema_version());
	image->schema = (int)schema;
	return 0;
}

int
store_image_open(const char *path, bool is_live,
    struct store_image **ret_image, struct err_note *note)
{
	struct store_image *image;
	struct buf uri;
	int code, err;

	buf_init(&uri, 4ULL * URI_BYTES_MAX);
	image = mem_zalloc(sizeof(*image));
	err = image == NULL ? ERR_NOMEM : path_as_uri(path, is_live, &uri);
	if (err < 0)
		goto out;
	code = sqlite3_open_v2(buf_text(&uri), &image->db,
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE, NULL);
	err = image_error(image, code, note);
	if (err < 0)
		goto out;
	(void)sqlite3_busy_timeout(image->db, IMAGE_BUSY_MS);
	(void)sqlite3_db_config(image->db, SQLITE_DBCONFIG_DEFENSIVE, 1,
	    NULL);
	(void)sqlite3_db_config(image->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
	    NULL);
	err = image_schema(image, note);
	if (err < 0)
		goto out;
	*ret_image = image;
	image = NULL;
out:
	buf_fini(&uri);
	store_image_close(image);
	return err;
}

void
store_image_close(struct store_image *image)
{
	if (image == NULL)
		return;
	(void)sqlite3_finalize(image->blobs);
	(void)sqlite3_close_v2(image->db);
	mem_free(image);
}

int
store_image_facts(struct store_image *image, struct store_facts *ret_facts,
    struct err_note *note)
{
	struct store_facts facts = {.schema = image->schema};
	const struct {
		const char *sql;
		void *to; /* 64 bits, of either sign */
	} asks[] = {
	    {"SELECT value FROM meta WHERE name = 'rev'", &facts.revision},
	    {"SELECT value FROM meta WHERE name = 'generation'",
		&facts.generation},
	    {"SELECT count(*) FROM base", &facts.bases},
	    {"SELECT count(*) FROM document", &facts.documents},
	    {"SELECT count(*) FROM job", &facts.jobs},
	    {"PRAGMA page_size", &facts.page_bytes},
	    {"PRAGMA page_count", &facts.pages},
	    {"PRAGMA freelist_count", &facts.free_pages},
	};
	int64_t number = 0;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < sizeof(asks) / sizeof(asks[0]); i++) {
		err = image_number(image, asks[i].sql, &number, note);
		memcpy(asks[i].to, &number, sizeof(number));
	}
	if (err == 0)
		*ret_facts = facts;
	return err;
}

/* ---- uploads ------------------------------------------------------------ */

/* As STMT_BLOB_IS_USED has it, for all at once. */
static int
blobs_sql(struct store_image *image, struct buf *sql)
{
	bool has_objects = false, has_replaced = false, has_small = false;
	int err;

	err = image_has(image, "object", &has_objects);
	if (err == 0)
		err = image_has(image, "replaced", &has_replaced);
	if (err == 0)
		err = image_has(image, "small_blob", &has_small);
	if (err < 0)
		return err;
	(void)buf_puts(sql, "SELECT h FROM (SELECT i.blob AS h FROM item i"
	    " JOIN document d ON d.id = i.document_id"
	    " WHERE i.blob IS NOT NULL");
	if (has_objects)
		(void)buf_puts(sql, " UNION SELECT hash FROM object");
	if (has_replaced)
		(void)buf_puts(sql, " UNION SELECT i.blob FROM item i"
		    " JOIN replaced p ON p.document_id = i.document_id"
		    " WHERE i.blob IS NOT NULL AND p.kind = 3"
		    " AND p.outcome = 0");
	(void)buf_puts(sql, ")");
	if (has_small)
		(void)buf_puts(sql, " WHERE h NOT IN"
		    " (SELECT hash FROM small_blob)");
	return buf_puts(sql, " GROUP BY h ORDER BY h");
}

static int
blobs_begin(struct store_image *image)
{
	struct buf sql;
	int err;

	buf_init(&sql, IMAGE_SQL_MAX);
	err = blobs_sql(image, &sql);
	if (err == 0)
		err = store_error(NULL, sqlite3_prepare_v2(image->db,
		    buf_text(&sql), -1, &image->blobs, NULL));
	buf_fini(&sql);
	return err;
}

int
store_image_blob_next(struct store_image *image, uint8_t ret_hash[HASH_SIZE])
{
	int code, err = 0;

	if (image->blobs == NULL)
		err = blobs_begin(image);
	if (err < 0)
		return err;
	code = sqlite3_step(image->blobs);
	if (code == SQLITE_DONE) {
		(void)sqlite3_reset(image->blobs);
		return 0;
	}
	if (code != SQLITE_ROW)
		return store_error(NULL, code);
	if (sqlite3_column_bytes(image->blobs, 0) != HASH_SIZE)
		return ERR_CORRUPT;
	memcpy(ret_hash, sqlite3_column_blob(image->blobs, 0), HASH_SIZE);
	return 1;
}

void
store_image_rewind(struct store_image *image)
{
	if (image->blobs != NULL)
		(void)sqlite3_reset(image->blobs);
}

/* ---- what else there is -------------------------------------------------- */

int
store_image_bases_each(struct store_image *image, image_base_fn *fn,
    void *arg)
{
	sqlite3_stmt *stmt = NULL;
	struct uuid uuid;
	int code, err = 0;

	code = sqlite3_prepare_v2(image->db, "SELECT account_id, uuid, name "
	    "FROM base WHERE account_id <> 0 ORDER BY id", -1, &stmt, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	while (err == 0 && code == SQLITE_ROW) {
		if (sqlite3_column_bytes(stmt, 1) != sizeof(uuid.bytes)) {
			err = ERR_CORRUPT;
			break;
		}
		memcpy(uuid.bytes, sqlite3_column_blob(stmt, 1),
		    sizeof(uuid.bytes));
		err = fn(arg, sqlite3_column_int64(stmt, 0), &uuid,
		    (const char *)sqlite3_column_text(stmt, 2));
		code = err == 0 ? sqlite3_step(stmt) : code;
	}
	if (err == 0)
		err = store_error(NULL, code);
	(void)sqlite3_finalize(stmt);
	return err;
}

int
store_image_embedders_each(struct store_image *image, image_embedder_fn *fn,
    void *arg)
{
	sqlite3_stmt *stmt = NULL;
	bool has_embedders = false;
	int code, err;

	err = image_has(image, "embedder", &has_embedders);
	if (err < 0 || !has_embedders)
		return err;
	code = sqlite3_prepare_v2(image->db,
	    "SELECT name, dimensions FROM embedder ORDER BY id", -1, &stmt,
	    NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	while (err == 0 && code == SQLITE_ROW) {
		err = fn(arg, (const char *)sqlite3_column_text(stmt, 0),
		    (uint64_t)sqlite3_column_int64(stmt, 1));
		code = err == 0 ? sqlite3_step(stmt) : code;
	}
	if (err == 0)
		err = store_error(NULL, code);
	(void)sqlite3_finalize(stmt);
	return err;
}

/* What would run by itself when a server writes: no store of ours has any. */
static int
image_is_plain(struct store_image *image, struct err_note *note)
{
	sqlite3_stmt *stmt = NULL;
	int code, err;

	code = sqlite3_prepare_v2(image->db, "SELECT name FROM sqlite_schema"
	    " WHERE type IN ('trigger', 'view') LIMIT 1", -1, &stmt, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	err = image_error(image, code, note);
	if (code == SQLITE_ROW)
		err = err_set(note, ERR_CORRUPT, "it has a trigger or a view "
		    "in it, as no store of this program has");
	(void)sqlite3_finalize(stmt);
	return err;
}

int
store_image_check(struct store_image *image, struct err_note *note)
{
	sqlite3_stmt *stmt = NULL;
	const char *words;
	int code, err;

	err = image_is_plain(image, note);
	if (err < 0)
		return err;
	code = sqlite3_prepare_v2(image->db, "PRAGMA quick_check(1)", -1,
	    &stmt, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	err = image_error(image, code, note);
	if (code == SQLITE_ROW) {
		words = (const char *)sqlite3_column_text(stmt, 0);
		if (words == NULL || strcmp(words, "ok") != 0)
			err = err_set(note, ERR_CORRUPT, "%.200s",
			    words == NULL ? "no answer" : words);
	}
	(void)sqlite3_finalize(stmt);
	return err;
}
