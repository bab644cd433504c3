/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routes of jobs.
 *
 * The job and its files are read in one snapshot of the store, so that the
 * counters and the list beside them tell of the same moment; then the board
 * is waited for, so that no later answer is older.
 */
#include <math.h>
#include <string.h>

#include "api/captain/captain_body.h"
#include "api/captain/captain_int.h"
#include "api/captain/captain_view.h"
#include "engine/board.h"
#include "store/store.h"

#define FILES_LIMIT_DEFAULT 50u
#define FILES_LIMIT_MAX 500u

struct page {
	struct jsonw *w;
	uint32_t limit, written, last_seq;
	bool has_more;
};

static int
put_file(void *arg, const struct item_row *row)
{
	struct page *page = arg;
	struct uuid document;

	if (page->written == page->limit) {
		page->has_more = true;
		return 0;
	}
	/* What could not even be opened has no document: its item's id does
	 * not collide with any. */
	document = row->item.document_id != 0
	    ? uuid_of_row(&row->base_uuid, (uint64_t)row->item.document_id)
	    : uuid_of_row(&row->job_uuid, (uint64_t)row->item.id);
	captain_write_file(page->w, &row->item, &document, row->uri,
	    row->name);
	page->written++;
	page->last_seq = row->item.seq;
	return 0;
}

static int64_t
seconds_left(struct engine *engine, const struct job *job)
{
	struct job_pace pace;

	if (job_state_is_final(job->state) || job->state == JOB_PAUSED)
		return -1;
	engine_job_pace(engine, job, &pace);
	if (!pace.is_known || !(pace.seconds >= 0) || pace.seconds > 1e9)
		return -1;
	return (int64_t)ceil(pace.seconds);
}

/* In the reader's snapshot; without a reader, the files are left out. */
static int
put_answer(struct http_request *request, struct http_reply *reply,
    struct store *reader, const struct job *job, uint32_t after_seq,
    uint32_t limit)
{
	struct jsonw *w = http_reply_json(reply, 200);
	struct page page = {.w = w, .limit = limit};
	struct item_filter filter = {
	    .job_id = job->id,
	    .after_seq = after_seq,
	    .limit = (size_t)limit + 1, /* is there more? */
	};
	struct captain_extra extra = {
	    .files_limit = reader != NULL ? limit : 0,
	    .seconds_left = seconds_left(request->engine, job),
	};
	int err = 0;

	captain_write_job(w, job, http_failures_word(request));
	jsonw_name(w, "files");
	if (reader != NULL && captain_has_files(job)) {
		jsonw_array(w);
		err = store_items_each(reader, &filter, put_file, &page);
		jsonw_array_end(w);
	} else {
		jsonw_null(w);
	}
	if (page.has_more)
		extra.next_seq = page.last_seq;
	captain_write_rest(w, job, &extra);
	return err;
}

/* The job and its files as the store has them; seen: as the board has it. */
static int
answer_whole(struct http_request *request, struct http_reply *reply,
    struct store *reader, const struct job *seen, uint32_t after_seq,
    uint32_t limit)
{
	int64_t rev = 0, generation;
	struct job job;
	int err;

	err = store_begin(reader, &request->note);
	if (err < 0)
		return err;
	err = store_job_find(reader, request->caller.account_id, &seen->uuid,
	    &job);
	if (err == 0) {
		job.waiting_for = seen->waiting_for;
		err = put_answer(request, reply, reader, &job, after_seq,
		    limit);
	}
	if (err == 0)
		err = store_stamp(reader, &rev, &generation);
	store_end(reader);
	if (err < 0)
		return err;
	board_wait(engine_board(request->engine), rev);
	http_reply_keep_job(reply, &job);
	return 0;
}

/* The look-up failed with err before the job was seen. */
static int
answer_unseen(struct http_request *request, struct http_reply *reply, int err)
{
	if (err == ERR_NOT_FOUND)
		return captain_no_job(reply);
	if (err_class(err) == ERR_CLASS_PERMANENT)
		return err;
	captain_write_placeholder(http_reply_json(reply, 200),
	    request->params[0].text);
	return 0;
}

int
captain_no_job(struct http_reply *reply)
{
	return captain_refuse(reply, 404, "Job not found");
}

bool
captain_job_of(struct http_request *request, struct http_reply *reply,
    struct uuid *ret_uuid)
{
	if (!captain_is_member(request, reply))
		return false;
	if (captain_parse_id(request->params[0].text, ret_uuid) == 0)
		return true;
	(void)captain_no_job(reply);
	return false;
}

int
captain_get_job(struct http_request *request, struct http_reply *reply)
{
	const char *cursor = http_query(request, "files_cursor");
	uint32_t after_seq = 0;
	uint64_t limit;
	struct store *reader;
	struct uuid uuid;
	struct job job;
	int member, err;

	member = captain_member(request, reply);
	if (member > 0 ||
	    captain_query_number(request, reply, "files_limit", 1,
		FILES_LIMIT_MAX, FILES_LIMIT_DEFAULT, &limit) != 0)
		return 0;
	if (cursor != NULL && captain_parse_cursor(cursor, &after_seq) < 0)
		return captain_refuse(reply, 400,
		    "files_cursor is not one that this job gave");
	if (captain_parse_id(request->params[0].text, &uuid) < 0)
		return captain_no_job(reply);
	err = member < 0 ? member : http_reader(request, &reader);
	if (err == 0)
		err = engine_job_get(request->engine, reader,
		    request->caller.account_id, &uuid, &job);
	if (err < 0)
		return answer_unseen(request, reply, err);
	err = answer_whole(request, reply, reader, &job, after_seq,
	    (uint32_t)limit);
	if (err == ERR_NOT_FOUND)
		return captain_no_job(reply);
	/* The store fails for the moment: what the board knows is true. */
	if (err < 0 && err_class(err) == ERR_CLASS_TRANSIENT)
		return put_answer(request, reply, NULL, &job, after_seq,
		    (uint32_t)limit);
	return err;
}
