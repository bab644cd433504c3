/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts: jobs over contents that were given, each for a place of its own, or
 * over what documents were given before.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/plan.h"
#include "engine/puts.h"
#include "engine/rule.h"
#include "engine/writer.h"

/* ---- content ------------------------------------------------------------ */

/* Files are made durable; what is small goes with the job. */
static int
puts_store(const struct puts *puts, struct err_note *note)
{
	struct upload **uploads;
	size_t i, n = 0;
	int err = 0;

	uploads = mem_array(puts->count, sizeof(struct upload *));
	if (uploads == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	for (i = 0; i < puts->count; i++)
		if (puts->list[i].upload != NULL)
			uploads[n++] = puts->list[i].upload;
	if (n > 0)
		err = uploads_store(uploads, n, note);
	mem_free(uploads);
	return err;
}

struct content {
	struct write_tx *tx;
	struct item_row *row;
	uint8_t blob[HASH_SIZE];
	bool is_member; /* of a document that could not give it */
};

static int
content_take(void *arg, const struct item_row *old)
{
	struct content *content = arg;
	struct item_row *row = content->row;

	row->item.bytes = old->item.bytes;
	row->item.mtime_us = old->item.mtime_us;
	row->item.parent_id = old->item.parent_id;
	row->item.root_id = old->item.root_id;
	row->item.depth = old->item.depth;
	if (old->blob != NULL) {
		memcpy(content->blob, old->blob, HASH_SIZE);
		row->blob = content->blob;
	}
	return 0;
}

static int
content_missing(struct err_note *note)
{
	return err_set(note, ERR_NOT_FOUND,
	    "the document has no content that could be read again");
}

/* The content of the document's newest item, as that found it. */
static int
content_again(struct write_tx *tx, const struct target *target,
    struct content *content, struct err_note *note)
{
	struct item_row *row = content->row;
	struct item old;
	int err;

	err = target->item_id == 0 ? ERR_NOT_FOUND
				   : store_item_get(tx_store(tx),
					 target->item_id, content_take,
					 content);
	if (err == ERR_NOT_FOUND)
		return content_missing(note);
	if (err < 0)
		return err;
	old = row->item;
	row->item.parent_id = row->item.root_id = 0;
	row->item.depth = 0;
	err = plan_parent(tx, &old, &row->item);
	/* A member that did not come out of what it is in. */
	if (err == 0 && row->blob == NULL &&
	    strncmp(target->uri, "file:", 5) != 0)
		err = content_missing(note);
	return err;
}

/* ---- in the transaction ------------------------------------------------- */

struct settings_check {
	const char *settings;
	struct err_note *note;
};

static int
settings_check(void *arg, const struct base *base)
{
	const struct settings_check *check = arg;
	struct rule rule;

	return rule_read(base->settings, NULL, check->settings, &rule,
	    check->note);
}

/* Settings that no document could be indexed with are refused. */
static int
put_settings(struct write_tx *tx, const struct plan *plan,
    const struct put *put, struct err_note *note)
{
	struct settings_check check = {put->settings, note};

	if (put->settings == NULL)
		return 0;
	return store_base_find(tx_store(tx), plan->request.account_id,
	    &plan->request.base, NULL, settings_check, &check);
}

static const char *
put_metadata(const struct put *put)
{
	const char *metadata = put->metadata;

	if (metadata == NULL && put->upload != NULL)
		metadata = upload_metadata(put->upload);
	return metadata == NULL ? "{}" : metadata;
}

/* The item, when the document is there. */
static int
put_add(struct write_tx *tx, const struct puts *puts, struct job *job,
    const struct target *target, struct item_row *row)
{
	int64_t open_id = 0;
	int err = 0;

	if (puts->is_keep)
		err = keep_look(tx, target, row, &open_id);
	if (err == 0)
		err = plan_item_add(tx, job, row);
	if (err == 0 && puts->is_keep)
		err = keep_note(tx, row, open_id);
	return err;
}

/* A content that came in the same request before: it is the same document,
 * with one item.  Name and metadata are the last ones. */
static int
put_again(struct write_tx *tx, struct job *job, const struct put *put,
    const struct target *target, bool *ret_is_again)
{
	struct document_change change = {.settings = put->settings,
	    .metadata = put->metadata,
	    .name = put->name != NULL ? put->name : upload_name(put->upload),
	    .disabled_us = target->disabled_us,
	    .disabled_by = target->disabled_by,
	    .is_archived = target->is_archived};
	int err;

	if (change.metadata == NULL)
		change.metadata = upload_metadata(put->upload);
	err = store_item_of_document(tx_store(tx), job->id, target->id,
	    ret_is_again, NULL);
	return err < 0 || !*ret_is_again
	    ? err
	    : store_document_change(tx_store(tx), target->id, &change,
		  tx_now_us(tx));
}

static int
put_item(struct write_tx *tx, struct puts *puts, struct job *job, size_t i,
    struct target *target, struct err_note *note)
{
	const struct put *put = &puts->list[i];
	struct place *place = &puts->places[i];
	struct item_row row;
	struct content content = {.tx = tx, .row = &row};
	int err = 0;

	if (puts->is_keep && target->is_member)
		return err_set(note, ERR_INVALID,
		    "the document is part of another one");
	memset(&row, 0, sizeof(row));
	if (put->upload == NULL) {
		err = content_again(tx, target, &content, note);
	} else {
		row.blob = upload_hash(put->upload);
		row.item.bytes = upload_bytes(put->upload);
		err = upload_put(put->upload, tx_store(tx));
	}
	if (err == 0 && put->by_content && target->id != 0)
		err = target_move(tx, place, target, note);
	if (err < 0)
		return err;
	row.uri = target->id != 0 ? target->uri : place->uri;
	row.name = place->name != NULL ? place->name
	    : put->name != NULL	       ? put->name
	    : put->upload != NULL      ? upload_name(put->upload)
				       : target->name;
	row.metadata = put_metadata(put);
	err = target_put(tx, puts, job, i, target, &row, note);
	if (err < 0)
		return err;
	row.uri = target->uri;
	row.item.document_id = target->id;
	return put_add(tx, puts, job, target, &row);
}

static void
put_is_in(struct place *place, const struct job *job,
    const struct target *target)
{
	place->document = uuid_of_row(&job->base_uuid, (uint64_t)target->id);
	place->position = target->position;
}

static int
put_one(struct write_tx *tx, struct plan *plan, struct job *job, size_t i,
    struct err_note *note)
{
	struct puts *puts = plan->arg;
	const struct put *put = &puts->list[i];
	struct target target;
	bool is_again = false;
	int err;

	err = put_settings(tx, plan, put, note);
	if (err == 0)
		err = place_find_number(tx_store(tx), job->base_id, put,
		    plan->kind, &puts->places[i]);
	if (err < 0)
		return err;
	err = target_find(tx_store(tx), job->base_id, put, &puts->places[i],
	    &target);
	if (err == ERR_NOT_FOUND)
		err = err_set(note, err, "there is no such document");
	if (err == 0 && put->by_content && put->document == NULL &&
	    target.id != 0)
		err = put_again(tx, job, put, &target, &is_again);
	if (err == 0 && !is_again)
		err = put_item(tx, puts, job, i, &target, note);
	if (err == 0)
		put_is_in(&puts->places[i], job, &target);
	target_fini(&target);
	return err;
}

static int
puts_items(struct write_tx *tx, struct plan *plan, struct job *job,
    struct err_note *note)
{
	struct puts *puts = plan->arg;
	size_t i;
	int err = 0;

	puts->has_superseded = false;
	for (i = 0; err == 0 && i < puts->count; i++)
		err = put_one(tx, plan, job, i, note);
	if (err < 0 && puts->count > 1 && note->text[0] != '\0')
		err_wrap(note, "documents[%zu]", i - 1);
	return err;
}

/* ---- from outside ------------------------------------------------------- */

int
puts_run(struct engine *engine, const struct job_request *request,
    enum job_kind kind, struct puts *puts, const char *batch,
    struct job *ret_job, struct err_note *note)
{
	struct plan plan = {.request = *request, .kind = kind, .attempt = 1,
	    .scan = SCAN_DONE, .batch = batch, .prepare = puts_source,
	    .items = puts_items, .arg = puts};
	size_t i;
	int err;

	if (puts->count == 0)
		return err_set(note, ERR_INVALID, "no document was given");
	if (puts->count > UPLOAD_FILES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "more than %u documents in one request",
		    UPLOAD_FILES_MAX);
	if (batch != NULL && (batch[0] == '\0' || strlen(batch) >= BATCH_SIZE))
		return err_set(note, ERR_INVALID,
		    "a batch's name has 1 to %d bytes", BATCH_SIZE - 1);
	buf_init(&puts->source, HTTP_JSON_BYTES_MAX);
	err = places_make(puts, kind, note);
	if (err == 0)
		err = puts_store(puts, note);
	if (err == 0)
		err = plan_run(engine, &plan, ret_job, note);
	/* A request that came again has put nothing. */
	for (i = 0; err == 0 && !plan.is_repeated && i < puts->count; i++) {
		puts->list[i].ret_document = puts->places[i].document;
		puts->list[i].ret_position = puts->places[i].position;
	}
	if (err == 0 && puts->has_superseded)
		janitor_wake(engine->janitor);
	places_free(puts);
	buf_fini(&puts->source);
	return err;
}

int
engine_job_puts(struct engine *engine, const struct job_request *request,
    enum job_kind kind, struct put *list, size_t count, const char *batch,
    bool is_forced, struct job *ret_job, struct err_note *note)
{
	struct puts puts = {.list = list, .count = count,
	    .is_forced = is_forced};

	return puts_run(engine, request, kind, &puts, batch, ret_job, note);
}

int
engine_job_uploads(struct engine *engine, const struct job_request *request,
    enum job_kind kind, struct upload *const *uploads, size_t count,
    struct job *ret_job, struct err_note *note)
{
	struct put *puts;
	size_t i;
	int err;

	if (count > UPLOAD_FILES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "more than %u documents in one request",
		    UPLOAD_FILES_MAX);
	puts = mem_array(count + 1, sizeof(*puts));
	if (puts == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	memset(puts, 0, (count + 1) * sizeof(*puts));
	for (i = 0; i < count; i++)
		puts[i].upload = uploads[i];
	err = engine_job_puts(engine, request, kind, puts, count, NULL, false,
	    ret_job, note);
	mem_free(puts);
	return err;
}
