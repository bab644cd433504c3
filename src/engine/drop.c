/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents: found by their ids, and deleted with what is in them.
 */
#include "base/err.h"
#include "engine/engine_int.h"
#include "engine/writer.h"
#include "store/store_undo.h"

struct document_ref {
	struct uuid uuid;
	int64_t account_id;
	int64_t id, base_id;
	struct uuid base_uuid;
	bool is_found;
};

static int
document_ref_take(void *arg, const struct document *document)
{
	struct document_ref *ref = arg;
	struct uuid uuid = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);

	ref->is_found = uuid_is_equal(&uuid, &ref->uuid);
	ref->id = document->id;
	ref->base_id = document->base_id;
	ref->base_uuid = document->base_uuid;
	return 0;
}

static int
document_ref_load(struct store *store, struct document_ref *ref)
{
	struct base_ref base;
	uint64_t row = uuid_row(&ref->uuid);
	int err;

	if (row == 0)
		return ERR_NOT_FOUND;
	err = store_document_get(store, (int64_t)row, document_ref_take, ref);
	if (err == 0 && !ref->is_found)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = base_ref_find(store, ref->account_id, &ref->base_uuid,
		    &base);
	return err;
}

int
document_ref_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, int64_t *ret_document_id, int64_t *ret_base_id)
{
	struct document_ref ref = {.uuid = *uuid, .account_id = account_id};
	int err;

	err = document_ref_load(store, &ref);
	if (err == 0) {
		*ret_document_id = ref.id;
		*ret_base_id = ref.base_id;
	}
	return err;
}

#define DROP_PAGE 64

/* What is dropped together. */
struct drop {
	struct write_tx *tx;
	int64_t keeper; /* the job that keeps it; 0 none */
	int64_t root_id;
	uint64_t *count; /* may be NULL */
};

static int drop_document(const struct drop *drop, int64_t document_id);

/* except_job: as store_document_members() has it. */
static int
drop_members(const struct drop *drop, int64_t document_id,
    int64_t except_job)
{
	int64_t ids[DROP_PAGE];
	size_t i, n = 0;
	int err;

	do {
		err = store_document_members(tx_store(drop->tx), document_id,
		    except_job, ids, DROP_PAGE, &n);
		for (i = 0; err == 0 && i < n; i++)
			err = drop_document(drop, ids[i]);
	} while (err == 0 && n == DROP_PAGE);
	return err;
}

/* As deep as MEMBER_DEPTH_MAX. */
static int
drop_document(const struct drop *drop, int64_t document_id)
{
	struct store *store = tx_store(drop->tx);
	int err;

	err = drop_members(drop, document_id, 0);
	if (err == 0)
		err = document_items_cancel(drop->tx, document_id, 0,
		    "the document was deleted");
	if (err == 0)
		err = drop->keeper == 0
		    ? store_document_delete(store, document_id)
		    : store_document_remove(store, drop->keeper, document_id,
			  drop->root_id);
	if (err == 0 && drop->count != NULL)
		(*drop->count)++;
	return err;
}

static int64_t
keeper_of(const struct job *job)
{
	return job->keeps_replaced ? job->id : 0;
}

int
document_drop(struct write_tx *tx, int64_t document_id, uint64_t *count)
{
	struct drop drop = {.tx = tx, .count = count};

	return drop_document(&drop, document_id);
}

int
document_drop_for(struct write_tx *tx, const struct job *job,
    int64_t document_id, uint64_t *count)
{
	struct drop drop = {.tx = tx, .keeper = keeper_of(job),
	    .root_id = document_id, .count = count};

	return drop_document(&drop, document_id);
}

int
document_drop_members(struct write_tx *tx, const struct job *job,
    int64_t document_id, int64_t root_id, uint64_t *count)
{
	struct drop drop = {.tx = tx, .keeper = keeper_of(job),
	    .root_id = root_id, .count = count};

	return drop_members(&drop, document_id, job->id);
}

int
document_drop_inside(struct write_tx *tx, int64_t document_id)
{
	struct drop drop = {.tx = tx};

	return drop_members(&drop, document_id, 0);
}

static int
document_delete_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct document_ref *ref = arg;
	int err;

	err = document_ref_load(tx_store(tx), ref);
	if (err < 0)
		return err_set(note, ERR_NOT_FOUND,
		    "there is no such document");
	return document_drop(tx, ref->id, NULL);
}

int
engine_document_delete(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note)
{
	struct document_ref ref = {.uuid = *uuid, .account_id = account_id};
	int err;

	err = writer_do(engine->writer, document_delete_apply, &ref, note);
	if (err == 0)
		janitor_wake(engine->janitor);
	return err;
}
