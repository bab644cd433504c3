/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bases: made, changed and deleted.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/base_models.h"
#include "engine/board.h"
#include "engine/dispatch.h"
#include "engine/embedding.h"
#include "engine/engine_int.h"
#include "engine/mirror.h"
#include "engine/webhook_int.h"
#include "engine/writer.h"
#include "sys/rng.h"

#define SETTINGS_BYTES_MAX (256 * KIB) /* of a base, when they are made here */

struct base_plan {
	struct engine *engine;
	int64_t account_id;
	struct uuid uuid;
	const char *name, *description, *settings;
	struct model_wish wish; /* for a new one, and what it comes to */
	int64_t embedder_id;
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
	    .settings = plan->settings, .created_us = tx_now_us(tx),
	    .embedding_model = plan->wish.name,
	    .embedding_dimensions = plan->wish.dimensions,
	    .embedder_id = plan->embedder_id,
	    .wanted_id = plan->embedder_id};
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
	return engine_base_create_with(engine, account_id, name, description,
	    settings, NULL, ret_uuid, note);
}

int
engine_base_create_with(struct engine *engine, int64_t account_id,
    const char *name, const char *description, const char *settings,
    const struct model_wish *wish, struct uuid *ret_uuid,
    struct err_note *note)
{
	struct base_plan plan = {.engine = engine, .account_id = account_id,
	    .name = name,
	    .description = description == NULL ? "" : description,
	    .settings = settings == NULL ? "{}" : settings};
	const struct embedding *embedding;
	int err;

	err = base_name_check(name, note);
	if (err == 0)
		err = base_text_check(plan.description, plan.settings, note);
	if (err == 0 && wish != NULL) {
		plan.wish = *wish;
		err = engine_model_check(engine, account_id, wish, note);
	}
	if (err == 0)
		err = embedding_named(engine, account_id, plan.wish.name,
		    plan.wish.dimensions, false, &embedding, note);
	if (err < 0)
		return err;
	plan.embedder_id = embedding->id;
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
	mirrors_forget(plan->engine->mirrors, base_id);
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
