/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders: cancel, pause and resume; bases and documents made, changed and
 * deleted.
 *
 * Cancelling is exact (promise 7) because it is one transaction: every item
 * that is not final becomes CANCELLED in it.  A worker that holds one of them
 * finds its next save refused, so nothing of the item can become visible
 * afterwards.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/board.h"
#include "engine/dispatch.h"
#include "engine/engine_int.h"
#include "engine/webhook_int.h"
#include "engine/writer.h"
#include "store/store_undo.h"
#include "sys/rng.h"

/* ---- jobs --------------------------------------------------------------- */

struct order {
	struct engine *engine;
	int64_t account_id;
	struct uuid uuid;
	enum job_order order;
	char by[64];
};

#define CANCEL_PAGE 256

struct cancel_page {
	struct item items[CANCEL_PAGE];
	size_t count;
};

static int
cancel_row(void *arg, const struct item_row *row)
{
	struct cancel_page *page = arg;

	page->items[page->count++] = row->item;
	return 0;
}

static int
cancel_item(struct write_tx *tx, const struct item *from, const char *words)
{
	struct item to = *from;

	to.code = ITEM_CODE_CANCELLED;
	to.error_stage = to.stage;
	(void)snprintf(to.message, sizeof(to.message), "%s", words);
	item_move(&to, ITEM_CANCELLED, tx_now_us(tx));
	return tx_item_save(tx, from, &to);
}

/* A page at a time: rows leave the index of open items while it goes. */
static int
cancel_items(struct write_tx *tx, int64_t job_id)
{
	struct cancel_page *page;
	uint32_t after = 0;
	size_t i;
	int err;

	page = mem_alloc(sizeof(*page));
	if (page == NULL)
		return ERR_NOMEM;
	do {
		page->count = 0;
		err = store_items_open(tx_store(tx), job_id, after,
		    CANCEL_PAGE, cancel_row, page);
		for (i = 0; err == 0 && i < page->count; i++) {
			after = page->items[i].seq;
			err = cancel_item(tx, &page->items[i],
			    item_code_text(ITEM_CODE_CANCELLED));
			if (err == 0 && page->items[i].document_id != 0)
				err = store_revision_abandon(tx_store(tx),
				    page->items[i].document_id);
		}
	} while (err == 0 && page->count == CANCEL_PAGE);
	mem_free(page);
	return err;
}

/* id: how many. */
static void
count_cancelled(void *arg, int64_t id)
{
	struct engine *engine = arg;

	atomic_fetch_add(&engine->counters.cancelled, (uint64_t)id);
	/* What was built for them is dead now. */
	janitor_wake(engine->janitor);
}

static int
order_cancel(struct write_tx *tx, const struct order *order, struct job *job)
{
	uint64_t before = job->counts.cancelled;
	int err;

	if (job->cancelled_us != 0)
		return 0;
	err = cancel_items(tx, job->id);
	if (err < 0)
		return err;
	job->cancelled_us = tx_now_us(tx);
	(void)snprintf(job->cancelled_by, sizeof(job->cancelled_by), "%s",
	    order->by);
	tx_on_commit(tx, count_cancelled, order->engine,
	    (int64_t)(job->counts.cancelled - before));
	return 0;
}

static int
order_run(struct write_tx *tx, const struct order *order, struct job *job)
{
	switch (order->order) {
	case JOB_ORDER_CANCEL:
		return order_cancel(tx, order, job);
	case JOB_ORDER_PAUSE:
		job->is_paused = true;
		return 0;
	case JOB_ORDER_RESUME:
		job->is_paused = false;
		return 0;
	}
	return ERR_INTERNAL;
}

static int
order_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct order *order = arg;
	struct job found, *job;
	int err;

	err = store_job_find(tx_store(tx), order->account_id, &order->uuid,
	    &found);
	if (err < 0)
		return err_set(note, err, "there is no such job");
	/* To ask for a job is to save it: one that has ended stays untouched,
	 * revision and all. */
	if (job_state_is_final(found.state))
		return 0;
	job = tx_job(tx, found.id);
	/* Old jobs are not on the board, and all of them are final. */
	if (job == NULL || job_state_is_final(job->state))
		return 0;
	return order_run(tx, order, job);
}

/* A pause holds the job's lane from the moment it is asked for, not only once
 * it is stored: so after the answer each worker ends at most the step it is
 * in.  Returns the job's row, 0 when nothing was held. */
static int64_t
order_hold(struct engine *engine, const struct order *asked)
{
	struct job job;

	if (asked->order != JOB_ORDER_PAUSE ||
	    !board_get(engine->board, &asked->uuid, &job) ||
	    job.account_id != asked->account_id)
		return 0;
	dispatch_hold(engine->dispatch, job.id, true);
	return job.id;
}

int
engine_job_order(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, enum job_order order, const char *by,
    struct job *ret_job, struct err_note *note)
{
	struct order asked = {.engine = engine, .account_id = account_id,
	    .uuid = *uuid, .order = order};
	struct store *reader = NULL;
	int64_t held;
	int err;

	(void)snprintf(asked.by, sizeof(asked.by), "%s",
	    by[0] == '\0' ? "user" : by);
	held = order_hold(engine, &asked);
	err = writer_do(engine->writer, order_apply, &asked, note);
	if (held != 0)
		dispatch_hold(engine->dispatch, held, false);
	if (err < 0)
		return err;
	err = engine_job_get(engine, NULL, account_id, uuid, ret_job);
	if (err != ERR_NOT_FOUND)
		return err;
	err = engine_reader(engine, &reader, note);
	if (err == 0)
		err = engine_job_get(engine, reader, account_id, uuid,
		    ret_job);
	store_close(reader);
	return err;
}

/* ---- bases -------------------------------------------------------------- */

#define SETTINGS_BYTES_MAX (256 * KIB) /* of a base, when they are made here */

struct base_plan {
	struct engine *engine;
	int64_t account_id;
	struct uuid uuid;
	const char *name, *description, *settings;
	int64_t id;
	/* What it was, for an update. */
	struct base old;
	char *old_description, *old_settings;
	/* What makes new settings of the old ones, and what it made (free). */
	base_settings_fn *fn;
	void *arg;
	char *made_settings;
	bool only_empty; /* for deleting */
};

int
base_name_check(const char *name, struct err_note *note)
{
	struct uuid uuid;
	size_t i, len = strlen(name);

	if (len == 0)
		return err_set(note, ERR_INVALID, "a base needs a name");
	/* In a path, clients take the first two for folders, and what looks
	 * like an id is looked for as an id. */
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    uuid_parse(name, len, &uuid) == 0)
		return err_set(note, ERR_INVALID,
		    "a name may not be '.', '..' or an id");
	if (len > NAME_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the name has more than %u bytes", NAME_BYTES_MAX);
	if (!utf8_is_valid(name, len))
		return err_set(note, ERR_INVALID, "the name is not UTF-8");
	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7F ||
		    name[i] == '/')
			return err_set(note, ERR_INVALID,
			    "a name may not hold control characters or '/'");
	return 0;
}

static int
base_text_check(const char *description, const char *settings,
    struct err_note *note)
{
	json_t *json;
	bool is_object;

	if (description != NULL && strlen(description) > DESCRIPTION_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the description has more than %u bytes",
		    DESCRIPTION_BYTES_MAX);
	if (settings == NULL)
		return 0;
	json = json_loads(settings, JSON_REJECT_DUPLICATES, NULL);
	is_object = json_is_object(json);
	json_decref(json);
	return is_object ? 0
			 : err_set(note, ERR_INVALID,
			       "settings must be an object");
}

static int
base_create_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct base_plan *plan = arg;
	struct base base = {.account_id = plan->account_id,
	    .uuid = plan->uuid, .description = plan->description,
	    .settings = plan->settings, .created_us = tx_now_us(tx)};
	int err;

	(void)snprintf(base.name, sizeof(base.name), "%s", plan->name);
	err = store_base_add(tx_store(tx), &base, &plan->id);
	return err == ERR_EXISTS
	    ? err_set(note, err, "there is a base named %s already",
		  plan->name)
	    : err;
}

int
engine_base_create(struct engine *engine, int64_t account_id,
    const char *name, const char *description, const char *settings,
    struct uuid *ret_uuid, struct err_note *note)
{
	struct base_plan plan = {.engine = engine, .account_id = account_id,
	    .name = name,
	    .description = description == NULL ? "" : description,
	    .settings = settings == NULL ? "{}" : settings};
	int err;

	err = base_name_check(name, note);
	if (err == 0)
		err = base_text_check(plan.description, plan.settings, note);
	if (err < 0)
		return err;
	plan.uuid = rng_uuid();
	err = writer_do(engine->writer, base_create_apply, &plan, note);
	if (err == 0)
		*ret_uuid = plan.uuid;
	return err;
}

static int
base_take(void *arg, const struct base *base)
{
	struct base_plan *plan = arg;

	plan->old = *base;
	plan->old_description = mem_strdup(base->description);
	plan->old_settings = mem_strdup(base->settings);
	return plan->old_description == NULL || plan->old_settings == NULL
	    ? ERR_NOMEM
	    : 0;
}

static void
base_renamed(void *arg, int64_t base_id)
{
	struct base_plan *plan = arg;

	board_rename_base(plan->engine->board, base_id, plan->name);
}

static void
base_plan_clear(struct base_plan *plan)
{
	mem_free(plan->old_description);
	mem_free(plan->old_settings);
	free(plan->made_settings);
	plan->old_description = plan->old_settings = NULL;
	plan->made_settings = NULL;
}

/* Let the caller change the settings that there are now: 0; 1 when it leaves
 * them as they are. */
static int
base_settings_make(struct base_plan *plan, struct err_note *note)
{
	json_t *settings;
	int err;

	settings = json_loads(plan->old_settings, 0, NULL);
	if (settings == NULL)
		return ERR_CORRUPT;
	err = plan->fn(plan->arg, settings, note);
	if (err == 0) {
		plan->made_settings = json_dumps(settings, JSON_COMPACT);
		if (plan->made_settings == NULL)
			err = ERR_NOMEM;
		else if (strlen(plan->made_settings) > SETTINGS_BYTES_MAX)
			err = err_set(note, ERR_TOO_BIG,
			    "the settings have more than %llu bytes",
			    SETTINGS_BYTES_MAX);
	}
	json_decref(settings);
	return err;
}

static int
base_update_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct base_plan *plan = arg;
	struct base base;
	int err;

	base_plan_clear(plan);
	err = store_base_find(tx_store(tx), plan->account_id, &plan->uuid,
	    NULL, base_take, plan);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	if (plan->fn != NULL) {
		err = base_settings_make(plan, note);
		if (err < 0)
			return err;
		if (err > 0 && plan->name == NULL && plan->description == NULL)
			return 0;
		plan->settings = plan->made_settings;
	}
	base = plan->old;
	base.description = plan->description != NULL ? plan->description
						     : plan->old_description;
	base.settings = plan->settings != NULL ? plan->settings
					       : plan->old_settings;
	if (plan->name != NULL)
		(void)snprintf(base.name, sizeof(base.name), "%s",
		    plan->name);
	base.updated_us = tx_now_us(tx);
	err = store_base_save(tx_store(tx), &base);
	if (err == ERR_EXISTS)
		return err_set(note, err, "there is a base named %s already",
		    base.name);
	if (err == 0 && plan->name != NULL)
		tx_on_commit(tx, base_renamed, plan, base.id);
	return err;
}

static int
base_plan_update(struct base_plan *plan, struct err_note *note)
{
	int err = 0;

	if (plan->name != NULL)
		err = base_name_check(plan->name, note);
	if (err == 0)
		err = base_text_check(plan->description, plan->settings, note);
	if (err == 0)
		err = writer_do(plan->engine->writer, base_update_apply, plan,
		    note);
	base_plan_clear(plan);
	return err;
}

int
engine_base_update(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, const char *name, const char *description,
    const char *settings, struct err_note *note)
{
	struct base_plan plan = {.engine = engine, .account_id = account_id,
	    .uuid = *uuid, .name = name, .description = description,
	    .settings = settings};

	return base_plan_update(&plan, note);
}

int
engine_base_change(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, const char *name, const char *description,
    base_settings_fn *fn, void *arg, struct err_note *note)
{
	struct base_plan plan = {.engine = engine, .account_id = account_id,
	    .uuid = *uuid, .name = name, .description = description,
	    .fn = fn, .arg = arg};

	return base_plan_update(&plan, note);
}

static void
base_forgotten(void *arg, int64_t base_id)
{
	struct base_plan *plan = arg;

	board_forget_base(plan->engine->board, base_id);
	dispatch_end_base(plan->engine->dispatch, base_id);
	planner_end(plan->engine->planner, 0, base_id);
}

static int
live_found(void *arg, const struct job *job)
{
	(void)job;
	*(bool *)arg = true;
	return 0;
}

/* ERR_CONFLICT: there is a document in it, or a job may bring one. */
static int
base_empty_check(struct store *store, int64_t account_id, int64_t base_id,
    struct err_note *note)
{
	struct job_filter filter = {.account_id = account_id,
	    .base_id = base_id, .limit = 1};
	bool is_live = false;
	int64_t document;
	size_t count = 0;
	int state, err;

	for (state = 0; state < JOB_STATE_COUNT; state++)
		if (!job_state_is_final((enum job_state)state))
			filter.states |= 1u << state;
	err = store_documents_last(store, base_id, INT64_MAX, &document, 1,
	    &count);
	if (err == 0)
		err = store_jobs_each(store, &filter, live_found, &is_live);
	if (err == 0 && (count > 0 || is_live))
		err = err_set(note, ERR_CONFLICT, "the base is not empty");
	return err;
}

static int
base_delete_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct base_plan *plan = arg;
	struct base_ref base;
	int err;

	err = base_ref_find(tx_store(tx), plan->account_id, &plan->uuid,
	    &base);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	if (plan->only_empty)
		err = base_empty_check(tx_store(tx), plan->account_id, base.id,
		    note);
	if (err < 0)
		return err;
	err = event_note_base(plan->engine, tx, plan->account_id, base.id);
	if (err == 0)
		err = tx_forget_base(tx, base.id);
	if (err == 0)
		err = store_base_delete(tx_store(tx), base.id);
	if (err == 0)
		tx_on_commit(tx, base_forgotten, plan, base.id);
	return err;
}

static int
base_plan_delete(struct base_plan *plan, struct err_note *note)
{
	int err;

	err = writer_do(plan->engine->writer, base_delete_apply, plan, note);
	if (err == 0)
		janitor_wake(plan->engine->janitor); /* for its uploads */
	return err;
}

int
engine_base_delete(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note)
{
	struct base_plan plan = {.engine = engine, .account_id = account_id,
	    .uuid = *uuid};

	return base_plan_delete(&plan, note);
}

int
engine_base_delete_empty(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note)
{
	struct base_plan plan = {.engine = engine, .account_id = account_id,
	    .uuid = *uuid, .only_empty = true};

	return base_plan_delete(&plan, note);
}

/* ---- documents ---------------------------------------------------------- */

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

int
document_items_cancel(struct write_tx *tx, int64_t document_id,
    int64_t job_id, const char *words)
{
	struct cancel_page *page;
	size_t i, others;
	int err;

	page = mem_alloc(sizeof(*page));
	if (page == NULL)
		return ERR_NOMEM;
	do {
		page->count = others = 0;
		err = store_items_of_document(tx_store(tx), document_id,
		    CANCEL_PAGE, cancel_row, page);
		for (i = 0; err == 0 && i < page->count; i++) {
			if (job_id == 0 || page->items[i].job_id == job_id)
				err = cancel_item(tx, &page->items[i], words);
			else
				others++;
		}
		/* Those of others would come again. */
	} while (err == 0 && page->count == CANCEL_PAGE && others == 0);
	mem_free(page);
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
