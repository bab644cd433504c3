/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done to jobs: they are cancelled, and rolled back; and what is asked
 * of them in vain.
 */
#include <string.h>

#include "api/captain/captain_int.h"
#include "api/captain/captain_view.h"
#include "engine/undo.h"
#include "store/store.h"

/* ---- cancelling ---------------------------------------------------------- */

/* One that has ended keeps its end. */
static void
put_cancelled(struct http_request *request, struct jsonw *w,
    const struct job *job)
{
	enum captain_word word = captain_word_of(job);
	bool is_cancelled = word == CAPTAIN_CANCELLED;
	char id[CAPTAIN_ID_SIZE];

	captain_format_id(job, id);
	jsonw_object(w);
	jsonw_nstring(w, "job_id", id);
	jsonw_nstring(w, "status",
	    captain_word_said(word, http_failures_word(request)));
	jsonw_nstring(w, "message",
	    is_cancelled ? "Job cancelled; files that were indexed stay"
			 : "The job had ended already");
	jsonw_ntime(w, "cancelled_at", is_cancelled ? job->cancelled_us : 0);
	jsonw_object_end(w);
}

int
captain_cancel_job(struct http_request *request, struct http_reply *reply)
{
	struct uuid uuid;
	struct job job;
	int err;

	if (!captain_job_of(request, reply, &uuid))
		return 0;
	err = engine_job_order(request->engine, request->caller.account_id,
	    &uuid, JOB_ORDER_CANCEL, request->caller.label, &job,
	    &request->note);
	if (err == ERR_NOT_FOUND)
		return captain_no_job(reply);
	if (err == 0)
		put_cancelled(request, http_reply_json(reply, 200), &job);
	return err;
}

/* ---- rolling back -------------------------------------------------------- */

#define FILES_TOLD_MAX 10000u /* in each list of an answer */
#define FILES_NAMED_MAX 10u   /* in a sentence */

struct told {
	struct jsonw *w;
	enum undone_kind kind; /* of the list */
	uint64_t count;
	struct buf *names; /* NULL: addresses into w */
};

static int
told_take(void *arg, enum undone_kind kind, const char *uri, const char *name)
{
	struct told *told = arg;

	if (kind != told->kind)
		return 0;
	told->count++;
	if (told->names == NULL && told->count <= FILES_TOLD_MAX)
		jsonw_string(told->w, uri);
	if (told->names != NULL && told->count <= FILES_NAMED_MAX)
		return buf_printf(told->names, "%s%s",
		    told->count == 1 ? "" : ", ", name);
	return 0;
}

static int
put_files(struct store *reader, const struct job *job, struct jsonw *w,
    const char *name, enum undone_kind kind, uint64_t *ret_count)
{
	struct told told = {.w = w, .kind = kind};
	int err;

	jsonw_name(w, name);
	jsonw_array(w);
	err = engine_job_undone(reader, job->id, told_take, &told);
	jsonw_array_end(w);
	*ret_count = told.count;
	return err;
}

/* "2 files removed, 1 brought back as it was; left alone: 1 that was changed
 * since (a.txt)" */
static int
put_sentence(struct http_request *request, struct store *reader,
    const struct job *job, struct jsonw *w,
    const uint64_t counts[UNDONE_COUNT])
{
	struct buf *text = request->scratch;
	struct told told = {.kind = UNDONE_LEFT, .names = text};
	int err = 0;

	(void)buf_printf(text,
	    "Files removed: %llu; brought back as they were: %llu",
	    (unsigned long long)counts[UNDONE_REMOVED],
	    (unsigned long long)counts[UNDONE_RESTORED]);
	if (counts[UNDONE_LEFT] > 0) {
		(void)buf_printf(text,
		    "; left alone, because they were changed since: %llu (",
		    (unsigned long long)counts[UNDONE_LEFT]);
		err = engine_job_undone(reader, job->id, told_take, &told);
		(void)buf_puts(text,
		    counts[UNDONE_LEFT] > FILES_NAMED_MAX ? "...)" : ")");
	}
	jsonw_nstring(w, "message", buf_text(text));
	return err < 0 ? err : text->err;
}

static int
put_undone(struct http_request *request, struct store *reader,
    const struct job *job, struct jsonw *w)
{
	uint64_t counts[UNDONE_COUNT];
	char id[CAPTAIN_ID_SIZE];
	int err;

	captain_format_id(job, id);
	jsonw_object(w);
	jsonw_nstring(w, "job_id", id);
	jsonw_nstring(w, "status", "rolled_back");
	jsonw_ntime(w, "rolled_back_at", job->undone_us);
	err = put_files(reader, job, w, "files_removed", UNDONE_REMOVED,
	    &counts[UNDONE_REMOVED]);
	if (err == 0)
		err = put_files(reader, job, w, "files_restored",
		    UNDONE_RESTORED, &counts[UNDONE_RESTORED]);
	if (err == 0)
		err = put_files(reader, job, w, "files_kept", UNDONE_LEFT,
		    &counts[UNDONE_LEFT]);
	if (err == 0)
		err = put_sentence(request, reader, job, w, counts);
	jsonw_object_end(w);
	return err;
}

int
captain_undo_job(struct http_request *request, struct http_reply *reply)
{
	struct store *reader;
	struct uuid uuid;
	struct job job;
	int err;

	if (!captain_job_of(request, reply, &uuid))
		return 0;
	err = engine_job_undo(request->engine, request->caller.account_id,
	    &uuid, &job, &request->note);
	if (err == ERR_NOT_FOUND)
		return captain_no_job(reply);
	if (err == ERR_CONFLICT)
		return captain_refuse(reply, 409,
		    err_words(&request->note, err));
	if (err == 0)
		err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = put_undone(request, reader, &job, http_reply_json(reply, 200));
	return http_end(request, reader, err);
}

/* ---- what there is not --------------------------------------------------- */

int
captain_no_pii(struct http_request *request, struct http_reply *reply)
{
	struct store *reader;
	struct uuid uuid;
	struct job job;
	int err;

	if (!captain_job_of(request, reply, &uuid))
		return 0;
	err = http_reader(request, &reader);
	if (err == 0)
		err = engine_job_get(request->engine, reader,
		    request->caller.account_id, &uuid, &job);
	if (err == ERR_NOT_FOUND)
		return captain_no_job(reply);
	return err < 0 ? err
		       : captain_refuse(reply, 404,
			     "The job has no PII report: this server does not "
			     "mask personal data");
}

int
captain_no_scripts(struct http_request *request, struct http_reply *reply)
{
	return captain_is_member(request, reply)
	    ? captain_refuse(reply, 501,
		  "This server does not run parsing scripts")
	    : 0;
}
