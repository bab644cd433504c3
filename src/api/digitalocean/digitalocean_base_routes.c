/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routes of knowledge bases.
 *
 * A knowledge base may be made with its data sources at once: all of them are
 * looked at before anything is made, and what is made goes again when one of
 * them turns out not to be possible.
 */
#include <stdlib.h>
#include <string.h>

#include "api/digitalocean/digitalocean_body.h"
#include "api/digitalocean/digitalocean_int.h"
#include "api/digitalocean/digitalocean_jobs.h"
#include "api/digitalocean/digitalocean_source.h"
#include "base/mem.h"
#include "engine/base_models.h"
#include "engine/sources.h"

#define TAGS_MAX 100u
#define SETTINGS_BYTES_MAX (64 * KIB)

/* ---- what is kept of a body --------------------------------------------- */

/* Members of a body that the settings keep, checked; NULL: not given. */
struct kept {
	const char *name;
	const char *texts[4];
	const json_t *tags, *reranking;
	int is_public;
};

static const char *const text_names[] = {"region", "project_id",
    "database_id", "embedding_model_uuid"};

static int
kept_read(const json_t *body, struct kept *kept, struct err_note *note)
{
	const char *model;
	int is_enabled, err;
	size_t i;

	memset(kept, 0, sizeof(*kept));
	err = do_text(body, "name", &kept->name, note);
	for (i = 0; err == 0 && i < 4; i++)
		err = do_text(body, text_names[i], &kept->texts[i], note);
	if (err == 0)
		err = do_texts(body, "tags", TAGS_MAX, &kept->tags, note);
	if (err == 0)
		err = do_bool(body, "is_public", &kept->is_public, note);
	if (err == 0)
		err = do_object(body, "reranking_config", &kept->reranking,
		    note);
	if (err == 0)
		err = do_bool(kept->reranking, "enabled", &is_enabled, note);
	if (err == 0)
		err = do_text(kept->reranking, "model", &model, note);
	return err;
}

/* A copy of each, for the body belongs to another thread.  ERR_NOMEM. */
static int
kept_store(const struct kept *kept, json_t *own, bool *ret_has_any)
{
	bool is_bad = false, has_any = false;
	size_t i;

	for (i = 0; i < 4; i++) {
		if (kept->texts[i] == NULL)
			continue;
		has_any = true;
		is_bad |= json_object_set_new(own, text_names[i],
		    json_string(kept->texts[i])) < 0;
	}
	if (kept->tags != NULL)
		is_bad |= json_object_set_new(own, "tags",
		    json_deep_copy(kept->tags)) < 0;
	if (kept->reranking != NULL)
		is_bad |= json_object_set_new(own, "reranking_config",
		    json_deep_copy(kept->reranking)) < 0;
	if (kept->is_public >= 0)
		is_bad |= json_object_set_new(own, "is_public",
		    json_boolean(kept->is_public)) < 0;
	*ret_has_any = has_any || kept->tags != NULL ||
	    kept->reranking != NULL || kept->is_public >= 0;
	return is_bad ? ERR_NOMEM : 0;
}

/* ---- models -------------------------------------------------------------- */

struct pick {
	const char *id; /* as it was given */
	char name[256];
	struct model_wish wish;
};

static int
model_seen(void *arg, const struct model_info *info)
{
	struct uuid uuid = do_model_uuid(info->embedder);
	struct pick *pick = arg;
	char text[UUID_TEXT_SIZE];

	uuid_format(&uuid, text);
	if (strcmp(text, pick->id) != 0 ||
	    strlen(info->name) >= sizeof(pick->name))
		return 0;
	/* Who says the id that all bases are shown with follows as they do. */
	if (info->is_default)
		return 1;
	memcpy(pick->name, info->name, strlen(info->name) + 1);
	pick->wish.name = pick->name;
	pick->wish.dimensions = info->asked_dimensions;
	return 1;
}

/* The model of that id; NULL: it is none of ours, but a label. */
static const struct model_wish *
model_find(struct http_request *request, const char *id, struct pick *pick)
{
	struct store *reader;

	memset(pick, 0, sizeof(*pick));
	pick->id = id;
	return id != NULL && http_reader(request, &reader) == 0 &&
		engine_models_each(request->engine, reader,
		    request->caller.account_id, model_seen, pick) > 0
	    ? &pick->wish
	    : NULL;
}

/* ---- making one --------------------------------------------------------- */

struct inputs {
	struct do_source_input *list;
	size_t count;
};

static int
inputs_read(const json_t *body, struct inputs *inputs, struct err_note *note)
{
	const json_t *array;
	size_t i, n;
	int err;

	err = do_array(body, "datasources", SOURCES_MAX, &array,
	    note);
	if (err < 0)
		return err;
	n = json_array_size(array);
	inputs->list = mem_zalloc((n + 1) * sizeof(*inputs->list));
	if (inputs->list == NULL)
		return ERR_NOMEM;
	for (i = 0; i < n && err == 0; i++) {
		err = do_source_read(json_array_get(array, i),
		    &inputs->list[i], note);
		if (err == 0)
			inputs->count++;
		else
			err_wrap(note, "datasources[%zu]", i);
	}
	return err;
}

static void
inputs_fini(struct inputs *inputs)
{
	size_t i;

	for (i = 0; i < inputs->count; i++)
		do_source_input_fini(&inputs->list[i]);
	mem_free(inputs->list);
}

/* Returns owned (free); NULL: no memory. */
static char *
settings_make(const struct kept *kept)
{
	json_t *settings = json_pack("{s:s, s:{}}", "duplicates", "index",
	    "digitalocean");
	char *text = NULL;
	bool has_any;

	if (settings != NULL && kept_store(kept, do_settings(settings),
	    &has_any) == 0)
		text = json_dumps(settings, JSON_COMPACT);
	json_decref(settings);
	return text;
}

static int
create(struct http_request *request, const struct kept *kept,
    const struct inputs *inputs, struct uuid *ret_uuid)
{
	struct engine *engine = request->engine;
	int64_t account_id = request->caller.account_id;
	struct err_note unheard;
	struct uuid base, source;
	struct pick pick;
	char *settings;
	size_t i;
	int err;

	settings = settings_make(kept);
	if (settings == NULL)
		return ERR_NOMEM;
	if (strlen(settings) > SETTINGS_BYTES_MAX)
		err = err_set(&request->note, ERR_INVALID,
		    "the knowledge base says more than %llu bytes of itself",
		    SETTINGS_BYTES_MAX);
	else
		err = engine_base_create_with(engine, account_id, kept->name,
		    "", settings, model_find(request, kept->texts[3], &pick),
		    &base, &request->note);
	free(settings);
	if (err < 0)
		return err;
	for (i = 0; i < inputs->count && err == 0; i++) {
		err = do_source_add(request, &base, &inputs->list[i],
		    &source);
		if (err < 0)
			err_wrap(&request->note, "datasources[%zu]", i);
	}
	if (err < 0)
		(void)engine_base_delete(engine, account_id, &base,
		    &unheard);
	else
		*ret_uuid = base;
	return err;
}

int
do_create_base(struct http_request *request, struct http_reply *reply)
{
	struct inputs inputs = {NULL, 0};
	const json_t *body;
	struct kept kept;
	struct uuid uuid;
	int err;

	err = do_body(request, &body);
	if (err == 0)
		err = kept_read(body, &kept, &request->note);
	if (err == 0 && kept.name == NULL)
		err = err_set(&request->note, ERR_INVALID,
		    "name is required");
	if (err == 0)
		err = inputs_read(body, &inputs, &request->note);
	if (err == 0)
		err = create(request, &kept, &inputs, &uuid);
	inputs_fini(&inputs);
	if (err == ERR_EXISTS)
		return do_conflict(request, reply,
		    "a knowledge base with this name already exists");
	return err < 0 ? err : do_reply_base(request, reply, &uuid, false);
}

/* ---- listing ------------------------------------------------------------ */

struct list {
	struct do_base bases[DO_PER_PAGE_MAX];
	size_t count;
};

static int
list_take(void *arg, const struct base *base)
{
	struct list *list = arg;
	int err;

	err = do_base_take(base, &list->bases[list->count]);
	if (err == 0)
		list->count++;
	return err;
}

static int
list_write(struct http_request *request, struct http_reply *reply,
    struct store *reader, const struct do_page *page, struct list *list)
{
	const struct base_page rows = {
	    .account_id = request->caller.account_id,
	    .offset = page->offset, .limit = page->limit};
	struct do_jobs jobs = {NULL, 0, 0};
	uint64_t total = 0;
	struct jsonw *w;
	size_t i;
	int err;

	err = store_bases_page(reader, &rows, list_take, list);
	if (err == 0)
		err = store_bases_count(reader, &rows, &total);
	if (err < 0)
		return err;
	w = do_json(request, reply);
	jsonw_object(w);
	jsonw_name(w, "knowledge_bases");
	jsonw_array(w);
	for (i = 0; i < list->count && err == 0; i++)
		err = do_write_base(request, reader, &list->bases[i], &jobs,
		    w);
	jsonw_array_end(w);
	do_page_write(request, w, page, total);
	jsonw_object_end(w);
	do_jobs_fini(&jobs);
	return err;
}

int
do_list_bases(struct http_request *request, struct http_reply *reply)
{
	struct do_page page;
	struct store *reader;
	struct list *list;
	size_t i;
	int err;

	err = do_page_read(request, &page);
	if (err < 0)
		return err;
	list = mem_zalloc(sizeof(*list));
	if (list == NULL)
		return ERR_NOMEM;
	err = http_begin(request, &reader);
	if (err == 0) {
		err = list_write(request, reply, reader, &page, list);
		err = http_end(request, reader, err);
	}
	for (i = 0; i < list->count; i++)
		do_base_close(&list->bases[i]);
	mem_free(list);
	return err;
}

/* ---- one of them -------------------------------------------------------- */

int
do_get_base(struct http_request *request, struct http_reply *reply)
{
	return do_reply_base(request, reply, &request->params[0].uuid, true);
}

static int
change_settings(void *arg, json_t *settings, struct err_note *note)
{
	const struct kept *kept = arg;
	json_t *own = do_settings(settings);
	bool has_any = false;
	int err;

	(void)note;
	err = own == NULL ? ERR_NOMEM : kept_store(kept, own, &has_any);
	return err < 0 ? err : has_any ? 0 : 1;
}

/* What is not said, or said to be empty, stays as it is. */
int
do_update_base(struct http_request *request, struct http_reply *reply)
{
	const struct uuid *uuid = &request->params[0].uuid;
	const struct job_request order = {.base = *uuid,
	    .account_id = request->caller.account_id,
	    .dialect = DIALECT_DIGITALOCEAN};
	const json_t *body;
	struct kept kept;
	struct pick pick;
	struct job job;
	bool has_job;
	int err;

	err = do_body(request, &body);
	if (err == 0)
		err = kept_read(body, &kept, &request->note);
	if (err == 0)
		err = engine_base_change(request->engine,
		    request->caller.account_id, uuid, kept.name, NULL,
		    change_settings, &kept, &request->note);
	if (err == 0 && model_find(request, kept.texts[3],
	    &pick) != NULL)
		err = engine_base_embed(request->engine, &order, &pick.wish,
		    &has_job, &job, &request->note);
	if (err == ERR_EXISTS)
		return do_conflict(request, reply,
		    "a knowledge base with this name already exists");
	return err < 0 ? err : do_reply_base(request, reply, uuid, false);
}

int
do_delete_base(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w;
	int err;

	err = engine_base_delete(request->engine, request->caller.account_id,
	    &request->params[0].uuid, &request->note);
	if (err < 0)
		return err;
	w = do_json(request, reply);
	jsonw_object(w);
	jsonw_nstring(w, "uuid", request->params[0].text);
	jsonw_object_end(w);
	return 0;
}
