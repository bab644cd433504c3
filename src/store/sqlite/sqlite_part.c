/* SPDX-License-Identifier: Apache-2.0 */
/*
 * has_part(text, part): is part in text, in any case?  SQLite's own lower()
 * knows ASCII only; this one folds case as Unicode does ("STRASSE" is in
 * "Stra\xC3\x9Fe").  Both are folded, then searched in linear time; the part
 * is folded once for a statement.
 */
#include <string.h>

#include <unicode/ucasemap.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_int.h"

struct folded {
	size_t len;
	char text[];
};

static void
folded_free(void *folded)
{
	mem_free(folded);
}

/* Returns owned (folded_free); NULL without memory, and for text whose folding
 * is longer than ICU can say. */
static struct folded *
fold(const UCaseMap *map, const char *text, int len)
{
	/* Nothing grows to more than three times its bytes. */
	size_t size = 3 * (size_t)len;
	UErrorCode status = U_ZERO_ERROR;
	struct folded *folded;
	int32_t got;

	if (size > INT32_MAX)
		return NULL;
	folded = mem_alloc(sizeof(*folded) + size);
	if (folded == NULL)
		return NULL;
	got = ucasemap_utf8FoldCase(map, folded->text, (int32_t)size, text,
	    len, &status);
	if (U_FAILURE(status)) {
		mem_free(folded);
		return NULL;
	}
	folded->len = (size_t)got;
	return folded;
}

static void
has_part(sqlite3_context *context, int count, sqlite3_value **values)
{
	const UCaseMap *map = sqlite3_user_data(context);
	struct folded *text, *part, *kept;
	bool has = false;

	(void)count;
	kept = sqlite3_get_auxdata(context, 1);
	part = kept;
	if (kept == NULL)
		part = fold(map, (const char *)sqlite3_value_text(values[1]),
		    sqlite3_value_bytes(values[1]));
	text = fold(map, (const char *)sqlite3_value_text(values[0]),
	    sqlite3_value_bytes(values[0]));
	if (text != NULL && part != NULL)
		has = part->len == 0 ||
		    (text->len > 0 && memmem(text->text, text->len,
			part->text, part->len) != NULL);
	if (text == NULL || part == NULL)
		sqlite3_result_error_nomem(context);
	else
		sqlite3_result_int(context, has);
	mem_free(text);
	/* From here on it is SQLite's, which may free it at once. */
	if (kept == NULL && part != NULL)
		sqlite3_set_auxdata(context, 1, part, folded_free);
}

int
part_register(struct store *store)
{
	UErrorCode status = U_ZERO_ERROR;

	store->folding = ucasemap_open("", U_FOLD_CASE_DEFAULT, &status);
	if (U_FAILURE(status))
		return status == U_MEMORY_ALLOCATION_ERROR ? ERR_NOMEM
							   : ERR_INTERNAL;
	return store_error(store,
	    sqlite3_create_function_v2(store->db, "has_part", 2,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
		store->folding, has_part, NULL, NULL, NULL));
}

void
part_close(struct store *store)
{
	if (store->folding != NULL)
		ucasemap_close(store->folding);
	store->folding = NULL;
}
