/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status of datasets: a word for how each one stands and, to those who ask
 * for it, how far that is.
 *
 * What is kept and which job counts, the board does not know: one snapshot of
 * the store is read, and the board waited for, so that no later answer is
 * older.  A dataset that is unknown and one that the caller may not read are
 * told apart by nothing; by default any failure of the store looks the same
 * too, as in 1.5.2.  Later versions say that the caller may not (the setting
 * cognee_status_denied).
 */
#include <string.h>

#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_view.h"
#include "base/err.h"
#include "engine/board.h"
#include "engine/kept.h"
#include "store/store.h"

#define WHY_BYTES_MAX 256u

struct wanted {
	struct uuid uuids[HTTP_QUERY_MAX]; /* without repetitions */
	size_t count;
	bool is_all; /* no dataset was named */
};

static int
refuse(struct http_request *request, struct http_reply *reply, int err)
{
	if (err == ERR_NOT_FOUND && http_denied_status(request) == 403)
		return cognee_denied(reply, "read");
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

struct answer {
	struct jsonw *w;
	struct store *reader;
	const struct cognee_query *query;
};

static int
put_dataset(void *arg, const struct cognee_dataset *dataset)
{
	const struct answer *answer = arg;
	struct base_standing standing;
	int err;

	err = base_standing(answer->reader, dataset->id, &standing);
	if (err == 0)
		cognee_write_dataset(answer->w, answer->query,
		    &dataset->uuid, &standing);
	return err;
}

static int
put_wanted(struct http_request *request, struct answer *answer,
    const struct wanted *wanted)
{
	struct cognee_dataset dataset;
	size_t i;
	int err = 0;

	if (wanted->is_all)
		return cognee_datasets_each(request, answer->reader,
		    COGNEE_READ, put_dataset, answer);
	for (i = 0; err == 0 && i < wanted->count; i++) {
		err = cognee_dataset_find(request, answer->reader,
		    &wanted->uuids[i], COGNEE_READ, &dataset);
		if (err == 0)
			err = put_dataset(answer, &dataset);
	}
	return err;
}

static int
reply_status(struct http_request *request, struct http_reply *reply,
    bool with_progress)
{
	struct board *board = engine_board(request->engine);
	int64_t kept_rev = board_rev(board), rev = 0, generation;
	struct cognee_query query = {.with_progress = with_progress};
	struct answer answer = {.query = &query};
	struct wanted wanted;
	int err;

	read_pipelines(request, &query);
	if (!read_datasets(request, &wanted)) {
		refuse_datasets(request, reply);
		return 0;
	}
	err = http_reader(request, &answer.reader);
	if (err == 0)
		err = store_begin(answer.reader, &request->note);
	if (err < 0)
		return refuse(request, reply, ERR_IO);
	answer.w = http_reply_json(reply, 200);
	jsonw_object(answer.w);
	err = put_wanted(request, &answer, &wanted);
	jsonw_object_end(answer.w);
	if (err == 0)
		err = store_stamp(answer.reader, &rev, &generation);
	store_end(answer.reader);
	if (err < 0)
		return refuse(request, reply, err);
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
