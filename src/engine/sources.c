/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources of bases, made, changed and deleted.  That no job reads what is
 * deleted is seen within the operation, so that nothing comes in between.
 */
#include "base/buf.h"
#include "base/err.h"
#include "engine/engine_int.h"
#include "engine/source_plan.h"
#include "engine/sources.h"
#include "engine/writer.h"
#include "sys/rng.h"

/* ---- adding -------------------------------------------------------------- */

static int
add_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct source_plan *plan = arg;
	struct base_ref base;
	uint64_t count;
	int64_t id;
	int err;

	err = base_ref_find(tx_store(tx), plan->account_id, &plan->base,
	    &base);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	err = store_sources_count(tx_store(tx), base.id, &count);
	if (err == 0 && count >= SOURCES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the base has %u sources already", SOURCES_MAX);
	return err < 0 ? err : source_plan_add(tx, plan, base.id, 0, &id,
				   note);
}

int
engine_source_add(struct engine *engine, int64_t account_id,
    const struct uuid *base, const struct source_request *request,
    struct uuid *ret_source, struct err_note *note)
{
	struct source_plan plan = {.engine = engine,
	    .account_id = account_id, .base = *base, .request = *request};
	int err;

	if (request->config == NULL)
		return err_set(note, ERR_INVALID, "a source needs a config");
	plan.uuid = rng_uuid();
	source_plan_init(&plan);
	err = source_plan_check(&plan, request->kind, note);
	if (err == 0)
		err = writer_do(engine->writer, add_apply, &plan, note);
	if (err == 0)
		*ret_source = plan.uuid;
	source_plan_fini(&plan);
	return err;
}

/* ---- changing ------------------------------------------------------------ */

struct source_ref {
	int64_t id;
	enum source_kind kind;
};

static int
ref_take(void *arg, const struct source *source)
{
	struct source_ref *ref = arg;

	ref->id = source->id;
	ref->kind = source->kind;
	return 0;
}

static int
source_ref_find(struct store *store, int64_t account_id,
    const struct uuid *base_uuid, const struct uuid *uuid,
    struct source_ref *ret_ref, struct err_note *note)
{
	struct base_ref base;
	int err;

	err = base_ref_find(store, account_id, base_uuid, &base);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	err = store_source_find(store, base.id, uuid, ref_take, ret_ref);
	return err < 0 ? err_set(note, err, "the base has no such source")
		       : 0;
}

static int
change_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct source_plan *plan = arg;
	const struct source_request *request = &plan->request;
	struct source_ref ref;
	struct source row;
	int err;

	source_plan_clear(plan);
	err = source_ref_find(tx_store(tx), plan->account_id, &plan->base,
	    &plan->uuid, &ref, note);
	if (err == 0)
		err = source_copy_get(tx_store(tx), ref.id, &plan->old);
	if (err == 0 && request->config != NULL)
		err = source_plan_make(tx, plan, ref.kind, note);
	if (err < 0)
		return err;
	row = plan->old.row;
	if (request->config != NULL)
		row.config = plan->text;
	if (request->name != NULL)
		row.name = request->name;
	if (request->settings != NULL)
		row.settings = request->settings;
	if (request->secret != NULL) {
		row.secret = buf_text(&plan->sealed);
		row.secret_len = plan->sealed.len;
	}
	row.updated_us = tx_now_us(tx);
	return store_source_save(tx_store(tx), &row);
}

int
engine_source_change(struct engine *engine, int64_t account_id,
    const struct uuid *base, const struct uuid *source,
    const struct source_request *request, struct err_note *note)
{
	struct source_plan plan = {.engine = engine,
	    .account_id = account_id, .base = *base, .uuid = *source,
	    .request = *request};
	struct store *reader = NULL;
	struct source_ref ref;
	int err;

	source_plan_init(&plan);
	/* What kind it is decides how the rest is checked, and never
	 * changes. */
	err = engine_reader(engine, &reader, note);
	if (err == 0)
		err = source_ref_find(reader, account_id, base, source, &ref,
		    note);
	if (err == 0)
		err = source_plan_check(&plan, ref.kind, note);
	if (err == 0)
		err = writer_do(engine->writer, change_apply, &plan, note);
	store_close(reader);
	source_plan_fini(&plan);
	return err;
}

/* ---- deleting ------------------------------------------------------------ */

#define DROP_PAGE 128u

struct source_drop {
	int64_t account_id;
	const struct uuid *base, *source;
	int64_t ids[DROP_PAGE];
	size_t count;
};

static int
drop_row(void *arg, const struct document *document)
{
	struct source_drop *drop = arg;

	drop->ids[drop->count++] = document->id;
	return 0;
}

/* A page at a time: those that were dropped do not come again. */
static int
drop_documents(struct write_tx *tx, struct source_drop *drop,
    int64_t source_id)
{
	size_t i;
	int err;

	do {
		drop->count = 0;
		err = store_source_documents(tx_store(tx), source_id, 0, 0,
		    DROP_PAGE, drop_row, drop);
		for (i = 0; err == 0 && i < drop->count; i++)
			err = document_drop(tx, drop->ids[i], NULL);
	} while (err == 0 && drop->count == DROP_PAGE);
	return err;
}

/* Only its newest share can be of a live job: a base has one at a time. */
static int
is_being_read(struct write_tx *tx, int64_t source_id, bool *ret_is)
{
	const struct share *own;
	const struct job *job;
	struct share share;
	int err;

	*ret_is = false;
	err = store_share_newest(tx_store(tx), source_id, &share);
	if (err < 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	job = tx_job(tx, share.job_id);
	if (job == NULL || job_state_is_final(job->state) ||
	    job->cancelled_us != 0)
		return 0;
	own = tx_share(tx, share.job_id, source_id);
	*ret_is = own != NULL && !share_is_done(own);
	return 0;
}

static int
delete_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct source_drop *drop = arg;
	struct source_ref ref;
	bool is_read;
	int err;

	err = source_ref_find(tx_store(tx), drop->account_id, drop->base,
	    drop->source, &ref, note);
	if (err == 0)
		err = is_being_read(tx, ref.id, &is_read);
	if (err < 0)
		return err;
	if (is_read)
		return err_set(note, ERR_CONFLICT,
		    "a job is reading the source");
	err = drop_documents(tx, drop, ref.id);
	return err < 0 ? err : store_source_delete(tx_store(tx), ref.id);
}

int
engine_source_delete(struct engine *engine, int64_t account_id,
    const struct uuid *base, const struct uuid *source,
    struct err_note *note)
{
	struct source_drop drop = {.account_id = account_id, .base = base,
	    .source = source};
	int err;

	err = writer_do(engine->writer, delete_apply, &drop, note);
	if (err == 0)
		janitor_wake(engine->janitor);
	return err;
}
