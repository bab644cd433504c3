/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /api/v1/remember/entry: questions with answers, steps of programs and
 * what was thought of an answer, kept by session.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_memo.h"
#include "api/cognee/cognee_view.h"
#include "engine/memos.h"
#include "sys/clock.h"

#define REFUSED "Invalid remember request."
#define DATASET_DEFAULT "main_dataset"
#define SCORE_MIN 1
#define SCORE_MAX 5

static int
say_error(struct http_reply *reply, int status, const char *words)
{
	cognee_write_error(http_reply_json(reply, status), words);
	return 1;
}

/* ---- entries ------------------------------------------------------------- */

static const char *const statuses[] = {"success", "error", NULL};

static const struct cognee_field qa_fields[] = {
    {.name = "question", .type = COGNEE_TEXT, .is_required = true},
    {.name = "answer", .type = COGNEE_TEXT, .is_required = true},
    {.name = "context", .type = COGNEE_TEXT},
    {.name = "feedback_text", .type = COGNEE_TEXT},
    {.name = "feedback_score", .type = COGNEE_INT},
    {.name = "used_graph_element_ids", .type = COGNEE_OBJECT},
};
static const struct cognee_field trace_fields[] = {
    {.name = "origin_function", .type = COGNEE_TEXT, .is_required = true},
    {.name = "status", .type = COGNEE_TEXT, .words = statuses},
    {.name = "method_params", .type = COGNEE_OBJECT},
    {.name = "method_return_value", .type = COGNEE_ANY},
    {.name = "memory_query", .type = COGNEE_TEXT},
    {.name = "memory_context", .type = COGNEE_TEXT},
    {.name = "error_message", .type = COGNEE_TEXT},
    {.name = "generate_feedback_with_llm", .type = COGNEE_BOOL},
};
static const struct cognee_field feedback_fields[] = {
    {.name = "qa_id", .type = COGNEE_UUID, .is_required = true},
    {.name = "feedback_text", .type = COGNEE_TEXT},
    {.name = "feedback_score", .type = COGNEE_INT},
};

enum entry_type { ENTRY_QA, ENTRY_TRACE, ENTRY_FEEDBACK, ENTRY_COUNT };

static const struct {
	const char *name;
	const struct cognee_field *fields;
	size_t count;
} entry_types[ENTRY_COUNT] = {
    [ENTRY_QA] = {COGNEE_MEMO_QA, qa_fields,
	sizeof(qa_fields) / sizeof(qa_fields[0])},
    [ENTRY_TRACE] = {COGNEE_MEMO_TRACE, trace_fields,
	sizeof(trace_fields) / sizeof(trace_fields[0])},
    [ENTRY_FEEDBACK] = {"feedback", feedback_fields,
	sizeof(feedback_fields) / sizeof(feedback_fields[0])},
};

struct remembering {
	enum entry_type type;
	const json_t *entry;
	const char *session, *dataset_name;
	struct cognee_dataset dataset; /* id 0: there is none of that name */
	struct uuid id;		       /* of the entry that it became */
	int64_t began_us;
};

/* What the fields cannot say. */
static int
entry_check(struct http_reply *reply, const struct remembering *remembering)
{
	const json_t *entry = remembering->entry;
	int64_t score = cognee_int(entry, "feedback_score", SCORE_MIN);

	if (score < SCORE_MIN || score > SCORE_MAX)
		return say_error(reply, 400,
		    REFUSED " feedback_score is a number from 1 to 5.");
	if (cognee_bool(entry, "generate_feedback_with_llm", false))
		return say_error(reply, 400,
		    REFUSED " Feedback is not made by a model here: send it "
			    "as a feedback entry.");
	if (remembering->type == ENTRY_FEEDBACK &&
	    cognee_member(entry, "feedback_text") == NULL &&
	    cognee_member(entry, "feedback_score") == NULL)
		return say_error(reply, 400, REFUSED
		    " Feedback needs feedback_text or feedback_score.");
	return 0;
}

static int
entry_read(struct http_reply *reply, struct remembering *remembering)
{
	const json_t *type = json_object_get(remembering->entry, "type");
	int i;

	if (json_is_string(type) &&
	    strcmp(json_string_value(type), "skill_run") == 0)
		return say_error(reply, 400, REFUSED " This server has no "
		    "skills, and nothing to do with a skill's run.");
	for (i = 0; i < ENTRY_COUNT; i++)
		if (json_is_string(type) && strcmp(json_string_value(type),
			entry_types[i].name) == 0)
			break;
	if (i == ENTRY_COUNT)
		return say_error(reply, 400, REFUSED
		    " An entry's type is qa, trace or feedback.");
	remembering->type = (enum entry_type)i;
	if (cognee_check(reply, remembering->entry, entry_types[i].fields,
		entry_types[i].count) != 0)
		return 1;
	return entry_check(reply, remembering);
}

/* ---- keeping ------------------------------------------------------------- */

static int
dataset_read(struct http_request *request, struct http_reply *reply,
    const json_t *body, struct remembering *remembering)
{
	struct store *reader;
	struct uuid uuid;
	int err;

	remembering->dataset_name = cognee_text(body, "dataset_name",
	    DATASET_DEFAULT);
	err = http_reader(request, &reader);
	if (err < 0)
		return err;
	if (!cognee_uuid(body, "dataset_id", &uuid)) {
		err = cognee_dataset_named(request, reader,
		    remembering->dataset_name, &remembering->dataset);
		/* What is said of no dataset is kept all the same. */
		return err == ERR_NOT_FOUND ? 0 : err;
	}
	err = cognee_dataset_find(request, reader, &uuid, COGNEE_WRITE,
	    &remembering->dataset);
	if (err == ERR_NOT_FOUND) {
		(void)cognee_denied(reply, "write");
		return 1;
	}
	if (err == 0)
		remembering->dataset_name = remembering->dataset.name;
	return err;
}

/* The fields that its type has, by their names with underscores; owned.
 * NULL: no memory. */
static json_t *
entry_normal(const struct remembering *remembering)
{
	const struct cognee_field *field =
	    entry_types[remembering->type].fields;
	size_t i, count = entry_types[remembering->type].count;
	json_t *normal = json_object(), *value;
	const json_t *given;

	for (i = 0; normal != NULL && i < count; i++, field++) {
		given = cognee_member(remembering->entry, field->name);
		if (given == NULL)
			continue;
		value = field->type == COGNEE_INT
		    ? json_integer(cognee_int(remembering->entry,
			  field->name, 0))
		    : json_incref((json_t *)(uintptr_t)given);
		if (json_object_set_new(normal, field->name, value) < 0) {
			json_decref(normal);
			normal = NULL;
		}
	}
	return normal;
}

static int
keep(struct http_request *request, struct remembering *remembering)
{
	const char *kind = entry_types[remembering->type].name;
	struct memo memo = {.has_base = remembering->dataset.id != 0,
	    .base = remembering->dataset.uuid,
	    .session = remembering->session, .kind = kind};
	struct buf text;
	json_t *entry;
	char *body;
	int err;

	buf_init(&text, MEMO_TEXT_BYTES_MAX);
	entry = entry_normal(remembering);
	body = json_dumps(entry, JSON_COMPACT);
	if (body == NULL)
		err = ERR_NOMEM;
	else
		err = cognee_memo_text(kind, entry, &text);
	memo.text = buf_text(&text);
	memo.body = body;
	if (err == 0)
		err = engine_memo_add(request->engine,
		    request->caller.account_id, &memo, &remembering->id,
		    &request->note);
	free(body);
	json_decref(entry);
	buf_fini(&text);
	return err;
}

static int
put_feedback(void *arg, const struct memo *memo, json_t *body,
    struct err_note *note)
{
	const struct remembering *remembering = arg;
	json_t *feedback;
	int err;

	if (strcmp(memo->kind, COGNEE_MEMO_QA) != 0)
		return err_set(note, ERR_NOT_FOUND,
		    "feedback is given to answers");
	feedback = entry_normal(remembering);
	if (feedback == NULL)
		return ERR_NOMEM;
	(void)json_object_del(feedback, "qa_id");
	err = json_object_update(body, feedback) < 0 ? ERR_NOMEM : 0;
	json_decref(feedback);
	return err;
}

static int
give_feedback(struct http_request *request, struct remembering *remembering)
{
	(void)cognee_uuid(remembering->entry, "qa_id", &remembering->id);
	return engine_memo_change(request->engine,
	    request->caller.account_id, &remembering->id, put_feedback,
	    remembering, &request->note);
}

/* ---- the answer ---------------------------------------------------------- */

static int
say_kept(struct http_reply *reply, const struct remembering *remembering)
{
	struct jsonw *w = http_reply_json(reply, 200);
	bool has_dataset = remembering->dataset.id != 0;
	char id[UUID_TEXT_SIZE];

	uuid_format(&remembering->id, id);
	jsonw_object(w);
	jsonw_nstring(w, "status", "session_stored");
	jsonw_nstring(w, "dataset_name", remembering->dataset_name);
	jsonw_nstring(w, "dataset_id",
	    has_dataset ? remembering->dataset.text : NULL);
	jsonw_nnull(w, "pipeline_run_id");
	jsonw_nint(w, "items_processed", 1);
	jsonw_nreal(w, "elapsed_seconds",
	    (double)(clock_mono_us() - remembering->began_us) / 1e6, 6);
	jsonw_name(w, "session_ids");
	jsonw_array(w);
	jsonw_string(w, remembering->session);
	jsonw_array_end(w);
	jsonw_nstring(w, "entry_type", entry_types[remembering->type].name);
	jsonw_nstring(w, "entry_id", id);
	jsonw_nnull(w, "error");
	jsonw_object_end(w);
	return 0;
}

static int
say_failed(struct http_request *request, struct http_reply *reply, int err)
{
	const char *words = request->note.text[0] != '\0'
	    ? request->note.text : err_text(err);

	if (err == ERR_NOT_FOUND)
		(void)say_error(reply, 409,
		    "There is no such qa entry to give feedback to.");
	else if (err == ERR_INVALID)
		(void)say_error(reply, 400, words);
	else if (err == ERR_TOO_BIG)
		(void)say_error(reply, 413, words);
	else
		return err;
	return 0;
}

int
cognee_memo_remember(struct http_request *request, struct http_reply *reply)
{
	static const struct cognee_field fields[] = {
	    {.name = "entry", .type = COGNEE_OBJECT, .is_required = true},
	    {.name = "dataset_name", .type = COGNEE_TEXT},
	    {.name = "dataset_id", .type = COGNEE_UUID},
	    {.name = "session_id", .type = COGNEE_TEXT},
	};
	struct remembering remembering = {.began_us = clock_mono_us()};
	const json_t *body;
	int err;

	err = cognee_body(request, reply, fields,
	    sizeof(fields) / sizeof(fields[0]), &body);
	if (err != 0)
		return err < 0 ? err : 0;
	remembering.entry = cognee_member(body, "entry");
	remembering.session = cognee_text(body, "session_id", "");
	if (remembering.session[0] == '\0')
		remembering.session = COGNEE_SESSION_DEFAULT;
	if (entry_read(reply, &remembering) != 0)
		return 0;
	err = dataset_read(request, reply, body, &remembering);
	if (err == 1)
		return 0;
	if (err == 0)
		err = remembering.type == ENTRY_FEEDBACK
		    ? give_feedback(request, &remembering)
		    : keep(request, &remembering);
	return err < 0 ? say_failed(request, reply, err)
		       : say_kept(reply, &remembering);
}
