/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has been run: the newest jobs over the datasets that the caller may
 * read, each as the pipelines that it is, and why it ended badly if it did.
 */
#include <stdio.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_view.h"
#include "base/mem.h"
#include "engine/users.h"
#include "store/store.h"

#define ROWS_MAX 50u
#define JOBS_MAX ROWS_MAX /* each is a row or two */
#define ERROR_BYTES_MAX 1024u

struct activity {
	struct jsonw *w;
	struct store *reader;
	struct user caller;
	struct job *jobs; /* JOBS_MAX of them, owned */
	size_t count;
	size_t rows; /* written */
};

/* Among those that are there, the newest first; 1: the rest is older than all
 * of them. */
static int
take_job(void *arg, const struct job *job)
{
	struct activity *activity = arg;
	size_t at = activity->count;

	if (at == JOBS_MAX && activity->jobs[at - 1].id > job->id)
		return 1;
	if (at == JOBS_MAX)
		at--;
	else
		activity->count++;
	for (; at > 0 && activity->jobs[at - 1].id < job->id; at--)
		activity->jobs[at] = activity->jobs[at - 1];
	activity->jobs[at] = *job;
	return 0;
}

static int
take_jobs(struct activity *activity, int64_t account_id, int64_t base_id)
{
	struct job_filter filter = {.account_id = account_id,
	    .base_id = base_id, .limit = JOBS_MAX};
	int err;

	err = store_jobs_each(activity->reader, &filter, take_job, activity);
	return err < 0 ? err : 0;
}

static int
take_shared(void *arg, const struct cognee_dataset *dataset)
{
	struct activity *activity = arg;

	return dataset->account_id == activity->caller.account_id
	    ? 0 : take_jobs(activity, dataset->account_id, dataset->id);
}

/* ---- what went wrong ----------------------------------------------------- */

static int
put_first(void *arg, const struct item_row *row)
{
	struct buf *out = arg;

	return buf_printf(out, "; the first is \"%s\": %s",
	    row->name, row->item.message[0] != '\0'
	    ? row->item.message : item_code_text(row->item.code));
}

/* In words, "" when it did not. */
static int
put_error(struct store *reader, const struct job *job, struct buf *out)
{
	struct item_filter failed = {.job_id = job->id,
	    .states = 1u << ITEM_FAILED, .limit = 1};

	if (job->state == JOB_CANCELLED)
		return buf_puts(out, "The run was cancelled");
	if (job->message[0] != '\0')
		return buf_puts(out, job->message);
	if (job->code != ITEM_CODE_NONE)
		return buf_puts(out, item_code_text(job->code));
	if (job->counts.failed == 0)
		return 0;
	(void)buf_printf(out, "%llu of %llu data items failed",
	    (unsigned long long)job->counts.failed,
	    (unsigned long long)job->counts.total);
	return store_items_each(reader, &failed, put_first, out);
}

/* ---- rows ---------------------------------------------------------------- */

static void
put_uuid(struct jsonw *w, const char *name, const struct uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(uuid, text);
	jsonw_nstring(w, name, text);
}

/* Unless it is no run of that pipeline, or there are enough. */
static void
put_row(struct activity *activity, const struct user *owner,
    const struct job *job, enum cognee_pipeline pipeline, const char *error)
{
	enum cognee_word word = cognee_word_of(job, pipeline);
	struct uuid id = uuid_of_row(&job->uuid, (uint64_t)pipeline + 1);
	struct jsonw *w = activity->w;

	if (!cognee_has_run(job, pipeline) || activity->rows == ROWS_MAX)
		return;
	activity->rows++;
	jsonw_object(w);
	put_uuid(w, "id", &id);
	jsonw_nstring(w, "pipeline_name", cognee_pipeline_name(pipeline));
	jsonw_nstring(w, "status", cognee_word_name(word));
	put_uuid(w, "dataset_id", &job->base_uuid);
	jsonw_nstring(w, "dataset_name", job->base_name);
	put_uuid(w, "owner_id", &owner->uuid);
	jsonw_nstring(w, "owner_email", owner->email);
	jsonw_ntime(w, "created_at", job->created_us);
	put_uuid(w, "pipeline_run_id", &job->uuid);
	jsonw_nstring(w, "error", word == COGNEE_ERRORED ? error : NULL);
	jsonw_object_end(w);
}

/* Whose dataset it was over. */
static int
owner_get(const struct activity *activity, const struct job *job,
    struct user *ret_owner)
{
	struct account account;
	int err;

	*ret_owner = activity->caller;
	if (job->account_id == activity->caller.account_id)
		return 0;
	err = store_account_get(activity->reader, job->account_id, &account);
	if (err == 0)
		err = cognee_user_of(activity->reader, &account, ret_owner);
	return err;
}

static int
put_job(struct activity *activity, const struct job *job)
{
	struct buf error;
	struct user owner;
	int err;

	err = owner_get(activity, job, &owner);
	if (err < 0)
		return err;
	buf_init(&error, ERROR_BYTES_MAX);
	err = put_error(activity->reader, job, &error);
	/* A long name is no reason to say nothing: what fits stands. */
	if (err == ERR_TOO_BIG)
		err = 0;
	if (err == 0) {
		put_row(activity, &owner, job, COGNEE_COGNIFY_PIPELINE,
		    buf_text(&error));
		put_row(activity, &owner, job, COGNEE_ADD_PIPELINE,
		    buf_text(&error));
	}
	buf_fini(&error);
	return err;
}

/* dataset NULL: all of them. */
static int
read_runs(struct http_request *request, struct activity *activity,
    const struct uuid *dataset)
{
	struct cognee_dataset found;
	size_t i;
	int err;

	if (dataset == NULL) {
		err = take_jobs(activity, activity->caller.account_id, 0);
		if (err == 0)
			err = cognee_datasets_each(request, activity->reader,
			    COGNEE_READ, take_shared, activity);
	} else {
		err = cognee_dataset_find(request, activity->reader, dataset,
		    COGNEE_READ, &found);
		if (err == 0)
			err = take_jobs(activity, found.account_id, found.id);
	}
	for (i = 0; err == 0 && i < activity->count; i++)
		err = put_job(activity, &activity->jobs[i]);
	/* Nothing was run over what the caller does not have. */
	return err == ERR_NOT_FOUND ? 0 : err;
}

int
cognee_activity_runs(struct http_request *request, struct http_reply *reply)
{
	struct activity activity = {.count = 0};
	struct uuid dataset;
	bool has_dataset;
	int err;

	if (cognee_query_uuid(request, reply, "dataset_id", &dataset,
		&has_dataset) != 0)
		return 0;
	err = cognee_caller(request, &activity.caller);
	if (err < 0)
		return err;
	activity.jobs = mem_array(JOBS_MAX, sizeof(*activity.jobs));
	if (activity.jobs == NULL)
		return ERR_NOMEM;
	err = http_begin(request, &activity.reader);
	if (err == 0) {
		activity.w = http_reply_json(reply, 200);
		jsonw_array(activity.w);
		err = read_runs(request, &activity,
		    has_dataset ? &dataset : NULL);
		jsonw_array_end(activity.w);
		err = http_end(request, activity.reader, err);
	}
	mem_free(activity.jobs);
	return err;
}
