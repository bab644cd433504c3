/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "base/limits.h"
#include "engine/base_models.h"

#define SETTINGS_BYTES_MAX (64 * KIB)

static int
on_base(void *arg, const struct base *base)
{
	struct native_list *list = arg;

	if (native_list_take(list, base->id))
		native_view_base(list->w, base, NULL);
	return 0;
}

int
native_bases_list(struct http_request *request, struct http_reply *reply)
{
	struct native_list list;
	struct store *reader;
	int err;

	err = native_list_open(request, reply, 'b', 0, &list);
	if (err != 0)
		return err < 0 ? err : 0;
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	native_list_begin(&list, reply, "bases");
	err = store_bases_each(reader, request->caller.account_id,
	    list.position, list.limit + 1, on_base, &list);
	native_list_end(&list);
	return http_end(request, reader, err);
}

struct shown {
	struct jsonw *w;
	const struct job *job;
};

static int
show_base(void *arg, const struct base *base)
{
	const struct shown *shown = arg;

	native_view_base(shown->w, base, shown->job);
	return 0;
}

/* The base as it is now, with that status. */
static int
reply_base(struct http_request *request, struct http_reply *reply, int status,
    const struct uuid *uuid, const struct job *job)
{
	struct shown shown = {http_reply_json(reply, status), job};
	struct store *reader;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = store_base_find(reader, request->caller.account_id, uuid, NULL,
	    show_base, &shown);
	if (err == ERR_NOT_FOUND)
		err = native_missing(request, "base");
	return http_end(request, reader, err);
}

struct base_body {
	const char *name, *description;
	char *settings; /* owned, free */
	bool has_model;
	struct model_wish model;
};

/* Both are taken together: one that is left out is null. */
static int
read_model(struct http_request *request, const json_t *object,
    struct base_body *body)
{
	const json_t *model = json_object_get(object, "embedding_model");
	const json_t *dimensions = json_object_get(object,
	    "embedding_dimensions");
	int err;

	body->has_model = model != NULL || dimensions != NULL;
	err = native_text(request, object, "embedding_model",
	    &body->model.name);
	if (err < 0 || dimensions == NULL || json_is_null(dimensions))
		return err;
	if (!json_is_integer(dimensions) ||
	    json_integer_value(dimensions) < 1 ||
	    json_integer_value(dimensions) > DIMENSIONS_MAX)
		return err_set(&request->note, ERR_INVALID,
		    "embedding_dimensions must be a number from 1 to %u",
		    DIMENSIONS_MAX);
	body->model.dimensions = (size_t)json_integer_value(dimensions);
	return 0;
}

static int
read_body(struct http_request *request, struct base_body *body)
{
	json_t *object;
	int err;

	memset(body, 0, sizeof(*body));
	err = native_object(request, false, &object);
	if (err == 0)
		err = native_text(request, object, "name", &body->name);
	if (err == 0)
		err = native_text(request, object, "description",
		    &body->description);
	if (err == 0 && body->description != NULL &&
	    strlen(body->description) > DESCRIPTION_BYTES_MAX)
		err = err_set(&request->note, ERR_INVALID,
		    "description is over %u bytes", DESCRIPTION_BYTES_MAX);
	if (err == 0)
		err = native_object_text(request, object, "settings",
		    SETTINGS_BYTES_MAX, &body->settings);
	if (err == 0)
		err = read_model(request, object, body);
	return err;
}

int
native_bases_create(struct http_request *request, struct http_reply *reply)
{
	struct base_body body;
	struct uuid uuid;
	int err;

	err = read_body(request, &body);
	if (err == 0 && body.name == NULL)
		err = err_set(&request->note, ERR_INVALID, "name is needed");
	if (err == 0)
		err = engine_base_create_with(request->engine,
		    request->caller.account_id, body.name,
		    body.description == NULL ? "" : body.description,
		    body.settings == NULL ? "{}" : body.settings,
		    body.has_model ? &body.model : NULL, &uuid,
		    &request->note);
	free(body.settings);
	return err < 0 ? err : reply_base(request, reply, 201, &uuid, NULL);
}

int
native_bases_get(struct http_request *request, struct http_reply *reply)
{
	struct native_base base;
	int err;

	err = native_base_of(request, &base);
	return err < 0 ? err : reply_base(request, reply, 200, &base.uuid,
			     NULL);
}

static bool
body_changes(const struct base_body *body)
{
	return body->name != NULL || body->description != NULL ||
	    body->settings != NULL || !body->has_model;
}

/* What can be wrong with a model is looked at before anything is changed. */
int
native_bases_update(struct http_request *request, struct http_reply *reply)
{
	struct job_request order = {.dialect = DIALECT_NATIVE,
	    .account_id = request->caller.account_id};
	struct native_base base;
	struct base_body body;
	bool has_job = false;
	struct job job;
	int err;

	err = native_base_of(request, &base);
	if (err < 0)
		return err;
	err = read_body(request, &body);
	if (err == 0 && body.has_model)
		err = engine_model_check(request->engine, order.account_id,
		    &body.model, &request->note);
	if (err == 0 && body_changes(&body))
		err = engine_base_update(request->engine,
		    request->caller.account_id, &base.uuid, body.name,
		    body.description, body.settings, &request->note);
	free(body.settings);
	order.base = base.uuid;
	if (err == 0 && body.has_model)
		err = engine_base_embed(request->engine, &order, &body.model,
		    &has_job, &job, &request->note);
	return err < 0 ? err
		       : reply_base(request, reply, has_job ? 202 : 200,
			     &base.uuid, has_job ? &job : NULL);
}

int
native_bases_embed(struct http_request *request, struct http_reply *reply)
{
	struct job_request order = {.dialect = DIALECT_NATIVE,
	    .account_id = request->caller.account_id};
	struct native_base base;
	bool has_job = false;
	struct job job;
	int err;

	err = native_base_of(request, &base);
	if (err < 0)
		return err;
	order.base = base.uuid;
	err = engine_base_embed(request->engine, &order, NULL, &has_job, &job,
	    &request->note);
	return err < 0 ? err
		       : reply_base(request, reply, has_job ? 202 : 200,
			     &base.uuid, has_job ? &job : NULL);
}

static int
on_model(void *arg, const struct model_info *info)
{
	struct jsonw *w = arg;

	jsonw_object(w);
	jsonw_nstring(w, "name", info->name);
	jsonw_nstring(w, "kind", info->kind);
	jsonw_nstring(w, "embedder", info->embedder);
	if (info->dimensions == 0)
		jsonw_nnull(w, "dimensions");
	else
		jsonw_nuint(w, "dimensions", info->dimensions);
	jsonw_nbool(w, "is_default", info->is_default);
	jsonw_nbool(w, "is_down", info->is_down);
	jsonw_nstring(w, "error", info->why);
	jsonw_object_end(w);
	return 0;
}

int
native_models_list(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w = http_reply_json(reply, 200);
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err < 0)
		return err;
	jsonw_object(w);
	jsonw_name(w, "models");
	jsonw_array(w);
	err = engine_models_each(request->engine, reader,
	    request->caller.account_id, on_model, w);
	jsonw_array_end(w);
	jsonw_nbool(w, "takes_others",
	    engine_models_are_open(request->engine));
	jsonw_object_end(w);
	return err;
}

int
native_bases_delete(struct http_request *request, struct http_reply *reply)
{
	struct native_base base;
	int err;

	err = native_base_of(request, &base);
	if (err == 0)
		err = engine_base_delete(request->engine,
		    request->caller.account_id, &base.uuid, &request->note);
	reply->status = 204;
	reply->content_type = NULL;
	return err;
}
