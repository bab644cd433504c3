/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "api/cognee/cognee_run.h"
#include "base/buf.h"
#include "base/mem.h"
#include "http/http.h"
#include "store/store.h"

#define FAILURES_TOLD_MAX 10u
#define NAME_TOLD_MAX 200 /* bytes of a document's name */

static const char *const infos[COGNEE_INFO_COUNT] = {
    [COGNEE_INFO_STARTED] = "PipelineRunStarted",
    [COGNEE_INFO_COMPLETED] = "PipelineRunCompleted",
    [COGNEE_INFO_ALREADY] = "PipelineRunAlreadyCompleted",
};

/* ---- one ----------------------------------------------------------------- */

/* What every info begins with; the caller ends it. */
static void
info_begin(struct jsonw *w, enum cognee_info info,
    const struct cognee_dataset *dataset, const struct uuid *job)
{
	char text[UUID_TEXT_SIZE];

	jsonw_object(w);
	jsonw_nstring(w, "status", infos[info]);
	uuid_format(job, text);
	jsonw_nstring(w, "pipeline_run_id", text);
	jsonw_nstring(w, "dataset_id", dataset->text);
	jsonw_nstring(w, "dataset_name", dataset->name);
	jsonw_name(w, "payload");
	if (info == COGNEE_INFO_STARTED) {
		jsonw_array(w);
		jsonw_array_end(w);
	} else {
		jsonw_null(w);
	}
}

/* ---- what it dealt with -------------------------------------------------- */

struct listing {
	struct jsonw *w;
	const struct cognee_dataset *dataset;
	const struct uuid *job;
	int64_t told[COGNEE_LISTED_MAX]; /* documents */
	size_t count, first_count;
};

static void
put_one(struct listing *listing, int64_t document_id, enum cognee_info info)
{
	struct uuid uuid = uuid_of_row(&listing->dataset->uuid,
	    (uint64_t)document_id);
	char text[UUID_TEXT_SIZE];

	jsonw_object(listing->w);
	jsonw_name(listing->w, "run_info");
	info_begin(listing->w, info, listing->dataset, listing->job);
	jsonw_nnull(listing->w, "data_ingestion_info");
	jsonw_object_end(listing->w);
	uuid_format(&uuid, text);
	jsonw_nstring(listing->w, "data_id", text);
	jsonw_object_end(listing->w);
	listing->told[listing->count++] = document_id;
}

static int
on_item(void *arg, const struct item_row *row)
{
	struct listing *listing = arg;

	if (row->item.document_id != 0)
		put_one(listing, row->item.document_id,
		    row->item.code == ITEM_CODE_UNCHANGED
		    ? COGNEE_INFO_ALREADY : COGNEE_INFO_COMPLETED);
	return 0;
}

static int
order_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* What the run did not deal with and is done.  1: enough is told. */
static int
on_document(void *arg, const struct document *document)
{
	struct listing *listing = arg;

	if (listing->count == COGNEE_LISTED_MAX)
		return 1;
	if (document->revision_id != 0 && document->held_us == 0 &&
	    bsearch(&document->id, listing->told, listing->first_count,
		sizeof(listing->told[0]), order_ids) == NULL)
		put_one(listing, document->id, COGNEE_INFO_ALREADY);
	return 0;
}

static int
put_list(struct listing *listing, struct store *reader, enum cognee_list list)
{
	struct document_filter all = {.base_id = listing->dataset->id,
	    .limit = INT32_MAX};
	struct item_filter dealt = {.limit = COGNEE_LISTED_MAX};
	struct job job;
	int err;

	err = store_job_find(reader, listing->dataset->account_id,
	    listing->job, &job);
	dealt.job_id = job.id;
	if (err == 0)
		err = store_items_each(reader, &dealt, on_item, listing);
	if (err < 0 || list == COGNEE_LIST_JOB)
		return err == ERR_NOT_FOUND ? 0 : err;
	listing->first_count = listing->count;
	qsort(listing->told, listing->count, sizeof(listing->told[0]),
	    order_ids);
	err = store_documents_each(reader, &all, on_document, listing);
	return err == 1 ? 0 : err;
}

int
cognee_write_info(struct jsonw *w, struct store *reader,
    enum cognee_info info, const struct cognee_dataset *dataset,
    const struct uuid *job, enum cognee_list list)
{
	struct listing *listing = NULL;
	int err = 0;

	info_begin(w, info, dataset, job);
	jsonw_name(w, "data_ingestion_info");
	if (list == COGNEE_LIST_NONE) {
		jsonw_null(w);
	} else {
		listing = mem_alloc(sizeof(*listing));
		if (listing == NULL)
			return ERR_NOMEM;
		listing->w = w;
		listing->dataset = dataset;
		listing->job = job;
		listing->count = listing->first_count = 0;
		jsonw_array(w);
		err = put_list(listing, reader, list);
		jsonw_array_end(w);
	}
	mem_free(listing);
	jsonw_object_end(w);
	return err;
}

/* ---- all of a request ---------------------------------------------------- */

int
cognee_runs_write(struct http_request *request, struct http_reply *reply,
    const struct cognee_runs *runs)
{
	const struct cognee_run *run;
	struct store *reader;
	struct jsonw *w;
	size_t i;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	for (i = 0; err == 0 && i < runs->count; i++) {
		run = &runs->items[i];
		jsonw_name(w, run->dataset.text);
		err = cognee_write_info(w, reader,
		    run->is_over ? COGNEE_INFO_COMPLETED
				 : COGNEE_INFO_STARTED,
		    &run->dataset, &run->job,
		    run->is_over ? COGNEE_LIST_ALL : COGNEE_LIST_NONE);
	}
	jsonw_object_end(w);
	return http_end(request, reader, err);
}

int
cognee_runs_answer(struct http_request *request, struct http_reply *reply,
    int errored)
{
	struct cognee_runs *runs = cognee_runs_of(request);
	struct buf words;
	int err = 0;

	if (!runs->is_background)
		err = cognee_runs_wait(request, reply, runs);
	if (err != 0)
		return err < 0 ? err : 0;
	buf_init(&words, COGNEE_FAILURES_BYTES_MAX);
	err = cognee_runs_failures(request, runs, &words);
	if (err == 0)
		err = words.len == 0
		    ? cognee_runs_write(request, reply, runs)
		    : cognee_broken(reply, errored, COGNEE_ERRORED_RUN,
			  buf_text(&words));
	buf_fini(&words);
	return err;
}

/* ---- what went wrong ----------------------------------------------------- */

struct failures {
	struct buf *out;
	size_t count;
};

static int
on_failed(void *arg, const struct item_row *row)
{
	struct failures *failures = arg;

	return buf_printf(failures->out, "%s\"%.*s\": %s",
	    failures->count++ == 0 ? "" : "; ", NAME_TOLD_MAX, row->name,
	    row->item.message[0] != '\0' ? row->item.message
					 : item_code_text(row->item.code));
}

int
cognee_put_failures(struct store *reader, const struct job *job,
    struct buf *out)
{
	struct item_filter failed = {.job_id = job->id,
	    .states = 1u << ITEM_FAILED, .limit = FAILURES_TOLD_MAX};
	struct failures failures = {.out = out};
	int err;

	if (job->state == JOB_CANCELLED)
		return buf_puts(out, "the run was cancelled");
	if (job->message[0] != '\0')
		return buf_puts(out, job->message);
	if (job->code != ITEM_CODE_NONE)
		return buf_puts(out, item_code_text(job->code));
	if (job->counts.failed == 0)
		return 0;
	(void)buf_printf(out, "%llu of %llu data items could not be "
	    "processed: ", (unsigned long long)job->counts.failed,
	    (unsigned long long)job->counts.total);
	err = store_items_each(reader, &failed, on_failed, &failures);
	if (err == 0 && job->counts.failed > failures.count)
		err = buf_printf(out, "; and %llu more",
		    (unsigned long long)job->counts.failed - failures.count);
	return err;
}

int
cognee_broken(struct http_reply *reply, int status, const char *error,
    const char *detail)
{
	struct jsonw *w = http_reply_json(reply, status);

	jsonw_object(w);
	jsonw_nstring(w, "error", error);
	jsonw_nstring(w, "detail", detail);
	jsonw_object_end(w);
	return 0;
}
