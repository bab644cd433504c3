/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Endpoints: made, shown, changed, deleted.
 *
 * A change is made of the filters that there are and those that the request
 * has; when somebody else changes them in between, it is made again.
 */
#include <stdlib.h>
#include <string.h>

#include "api/captain/captain_body.h"
#include "api/captain/captain_int.h"
#include "api/captain/captain_webhook.h"

#define FILTER_IDS_MAX 10.0 /* of one kind */
#define COMBINATIONS_MAX 10u
#define CHANGE_TRIES 3

static const struct captain_field fields[] = {
    {.name = "url", .type = CAPTAIN_TEXT, .min = 1,
	.max = WEBHOOK_URL_BYTES_MAX},
    {.name = "description", .type = CAPTAIN_TEXT, .max = 200},
    {.name = "event_types", .type = CAPTAIN_TEXTS, .max = 5},
    {.name = "collection_ids", .type = CAPTAIN_TEXTS,
	.max = FILTER_IDS_MAX},
    {.name = "sync_ids", .type = CAPTAIN_TEXTS, .max = FILTER_IDS_MAX},
    {.name = "sources", .type = CAPTAIN_TEXTS, .max = 2},
    {.name = "include_collection_name", .type = CAPTAIN_BOOL},
    {.name = "disabled", .type = CAPTAIN_BOOL},
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static const char no_endpoint[] = "Webhook endpoint not found";

/* ---- showing ------------------------------------------------------------ */

static int
last_take(void *arg, const struct delivery *delivery,
    const struct event *event)
{
	struct captain_last *last = arg;

	(void)event;
	last->status = captain_delivery_word(delivery->state);
	last->us = delivery->finished_us != 0 ? delivery->finished_us
					      : delivery->created_us;
	return 0;
}

struct showing {
	struct jsonw *w;
	struct store *reader;
	const char *secret;
};

static int
endpoint_take(void *arg, const struct webhook *webhook)
{
	struct showing *showing = arg;
	struct captain_last last = {.status = NULL};
	json_t *filters;
	int err;

	err = store_deliveries_page(showing->reader, webhook->id, 0, 1,
	    last_take, &last);
	if (err < 0)
		return err;
	filters = captain_filters(webhook);
	if (filters == NULL)
		return ERR_NOMEM;
	captain_write_endpoint(showing->w, webhook, filters, &last,
	    showing->secret);
	json_decref(filters);
	return 0;
}

static int
show(struct http_request *request, struct http_reply *reply, int status,
    const struct uuid *uuid, const char *secret)
{
	struct showing showing = {.secret = secret};
	int err;

	err = http_reader(request, &showing.reader);
	if (err < 0)
		return err;
	showing.w = http_reply_json(reply, status);
	err = store_webhook_find(showing.reader, request->caller.account_id,
	    uuid, endpoint_take, &showing);
	if (secret != NULL)
		http_reply_header(reply, "Cache-Control", "no-store");
	return err == ERR_NOT_FOUND ? captain_refuse(reply, 404, no_endpoint)
				    : err;
}

int
captain_list_endpoints(struct http_request *request, struct http_reply *reply)
{
	struct showing showing = {.secret = NULL};
	int err;

	if (!captain_is_member(request, reply))
		return 0;
	err = http_reader(request, &showing.reader);
	if (err < 0)
		return err;
	showing.w = http_reply_json(reply, 200);
	jsonw_object(showing.w);
	jsonw_name(showing.w, "endpoints");
	jsonw_array(showing.w);
	err = store_webhooks_each(showing.reader, request->caller.account_id,
	    endpoint_take, &showing);
	jsonw_array_end(showing.w);
	jsonw_object_end(showing.w);
	return err;
}

bool
captain_endpoint_of(struct http_request *request, struct http_reply *reply,
    struct uuid *ret_uuid)
{
	if (!captain_is_member(request, reply))
		return false;
	if (captain_parse_endpoint(request->params[0].text, ret_uuid) == 0)
		return true;
	(void)captain_refuse(reply, 404, no_endpoint);
	return false;
}

int
captain_endpoint_problem(struct http_reply *reply, int err)
{
	if (err == ERR_NOT_FOUND)
		return captain_refuse(reply, 404, no_endpoint);
	if (err == ERR_CONFLICT)
		return captain_refuse(reply, 409,
		    "The webhook endpoint is disabled");
	return err;
}

int
captain_get_endpoint(struct http_request *request, struct http_reply *reply)
{
	struct uuid uuid;

	return captain_endpoint_of(request, reply, &uuid)
	    ? show(request, reply, 200, &uuid, NULL)
	    : 0;
}

/* ---- what a body says --------------------------------------------------- */

/* What a body and the filters that there were come to. */
struct wanted {
	struct webhook_request request;
	struct uuid bases[WEBHOOK_BASES_MAX];
	char *settings; /* free() */
};

static int
bad_filter(struct http_reply *reply, const char *name, const char *words)
{
	return captain_invalid(reply, "body", name, "value_error", words);
}

static int
read_types(struct http_reply *reply, const json_t *filters,
    struct webhook_request *request)
{
	const json_t *array = json_object_get(filters, "event_types"), *value;
	enum event_type type;
	size_t i;

	request->sets_types = true;
	json_array_foreach(array, i, value) {
		/* Nothing times out here; who asks for it is never told. */
		if (strcmp(json_string_value(value), "job.timed_out") == 0)
			continue;
		if (event_type_parse_name(json_string_value(value),
			&type) < 0)
			return bad_filter(reply, "event_types",
			    "There is no event type of that name");
		request->types |= 1u << type;
	}
	if (request->types == 0 && json_array_size(array) > 0)
		request->is_silent = true;
	return 0;
}

static int
read_bases(struct http_reply *reply, const json_t *filters,
    struct wanted *wanted)
{
	const json_t *array = json_object_get(filters, "collection_ids");
	const json_t *value;
	size_t i;

	wanted->request.sets_bases = true;
	wanted->request.bases = wanted->bases;
	wanted->request.base_count = json_array_size(array);
	if (json_array_size(array) > WEBHOOK_BASES_MAX)
		return bad_filter(reply, "collection_ids", "Too many ids");
	json_array_foreach(array, i, value)
		if (uuid_parse(json_string_value(value),
			json_string_length(value), &wanted->bases[i]) < 0)
			return bad_filter(reply, "collection_ids",
			    "A collection_id is a UUID");
	return 0;
}

static int
read_sources(struct http_reply *reply, const json_t *filters,
    struct webhook_request *request)
{
	const json_t *sources = json_object_get(filters, "sources"), *value;
	bool has_api = json_array_size(sources) == 0, has_sync = has_api;
	size_t i;

	json_array_foreach(sources, i, value) {
		if (strcmp(json_string_value(value), "api") == 0)
			has_api = true;
		else if (strcmp(json_string_value(value), "sync") == 0)
			has_sync = true;
		else
			return bad_filter(reply, "sources",
			    "A source is \"api\" or \"sync\"");
	}
	if (json_array_size(json_object_get(filters, "sync_ids")) > 0) {
		if (!has_sync)
			return bad_filter(reply, "sync_ids",
			    "sync_ids need the source \"sync\"");
		has_api = false;
	}
	if (!has_api)
		request->is_silent = true;
	request->sets_silent = true;
	return 0;
}

/* Each kind that has any multiplies. */
static bool
is_too_many(const json_t *filters)
{
	static const char *const kinds[] = {"collection_ids", "sync_ids",
	    "sources"};
	size_t product = 1, count, i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		count = json_array_size(json_object_get(filters, kinds[i]));
		if (count > 0)
			product *= count;
	}
	return product > COMBINATIONS_MAX;
}

/* Put the body's filters over those that there were, and read them all. */
static int
read_filters(struct http_reply *reply, const json_t *body, json_t *filters,
    struct wanted *wanted)
{
	static const char *const names[] = {"event_types", "collection_ids",
	    "sync_ids", "sources", "include_collection_name"};
	json_t *value;
	size_t i;
	int err;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!captain_has(body, names[i]))
			continue;
		value = json_is_array(json_object_get(filters, names[i]))
		    ? json_deep_copy(json_object_get(body, names[i]))
		    : json_boolean(captain_bool(body, names[i], true));
		if (json_object_set_new(filters, names[i], value) < 0)
			return ERR_NOMEM;
	}
	err = read_types(reply, filters, &wanted->request);
	if (err == 0)
		err = read_bases(reply, filters, wanted);
	if (err == 0)
		err = read_sources(reply, filters, &wanted->request);
	if (err == 0 && is_too_many(filters))
		err = bad_filter(reply, NULL, "The filters have more than 10 "
		    "combinations of collection_ids, sync_ids and sources");
	if (err != 0)
		return err;
	wanted->settings = json_dumps(filters, JSON_COMPACT);
	wanted->request.settings = wanted->settings;
	return wanted->settings == NULL ? ERR_NOMEM : 0;
}

/* Returns 0; 1 when the reply is written; or an error.  *wanted is the
 * caller's to free in any case (its settings). */
static int
read_wanted(struct http_reply *reply, const json_t *body,
    const struct webhook *webhook, struct wanted *wanted)
{
	json_t *filters = captain_filters(webhook);
	int err;

	if (filters == NULL)
		return ERR_NOMEM;
	err = read_filters(reply, body, filters, wanted);
	json_decref(filters);
	wanted->request.url = captain_text(body, "url", NULL);
	wanted->request.description = captain_text(body, "description",
	    NULL);
	wanted->request.sets_stopped = captain_has(body, "disabled");
	wanted->request.is_stopped = captain_bool(body, "disabled", false);
	return err;
}

/* ---- changing ----------------------------------------------------------- */

static int
refuse_url(struct http_reply *reply)
{
	(void)captain_invalid(reply, "body", "url", "url_parsing",
	    "URL should be https and public, or on a host that this server "
	    "allows");
	return 0;
}

int
captain_create_endpoint(struct http_request *request,
    struct http_reply *reply)
{
	const struct webhook nothing = {.settings = "{}", .bases = "[]"};
	struct wanted wanted = {.settings = NULL};
	char secret[WEBHOOK_SECRET_SIZE];
	const json_t *body;
	struct uuid uuid;
	int err;

	if (!captain_is_member(request, reply))
		return 0;
	err = captain_body(request, reply, fields, FIELDS, &body);
	if (err == 0 && !captain_has(body, "url"))
		err = captain_invalid(reply, "body", "url", "missing",
		    "Field required");
	if (err == 0)
		err = read_wanted(reply, body, &nothing, &wanted);
	if (err == 0)
		err = engine_webhook_create(request->engine,
		    request->caller.account_id, DIALECT_CAPTAIN,
		    &wanted.request, &uuid, secret, &request->note);
	free(wanted.settings);
	if (err > 0)
		return 0;
	if (err == ERR_INVALID || err == ERR_FORBIDDEN)
		return refuse_url(reply);
	if (err == ERR_CONFLICT)
		return captain_refuse(reply, 409,
		    "An environment has at most 20 webhook endpoints");
	if (err < 0)
		return err;
	err = show(request, reply, 201, &uuid, secret);
	explicit_bzero(secret, sizeof(secret));
	return err;
}

struct changing {
	struct http_reply *reply;
	const json_t *body;
	struct wanted *wanted;
	int err;
};

static int
changing_take(void *arg, const struct webhook *webhook)
{
	struct changing *changing = arg;

	changing->err = read_wanted(changing->reply, changing->body, webhook,
	    changing->wanted);
	changing->wanted->request.seen_us = webhook->updated_us;
	return 0;
}

/* Returns as read_wanted(), and ERR_CONFLICT: again. */
static int
change_once(struct http_request *request, struct http_reply *reply,
    const struct uuid *uuid, const json_t *body)
{
	struct wanted wanted = {.settings = NULL};
	struct changing changing = {reply, body, &wanted, 0};
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = store_webhook_find(reader, request->caller.account_id,
		    uuid, changing_take, &changing);
	if (err == 0)
		err = changing.err;
	if (err == 0)
		err = engine_webhook_change(request->engine,
		    request->caller.account_id, uuid, &wanted.request,
		    &request->note);
	free(wanted.settings);
	return err;
}

int
captain_change_endpoint(struct http_request *request,
    struct http_reply *reply)
{
	int tries = CHANGE_TRIES, err;
	const json_t *body;
	struct uuid uuid;

	if (!captain_endpoint_of(request, reply, &uuid))
		return 0;
	err = captain_body(request, reply, fields, FIELDS, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	do
		err = change_once(request, reply, &uuid, body);
	while (err == ERR_CONFLICT && --tries > 0);
	if (err > 0)
		return 0;
	if (err == ERR_INVALID || err == ERR_FORBIDDEN)
		return refuse_url(reply);
	if (err == ERR_NOT_FOUND)
		return captain_refuse(reply, 404, no_endpoint);
	return err < 0 ? err : show(request, reply, 200, &uuid, NULL);
}

int
captain_delete_endpoint(struct http_request *request,
    struct http_reply *reply)
{
	struct uuid uuid;
	struct jsonw *w;
	int err;

	if (!captain_endpoint_of(request, reply, &uuid))
		return 0;
	err = engine_webhook_delete(request->engine,
	    request->caller.account_id, &uuid, &request->note);
	if (err < 0)
		return captain_endpoint_problem(reply, err);
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nbool(w, "success", true);
	jsonw_nstring(w, "message", "Webhook endpoint deleted");
	jsonw_object_end(w);
	return 0;
}

int
captain_rotate_endpoint(struct http_request *request,
    struct http_reply *reply)
{
	char secret[WEBHOOK_SECRET_SIZE], id[CAPTAIN_ENDPOINT_SIZE];
	int64_t until_us;
	struct uuid uuid;
	struct jsonw *w;
	int err;

	if (!captain_endpoint_of(request, reply, &uuid))
		return 0;
	err = engine_webhook_rotate(request->engine,
	    request->caller.account_id, &uuid, secret, &until_us,
	    &request->note);
	if (err < 0)
		return captain_endpoint_problem(reply, err);
	captain_format_endpoint(&uuid, id);
	w = http_reply_json(reply, 200);
	http_reply_header(reply, "Cache-Control", "no-store");
	jsonw_object(w);
	jsonw_nstring(w, "endpoint_id", id);
	jsonw_nstring(w, "secret", secret);
	jsonw_ntime(w, "previous_secret_expires_at", until_us);
	jsonw_object_end(w);
	explicit_bzero(secret, sizeof(secret));
	return 0;
}
