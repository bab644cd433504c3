/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching datasets.  What is to be found is looked up on the request's
 * thread.  Answers that a chat model is to write come from a pipe's thread, as
 * long as they take; without a model they are made of the sentences that were
 * found, at once.
 */
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_search.h"
#include "api/cognee/cognee_view.h"
#include "base/mem.h"
#include "engine/memos.h"

#define BODY_BYTES_MAX (512 * MIB) /* of an answer to a client */
#define PASSAGES_MAX 64u /* that one answer is made of */

/* ---- answering ----------------------------------------------------------- */

static bool
is_answered(const struct cognee_search *search,
    const struct cognee_found *found)
{
	return !search->asked.only_context &&
	    cognee_search_way(found->type)->answer == COGNEE_ANSWERS;
}

/*
 * Without a model an answer is made of sentences, which a graph has none of:
 * it is for a model, unless there is nothing else.
 */
static int
answer_one(struct engine *engine, const struct cognee_search *search,
    struct cognee_found *found, const atomic_bool *stop)
{
	struct passage passages[PASSAGES_MAX];
	struct answer_request request = {.question = search->asked.question,
	    .wish = search->asked.wish, .passages = passages, .stop = stop};

	request.count = cognee_passages(search, found,
	    engine_has_chat(engine) || found->count == 0, passages,
	    PASSAGES_MAX);
	return engine_answer(engine, &request, &found->answer);
}

/*
 * What was asked, for the history.  Lists and contexts are copies of what the
 * datasets say: they are not kept, only that they were asked for.  A history
 * that cannot be written is no reason to keep the answer back.
 */
static void
remember(struct engine *engine, const struct cognee_search *search)
{
	struct asked_answer *answers;
	struct err_note note;
	size_t i, count = 0;

	answers = mem_array(search->count, sizeof(*answers));
	if (answers == NULL)
		return;
	for (i = 0; i < search->count; i++)
		if (is_answered(search, &search->found[i]))
			answers[count++] = (struct asked_answer){
			    .base = &search->found[i].dataset.uuid,
			    .text = cognee_answer_text(&search->found[i])};
	(void)engine_asked_add(engine, search->account_id,
	    search->count == 1 ? &search->found[0].dataset.uuid : NULL,
	    search->asked.question, answers, count, &note);
	mem_free(answers);
}

/* Answers, and all of the reply's body into out. */
static int
search_run(struct engine *engine, struct cognee_search *search,
    const atomic_bool *stop, struct buf *out)
{
	struct jsonw w;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < search->count; i++)
		if (is_answered(search, &search->found[i]))
			err = answer_one(engine, search, &search->found[i],
			    stop);
	if (err < 0)
		return err;
	remember(engine, search);
	jsonw_init(&w, out);
	if (search->is_recall)
		cognee_write_recall(&w, search);
	else
		cognee_write_search(&w, search);
	return out->err;
}

static int
pipe_run(void *state, struct engine *engine, struct http_pipe *pipe)
{
	struct buf out;
	int err;

	buf_init(&out, BODY_BYTES_MAX);
	err = search_run(engine, state, http_pipe_stop(pipe), &out);
	if (err == 0)
		err = http_pipe_put(pipe, out.data, out.len);
	buf_fini(&out);
	return err;
}

/* White space in front of the answer: a client that has gone is noticed, and
 * proxies wait. */
static const struct http_pipe_ops pipe_ops = {
    .run = pipe_run, .free = cognee_search_free, .heartbeat = "\n"};

static bool
has_to_wait(struct engine *engine, const struct cognee_search *search)
{
	size_t i;

	for (i = 0; engine_has_chat(engine) && i < search->count; i++)
		if (is_answered(search, &search->found[i]) &&
		    search->found[i].context_len > 0)
			return true;
	return false;
}

int
cognee_search_reply(struct http_request *request, struct http_reply *reply,
    struct cognee_search *search)
{
	int err;

	(void)http_reply_json(reply, 200);
	if (has_to_wait(request->engine, search))
		return http_reply_pipe(request, reply, &pipe_ops, search);
	err = search_run(request->engine, search, NULL, &reply->body);
	cognee_search_free(search);
	return err;
}

/* ---- POST /api/v1/search ------------------------------------------------- */

/* {"error":...,"detail":...}, the envelope of this route for what nobody
 * foresaw. */
static int
failed(struct http_request *request, struct http_reply *reply, int err)
{
	struct jsonw *w = http_reply_json(reply,
	    err == ERR_BUSY ? 503 : 500);

	jsonw_object(w);
	jsonw_nstring(w, "error", err == ERR_BUSY
	    ? "Busy, try again later" : "Internal server error");
	jsonw_nstring(w, "detail", request->note.text[0] != '\0'
	    ? request->note.text : err_text(err));
	jsonw_object_end(w);
	return 0;
}

static int
search_post(struct http_request *request, struct http_reply *reply,
    const struct cognee_asked *asked)
{
	struct cognee_search *search;
	int err;

	err = cognee_search_new(request, asked, &search);
	if (err < 0)
		return err;
	err = cognee_search_resolve(request, reply, search);
	if (err == 0)
		err = cognee_search_find(request, reply, search);
	if (err == 0)
		return cognee_search_reply(request, reply, search);
	cognee_search_free(search);
	return err;
}

int
cognee_search_ask(struct http_request *request, struct http_reply *reply)
{
	static const struct cognee_field fields[] = {COGNEE_SEARCH_FIELDS};
	struct cognee_asked asked;
	const json_t *body;
	int err;

	err = cognee_body(request, reply, fields,
	    sizeof(fields) / sizeof(fields[0]), &body);
	if (err == 0)
		err = cognee_asked_read(reply, body, false, &asked);
	if (err == 0)
		err = search_post(request, reply, &asked);
	return err < 0 ? failed(request, reply, err) : 0;
}

/* ---- GET /api/v1/search, GET /api/v1/recall ------------------------------ */

static int
put_asked(void *arg, const struct asked *asked)
{
	struct jsonw *w = arg;
	char text[UUID_TEXT_SIZE];

	jsonw_object(w);
	uuid_format(&asked->uuid, text);
	jsonw_nstring(w, "id", text);
	jsonw_nstring(w, "text", asked->text);
	jsonw_nstring(w, "user", asked->is_answer ? "system" : "user");
	jsonw_ntime(w, "createdAt", asked->created_us);
	uuid_format(&asked->base, text);
	jsonw_nstring(w, "datasetId", asked->has_base ? text : NULL);
	jsonw_object_end(w);
	return w->out->err;
}

int
cognee_search_history(struct http_request *request, struct http_reply *reply)
{
	struct store *reader;
	struct jsonw *w;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	w = http_reply_json(reply, 200);
	jsonw_array(w);
	err = store_asked_each(reader, request->caller.account_id, ASKED_MAX,
	    put_asked, w);
	jsonw_array_end(w);
	return http_end(request, reader, err);
}
