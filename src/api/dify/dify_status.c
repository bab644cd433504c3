/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The indexing status of a batch: one element per item of the job.
 *
 * A batch of a few documents is answered at once, whole and from one snapshot
 * of the store.  A bigger one is made on a thread of the pool, so that no
 * connection's thread pays for its size, from what is kept of it
 * (dify_page.h); one that is too big for that in pieces, each from a snapshot
 * of its own.
 *
 * After each reading the board is waited for, as far as the job goes: no later
 * answer, of any dialect, is older than what this one says.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dify/dify_int.h"
#include "api/dify/dify_page.h"
#include "api/dify/dify_view.h"
#include "base/mem.h"
#include "engine/board.h"
#include "store/store.h"

/* Items of a batch that is answered at once, and of a streamed piece. */
#define INLINE_MAX 64u
#define PIECE_ITEMS 256u

/* Elements being written, without the commas of a jsonw over all of them:
 * a stream's writer would not outlive a piece. */
struct batch {
	struct store *reader;
	struct job job;
	struct buf *out;
	uint32_t after_seq;
	size_t rows;	/* read by the last reading */
	bool has_element; /* one was written, in any piece */
};

struct live {
	uint32_t segments;
	int64_t item_id; /* the document's newest */
};

static int
note_document(void *arg, const struct document *document)
{
	struct live *live = arg;

	live->segments = document->revision_id != 0 ? document->segments : 0;
	live->item_id = document->item_id;
	return 0;
}

int
dify_put_element(struct store *reader, const struct job *job,
    const struct item_row *row, struct buf *out)
{
	struct item item = row->item;
	struct live live = {0, 0};
	struct uuid id;
	struct jsonw w;
	int err;

	/* While the job runs its documents are there; later some may have
	 * been deleted, and a deleted document is in no batch.  What could not
	 * even be opened has none and stays. */
	if (row->item.document_id != 0 &&
	    (job_state_is_final(job->state) || dify_wants_live(&row->item))) {
		err = store_document_get(reader, row->item.document_id,
		    note_document, &live);
		if (err < 0)
			return err == ERR_NOT_FOUND ? 0 : err;
	}
	/* Segments that came and went by hand since then count. */
	if (item.state == ITEM_COMPLETED && live.item_id == item.id)
		item.segments_total = item.segments_completed = live.segments;
	id = row->item.document_id == 0
	    ? uuid_of_row(&row->job_uuid, (uint64_t)row->item.id)
	    : uuid_of_row(&row->base_uuid, (uint64_t)row->item.document_id);
	jsonw_init(&w, out);
	w.ascii = true;
	dify_write_status(&w, job, &item, &id, live.segments);
	return out->err < 0 ? out->err : 1;
}

static int
put_item(void *arg, const struct item_row *row)
{
	struct batch *batch = arg;
	size_t start = batch->out->len;
	int err;

	batch->rows++;
	batch->after_seq = row->item.seq;
	if (batch->has_element)
		(void)buf_putc(batch->out, ',');
	if (batch->out->err < 0)
		return batch->out->err;
	err = dify_put_element(batch->reader, &batch->job, row, batch->out);
	if (err == 0 && batch->has_element) { /* without its comma */
		batch->out->len = start;
		batch->out->data[start] = '\0';
	}
	if (err > 0)
		batch->has_element = true;
	return err < 0 ? err : 0;
}

static int
put_items(struct batch *batch, size_t limit)
{
	struct item_filter filter = {
	    .job_id = batch->job.id,
	    .after_seq = batch->after_seq,
	    .limit = limit,
	};

	batch->rows = 0;
	return store_items_each(batch->reader, &filter, put_item, batch);
}

struct found_base {
	int64_t id;
	bool is_closed;
};

static int
note_base(void *arg, const struct base *base)
{
	struct found_base *found = arg;

	found->id = base->id;
	found->is_closed = dify_base_is_closed(base);
	return 0;
}

/* Within the reader's snapshot.  ERR_NOT_FOUND with base_id 0: no such base;
 * with another: no such batch.  ERR_FORBIDDEN with words. */
static int
find_batch(struct http_request *request, struct store *reader,
    int64_t *base_id, struct job *ret_job)
{
	struct found_base found = {.id = 0};
	int err;

	err = store_base_find(reader, request->caller.account_id,
	    &request->params[0].uuid, NULL, note_base, &found);
	*base_id = found.id;
	if (err < 0)
		return err;
	if (found.is_closed)
		return dify_closed(request);
	return store_job_find_batch(reader, *base_id, request->params[1].text,
	    ret_job);
}

/* ---- a big batch ------------------------------------------------------- */

static void
stream_free(void *state)
{
	mem_free(state);
}

static int
stream_piece(struct batch *batch, struct engine *engine)
{
	int64_t rev = 0, generation;
	int err;

	if (batch->after_seq == 0)
		(void)buf_puts(batch->out, DIFY_DATA_OPEN);
	err = store_begin(batch->reader, NULL);
	if (err < 0)
		return err;
	err = put_items(batch, PIECE_ITEMS);
	if (err == 0)
		err = store_stamp(batch->reader, &rev, &generation);
	store_end(batch->reader);
	if (err < 0)
		return err;
	board_wait(engine_board(engine), rev);
	if (batch->rows == PIECE_ITEMS)
		return HTTP_MORE;
	(void)buf_puts(batch->out, DIFY_DATA_CLOSE);
	return HTTP_END;
}

static int
stream_fill(void *state, struct engine *engine, struct store *reader,
    struct buf *out)
{
	struct batch *batch = state;
	int err;

	batch->reader = reader;
	batch->out = out;
	if (batch->after_seq == 0) {
		err = dify_page_write(engine, reader, &batch->job, out);
		if (err == 0)
			return HTTP_END;
		if (err != ERR_TOO_BIG && err != ERR_BUSY)
			return err;
	}
	return stream_piece(batch, engine);
}

static const struct http_stream_ops stream_ops = {
    .fill = stream_fill,
    .free = stream_free,
    .heartbeat = NULL,
};

static int
answer_stream(struct http_reply *reply, const struct job *job)
{
	struct batch *batch = mem_zalloc(sizeof(*batch));

	if (batch == NULL)
		return ERR_NOMEM;
	batch->job = *job;
	http_reply_stream(reply, &stream_ops, batch);
	return 0;
}

/* ---- the route --------------------------------------------------------- */

static int
answer_inline(struct http_reply *reply, struct store *reader,
    const struct job *job, bool *ret_is_empty)
{
	struct batch batch = {.reader = reader, .job = *job,
	    .out = &reply->body};
	int err;

	(void)http_reply_json(reply, 200);
	(void)buf_puts(&reply->body, DIFY_DATA_OPEN);
	err = put_items(&batch, INLINE_MAX);
	(void)buf_puts(&reply->body, DIFY_DATA_CLOSE);
	*ret_is_empty = !batch.has_element;
	return err;
}

int
dify_get_status(struct http_request *request, struct http_reply *reply)
{
	struct board *board = engine_board(request->engine);
	int64_t kept_rev = board_rev(board), base_id, rev = 0, generation;
	struct store *reader;
	bool is_empty = false;
	struct job job;
	int err;

	err = http_reader(request, &reader);
	if (err < 0)
		return err;
	err = store_begin(reader, &request->note);
	if (err < 0)
		return err;
	err = find_batch(request, reader, &base_id, &job);
	if (err == 0 && job.counts.total <= INLINE_MAX)
		err = answer_inline(reply, reader, &job, &is_empty);
	if (err == 0)
		err = store_stamp(reader, &rev, &generation);
	store_end(reader);
	if (err == ERR_NOT_FOUND)
		return dify_refuse(reply, 404, "not_found",
		    base_id == 0 ? "Dataset not found."
				 : "Documents not found.");
	if (err < 0)
		return err;
	board_wait_job(board, &job, rev);
	if (job.counts.total > INLINE_MAX) {
		(void)http_reply_json(reply, 200);
		if (!dify_page_copy(&job.uuid, rev, &reply->body))
			return answer_stream(reply, &job);
		http_reply_keep_rev(reply, kept_rev);
		return 0;
	}
	/* A run that found no file is a batch without documents; one whose
	 * documents are all deleted is none any more. */
	if (is_empty && job.counts.total > 0)
		return dify_refuse(reply, 404, "not_found",
		    "Documents not found.");
	http_reply_keep_rev(reply, kept_rev);
	return 0;
}
