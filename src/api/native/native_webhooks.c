/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Webhooks: made, shown, changed, tried.
 */
#include <string.h>

#include "api/native/native_int.h"
#include "api/native/native_webhook_view.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/stamp.h"
#include "engine/webhooks.h"

/* ---- showing ------------------------------------------------------------ */

static int
on_webhook(void *arg, const struct webhook *webhook)
{
	native_view_webhook(arg, webhook, NULL);
	return 0;
}

int
native_webhooks_list(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w = http_reply_json(reply, 200);
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err < 0)
		return err;
	jsonw_object(w);
	jsonw_name(w, "webhooks");
	jsonw_array(w);
	err = store_webhooks_each(reader, request->caller.account_id,
	    on_webhook, w);
	jsonw_array_end(w);
	jsonw_nnull(w, "next_cursor");
	jsonw_object_end(w);
	return err;
}

struct showing {
	struct jsonw *w;
	const char *secret;
};

static int
on_shown(void *arg, const struct webhook *webhook)
{
	const struct showing *showing = arg;

	native_view_webhook(showing->w, webhook, showing->secret);
	return 0;
}

static int
show(struct http_request *request, struct http_reply *reply, int status,
    const struct uuid *uuid, const char *secret)
{
	struct showing showing = {http_reply_json(reply, status), secret};
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = store_webhook_find(reader, request->caller.account_id,
		    uuid, on_shown, &showing);
	if (secret != NULL)
		http_reply_header(reply, "Cache-Control", "no-store");
	return err == ERR_NOT_FOUND ? native_missing(request, "webhook")
				    : err;
}

int
native_webhooks_get(struct http_request *request, struct http_reply *reply)
{
	return show(request, reply, 200, &request->params[0].uuid, NULL);
}

/* ---- what a body says --------------------------------------------------- */

/* An array of texts; NULL when absent or null. */
static int
body_array(struct http_request *request, const json_t *body,
    const char *name, size_t max, const json_t **ret_array)
{
	const json_t *array = json_object_get(body, name), *value;
	size_t i;

	*ret_array = NULL;
	if (array == NULL || json_is_null(array))
		return 0;
	if (!json_is_array(array) || json_array_size(array) > max)
		return err_set(&request->note, ERR_INVALID,
		    "%s must be an array of at most %zu texts", name, max);
	json_array_foreach(array, i, value)
		if (!json_is_string(value))
			return err_set(&request->note, ERR_INVALID,
			    "%s must be an array of texts", name);
	*ret_array = array;
	return 0;
}

static int
body_types(struct http_request *request, const json_t *body,
    struct webhook_request *wanted)
{
	const json_t *array, *value;
	enum event_type type;
	size_t i;
	int err;

	err = body_array(request, body, "types", EVENT_TYPE_COUNT - 1,
	    &array);
	if (err < 0 || array == NULL)
		return err;
	wanted->sets_types = true;
	json_array_foreach(array, i, value) {
		if (event_type_parse_name(json_string_value(value),
			&type) < 0)
			return err_set(&request->note, ERR_INVALID,
			    "there is no event type of that name");
		wanted->types |= 1u << type;
	}
	return 0;
}

/* *ret_bases is the caller's to free (mem_free), also on error. */
static int
body_bases(struct http_request *request, const json_t *body,
    struct webhook_request *wanted, struct uuid **ret_bases)
{
	const json_t *array, *value;
	size_t i;
	int err;

	err = body_array(request, body, "bases", WEBHOOK_BASES_MAX, &array);
	if (err < 0 || array == NULL)
		return err;
	*ret_bases = mem_array(json_array_size(array) + 1,
	    sizeof(**ret_bases));
	if (*ret_bases == NULL)
		return ERR_NOMEM;
	json_array_foreach(array, i, value)
		if (uuid_parse(json_string_value(value),
			json_string_length(value), &(*ret_bases)[i]) < 0)
			return err_set(&request->note, ERR_INVALID,
			    "bases must be ids of bases");
	wanted->sets_bases = true;
	wanted->bases = *ret_bases;
	wanted->base_count = json_array_size(array);
	return 0;
}

static int
body_enabled(struct http_request *request, const json_t *body,
    struct webhook_request *wanted)
{
	const json_t *member = json_object_get(body, "is_enabled");

	if (member == NULL || json_is_null(member))
		return 0;
	if (!json_is_boolean(member))
		return err_set(&request->note, ERR_INVALID,
		    "is_enabled must be true or false");
	wanted->sets_stopped = true;
	wanted->is_stopped = !json_is_true(member);
	return 0;
}

static int
body_read(struct http_request *request, struct webhook_request *wanted,
    struct uuid **ret_bases)
{
	json_t *body;
	int err;

	err = native_object(request, false, &body);
	if (err == 0)
		err = native_text(request, body, "url", &wanted->url);
	if (err == 0)
		err = native_text(request, body, "description",
		    &wanted->description);
	if (err == 0)
		err = body_types(request, body, wanted);
	if (err == 0)
		err = body_enabled(request, body, wanted);
	if (err == 0)
		err = body_bases(request, body, wanted, ret_bases);
	return err;
}

/* ---- changing ----------------------------------------------------------- */

/* An address that may not be is a mistake in the request. */
static int
refused(int err)
{
	return err == ERR_FORBIDDEN ? ERR_INVALID : err;
}

int
native_webhooks_create(struct http_request *request, struct http_reply *reply)
{
	struct webhook_request wanted = {.url = NULL};
	char secret[WEBHOOK_SECRET_SIZE];
	struct uuid uuid, *bases = NULL;
	int err;

	err = body_read(request, &wanted, &bases);
	if (err == 0)
		err = engine_webhook_create(request->engine,
		    request->caller.account_id, DIALECT_NATIVE, &wanted,
		    &uuid, secret, &request->note);
	mem_free(bases);
	if (err < 0)
		return refused(err);
	err = show(request, reply, 201, &uuid, secret);
	explicit_bzero(secret, sizeof(secret));
	return err;
}

int
native_webhooks_update(struct http_request *request, struct http_reply *reply)
{
	struct webhook_request wanted = {.url = NULL};
	struct uuid *bases = NULL;
	int err;

	err = body_read(request, &wanted, &bases);
	if (err == 0)
		err = engine_webhook_change(request->engine,
		    request->caller.account_id, &request->params[0].uuid,
		    &wanted, &request->note);
	mem_free(bases);
	return err < 0 ? refused(err)
		       : show(request, reply, 200, &request->params[0].uuid,
			     NULL);
}

int
native_webhooks_delete(struct http_request *request, struct http_reply *reply)
{
	reply->status = 204;
	reply->content_type = NULL;
	return engine_webhook_delete(request->engine,
	    request->caller.account_id, &request->params[0].uuid,
	    &request->note);
}

int
native_webhooks_rotate(struct http_request *request, struct http_reply *reply)
{
	char secret[WEBHOOK_SECRET_SIZE];
	int64_t until_us;
	struct jsonw *w;
	int err;

	err = engine_webhook_rotate(request->engine,
	    request->caller.account_id, &request->params[0].uuid, secret,
	    &until_us, &request->note);
	if (err < 0)
		return err;
	w = http_reply_json(reply, 200);
	http_reply_header(reply, "Cache-Control", "no-store");
	jsonw_object(w);
	jsonw_nstring(w, "secret", secret);
	jsonw_ntime(w, "old_secret_until", until_us);
	jsonw_object_end(w);
	explicit_bzero(secret, sizeof(secret));
	return 0;
}

/* ---- sending ------------------------------------------------------------ */

int
native_webhooks_test(struct http_request *request, struct http_reply *reply)
{
	enum event_type type = EVENT_JOB_COMPLETED;
	char text[UUID_TEXT_SIZE];
	const char *name = NULL;
	struct uuid event;
	struct jsonw *w;
	json_t *body;
	int err;

	err = native_object(request, true, &body);
	if (err == 0)
		err = native_text(request, body, "type", &name);
	if (err == 0 && name != NULL && event_type_parse_name(name, &type) < 0)
		err = err_set(&request->note, ERR_INVALID,
		    "there is no event type of that name");
	if (err == 0)
		err = engine_webhook_test(request->engine,
		    request->caller.account_id, &request->params[0].uuid,
		    type, &event, &request->note);
	if (err < 0)
		return err;
	uuid_format(&event, text);
	w = http_reply_json(reply, 202);
	jsonw_object(w);
	(void)buf_printf(request->scratch, "evt_%s", text);
	jsonw_nstring(w, "event_id", buf_text(request->scratch));
	jsonw_object_end(w);
	return 0;
}

int
native_webhooks_recover(struct http_request *request,
    struct http_reply *reply)
{
	const char *since = NULL;
	uint64_t count;
	int64_t since_us;
	struct jsonw *w;
	json_t *body;
	int err;

	err = native_object(request, false, &body);
	if (err == 0)
		err = native_text(request, body, "since", &since);
	if (err == 0 && (since == NULL || stamp_parse(since, &since_us) < 0))
		err = err_set(&request->note, ERR_INVALID,
		    "since must be a time (RFC 3339)");
	if (err == 0)
		err = engine_webhook_recover(request->engine,
		    request->caller.account_id, &request->params[0].uuid,
		    since_us, &count, &request->note);
	if (err < 0)
		return err;
	w = http_reply_json(reply, 202);
	jsonw_object(w);
	jsonw_nuint(w, "count", count);
	jsonw_object_end(w);
	return 0;
}
