/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status of datasets: a word for each one's newest job and, to those who
 * ask for it, how far that is.
 *
 * Which job is a base's newest, the board does not know: one snapshot of the
 * store is read, and the board waited for, so that no later answer is older.
 * A dataset that is unknown and one of another account are told apart by
 * nothing; any failure of the store looks the same too.
 */
#include <string.h>

#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_view.h"
#include "engine/board.h"
#include "store/store.h"

/* Bases read at a time when none is named. */
#define BASES_CHUNK 256u
#define WHY_BYTES_MAX 256u

struct wanted {
	struct uuid uuids[HTTP_QUERY_MAX]; /* without repetitions */
	size_t count;
	bool is_all; /* no dataset was named */
};

struct found {
	struct uuid uuid;
	int64_t id;
};

struct chunk {
	struct found found[BASES_CHUNK];
	size_t count;
};

static int
refuse(struct http_reply *reply)
{
	cognee_write_error(http_reply_json(reply, 409),
	    "Unable to retrieve dataset statuses.");
	return 0;
}

static void
read_pipelines(struct http_request *request, struct cognee_query *query)
{
	const char *names[HTTP_QUERY_MAX], *name;
	enum cognee_pipeline pipeline;
	size_t at = 0, i;

	while ((name = http_query_next(request, "pipeline", &at)) != NULL) {
		for (i = 0; i < query->distinct; i++)
			if (strcmp(names[i], name) == 0)
				break;
		if (i < query->distinct || i == HTTP_QUERY_MAX)
			continue;
		names[query->distinct++] = name;
		pipeline = cognee_parse_pipeline(name);
		if (pipeline != COGNEE_NO_PIPELINE)
			query->pipelines |= 1u << pipeline;
	}
	if (query->distinct == 0)
		query->pipelines = 1u << COGNEE_COGNIFY_PIPELINE;
}

static void
want(struct wanted *wanted, const struct uuid *uuid)
{
	size_t i;

	for (i = 0; i < wanted->count; i++)
		if (uuid_is_equal(&wanted->uuids[i], uuid))
			return;
	if (wanted->count < HTTP_QUERY_MAX)
		wanted->uuids[wanted->count++] = *uuid;
}

/* Write `detail` of a validation error: every dataset that is no UUID. */
static void
refuse_datasets(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w = http_reply_json(reply, 400);
	const char *text;
	struct uuid uuid;
	struct buf why;
	size_t at = 0, i;

	buf_init(&why, WHY_BYTES_MAX);
	jsonw_object(w);
	jsonw_name(w, "detail");
	jsonw_array(w);
	for (i = 0;
	    (text = http_query_next(request, "dataset", &at)) != NULL; i++) {
		buf_clear(&why);
		if (cognee_parse_uuid(text, &uuid, &why) < 0)
			cognee_write_invalid_uuid(w, "dataset", i, text,
			    buf_text(&why));
	}
	jsonw_array_end(w);
	jsonw_nnull(w, "body");
	jsonw_object_end(w);
	buf_fini(&why);
}

/* False when one is no UUID. */
static bool
read_datasets(struct http_request *request, struct wanted *wanted)
{
	const char *text;
	struct uuid uuid;
	struct buf why;
	bool is_valid = true;
	size_t at = 0;

	memset(wanted, 0, sizeof(*wanted));
	wanted->is_all = true;
	buf_init(&why, WHY_BYTES_MAX);
	while ((text = http_query_next(request, "dataset", &at)) != NULL) {
		wanted->is_all = false;
		if (cognee_parse_uuid(text, &uuid, &why) < 0)
			is_valid = false;
		else
			want(wanted, &uuid);
	}
	buf_fini(&why);
	return is_valid;
}

static int
note_base(void *arg, const struct base *base)
{
	struct chunk *chunk = arg;

	chunk->found[chunk->count].uuid = base->uuid;
	chunk->found[chunk->count].id = base->id;
	chunk->count++;
	return 0;
}

static int
put_base(struct jsonw *w, struct store *reader,
    const struct cognee_query *query, const struct found *found)
{
	struct job job;
	int err;

	err = store_job_newest(reader, found->id, &job);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	cognee_write_dataset(w, query, &found->uuid, err == 0 ? &job : NULL);
	return 0;
}

static int
put_chunk(struct jsonw *w, struct store *reader,
    const struct cognee_query *query, const struct chunk *chunk)
{
	size_t i;
	int err;

	for (i = 0; i < chunk->count; i++) {
		err = put_base(w, reader, query, &chunk->found[i]);
		if (err < 0)
			return err;
	}
	return 0;
}

static int
put_all(struct jsonw *w, struct store *reader, int64_t account_id,
    const struct cognee_query *query)
{
	struct chunk chunk;
	int64_t after_id = 0;
	int err;

	do {
		chunk.count = 0;
		err = store_bases_each(reader, account_id, after_id,
		    BASES_CHUNK, note_base, &chunk);
		if (err == 0)
			err = put_chunk(w, reader, query, &chunk);
		if (err < 0)
			return err;
		if (chunk.count > 0)
			after_id = chunk.found[chunk.count - 1].id;
	} while (chunk.count == BASES_CHUNK);
	return 0;
}

static int
put_wanted(struct jsonw *w, struct store *reader, int64_t account_id,
    const struct cognee_query *query, const struct wanted *wanted)
{
	struct chunk chunk;
	size_t i;
	int err;

	for (i = 0; i < wanted->count; i++) {
		chunk.count = 0;
		err = store_base_find(reader, account_id, &wanted->uuids[i],
		    NULL, note_base, &chunk);
		if (err == 0)
			err = put_chunk(w, reader, query, &chunk);
		if (err < 0)
			return err;
	}
	return 0;
}

static int
reply_status(struct http_request *request, struct http_reply *reply,
    bool with_progress)
{
	int64_t account_id = request->caller.account_id;
	struct board *board = engine_board(request->engine);
	int64_t kept_rev = board_rev(board), rev = 0, generation;
	struct cognee_query query = {.with_progress = with_progress};
	struct wanted wanted;
	struct store *reader;
	struct jsonw *w;
	int err;

	read_pipelines(request, &query);
	if (!read_datasets(request, &wanted)) {
		refuse_datasets(request, reply);
		return 0;
	}
	if (http_reader(request, &reader) < 0 ||
	    store_begin(reader, &request->note) < 0)
		return refuse(reply);
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	err = wanted.is_all
	    ? put_all(w, reader, account_id, &query)
	    : put_wanted(w, reader, account_id, &query, &wanted);
	jsonw_object_end(w);
	if (err == 0)
		err = store_stamp(reader, &rev, &generation);
	store_end(reader);
	if (err < 0)
		return refuse(reply);
	board_wait(board, rev);
	http_reply_keep_rev(reply, kept_rev);
	return 0;
}

int
cognee_get_status(struct http_request *request, struct http_reply *reply)
{
	return reply_status(request, reply, false);
}

int
cognee_get_progress(struct http_request *request, struct http_reply *reply)
{
	return reply_status(request, reply, true);
}
