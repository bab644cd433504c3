/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pausing, resuming and trying again, which the original offers to its own
 * pages only.  A document is paused with its job: one that was added through
 * this dialect has a job of its own.
 */
#include <string.h>

#include "api/dify/dify_document.h"

enum run_order { RUN_RETRY, RUN_PAUSE, RUN_RESUME };

/* What is to be done to one document, decided before anything is. */
struct run {
	struct uuid document, job;
	char batch[BATCH_SIZE]; /* RUN_RETRY: to be kept; "": a new one */
};

struct runs {
	enum run_order order;
	struct uuid ids[DIFY_IDS_MAX];
	size_t id_count;
	struct run list[DIFY_IDS_MAX];
	size_t count;
	/* NULL, or what the request is refused with. */
	int status;
	const char *code, *message;
};

static void
runs_refuse(struct runs *runs, int status, const char *code,
    const char *message)
{
	runs->status = status;
	runs->code = code;
	runs->message = message;
}

static bool
is_one_of(const char *text, const char *a, const char *b, const char *c)
{
	return strcmp(text, a) == 0 || strcmp(text, b) == 0 ||
	    strcmp(text, c) == 0;
}

/* Is there something to be done?  May refuse. */
static bool
runs_want(struct runs *runs, const struct dify_document *document)
{
	const char *status = dify_display_status(document);
	bool is_final = is_one_of(status, "available", "disabled",
	    "archived");
	bool has_failed = strcmp(status, "error") == 0;

	if (document->row.is_archived) {
		runs_refuse(runs, 403, "archived_document_immutable",
		    "The archived document is not editable.");
		return false;
	}
	switch (runs->order) {
	case RUN_RETRY:
		if (!is_final && !has_failed)
			runs_refuse(runs, 400, "document_indexing",
			    document->row.is_paused
			    ? "Document is paused: resume it instead."
			    : "Document is being indexed, please try again "
			      "later");
		return has_failed;
	case RUN_PAUSE:
		if (is_final || has_failed)
			runs_refuse(runs, 400, "document_indexing",
			    "Cannot pause completed document.");
		break;
	case RUN_RESUME:
		if (is_final || has_failed || !document->row.is_paused)
			runs_refuse(runs, 400, "document_indexing",
			    "Document is not in paused status.");
		break;
	}
	return runs->status == 0;
}

static int
runs_add(struct http_request *request, struct store *reader,
    struct runs *runs, const struct dify_document *document)
{
	struct run *run = &runs->list[runs->count];
	struct job job;
	int err = 0;

	memset(run, 0, sizeof(*run));
	run->document = document->uuid;
	run->job = document->job;
	if (runs->order == RUN_RETRY && document->item.id != 0) {
		err = store_job_find(reader, request->caller.account_id,
		    &document->job, &job);
		if (err == 0 && job.counts.total == 1)
			memcpy(run->batch, job.batch, sizeof(run->batch));
	}
	runs->count++;
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int
runs_prepare(struct http_request *request, struct store *reader,
    const struct dify_dataset *dataset, struct runs *runs)
{
	struct dify_document document;
	size_t i;
	int err;

	for (i = 0; i < runs->id_count && runs->status == 0; i++) {
		err = dify_document_open(reader, dataset, &runs->ids[i],
		    &document);
		if (err == ERR_NOT_FOUND) {
			runs_refuse(runs, 404, "not_found",
			    "Document not found.");
			return 0;
		}
		if (err < 0)
			return err;
		if (runs_want(runs, &document))
			err = runs_add(request, reader, runs, &document);
		dify_document_close(&document);
		if (err < 0)
			return err;
	}
	return 0;
}

static int
run_again(struct http_request *request, const struct run *run)
{
	struct job_request order = {
	    .account_id = request->caller.account_id,
	    .base = request->params[0].uuid,
	    .dialect = DIALECT_DIFY,
	};
	struct put put = {.document = &run->document};
	struct job job;

	return engine_job_puts(request->engine, &order, JOB_KIND_UPLOAD, &put,
	    1, run->batch[0] == '\0' ? NULL : run->batch, false, &job,
	    &request->note);
}

static int
runs_apply(struct http_request *request, const struct runs *runs)
{
	struct job job;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < runs->count; i++) {
		if (runs->order == RUN_RETRY)
			err = run_again(request, &runs->list[i]);
		else
			err = engine_job_order(request->engine,
			    request->caller.account_id, &runs->list[i].job,
			    runs->order == RUN_PAUSE ? JOB_ORDER_PAUSE
						     : JOB_ORDER_RESUME,
			    request->caller.label, &job, &request->note);
	}
	if (err == ERR_NOT_FOUND)
		return dify_missing(request, "Document not found.");
	return err;
}

/* runs->ids: those of the path, or count 0 for those of the body. */
static int
runs_handle(struct http_request *request, struct http_reply *reply,
    struct runs *runs)
{
	struct dify_dataset dataset;
	struct store *reader;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = dify_dataset_open(request, reader, &dataset);
	if (err == 0 && runs->id_count == 0)
		err = dify_document_ids(request, reply, false, runs->ids,
		    &runs->id_count);
	if (err == 0)
		err = runs_prepare(request, reader, &dataset, runs);
	err = http_end(request, reader, err);
	dify_dataset_close(&dataset);
	if (err != 0)
		return err < 0 ? err : 0;
	if (runs->status != 0)
		return dify_refuse(reply, runs->status, runs->code,
		    runs->message);
	err = runs_apply(request, runs);
	return err < 0 ? err : dify_no_content(reply);
}

int
dify_retry_documents(struct http_request *request, struct http_reply *reply)
{
	struct runs runs = {.order = RUN_RETRY};

	return runs_handle(request, reply, &runs);
}

int
dify_pause_documents(struct http_request *request, struct http_reply *reply)
{
	struct runs runs = {.order = RUN_PAUSE};

	return runs_handle(request, reply, &runs);
}

int
dify_resume_documents(struct http_request *request, struct http_reply *reply)
{
	struct runs runs = {.order = RUN_RESUME};

	return runs_handle(request, reply, &runs);
}

int
dify_pause_document(struct http_request *request, struct http_reply *reply)
{
	struct runs runs = {.order = RUN_PAUSE, .id_count = 1};

	runs.ids[0] = request->params[1].uuid;
	return runs_handle(request, reply, &runs);
}

int
dify_resume_document(struct http_request *request, struct http_reply *reply)
{
	struct runs runs = {.order = RUN_RESUME, .id_count = 1};

	runs.ids[0] = request->params[1].uuid;
	return runs_handle(request, reply, &runs);
}
