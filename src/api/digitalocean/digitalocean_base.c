/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A knowledge base as the routes of this folder find and show it.
 *
 * Embedding model and database have ids in the original.  Here a model's id
 * follows from its name, and there is no database: a base is shown with
 * an id of its own for one, unless the client gave one when it was made.
 */
#include <string.h>

#include "api/digitalocean/digitalocean_int.h"
#include "api/digitalocean/digitalocean_jobs.h"
#include "api/digitalocean/digitalocean_view.h"
#include "base/mem.h"
#include "sys/sha256.h"

#define DATABASE_ROW ((uint64_t)1 << 46) /* no document's, no source's */
#define REGION "tor1" /* the one that all clients know */
#define OWN "digitalocean"

json_t *
do_settings(json_t *settings)
{
	json_t *own = json_object_get(settings, OWN);

	if (json_is_object(own))
		return own;
	own = json_object();
	if (own == NULL || json_object_set_new(settings, OWN, own) < 0)
		return NULL;
	return own;
}

struct uuid
do_model_uuid(const char *embedder)
{
	uint8_t hash[SHA256_SIZE];

	sha256_of(embedder, strlen(embedder), hash);
	return uuid_random(hash);
}

int
do_base_take(const struct base *base, struct do_base *ret_base)
{
	struct do_base taken = {.id = base->id, .uuid = base->uuid,
	    .created_us = base->created_us, .updated_us = base->updated_us,
	    .model = do_model_uuid(base->embedder)};

	memcpy(taken.name, base->name, sizeof(taken.name));
	taken.settings = json_loads(base->settings, 0, NULL);
	if (!json_is_object(taken.settings)) {
		json_decref(taken.settings);
		taken.settings = json_object();
	}
	if (taken.settings != NULL)
		taken.own = do_settings(taken.settings);
	if (taken.own == NULL) {
		do_base_close(&taken);
		return ERR_NOMEM;
	}
	if (taken.updated_us == 0)
		taken.updated_us = taken.created_us;
	*ret_base = taken;
	return 0;
}

static int
take_base(void *arg, const struct base *base)
{
	return do_base_take(base, arg);
}

int
do_base_load(struct http_request *request, struct store *reader,
    const struct uuid *uuid, struct do_base *ret_base)
{
	return store_base_find(reader, request->caller.account_id, uuid,
	    NULL, take_base, ret_base);
}

void
do_base_close(struct do_base *base)
{
	json_decref(base->settings);
	base->settings = base->own = NULL;
}

/* ---- showing ------------------------------------------------------------ */

/* What was given, else that uuid. */
static void
put_id(struct jsonw *w, const struct do_base *base, const char *name,
    const struct uuid *otherwise)
{
	const char *given = json_string_value(json_object_get(base->own,
	    name));

	if (given != NULL)
		jsonw_nstring(w, name, given);
	else
		do_write_uuid(w, name, otherwise);
}

static void
put_tags(struct jsonw *w, const json_t *tags)
{
	size_t i;

	jsonw_name(w, "tags");
	jsonw_array(w);
	for (i = 0; i < json_array_size(tags); i++)
		if (json_is_string(json_array_get(tags, i)))
			jsonw_string(w,
			    json_string_value(json_array_get(tags, i)));
	jsonw_array_end(w);
}

static void
put_reranking(struct jsonw *w, const json_t *config)
{
	const char *model = json_string_value(json_object_get(config,
	    "model"));

	if (!json_is_object(config))
		return;
	jsonw_name(w, "reranking_config");
	jsonw_object(w);
	jsonw_nbool(w, "enabled",
	    json_is_true(json_object_get(config, "enabled")));
	jsonw_nstring(w, "model", model == NULL ? "" : model);
	jsonw_object_end(w);
}

/* A project of the original is what an account is here. */
static int
project_uuid(struct http_request *request, struct store *reader,
    struct uuid *ret_uuid)
{
	struct uuid uuid;
	int64_t id = 0;
	int err;

	err = store_account_first(reader, &id, &uuid);
	if (err < 0)
		return err;
	if (id != request->caller.account_id)
		uuid = uuid_of_row(&uuid,
		    (uint64_t)request->caller.account_id);
	*ret_uuid = uuid;
	return 0;
}

static int
put_last_job(struct store *reader, const struct do_base *base,
    struct do_jobs *jobs, struct jsonw *w)
{
	struct job job;
	int err;

	/* What is only kept was not indexed. */
	err = store_job_newest_but(reader, base->id, JOB_KIND_KEEP, &job);
	if (err == ERR_NOT_FOUND)
		return 0;
	if (err < 0)
		return err;
	jsonw_name(w, "last_indexing_job");
	return do_jobs_write(jobs, reader, &job, w);
}

int
do_write_base(struct http_request *request, struct store *reader,
    const struct do_base *base, struct do_jobs *jobs, struct jsonw *w)
{
	struct uuid project, database;
	const char *region = json_string_value(json_object_get(base->own,
	    "region"));
	char text[24];
	int err;

	err = project_uuid(request, reader, &project);
	if (err < 0)
		return err;
	database = uuid_of_row(&base->uuid, DATABASE_ROW);
	jsonw_object(w);
	do_write_uuid(w, "uuid", &base->uuid);
	jsonw_nstring(w, "name", base->name);
	jsonw_nstring(w, "region", region == NULL ? REGION : region);
	put_id(w, base, "project_id", &project);
	put_id(w, base, "database_id", &database);
	put_id(w, base, "embedding_model_uuid", &base->model);
	(void)snprintf(text, sizeof(text), "%lld",
	    (long long)request->caller.account_id);
	jsonw_nstring(w, "user_id", text);
	jsonw_nbool(w, "is_public",
	    json_is_true(json_object_get(base->own, "is_public")));
	put_tags(w, json_object_get(base->own, "tags"));
	jsonw_ntime(w, "created_at", base->created_us);
	jsonw_ntime(w, "updated_at", base->updated_us);
	put_reranking(w, json_object_get(base->own, "reranking_config"));
	err = put_last_job(reader, base, jobs, w);
	jsonw_object_end(w);
	return err;
}

int
do_reply_base(struct http_request *request, struct http_reply *reply,
    const struct uuid *uuid, bool with_status)
{
	struct do_jobs jobs = {NULL, 0, 0};
	struct do_base base;
	struct store *reader;
	struct jsonw *w;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = do_base_load(request, reader, uuid, &base);
	if (err == 0) {
		w = do_json(request, reply);
		jsonw_object(w);
		jsonw_name(w, "knowledge_base");
		err = do_write_base(request, reader, &base, &jobs, w);
		/* There is no database that would have to be waited for. */
		if (with_status)
			jsonw_nstring(w, "database_status", "ONLINE");
		jsonw_object_end(w);
		do_base_close(&base);
	}
	do_jobs_fini(&jobs);
	return http_end(request, reader, err);
}
