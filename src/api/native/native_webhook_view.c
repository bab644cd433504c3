/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api/native/native.h"
#include "api/native/native_webhook_view.h"
#include "base/jsonw.h"
#include "engine/webhooks.h"
#include "model/item_code.h"

static void
view_uuid(struct jsonw *w, const char *name, const struct uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(uuid, text);
	jsonw_nstring(w, name, text);
}

/* ---- what is sent ------------------------------------------------------- */

static void
event_name(const struct event *event, char out[EVENT_NAME_SIZE])
{
	char text[UUID_TEXT_SIZE];

	uuid_format(&event->job.uuid, text);
	(void)snprintf(out, EVENT_NAME_SIZE, "evt_%s", text);
}

static void
write_counts(struct jsonw *w, const struct job *job)
{
	jsonw_name(w, "counts");
	jsonw_object(w);
	jsonw_nuint(w, "total", job->counts.total);
	jsonw_nuint(w, "completed", job->counts.completed);
	jsonw_nuint(w, "failed", job->counts.failed);
	jsonw_nuint(w, "skipped", job->counts.skipped);
	jsonw_nuint(w, "cancelled", job->counts.cancelled);
	jsonw_object_end(w);
}

static void
event_body(struct jsonw *w, const struct webhook *webhook,
    const struct event *event)
{
	const struct job *job = &event->job;
	bool has_code = job->code != ITEM_CODE_NONE;

	(void)webhook;
	jsonw_object(w);
	jsonw_nstring(w, "type", event_type_name(event->type));
	jsonw_ntime(w, "timestamp", event->created_us);
	jsonw_name(w, "data");
	jsonw_object(w);
	view_uuid(w, "job_id", &job->uuid);
	view_uuid(w, "base_id", &job->base_uuid);
	jsonw_nstring(w, "base_name", job->base_name);
	jsonw_nstring(w, "kind", job_kind_name(job->kind));
	jsonw_nstring(w, "dialect", dialect_name(job->dialect));
	jsonw_nstring(w, "state", job_state_name(job->state));
	write_counts(w, job);
	jsonw_nuint(w, "removed", job->removed);
	jsonw_nstring(w, "code", has_code ? item_code_name(job->code) : NULL);
	jsonw_nstring(w, "message",
	    job->message[0] != '\0' ? job->message : NULL);
	jsonw_nstring(w, "cancelled_by",
	    job->cancelled_by[0] != '\0' ? job->cancelled_by : NULL);
	jsonw_ntime(w, "created_at", job->created_us);
	jsonw_ntime(w, "started_at", job->started_us);
	jsonw_ntime(w, "finished_at", job->finished_us);
	jsonw_nbool(w, "test", event->is_test);
	jsonw_object_end(w);
	jsonw_object_end(w);
}

const struct webhook_face native_webhook_face = {
    .name = event_name,
    .body = event_body,
};

/* ---- what is shown ------------------------------------------------------ */

/* Why it is switched off; NULL: it is on. */
static const char *
stop_name(enum webhook_stop stop)
{
	switch (stop) {
	case WEBHOOK_STOPPED:
		return "by_hand";
	case WEBHOOK_GONE:
		return "gone";
	case WEBHOOK_FAILING:
		return "failing";
	case WEBHOOK_RUNS:
	case WEBHOOK_STOP_COUNT:
		break;
	}
	return NULL;
}

static void
write_types(struct jsonw *w, uint32_t types)
{
	int type;

	jsonw_name(w, "types");
	jsonw_array(w);
	for (type = 1; type < EVENT_TYPE_COUNT; type++)
		if ((types & 1u << type) != 0)
			jsonw_string(w,
			    event_type_name((enum event_type)type));
	jsonw_array_end(w);
}

void
native_view_webhook(struct jsonw *w, const struct webhook *webhook,
    const char *secret)
{
	bool has_old = webhook->old_secret != NULL;

	jsonw_object(w);
	view_uuid(w, "id", &webhook->uuid);
	jsonw_nstring(w, "url", webhook->url);
	jsonw_nstring(w, "description", webhook->description);
	jsonw_nstring(w, "dialect", dialect_name(webhook->dialect));
	write_types(w, webhook->types);
	jsonw_name(w, "bases");
	jsonw_raw(w, webhook->bases, strlen(webhook->bases));
	jsonw_nbool(w, "is_silent", webhook->is_silent);
	jsonw_nbool(w, "is_enabled", webhook->stop == WEBHOOK_RUNS);
	jsonw_nstring(w, "disabled_why", stop_name(webhook->stop));
	jsonw_ntime(w, "disabled_at", webhook->stopped_us);
	jsonw_ntime(w, "succeeded_at", webhook->succeeded_us);
	jsonw_ntime(w, "old_secret_until",
	    has_old ? webhook->old_until_us : 0);
	jsonw_ntime(w, "created_at", webhook->created_us);
	jsonw_ntime(w, "updated_at", webhook->updated_us);
	if (secret != NULL)
		jsonw_nstring(w, "secret", secret);
	jsonw_object_end(w);
}

static const char *
delivery_state_name(enum delivery_state state)
{
	static const char *const names[DELIVERY_STATE_COUNT] = {
	    [DELIVERY_DUE] = "due",
	    [DELIVERY_DONE] = "delivered",
	    [DELIVERY_GIVEN_UP] = "given_up"};

	return names[state];
}

void
native_view_delivery(struct jsonw *w, const struct delivery *delivery,
    const struct event *event, const char *name)
{
	jsonw_object(w);
	jsonw_nstring(w, "event_id", name);
	jsonw_nstring(w, "type", event_type_name(event->type));
	jsonw_nbool(w, "is_test", event->is_test);
	view_uuid(w, "job_id", &event->job.uuid);
	jsonw_nstring(w, "state", delivery_state_name(delivery->state));
	jsonw_nuint(w, "attempts", delivery->attempts);
	jsonw_ntime(w, "due_at",
	    delivery->state == DELIVERY_DUE ? delivery->due_us : 0);
	jsonw_ntime(w, "created_at", delivery->created_us);
	jsonw_ntime(w, "finished_at", delivery->finished_us);
	jsonw_object_end(w);
}

void
native_view_attempt(struct jsonw *w, const struct delivery_attempt *attempt)
{
	jsonw_object(w);
	jsonw_nuint(w, "number", attempt->seq);
	jsonw_nbool(w, "is_manual", attempt->is_manual);
	jsonw_ntime(w, "began_at", attempt->began_us);
	jsonw_nint(w, "took_ms", attempt->took_us / 1000);
	jsonw_name(w, "status");
	if (attempt->status != 0)
		jsonw_uint(w, attempt->status);
	else
		jsonw_null(w);
	jsonw_nstring(w, "message",
	    attempt->message[0] != '\0' ? attempt->message : NULL);
	jsonw_object_end(w);
}
