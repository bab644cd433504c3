/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remember: add and cognify in one, or a memo of a session.
 */
#include <stdlib.h>
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_data_view.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_memo.h"
#include "api/cognee/cognee_pieces.h"
#include "api/cognee/cognee_rule.h"
#include "api/cognee/cognee_run.h"
#include "api/cognee/cognee_view.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/memos.h"
#include "http/http.h"
#include "store/store.h"
#include "sys/clock.h"
#include "sys/sha256.h"

/* ---- what is asked for --------------------------------------------------- */

/* Fields for what is no plain data, which is all that is remembered here. */
static int
check_kind(struct http_request *request)
{
	static const char *const others[] = {"content_type", "import_mode",
	    "skills_text", "skill_name", "repositories"};
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		text = http_field(request, others[i]);
		if (text != NULL && text[0] != '\0')
			return err_set(&request->note, ERR_INVALID, "%s is not "
			    "supported: files and texts are remembered, not "
			    "skills, repositories or archives", others[i]);
	}
	return 0;
}

/* The first that is not empty; NULL: none is. */
static const char *
first_field(struct http_request *request, const char *name)
{
	const char *text;
	size_t at = 0;

	do
		text = http_field_next(request, name, &at);
	while (text != NULL && text[0] == '\0');
	return text;
}

/* ERR_INVALID with words; 1: the reply is written. */
static int
read_rule(struct http_request *request, struct http_reply *reply,
    struct cognee_rule *rule)
{
	const char *text = first_field(request, "graph_model");
	bool indexes_vectors;
	json_t *model = NULL;
	int64_t batch;
	int err;

	if (cognee_form_int(request, reply, "chunk_size",
		COGNEE_CHUNK_TOKENS_MIN, 0, &rule->chunk_tokens) != 0 ||
	    cognee_form_int(request, reply, "chunks_per_batch", 1, 1,
		&batch) != 0 ||
	    cognee_form_bool(request, reply, "index_vectors", true,
		&indexes_vectors) != 0)
		return 1;
	if (!indexes_vectors)
		return err_set(&request->note, ERR_INVALID, "index_vectors "
		    "must be true: what is remembered can be found");
	if (rule->chunk_tokens > COGNEE_CHUNK_TOKENS_MAX)
		return err_set(&request->note, ERR_INVALID,
		    "chunk_size must be at most %d", COGNEE_CHUNK_TOKENS_MAX);
	if (text != NULL) {
		model = json_loads(text, JSON_DECODE_ANY, NULL);
		if (model == NULL)
			return err_set(&request->note, ERR_INVALID,
			    "graph_model is no valid JSON");
	}
	rule->prompt = http_field(request, "custom_prompt");
	err = cognee_rule_check(request, rule, model,
	    first_field(request, "ontology_key"));
	json_decref(model);
	return err;
}

/* ---- beginning ----------------------------------------------------------- */

static int
start(struct http_request *request, struct cognee_pieces *pieces,
    const struct cognee_rule *rule)
{
	struct cognee_runs *runs;
	struct cognee_run *run;
	struct job job;
	int err;

	err = cognee_runs_new(request, 1, &runs);
	if (err < 0)
		return err;
	run = &runs->items[0];
	runs->is_background = pieces->is_background;
	err = cognee_pieces_dataset(request, pieces, &run->dataset);
	if (err == 0)
		err = cognee_pieces_keep(request, &run->dataset, pieces,
		    &job);
	if (err < 0)
		return err;
	run->given = job.uuid;
	run->has_given = true;
	cognee_run_start(request, run, rule);
	return 0;
}

/* ---- for a session ------------------------------------------------------- */

/* A text as an answer that nobody asked for: found by its words, and told to
 * those who recall the session. */
static int
keep_text(struct http_request *request, const struct put *put,
    struct memo *memo, struct uuid *ret_uuid)
{
	char *text, *body = NULL;
	json_t *entry = NULL;
	size_t len = 0;
	int err;

	text = mem_alloc(MEMO_TEXT_BYTES_MAX + 1);
	if (text == NULL)
		return ERR_NOMEM;
	err = engine_upload_read(put->upload, text, MEMO_TEXT_BYTES_MAX, &len);
	text[len] = '\0';
	if (err == ERR_TOO_BIG)
		err = err_set(&request->note, err, "a session takes texts of "
		    "at most %llu bytes", MEMO_TEXT_BYTES_MAX);
	else if (err == 0 && (memchr(text, '\0', len) != NULL ||
		!utf8_is_valid(text, len)))
		err = err_set(&request->note, ERR_INVALID,
		    "a session takes texts, in UTF-8");
	if (err == 0) {
		entry = json_pack("{s:s, s:s, s:s}", "type", COGNEE_MEMO_QA,
		    "question", "", "answer", text);
		body = json_dumps(entry, JSON_COMPACT);
		err = body == NULL ? ERR_NOMEM : 0;
	}
	memo->text = text;
	memo->body = body;
	if (err == 0)
		err = engine_memo_add(request->engine,
		    request->caller.account_id, memo, ret_uuid,
		    &request->note);
	json_decref(entry);
	free(body);
	mem_free(text);
	return err;
}

static void
put_stored(struct http_reply *reply, const struct cognee_dataset *dataset,
    const struct memo *memo, size_t count, const struct uuid *last,
    int64_t begun_us)
{
	struct jsonw *w = http_reply_json(reply, 200);
	char text[UUID_TEXT_SIZE];

	jsonw_object(w);
	jsonw_nstring(w, "status", "session_stored");
	jsonw_nstring(w, "dataset_name", dataset->name);
	jsonw_nstring(w, "dataset_id", dataset->text);
	jsonw_nnull(w, "pipeline_run_id");
	jsonw_nuint(w, "items_processed", count);
	jsonw_nreal(w, "elapsed_seconds",
	    (double)(clock_mono_us() - begun_us) / 1e6, 6);
	jsonw_name(w, "session_ids");
	jsonw_array(w);
	jsonw_string(w, memo->session);
	jsonw_array_end(w);
	if (count > 0) {
		uuid_format(last, text);
		jsonw_nstring(w, "entry_type", COGNEE_MEMO_QA);
		jsonw_nstring(w, "entry_id", text);
	}
	jsonw_object_end(w);
}

/* 1: the reply is written. */
static int
keep_session(struct http_request *request, struct http_reply *reply,
    const struct cognee_pieces *pieces, const char *session)
{
	struct cognee_dataset dataset;
	struct memo memo = {.has_base = true, .session = session,
	    .kind = COGNEE_MEMO_QA};
	int64_t begun_us = clock_mono_us();
	struct uuid last = {{0}};
	size_t i;
	int err;

	err = cognee_pieces_dataset(request, pieces, &dataset);
	if (err < 0)
		return err;
	memo.base = dataset.uuid;
	for (i = 0; err == 0 && i < pieces->count; i++)
		err = keep_text(request, &pieces->puts[i], &memo, &last);
	if (err < 0)
		return err;
	put_stored(reply, &dataset, &memo, pieces->count, &last, begun_us);
	return 1;
}

static int
bad(struct http_request *request, struct http_reply *reply)
{
	(void)cognee_detail(reply, 400, request->note.text);
	return 1;
}

/* 0: it has begun; 1: the reply is written. */
static int
begin(struct http_request *request, struct http_reply *reply)
{
	struct cognee_rule rule = {.prompt = NULL};
	const char *session = first_field(request, "session_id");
	struct cognee_pieces pieces;
	int err;

	err = check_kind(request);
	if (err == 0)
		err = read_rule(request, reply, &rule);
	if (err == ERR_INVALID)
		return bad(request, reply);
	if (err == 0)
		err = cognee_pieces_read(request, reply, &pieces);
	if (err != 0)
		return err;
	if (!pieces.has_uuid && pieces.name == NULL)
		err = cognee_detail(reply, 400, COGNEE_NO_NAME) + 1;
	else if (session != NULL)
		err = keep_session(request, reply, &pieces, session);
	else
		err = start(request, &pieces, &rule);
	cognee_pieces_fini(&pieces);
	return err;
}

/* ---- what came of it ----------------------------------------------------- */

struct given {
	struct jsonw *w;
	const struct cognee_dataset *dataset;
	/* Of the first. */
	char first[UUID_TEXT_SIZE], hash[SHA256_TEXT_SIZE];
	size_t count;
};

static int
on_given(void *arg, const struct item_row *row)
{
	struct given *given = arg;
	struct uuid uuid = uuid_of_row(&given->dataset->uuid,
	    (uint64_t)row->item.document_id);
	char id[UUID_TEXT_SIZE], hash[SHA256_TEXT_SIZE];
	struct jsonw *w = given->w;

	uuid_format(&uuid, id);
	hash[0] = '\0';
	if (row->blob != NULL)
		sha256_format(row->blob, hash);
	if (given->count++ == 0) {
		memcpy(given->first, id, sizeof(id));
		memcpy(given->hash, hash, sizeof(hash));
	}
	jsonw_object(w);
	jsonw_name(w, "name");
	jsonw_stringn(w, row->name, cognee_data_name(row->name));
	jsonw_nstring(w, "id", id);
	jsonw_nstring(w, "content_hash", row->blob == NULL ? NULL : hash);
	jsonw_nnull(w, "token_count");
	jsonw_object_end(w);
	return 0;
}

static int
put_given(struct store *reader, const struct cognee_run *run,
    struct given *given)
{
	struct item_filter filter = {.limit = COGNEE_LISTED_MAX};
	struct job job;
	int err;

	jsonw_name(given->w, "items");
	jsonw_array(given->w);
	err = store_job_find(reader, run->dataset.account_id, &run->given,
	    &job);
	filter.job_id = job.id;
	if (err == 0)
		err = store_items_each(reader, &filter, on_given, given);
	jsonw_array_end(given->w);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int
put_remembered(struct store *reader, struct jsonw *w,
    const struct cognee_runs *runs, const char *error)
{
	const struct cognee_run *run = &runs->items[0];
	struct given given = {.w = w, .dataset = &run->dataset};
	char text[UUID_TEXT_SIZE];
	int err;

	uuid_format(run->err < 0 ? &run->given : &run->job, text);
	jsonw_object(w);
	jsonw_nstring(w, "status", error[0] != '\0' ? "errored"
	    : run->is_over ? "completed" : "running");
	jsonw_nstring(w, "dataset_name", run->dataset.name);
	jsonw_nstring(w, "dataset_id", run->dataset.text);
	jsonw_nstring(w, "pipeline_run_id", text);
	jsonw_nreal(w, "elapsed_seconds",
	    (double)(clock_mono_us() - runs->begun_us) / 1e6, 6);
	err = put_given(reader, run, &given);
	jsonw_nuint(w, "items_processed",
	    run->is_over && error[0] == '\0' ? given.count : 0);
	if (given.count > 0)
		jsonw_nstring(w, "data_id", given.first);
	if (given.count == 1 && given.hash[0] != '\0')
		jsonw_nstring(w, "content_hash", given.hash);
	if (error[0] != '\0')
		jsonw_nstring(w, "error", error);
	jsonw_object_end(w);
	return err;
}

static int
answer(struct http_request *request, struct http_reply *reply)
{
	const struct cognee_runs *runs = cognee_runs_of(request);
	struct store *reader;
	struct buf words;
	int err;

	buf_init(&words, COGNEE_FAILURES_BYTES_MAX);
	err = cognee_runs_failures(request, runs, &words);
	if (err == 0)
		err = http_begin(request, &reader);
	if (err == 0) {
		err = put_remembered(reader,
		    http_reply_json(reply, words.len > 0 ? 409 : 200), runs,
		    buf_text(&words));
		err = http_end(request, reader, err);
	}
	buf_fini(&words);
	return err;
}

int
cognee_remember(struct http_request *request, struct http_reply *reply)
{
	struct cognee_runs *runs;
	int err = 0;

	if (cognee_runs_of(request) == NULL)
		err = begin(request, reply);
	runs = cognee_runs_of(request);
	if (err == 0 && !runs->is_background)
		err = cognee_runs_wait(request, reply, runs);
	if (err == 0)
		return answer(request, reply);
	if (err == ERR_NOT_FOUND)
		return cognee_denied(reply, "write");
	if (err == ERR_INVALID || err == ERR_TOO_BIG) {
		cognee_write_error(http_reply_json(reply, 409),
		    err_words(&request->note, err));
		return 0;
	}
	return err < 0 ? err : 0;
}
