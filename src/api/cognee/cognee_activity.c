/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has been run: the newest jobs over the caller's datasets, each as the
 * two pipelines that it is, and why it ended badly if it did.
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
#define JOBS_MAX (ROWS_MAX / COGNEE_PIPELINE_COUNT)
#define ERROR_BYTES_MAX 1024u

struct activity {
	struct jsonw *w;
	struct store *reader;
	struct user owner;
	struct job *jobs; /* JOBS_MAX of them, owned */
	size_t count;
};

static int
take_job(void *arg, const struct job *job)
{
	struct activity *activity = arg;

	if (activity->count < JOBS_MAX)
		activity->jobs[activity->count++] = *job;
	return 0;
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

static void
put_row(const struct activity *activity, const struct job *job,
    enum cognee_pipeline pipeline, const char *error)
{
	enum cognee_word word = cognee_word_of(job, pipeline);
	struct uuid id = uuid_of_row(&job->uuid, (uint64_t)pipeline + 1);
	struct jsonw *w = activity->w;

	jsonw_object(w);
	put_uuid(w, "id", &id);
	jsonw_nstring(w, "pipeline_name", cognee_pipeline_name(pipeline));
	jsonw_nstring(w, "status", cognee_word_name(word));
	put_uuid(w, "dataset_id", &job->base_uuid);
	jsonw_nstring(w, "dataset_name", job->base_name);
	put_uuid(w, "owner_id", &activity->owner.uuid);
	jsonw_nstring(w, "owner_email", activity->owner.email);
	jsonw_ntime(w, "created_at", job->created_us);
	put_uuid(w, "pipeline_run_id", &job->uuid);
	jsonw_nstring(w, "error", word == COGNEE_ERRORED ? error : NULL);
	jsonw_object_end(w);
}

static int
put_job(const struct activity *activity, const struct job *job)
{
	struct buf error;
	int err;

	buf_init(&error, ERROR_BYTES_MAX);
	err = put_error(activity->reader, job, &error);
	/* A long name is no reason to say nothing: what fits stands. */
	if (err == ERR_TOO_BIG)
		err = 0;
	if (err == 0) {
		put_row(activity, job, COGNEE_COGNIFY_PIPELINE,
		    buf_text(&error));
		put_row(activity, job, COGNEE_ADD_PIPELINE, buf_text(&error));
	}
	buf_fini(&error);
	return err;
}

/* dataset NULL: all of them. */
static int
read_runs(struct http_request *request, struct activity *activity,
    const struct uuid *dataset)
{
	struct job_filter filter = {.account_id = request->caller.account_id,
	    .limit = JOBS_MAX};
	struct cognee_dataset found;
	size_t i;
	int err = 0;

	if (dataset != NULL) {
		err = cognee_dataset_find(request, activity->reader, dataset,
		    COGNEE_READ, &found);
		filter.base_id = err == 0 ? found.id : 0;
	}
	if (err == 0)
		err = store_jobs_each(activity->reader, &filter, take_job,
		    activity);
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
	err = cognee_caller(request, &activity.owner);
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
