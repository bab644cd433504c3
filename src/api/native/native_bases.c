/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "base/limits.h"

#define SETTINGS_BYTES_MAX (64 * KIB)

static int
on_base(void *arg, const struct base *base)
{
	struct native_list *list = arg;

	if (native_list_take(list, base->id))
		native_view_base(list->w, base);
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

static int
show_base(void *arg, const struct base *base)
{
	native_view_base(arg, base);
	return 0;
}

/* The base as it is now, with that status. */
static int
reply_base(struct http_request *request, struct http_reply *reply, int status,
    const struct uuid *uuid)
{
	struct jsonw *w = http_reply_json(reply, status);
	struct store *reader;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = store_base_find(reader, request->caller.account_id, uuid, NULL,
	    show_base, w);
	if (err == ERR_NOT_FOUND)
		err = native_missing(request, "base");
	return http_end(request, reader, err);
}

struct base_body {
	const char *name, *description;
	char *settings; /* owned, free */
};

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
		err = engine_base_create(request->engine,
		    request->caller.account_id, body.name,
		    body.description == NULL ? "" : body.description,
		    body.settings == NULL ? "{}" : body.settings, &uuid,
		    &request->note);
	free(body.settings);
	return err < 0 ? err : reply_base(request, reply, 201, &uuid);
}

int
native_bases_get(struct http_request *request, struct http_reply *reply)
{
	struct native_base base;
	int err;

	err = native_base_of(request, &base);
	return err < 0 ? err : reply_base(request, reply, 200, &base.uuid);
}

int
native_bases_update(struct http_request *request, struct http_reply *reply)
{
	struct native_base base;
	struct base_body body;
	int err;

	err = native_base_of(request, &base);
	if (err < 0)
		return err;
	err = read_body(request, &body);
	if (err == 0)
		err = engine_base_update(request->engine,
		    request->caller.account_id, &base.uuid, body.name,
		    body.description, body.settings, &request->note);
	free(body.settings);
	return err < 0 ? err : reply_base(request, reply, 200, &base.uuid);
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
