/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What endpoints are sent, and the description of it.
 */
#include <stdio.h>
#include <string.h>

#include "api/captain/captain.h"
#include "api/captain/captain_view.h"
#include "api/captain/captain_webhook.h"
#include "base/jsonw.h"
#include "model/item_code.h"

static void
event_name(const struct event *event, char out[EVENT_NAME_SIZE])
{
	char id[CAPTAIN_ID_SIZE];

	captain_format_id(&event->job, id);
	(void)snprintf(out, EVENT_NAME_SIZE, "evt_%s", id);
}

static void
put_error(struct jsonw *w, const struct job *job, enum captain_word word)
{
	const char *code = NULL, *message = NULL;

	if (word == CAPTAIN_FAILED && job->code == ITEM_CODE_NONE) {
		code = "NO_FILES_INDEXED";
		message = "none of the files was indexed";
	} else if (word == CAPTAIN_FAILED) {
		code = captain_code_name(job->code);
		message = job->message[0] != '\0'
		    ? job->message
		    : item_code_text(job->code);
	}
	jsonw_nstring(w, "error_code", code);
	jsonw_nstring(w, "error_message", message);
}

/* failures: what a job is called that some files of failed. */
static void
put_event(struct jsonw *w, const struct event *event, bool has_name,
    const char *failures)
{
	const struct job *job = &event->job;
	enum captain_word word = captain_word_of(job);
	char id[CAPTAIN_ID_SIZE], base[UUID_TEXT_SIZE];

	captain_format_id(job, id);
	uuid_format(&job->base_uuid, base);
	jsonw_object(w);
	jsonw_nstring(w, "type", event_type_name(event->type));
	jsonw_ntime(w, "timestamp", event->created_us);
	jsonw_name(w, "data");
	jsonw_object(w);
	jsonw_nstring(w, "job_id", id);
	jsonw_nstring(w, "status", captain_word_said(word, failures));
	jsonw_nstring(w, "job_type", captain_job_type(job));
	jsonw_nstring(w, "collection_id", base);
	jsonw_nstring(w, "collection_name", has_name ? job->base_name : NULL);
	jsonw_nstring(w, "source", "api");
	jsonw_nnull(w, "sync_id");
	jsonw_nuint(w, "files_total", job->counts.total);
	jsonw_nuint(w, "files_indexed", job->counts.completed);
	jsonw_nuint(w, "files_failed", job->counts.failed);
	jsonw_nuint(w, "files_skipped", job->counts.skipped);
	jsonw_nuint(w, "files_cancelled", job->counts.cancelled);
	put_error(w, job, word);
	jsonw_ntime(w, "created_at", job->created_us);
	jsonw_ntime(w, "started_at", job->started_us);
	jsonw_ntime(w, "completed_at", job->finished_us);
	jsonw_nbool(w, "test", event->is_test);
	jsonw_object_end(w);
	jsonw_object_end(w);
}

static void
event_put(struct jsonw *w, const struct webhook *webhook,
    const struct event *event, const char *failures)
{
	json_t *settings = json_loads(webhook->settings, 0, NULL);

	put_event(w, event, !json_is_false(json_object_get(settings,
	    "include_collection_name")), failures);
	json_decref(settings);
}

static void
event_body(struct jsonw *w, const struct webhook *webhook,
    const struct event *event)
{
	event_put(w, webhook, event, NULL);
}

static void
event_body_errors(struct jsonw *w, const struct webhook *webhook,
    const struct event *event)
{
	event_put(w, webhook, event, CAPTAIN_WITH_ERRORS);
}

const struct webhook_face *
captain_webhook_face(const char *failures)
{
	static const struct webhook_face face = {event_name, event_body};
	static const struct webhook_face errors = {event_name,
	    event_body_errors};

	return strcmp(failures, CAPTAIN_WITH_ERRORS) == 0 ? &errors : &face;
}

/* ---- its description ---------------------------------------------------- */

/* Of [data]; the types of its members are those of put_event(). */
static const char data_schema[] =
    "{\"type\":\"object\",\"required\":[\"job_id\",\"status\",\"job_type\","
    "\"collection_id\",\"collection_name\",\"files_indexed\","
    "\"files_failed\",\"files_skipped\",\"test\"],\"properties\":{"
    "\"job_id\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"string\"},"
    "\"job_type\":{\"type\":\"string\"},"
    "\"collection_id\":{\"type\":\"string\",\"format\":\"uuid\"},"
    "\"collection_name\":{\"type\":[\"string\",\"null\"]},"
    "\"source\":{\"const\":\"api\"},"
    "\"sync_id\":{\"type\":\"null\"},"
    "\"files_total\":{\"type\":\"integer\"},"
    "\"files_indexed\":{\"type\":\"integer\"},"
    "\"files_failed\":{\"type\":\"integer\"},"
    "\"files_skipped\":{\"type\":\"integer\"},"
    "\"files_cancelled\":{\"type\":\"integer\"},"
    "\"error_code\":{\"type\":[\"string\",\"null\"]},"
    "\"error_message\":{\"type\":[\"string\",\"null\"]},"
    "\"created_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"started_at\":{\"type\":[\"string\",\"null\"],"
    "\"format\":\"date-time\"},"
    "\"completed_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"test\":{\"type\":\"boolean\"}}}";

static void
put_example(struct jsonw *w, enum event_type type)
{
	struct event event = {.type = type,
	    .created_us = 1795342504000000};
	struct job *job = &event.job;
	const uint8_t some[16] = {1, 2, 3};

	job->uuid = uuid_random(some);
	job->base_uuid = uuid_random(some);
	(void)snprintf(job->base_name, sizeof(job->base_name), "my-docs");
	job->kind = JOB_KIND_UPLOAD;
	job->state = type == EVENT_JOB_COMPLETED ? JOB_COMPLETED
	    : type == EVENT_JOB_CANCELLED	 ? JOB_CANCELLED
	    : type == EVENT_JOB_FAILED		 ? JOB_FAILED
					 : JOB_COMPLETED_WITH_FAILURES;
	job->counts.total = 2;
	job->counts.completed = type == EVENT_JOB_COMPLETED ? 2
	    : type == EVENT_JOB_COMPLETED_WITH_ERRORS	    ? 1
							    : 0;
	job->counts.cancelled = type == EVENT_JOB_CANCELLED ? 2 : 0;
	job->counts.failed = 2 - job->counts.completed -
	    job->counts.cancelled;
	job->created_us = 1795342500000000;
	job->started_us = 1795342500120000;
	job->finished_us = event.created_us;
	put_event(w, &event, true, NULL);
}

static void
put_schema(struct jsonw *w, enum event_type type)
{
	jsonw_object(w);
	jsonw_nstring(w, "$schema",
	    "https://json-schema.org/draft/2020-12/schema");
	jsonw_nstring(w, "type", "object");
	jsonw_name(w, "required");
	jsonw_array(w);
	jsonw_string(w, "type");
	jsonw_string(w, "timestamp");
	jsonw_string(w, "data");
	jsonw_array_end(w);
	jsonw_name(w, "properties");
	jsonw_object(w);
	jsonw_name(w, "type");
	jsonw_object(w);
	jsonw_nstring(w, "const", event_type_name(type));
	jsonw_object_end(w);
	jsonw_name(w, "timestamp");
	jsonw_object(w);
	jsonw_nstring(w, "type", "string");
	jsonw_nstring(w, "format", "date-time");
	jsonw_object_end(w);
	jsonw_name(w, "data");
	jsonw_raw(w, data_schema, sizeof(data_schema) - 1);
	jsonw_object_end(w);
	jsonw_name(w, "examples");
	jsonw_array(w);
	put_example(w, type);
	jsonw_array_end(w);
	jsonw_object_end(w);
}

void
captain_write_event_types(struct jsonw *w)
{
	enum event_type type;
	int i;

	jsonw_object(w);
	jsonw_name(w, "event_types");
	jsonw_array(w);
	for (i = 1; i < EVENT_TYPE_COUNT; i++) {
		type = (enum event_type)i;
		jsonw_object(w);
		jsonw_nstring(w, "event_type", event_type_name(type));
		jsonw_nstring(w, "description", event_type_text(type));
		jsonw_nstring(w, "schema_version", "1");
		jsonw_name(w, "schema");
		put_schema(w, type);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_object_end(w);
}
