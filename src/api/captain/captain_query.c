/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking collections.  The search is done on the request's thread.  What then
 * has to wait for another service (the order of a reranking service, the
 * answer of a chat model) is done by a pipe's thread, plain answers and
 * streams alike; without a service to wait for, the same is done at once.
 *
 * A service that fails is no error: there are results, and an answer can be
 * made of them; a warning says what happened.  Only a model that breaks off
 * after it has begun to stream is: the client has half a sentence then.
 */
#include <string.h>

#include "api/captain/captain_body.h"
#include "api/captain/captain_int.h"
#include "api/captain/captain_query.h"
#include "base/mem.h"
#include "store/store.h"

#define EVENT_BYTES_MAX (256 * MIB)

/* Where an answer is written to, and what breaks it off. */
struct sink {
	int (*put)(void *arg, const void *bytes, size_t len);
	void *arg;
	const atomic_bool *stop; /* NULL: nothing */
	struct captain_query *query;
};

/* ---- the services -------------------------------------------------------- */

static int
rerank(struct engine *engine, struct captain_query *query,
    const atomic_bool *stop)
{
	struct passage *passages;
	double *scores;
	size_t *order, i;
	int err;

	passages = mem_array(query->hit_count, sizeof(*passages));
	scores = mem_array(query->hit_count, sizeof(*scores));
	order = mem_array(query->hit_count, sizeof(*order));
	if (passages == NULL || scores == NULL || order == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	captain_query_passages(query, passages, query->hit_count);
	err = engine_rerank(engine, query->asked.text, passages,
	    query->hit_count, stop, scores, order);
	if (err < 0)
		goto out;
	/* Until here order was that of the hits. */
	for (i = 0; i < query->hit_count; i++) {
		query->order[i] = order[i];
		query->hits[i].rerank = scores[i];
	}
	query->is_reranked = true;
out:
	mem_free(passages);
	mem_free(scores);
	mem_free(order);
	if (err == ERR_UNSUPPORTED)
		query->asked.warnings |= CAPTAIN_WARNS(NO_RERANK);
	if (err == ERR_UPSTREAM)
		query->asked.warnings |= CAPTAIN_WARNS(RERANK_FAILED);
	return err == ERR_UNSUPPORTED || err == ERR_UPSTREAM ? 0 : err;
}

static void
answer_warn(struct captain_query *query)
{
	unsigned *warnings = &query->asked.warnings;

	switch (query->answer.maker) {
	case ANSWER_BY_MODEL:
		break;
	case ANSWER_BY_EXTRACT:
		*warnings |= CAPTAIN_WARNS(NO_CHAT);
		break;
	case ANSWER_BY_EXTRACT_AFTER_FAILURE:
		*warnings |= CAPTAIN_WARNS(CHAT_FAILED);
		break;
	case ANSWER_BY_NOBODY:
		*warnings |= CAPTAIN_WARNS(NO_PASSAGES);
		break;
	}
	if (query->answer.maker != ANSWER_BY_MODEL &&
	    query->asked.wish != NULL && query->asked.wish[0] != '\0')
		*warnings |= CAPTAIN_WARNS(NO_WISH);
	if (query->answer.is_cut)
		*warnings |= CAPTAIN_WARNS(CHAT_CUT);
}

static int
on_piece(void *arg, const char *text, size_t len)
{
	struct sink *sink = arg;
	struct buf event;
	int err;

	buf_init(&event, EVENT_BYTES_MAX);
	captain_write_delta(&event, sink->query, text, len);
	err = event.err < 0 ? event.err
			    : sink->put(sink->arg, event.data, event.len);
	buf_fini(&event);
	return err;
}

static int
infer(struct engine *engine, struct captain_query *query, struct sink *sink)
{
	struct passage passages[CAPTAIN_PASSAGES];
	struct answer_request request = {.question = query->asked.text,
	    .passages = passages, .count = query->result_count,
	    .wish = query->asked.wish, .stop = sink->stop,
	    .fn = query->asked.is_stream ? on_piece : NULL, .arg = sink};
	int err;

	if (request.count > CAPTAIN_PASSAGES)
		request.count = CAPTAIN_PASSAGES;
	captain_query_passages(query, passages, request.count);
	err = engine_answer(engine, &request, &query->answer);
	if (err < 0)
		return err;
	answer_warn(query);
	/* Nobody has said anything yet. */
	if (query->asked.is_stream &&
	    query->answer.maker == ANSWER_BY_NOBODY)
		err = on_piece(sink, captain_answer_text(query),
		    strlen(captain_answer_text(query)));
	return err;
}

/* ---- answers ------------------------------------------------------------- */

static int
send_out(struct sink *sink, struct buf *out)
{
	int err = out->err;

	if (err == 0 && out->len > 0)
		err = sink->put(sink->arg, out->data, out->len);
	buf_clear(out);
	return err;
}

static int
run_plain(struct engine *engine, struct captain_query *query,
    struct sink *sink, struct buf *out)
{
	struct jsonw w;
	int err = 0;

	if (query->asked.is_rerank)
		err = rerank(engine, query, sink->stop);
	if (err == 0 && query->asked.is_inference)
		err = infer(engine, query, sink);
	if (err < 0)
		return err;
	jsonw_init(&w, out);
	captain_write_answer(&w, query);
	return send_out(sink, out);
}

/* Of a stream whose rules have no word for "nothing is inferred": the end
 * alone, which has the results in it. */
static int
run_events(struct engine *engine, struct captain_query *query,
    struct sink *sink, struct buf *out)
{
	int err = 0;

	if (query->asked.is_inference) {
		captain_write_tool_start(out, query);
		err = send_out(sink, out);
	}
	if (err == 0 && query->asked.is_rerank)
		err = rerank(engine, query, sink->stop);
	if (err == 0 && query->asked.is_inference) {
		captain_write_tool_end(out, query);
		err = send_out(sink, out);
		if (err == 0)
			err = infer(engine, query, sink);
	}
	if (err == 0)
		captain_write_complete(out, query);
	else if (err == ERR_UPSTREAM)
		captain_write_stream_error(out, query,
		    "The chat model broke off its answer");
	else
		return err;
	return send_out(sink, out);
}

static int
query_run(struct engine *engine, struct captain_query *query,
    struct sink *sink)
{
	struct buf out;
	int err;

	buf_init(&out, EVENT_BYTES_MAX);
	err = query->asked.is_stream
	    ? run_events(engine, query, sink, &out)
	    : run_plain(engine, query, sink, &out);
	buf_fini(&out);
	return err;
}

/* ---- at once, or later --------------------------------------------------- */

static int
put_pipe(void *arg, const void *bytes, size_t len)
{
	return http_pipe_put(arg, bytes, len);
}

static int
pipe_run(void *state, struct engine *engine, struct http_pipe *pipe)
{
	struct sink sink = {.put = put_pipe, .arg = pipe,
	    .stop = http_pipe_stop(pipe), .query = state};

	return query_run(engine, state, &sink);
}

/* White space in front of an answer in JSON, a comment in a stream: a client
 * that has gone is noticed, and proxies wait. */
static const struct http_pipe_ops plain_ops = {
    .run = pipe_run, .free = captain_query_free, .heartbeat = "\n"};
static const struct http_pipe_ops event_ops = {
    .run = pipe_run, .free = captain_query_free,
    .heartbeat = ": still here\n\n"};

static int
put_body(void *arg, const void *bytes, size_t len)
{
	return buf_put(arg, bytes, len);
}

static bool
has_to_wait(struct engine *engine, const struct captain_query *query)
{
	const struct captain_asked *asked = &query->asked;

	return query->hit_count > 0 &&
	    ((asked->is_rerank && engine_has_rerank(engine)) ||
		(asked->is_inference && engine_has_chat(engine)));
}

/* Takes query. */
static int
reply_query(struct http_request *request, struct http_reply *reply,
    struct captain_query *query)
{
	struct sink sink = {.put = put_body, .arg = &reply->body,
	    .query = query};
	bool is_stream = query->asked.is_stream;
	int err;

	(void)http_reply_json(reply, 200);
	if (is_stream) {
		reply->content_type = "text/event-stream";
		http_reply_header(reply, "Cache-Control", "no-cache");
		/* nginx in front would hold events back otherwise. */
		http_reply_header(reply, "X-Accel-Buffering", "no");
	}
	if (has_to_wait(request->engine, query))
		return http_reply_pipe(request, reply,
		    is_stream ? &event_ops : &plain_ops, query);
	err = query_run(request->engine, query, &sink);
	captain_query_free(query);
	return err;
}

static int
answer(struct http_request *request, struct http_reply *reply,
    const struct captain_asked *asked, const struct captain_base *bases,
    size_t base_count)
{
	struct captain_query *query;
	int err;

	err = captain_query_new(request, asked, &query);
	if (err < 0)
		return err;
	err = captain_query_find(request, bases, base_count, asked->filter,
	    query);
	if (err == 0)
		return reply_query(request, reply, query);
	captain_query_free(query);
	/* Deleted since it was looked up. */
	return err == ERR_NOT_FOUND
	    ? captain_refuse(reply, 404, "Collection not found") : err;
}

/* ---- routes -------------------------------------------------------------- */

static int
query_one(struct http_request *request, struct http_reply *reply,
    enum captain_version version)
{
	struct captain_asked asked;
	struct captain_base base;
	int err;

	err = captain_base(request, reply, &base);
	if (err == 0)
		err = captain_asked_read(request, reply, version, &asked);
	if (err != 0)
		return err < 0 ? err : 0;
	return answer(request, reply, &asked, &base, 1);
}

int
captain_query_v2(struct http_request *request, struct http_reply *reply)
{
	return query_one(request, reply, CAPTAIN_V2);
}

int
captain_query_v3(struct http_request *request, struct http_reply *reply)
{
	return query_one(request, reply, CAPTAIN_V3);
}

static int
base_take(void *arg, const struct base *base)
{
	struct captain_base *taken = arg;

	taken->id = base->id;
	taken->uuid = base->uuid;
	memcpy(taken->name, base->name, sizeof(taken->name));
	return 0;
}

/* A collection by its name, or by its id. */
static int
base_named(struct http_request *request, const char *text,
    struct captain_base *ret_base)
{
	struct store *reader;
	struct uuid uuid;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = store_base_find(reader, request->caller.account_id,
		    NULL, text, base_take, ret_base);
	if (err != ERR_NOT_FOUND || uuid_parse(text, strlen(text), &uuid) < 0)
		return err;
	return store_base_find(reader, request->caller.account_id, &uuid,
	    NULL, base_take, ret_base);
}

/* The list of collections has had more than one name. */
static int
bases_read(struct http_request *request, struct http_reply *reply,
    struct captain_base *bases, size_t *ret_count)
{
	static const struct captain_field fields[] = {
	    {.name = "collections", .type = CAPTAIN_TEXTS, .min = 1,
		.max = CAPTAIN_QUERY_BASES_MAX},
	    {.name = "collection_names", .type = CAPTAIN_TEXTS, .min = 1,
		.max = CAPTAIN_QUERY_BASES_MAX},
	    {.name = "collection_ids", .type = CAPTAIN_TEXTS, .min = 1,
		.max = CAPTAIN_QUERY_BASES_MAX},
	};
	const size_t count = sizeof(fields) / sizeof(fields[0]);
	const json_t *body, *names = NULL;
	size_t i;
	int err;

	err = captain_body(request, reply, fields, count, &body);
	if (err != 0)
		return err;
	for (i = 0; i < count && names == NULL; i++)
		if (captain_has(body, fields[i].name))
			names = json_object_get(body, fields[i].name);
	if (names == NULL)
		return captain_invalid(reply, "body", "collections",
		    "missing", "Field required");
	for (i = 0; i < json_array_size(names); i++) {
		err = base_named(request,
		    json_string_value(json_array_get(names, i)), &bases[i]);
		if (err == ERR_NOT_FOUND) {
			(void)captain_refuse(reply, 404,
			    "Collection not found");
			return 1;
		}
		if (err < 0)
			return err;
	}
	*ret_count = json_array_size(names);
	return 0;
}

int
captain_query_many(struct http_request *request, struct http_reply *reply)
{
	struct captain_base bases[CAPTAIN_QUERY_BASES_MAX];
	struct captain_asked asked;
	size_t count = 0;
	int err;

	if (!captain_is_member(request, reply))
		return 0;
	err = captain_asked_read(request, reply, CAPTAIN_V3, &asked);
	if (err == 0)
		err = bases_read(request, reply, bases, &count);
	if (err != 0)
		return err < 0 ? err : 0;
	return answer(request, reply, &asked, bases, count);
}
