/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forgetting what became of contents.  Only what can be read again is
 * forgotten: it would be lost else.  What is inside of a document goes with
 * it, and comes back with it.
 */
#include <string.h>

#include "base/err.h"
#include "engine/bases.h"
#include "engine/engine_int.h"
#include "engine/kept.h"
#include "engine/writer.h"

#define FORGET_PAGE 32u /* documents looked at in one operation */

/* ---- one document -------------------------------------------------------- */

struct readable {
	const struct engine *engine;
	int64_t item_id;
	bool is_top; /* neither a member nor of a source */
	bool is_readable;
};

static int
readable_document(void *arg, const struct document *document)
{
	struct readable *readable = arg;

	readable->item_id = document->item_id;
	readable->is_top = document->parent_id == 0 &&
	    document->source_id == 0;
	readable->is_readable = kept_may_read(readable->engine,
	    document->uri);
	return 0;
}

static int
readable_item(void *arg, const struct item_row *row)
{
	struct readable *readable = arg;

	readable->is_readable |= row->blob != NULL;
	return 0;
}

/* ERR_CONFLICT: it cannot be read again. */
static int
document_forget(struct write_tx *tx, const struct engine *engine,
    int64_t document_id)
{
	struct readable readable = {.engine = engine};
	struct store *store = tx_store(tx);
	int err;

	err = store_document_get(store, document_id, readable_document,
	    &readable);
	if (err < 0)
		return err;
	if (!readable.is_top || readable.item_id == 0)
		return ERR_CONFLICT;
	err = store_item_get(store, readable.item_id, readable_item,
	    &readable);
	if (err < 0)
		return err;
	if (!readable.is_readable)
		return ERR_CONFLICT;
	err = document_items_cancel(tx, document_id, 0,
	    "what became of the document was forgotten");
	if (err == 0)
		err = document_drop_inside(tx, document_id);
	return err < 0 ? err : store_document_forget(store, document_id,
				   tx_now_us(tx));
}

struct forget {
	struct engine *engine;
	int64_t account_id;
	const struct uuid *uuid;
	/* Of a base: the documents that are looked at. */
	int64_t after_id, until_id;
	int64_t ids[FORGET_PAGE];
	size_t rows, count;
	int64_t last_id;
	uint64_t forgotten; /* of the last page */
};

static int
forget_one(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct forget *forget = arg;
	int64_t document_id, base_id;
	int err;

	err = document_ref_find(tx_store(tx), forget->account_id,
	    forget->uuid, &document_id, &base_id);
	if (err < 0)
		return err_set(note, ERR_NOT_FOUND,
		    "there is no such document");
	err = document_forget(tx, forget->engine, document_id);
	return err == ERR_CONFLICT
	    ? err_set(note, err, "the document could not be read again")
	    : err;
}

int
engine_document_forget(struct engine *engine, int64_t account_id,
    const struct uuid *document, struct err_note *note)
{
	struct forget forget = {.engine = engine, .account_id = account_id,
	    .uuid = document};
	int err;

	err = writer_do(engine->writer, forget_one, &forget, note);
	if (err == 0)
		janitor_wake(engine->janitor);
	return err;
}

/* ---- all of a base ------------------------------------------------------ */

static int
forget_row(void *arg, const struct document *document)
{
	struct forget *forget = arg;

	forget->rows++;
	forget->last_id = document->id;
	if (document->parent_id == 0 && document->id <= forget->until_id)
		forget->ids[forget->count++] = document->id;
	return 0;
}

static int
forget_page(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct forget *forget = arg;
	struct document_filter filter = {.after_id = forget->after_id,
	    .limit = FORGET_PAGE};
	struct base_ref base;
	size_t i;
	int err;

	forget->rows = forget->count = 0;
	forget->forgotten = 0;
	err = base_ref_find(tx_store(tx), forget->account_id, forget->uuid,
	    &base);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	filter.base_id = base.id;
	err = store_documents_each(tx_store(tx), &filter, forget_row, forget);
	for (i = 0; err == 0 && i < forget->count; i++) {
		err = document_forget(tx, forget->engine, forget->ids[i]);
		if (err == 0)
			forget->forgotten++;
		else if (err == ERR_CONFLICT || err == ERR_NOT_FOUND)
			err = 0;
	}
	return err;
}

static int
forget_all(struct forget *forget, const struct base_watch *watch,
    uint64_t *ret_count, struct err_note *note)
{
	int err;

	do {
		if (watch->goes_on != NULL && !watch->goes_on(watch->arg))
			return ERR_CANCELLED;
		err = writer_do(forget->engine->writer, forget_page, forget,
		    note);
		if (err < 0)
			return err;
		*ret_count += forget->forgotten;
		forget->after_id = forget->last_id;
	} while (forget->rows == FORGET_PAGE &&
	    forget->after_id < forget->until_id);
	return 0;
}

int
engine_base_forget(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *base, const char *by,
    const struct base_watch *watch, uint64_t *ret_count,
    struct err_note *note)
{
	struct forget forget = {.engine = engine, .account_id = account_id,
	    .uuid = base};
	struct base_ref ref;
	size_t n = 0;
	int err;

	*ret_count = 0;
	err = engine_base_end_jobs(engine, reader, account_id, base, by,
	    note);
	if (err == 0)
		err = base_ref_find(reader, account_id, base, &ref);
	if (err == 0)
		err = store_documents_last(reader, ref.id, INT64_MAX,
		    &forget.until_id, 1, &n);
	if (err == 0 && n > 0)
		err = forget_all(&forget, watch, ret_count, note);
	janitor_wake(engine->janitor);
	return err;
}
