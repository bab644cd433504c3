/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document of the same name is replaced.  Looking for it and putting are one
 * step for each name, by a lock: two requests with one new name at once would
 * else become two documents.
 */
#include <pthread.h>
#include <string.h>

#include "api/dify/dify_document_put.h"
#include "api/dify/dify_rule.h"
#include "api/dify/dify_upload.h"
#include "sys/clock.h"
#include "sys/rng.h"

#define NAME_LOCKS 64u

/* ---- the document ------------------------------------------------------- */

static json_t *
upload_facts(const struct dify_draft *draft)
{
	struct uuid uuid = rng_uuid();
	char id[UUID_TEXT_SIZE];
	json_t *facts;

	uuid_format(&uuid, id);
	facts = json_pack("{s:s, s:s, s:s, s:s, s:I}", "id", id, "name",
	    draft->name, "extension", draft->extension, "mime_type",
	    dify_media_type(draft->extension), "created_us",
	    (json_int_t)clock_wall_us());
	/* A file's is that of its bytes. */
	if (facts != NULL && draft->kind == JOB_KIND_TEXT)
		(void)json_object_set_new(facts, "size",
		    json_integer((json_int_t)draft->size));
	return facts;
}

static void
set(json_t *object, const char *name, json_t *value, bool *has_failed)
{
	if (json_object_set_new(object, name, value) < 0)
		*has_failed = true;
}

/* Returns owned (free); NULL: no memory. */
static char *
document_settings(const struct dify_draft *draft)
{
	const struct dify_document *document = draft->document;
	bool has_questions = strcmp(draft->form, DIFY_FORM_QUESTIONS) == 0;
	json_t *settings = document == NULL
	    ? json_object() : json_deep_copy(document->settings);
	json_t *dify = json_object_get(settings, "dify");
	bool failed = settings == NULL;
	char *text = NULL;

	if (dify == NULL) {
		dify = json_object();
		set(settings, "dify", dify, &failed);
	}
	set(settings, "chunking", json_incref(draft->chunking),
	    &failed);
	set(settings, "questions", has_questions
	    ? json_string(draft->language) : json_null(), &failed);
	set(settings, "duplicates", json_string("index"), &failed);
	set(settings, "empty", json_string("index"), &failed);
	/* A text is what it is, even if it is named or begins like a page. */
	if (draft->upload != NULL)
		set(settings, "content", json_string(
		    draft->kind == JOB_KIND_TEXT ? "text" : "file"), &failed);
	if (!failed) {
		set(dify, "process_rule", json_incref(draft->rule),
		    &failed);
		set(dify, "doc_form", json_string(draft->form),
		    &failed);
		set(dify, "doc_language", json_string(draft->language),
		    &failed);
		set(dify, "created_from", json_string("api"), &failed);
		if (draft->upload != NULL)
			set(dify, "upload", upload_facts(draft),
			    &failed);
	}
	if (!failed)
		text = json_dumps(settings, JSON_COMPACT);
	json_decref(settings);
	return text;
}

/* The batch of the document's newest run when that was its alone; "": a new
 * one is needed. */
static int
own_batch(struct http_request *request, const struct dify_document *document,
    char ret_batch[BATCH_SIZE])
{
	struct store *reader;
	struct job job;
	int err;

	ret_batch[0] = '\0';
	if (document == NULL || document->item.id == 0)
		return 0;
	err = http_reader(request, &reader);
	if (err == 0)
		err = store_job_find(reader, request->caller.account_id,
		    &document->job, &job);
	if (err == 0 && job.counts.total == 1)
		memcpy(ret_batch, job.batch, BATCH_SIZE);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static pthread_mutex_t name_locks[NAME_LOCKS];
static pthread_once_t name_once = PTHREAD_ONCE_INIT;

static void
name_locks_make(void)
{
	size_t i;

	for (i = 0; i < NAME_LOCKS; i++)
		(void)pthread_mutex_init(&name_locks[i], NULL);
}

static pthread_mutex_t *
name_lock(const struct dify_draft *draft)
{
	uint32_t hash = (uint32_t)draft->dataset->id * 2654435761u;
	const char *c;

	(void)pthread_once(&name_once, name_locks_make);
	for (c = draft->name; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	return &name_locks[(hash >> 16) % NAME_LOCKS];
}

static int
take_uuid(void *arg, const struct document *row)
{
	struct uuid *uuid = arg;

	*uuid = uuid_of_row(&row->base_uuid, (uint64_t)row->id);
	return 0;
}

static int
put_by_name(struct http_request *request, const struct dify_draft *draft,
    const struct job_request *order, struct put *put, struct job *ret_job)
{
	pthread_mutex_t *lock = name_lock(draft);
	struct store *reader;
	struct uuid uuid;
	int err;

	(void)pthread_mutex_lock(lock);
	err = http_reader(request, &reader);
	if (err == 0)
		err = store_document_by_name(reader, draft->dataset->id,
		    draft->name, take_uuid, &uuid);
	if (err == 0)
		put->document = &uuid;
	else if (err == ERR_NOT_FOUND)
		put->is_new = true;
	if (err == 0 || err == ERR_NOT_FOUND)
		err = engine_job_puts(request->engine, order, draft->kind,
		    put, 1, NULL, false, ret_job, &request->note);
	(void)pthread_mutex_unlock(lock);
	put->document = NULL;
	return err;
}

static int
put_document(struct http_request *request, const struct dify_draft *draft,
    char *settings, struct put *put, struct job *ret_job)
{
	struct job_request order = {
	    .account_id = request->caller.account_id,
	    .base = draft->dataset->uuid,
	    .dialect = DIALECT_DIFY,
	};
	char batch[BATCH_SIZE];
	int err;

	put->upload = draft->upload;
	put->name = draft->name[0] == '\0' ? NULL : draft->name;
	put->settings = settings;
	if (draft->document == NULL && draft->replaces)
		return put_by_name(request, draft, &order, put, ret_job);
	put->is_new = draft->document == NULL;
	if (draft->document != NULL)
		put->document = &draft->document->uuid;
	err = own_batch(request, draft->document, batch);
	if (err == 0)
		err = engine_job_puts(request->engine, &order, draft->kind,
		    put, 1, batch[0] == '\0' ? NULL : batch, false, ret_job,
		    &request->note);
	return err;
}

static int
answer(struct http_request *request, struct http_reply *reply,
    const struct dify_draft *draft, const struct uuid *uuid,
    const struct job *job)
{
	struct dify_document document;
	struct dify_document_view view = {.dataset = draft->dataset,
	    .document = &document, .account = draft->account};
	struct store *reader;
	struct jsonw *w;
	int err;

	memset(&document, 0, sizeof(document));
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = dify_document_open(reader, draft->dataset, uuid, &document);
	err = http_end(request, reader, err);
	if (err < 0)
		return err == ERR_NOT_FOUND
		    ? dify_missing(request, "Document not found.") : err;
	document.is_new_run = uuid_is_equal(&document.job, &job->uuid);
	w = dify_json(reply, 200);
	jsonw_object(w);
	jsonw_name(w, "document");
	dify_write_document(w, &view);
	jsonw_nstring(w, "batch", job->batch);
	jsonw_object_end(w);
	dify_document_close(&document);
	return dify_end_json(reply);
}

int
dify_draft_put(struct http_request *request, struct http_reply *reply,
    struct dify_draft *draft)
{
	struct put put = {.upload = NULL};
	char *settings;
	struct job job;
	int err;

	err = dify_draft_settle(request, draft);
	if (err < 0)
		return err;
	settings = document_settings(draft);
	if (settings == NULL)
		return ERR_NOMEM;
	err = put_document(request, draft, settings, &put, &job);
	free(settings);
	if (err == ERR_NOT_FOUND)
		return dify_missing(request, draft->document == NULL
		    ? "Dataset not found." : "Document not found");
	return err < 0 ? err
		       : answer(request, reply, draft, &put.ret_document,
			     &job);
}

int
dify_draft_document(struct http_request *request,
    const struct dify_dataset *dataset, const struct uuid *uuid,
    struct dify_document *ret_document)
{
	struct dify_document document;
	const char *status;
	struct store *reader;
	int err;

	memset(&document, 0, sizeof(document));
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = dify_document_open(reader, dataset, uuid, &document);
	err = http_end(request, reader, err);
	if (err == ERR_NOT_FOUND)
		return dify_missing(request, "Document not found");
	if (err < 0)
		return err;
	/* The original refuses one in error, too: its text could then be
	 * corrected in no way but by deleting it. */
	status = dify_display_status(&document);
	if (strcmp(status, "available") != 0 &&
	    (strcmp(status, "error") != 0 || document.row.is_archived ||
		document.row.disabled_us != 0)) {
		dify_document_close(&document);
		return err_set(&request->note, ERR_INVALID,
		    "Document is not available");
	}
	*ret_document = document;
	return 0;
}
