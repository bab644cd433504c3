/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documents that contents are put into.
 *
 * Two jobs may have an open item of one document.  When both are over the same
 * content it does not matter which a worker takes first: the second waits for
 * what the first has to publish (open.c) and finds the document unchanged, or
 * its rule another one.  When the content is another one the older item is
 * cancelled, in the transaction that adds the newer one, so that the newest
 * content wins whatever the workers do.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/puts.h"
#include "engine/writer.h"
#include "store/store_undo.h"

void
target_fini(struct target *target)
{
	mem_free(target->uri);
	mem_free(target->name);
	mem_free(target->disabled_by);
	memset(target, 0, sizeof(*target));
}

static int
target_take(void *arg, const struct document *document)
{
	struct target *target = arg;

	target->id = document->id;
	target->base_id = document->base_id;
	target->base_uuid = document->base_uuid;
	target->item_id = document->item_id;
	target->bytes = document->bytes;
	target->mtime_us = document->mtime_us;
	target->disabled_us = document->disabled_us;
	target->is_archived = document->is_archived;
	target->position = document->position;
	target->is_member = document->parent_id != 0;
	target->is_indexed = document->revision_id != 0;
	target->is_edited = document->rule == RULE_EDITED;
	target->is_held = document->held_us != 0;
	memcpy(target->hash, document->hash, HASH_SIZE);
	target->uri = mem_strdup(document->uri);
	target->name = mem_strdup(document->name);
	target->disabled_by = mem_strdup(document->disabled_by == NULL
	    ? "" : document->disabled_by);
	return target->uri == NULL || target->name == NULL ||
		target->disabled_by == NULL ? ERR_NOMEM : 0;
}

int
target_find(struct store *store, int64_t base_id, const struct put *put,
    const struct place *place, struct target *target)
{
	struct uuid uuid;
	int err;

	memset(target, 0, sizeof(*target));
	if (put->is_new && put->document == NULL)
		return 0;
	if (put->document == NULL) {
		err = store_document_find(store, base_id, place->uri,
		    target_take, target);
		return err == ERR_NOT_FOUND ? 0 : err;
	}
	err = store_document_get(store, (int64_t)uuid_row(put->document),
	    target_take, target);
	if (err < 0)
		return err;
	uuid = uuid_of_row(&target->base_uuid, (uint64_t)target->id);
	return target->base_id == base_id &&
		uuid_is_equal(&uuid, put->document) ? 0 : ERR_NOT_FOUND;
}

static int
target_make(struct write_tx *tx, const struct job *job,
    const struct put *put, const struct place *place,
    const struct item_row *row, struct target *target)
{
	struct document_change change = {.settings = put->settings};
	int err;

	err = store_document_put(tx_store(tx), job->base_id, place->uri,
	    row->name, row->metadata, job->id, 0, tx_now_us(tx),
	    &target->id);
	if (err == 0 && put->settings != NULL)
		err = store_document_change(tx_store(tx), target->id,
		    &change, tx_now_us(tx));
	if (err == 0)
		err = plan_note(tx, job, target->id, 0, true);
	if (err == 0)
		err = store_document_get(tx_store(tx), target->id,
		    target_take, target);
	return err;
}

/* What is there keeps what was not given. */
static int
target_change(struct write_tx *tx, const struct job *job,
    const struct put *put, const struct item_row *row,
    const struct target *target)
{
	struct document_change change = {.settings = put->settings,
	    .disabled_us = target->disabled_us,
	    .disabled_by = target->disabled_by,
	    .is_archived = target->is_archived};
	int err;

	change.metadata = put->metadata;
	if (change.metadata == NULL && put->upload != NULL)
		change.metadata = upload_metadata(put->upload);
	if (strcmp(row->name, target->name) != 0)
		change.name = row->name;
	err = plan_note(tx, job, target->id, row->item.root_id, false);
	if (err == 0)
		err = store_document_touch(tx_store(tx), target->id,
		    target->bytes, target->mtime_us, job->id);
	if (err == 0 && (change.name != NULL || change.metadata != NULL ||
		change.settings != NULL))
		err = store_document_change(tx_store(tx), target->id,
		    &change, tx_now_us(tx));
	if (err == 0 && job->keeps_replaced)
		err = store_replaced_settle(tx_store(tx), job->id,
		    target->id);
	return err;
}

int
target_move(struct write_tx *tx, const struct place *place,
    struct target *target, struct err_note *note)
{
	char *uri;
	int err;

	if (strcmp(target->uri, place->uri) == 0)
		return 0;
	err = store_document_address(tx_store(tx), target->id, place->uri);
	if (err == ERR_EXISTS)
		return err_set(note, err,
		    "another document has this content already");
	if (err < 0)
		return err;
	uri = mem_strdup(place->uri);
	if (uri == NULL)
		return ERR_NOMEM;
	mem_free(target->uri);
	target->uri = uri;
	return 0;
}

/* ---- older items of it -------------------------------------------------- */

#define OTHERS_PAGE 64

struct others {
	int64_t job_id;
	const uint8_t *blob; /* the newer content; NULL: in place */
	int64_t jobs[OTHERS_PAGE];
	size_t count;
};

static int
other_row(void *arg, const struct item_row *row)
{
	struct others *others = arg;
	bool is_same;

	is_same = row->blob == NULL || others->blob == NULL
	    ? row->blob == others->blob
	    : memcmp(row->blob, others->blob, HASH_SIZE) == 0;
	if (row->item.job_id != others->job_id && !is_same)
		others->jobs[others->count++] = row->item.job_id;
	return 0;
}

/*
 * Cancel what older jobs have open of the document with another content.  A
 * page with nothing to cancel ends the walk: each put cancels all others, so
 * what is left is of one content.
 */
static int
target_supersede(struct write_tx *tx, struct puts *puts, int64_t document_id,
    const struct item_row *row, int64_t job_id)
{
	struct others others = {.job_id = job_id, .blob = row->blob};
	size_t i;
	int err;

	do {
		others.count = 0;
		err = store_items_of_document(tx_store(tx), document_id,
		    OTHERS_PAGE, other_row, &others);
		for (i = 0; err == 0 && i < others.count; i++)
			if (i == 0 || others.jobs[i] != others.jobs[i - 1])
				err = document_items_cancel(tx, document_id,
				    others.jobs[i],
				    "a newer content of the document came");
		if (err == 0 && others.count > 0) {
			puts->has_superseded = true;
			err = store_revision_abandon(tx_store(tx),
			    document_id);
		}
	} while (err == 0 && others.count == OTHERS_PAGE);
	return err;
}

/* ---- all of it ---------------------------------------------------------- */

static int
target_is_free(struct write_tx *tx, const struct job *job, int64_t document_id,
    struct err_note *note)
{
	bool is_twice = false;
	int err;

	err = store_item_of_document(tx_store(tx), job->id, document_id,
	    &is_twice, NULL);
	return err == 0 && is_twice
	    ? err_set(note, ERR_INVALID, "the document is there twice")
	    : err;
}

int
target_put(struct write_tx *tx, struct puts *puts, struct job *job,
    size_t i, struct target *target, const struct item_row *row,
    struct err_note *note)
{
	const struct put *put = &puts->list[i];
	int err;

	if (target->id == 0)
		return target_make(tx, job, put, &puts->places[i], row,
		    target);
	err = target_is_free(tx, job, target->id, note);
	if (err == 0)
		err = target_change(tx, job, put, row, target);
	if (err == 0)
		err = target_supersede(tx, puts, target->id, row, job->id);
	return err;
}
