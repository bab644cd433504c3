/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api/captain/captain_view.h"
#include "api/captain/captain_webhook.h"
#include "base/err.h"
#include "base/jsonw.h"

#define PREFIX "whe_"

void
captain_format_endpoint(const struct uuid *uuid,
    char out[CAPTAIN_ENDPOINT_SIZE])
{
	memcpy(out, PREFIX, sizeof(PREFIX) - 1);
	uuid_format(uuid, out + sizeof(PREFIX) - 1);
}

int
captain_parse_endpoint(const char *text, struct uuid *ret_uuid)
{
	if (strncmp(text, PREFIX, sizeof(PREFIX) - 1) == 0)
		text += sizeof(PREFIX) - 1;
	return uuid_parse(text, strlen(text), ret_uuid);
}

/* ---- filters ------------------------------------------------------------ */

static uint32_t
types_of(const json_t *names)
{
	enum event_type type;
	uint32_t types = 0;
	size_t i;

	for (i = 0; i < json_array_size(names); i++)
		if (event_type_parse_name(json_string_value(
			json_array_get(names, i)), &type) == 0)
			types |= 1u << type;
	return types;
}

static json_t *
names_of(uint32_t types)
{
	json_t *names = json_array();
	int type;

	for (type = 1; type < EVENT_TYPE_COUNT; type++)
		if ((types & 1u << type) != 0)
			(void)json_array_append_new(names, json_string(
			    event_type_name((enum event_type)type)));
	return names;
}

/* A kept array of texts, empty when it is none; returns owned. */
static json_t *
texts_of(const json_t *settings, const char *name)
{
	json_t *array = json_object_get(settings, name);
	size_t i;

	if (!json_is_array(array))
		return json_array();
	for (i = 0; i < json_array_size(array); i++)
		if (!json_is_string(json_array_get(array, i)))
			return json_array();
	return json_incref(array);
}

json_t *
captain_filters(const struct webhook *webhook)
{
	json_t *settings = json_loads(webhook->settings, 0, NULL);
	json_t *bases = json_loads(webhook->bases, 0, NULL);
	json_t *types = texts_of(settings, "event_types"), *filters;

	/* A word that no event has is kept as it was given; what another API
	 * has changed since is not what was given. */
	if (types_of(types) != webhook->types) {
		json_decref(types);
		types = names_of(webhook->types);
	}
	filters = json_pack("{s:o, s:o, s:o, s:o, s:b}",
	    "event_types", types, "collection_ids",
	    json_is_array(bases) ? json_incref(bases) : json_array(),
	    "sync_ids", texts_of(settings, "sync_ids"), "sources",
	    texts_of(settings, "sources"), "include_collection_name",
	    !json_is_false(json_object_get(settings,
	    "include_collection_name")));
	json_decref(bases);
	json_decref(settings);
	return filters;
}

static void
put_texts(struct jsonw *w, const json_t *filters, const char *name)
{
	const json_t *array = json_object_get(filters, name);
	size_t i;

	jsonw_name(w, name);
	jsonw_array(w);
	for (i = 0; i < json_array_size(array); i++)
		jsonw_string(w, json_string_value(json_array_get(array, i)));
	jsonw_array_end(w);
}

/* ---- endpoints ---------------------------------------------------------- */

static const char *
stop_word(enum webhook_stop stop)
{
	switch (stop) {
	case WEBHOOK_STOPPED:
		return "manual";
	case WEBHOOK_GONE:
		return "endpoint_gone";
	case WEBHOOK_FAILING:
		return "delivery_failures";
	case WEBHOOK_RUNS:
	case WEBHOOK_STOP_COUNT:
		break;
	}
	return NULL;
}

void
captain_write_endpoint(struct jsonw *w, const struct webhook *webhook,
    const json_t *filters, const struct captain_last *last,
    const char *secret)
{
	char id[CAPTAIN_ENDPOINT_SIZE];

	captain_format_endpoint(&webhook->uuid, id);
	jsonw_object(w);
	jsonw_nstring(w, "endpoint_id", id);
	jsonw_nstring(w, "url", webhook->url);
	jsonw_nstring(w, "description", webhook->description);
	put_texts(w, filters, "event_types");
	put_texts(w, filters, "collection_ids");
	put_texts(w, filters, "sync_ids");
	put_texts(w, filters, "sources");
	jsonw_nbool(w, "include_collection_name",
	    json_is_true(json_object_get(filters,
		"include_collection_name")));
	jsonw_nbool(w, "disabled", webhook->stop != WEBHOOK_RUNS);
	jsonw_nstring(w, "disabled_reason", stop_word(webhook->stop));
	jsonw_nstring(w, "last_delivery_status", last->status);
	jsonw_ntime(w, "last_delivery_at", last->us);
	jsonw_ntime(w, "created_at", webhook->created_us);
	jsonw_ntime(w, "updated_at", webhook->updated_us);
	if (secret != NULL)
		jsonw_nstring(w, "secret", secret);
	jsonw_object_end(w);
}

/* ---- deliveries --------------------------------------------------------- */

const char *
captain_delivery_word(enum delivery_state state)
{
	static const char *const words[DELIVERY_STATE_COUNT] = {
	    [DELIVERY_DUE] = "pending",
	    [DELIVERY_DONE] = "succeeded",
	    [DELIVERY_GIVEN_UP] = "failed"};

	return words[state];
}

void
captain_write_delivery(struct jsonw *w, const struct delivery *delivery,
    const struct event *event, const char *name)
{
	bool is_due = delivery->state == DELIVERY_DUE;
	char job[CAPTAIN_ID_SIZE];

	captain_format_id(&event->job, job);
	jsonw_object(w);
	jsonw_nstring(w, "message_id", name);
	jsonw_nstring(w, "event_id", name);
	jsonw_nstring(w, "event_type", event_type_name(event->type));
	jsonw_nstring(w, "job_id", job);
	jsonw_nstring(w, "status", captain_delivery_word(delivery->state));
	jsonw_nbool(w, "test", event->is_test);
	jsonw_nuint(w, "attempts", delivery->attempts);
	jsonw_ntime(w, "next_attempt_at", is_due ? delivery->due_us : 0);
	jsonw_ntime(w, "created_at", delivery->created_us);
	jsonw_ntime(w, "completed_at", delivery->finished_us);
	jsonw_object_end(w);
}

void
captain_write_attempt(struct jsonw *w, const struct delivery_attempt *attempt)
{
	bool is_taken = attempt->status >= 200 && attempt->status < 300;

	jsonw_object(w);
	jsonw_nuint(w, "attempt", attempt->seq);
	jsonw_nstring(w, "status", is_taken ? "succeeded" : "failed");
	jsonw_name(w, "status_code");
	if (attempt->status != 0)
		jsonw_uint(w, attempt->status);
	else
		jsonw_null(w);
	jsonw_nstring(w, "error",
	    attempt->message[0] != '\0' ? attempt->message : NULL);
	jsonw_nint(w, "duration_ms", attempt->took_us / 1000);
	jsonw_nstring(w, "trigger",
	    attempt->is_manual ? "manual" : "scheduled");
	jsonw_ntime(w, "attempted_at", attempt->began_us);
	jsonw_object_end(w);
}
