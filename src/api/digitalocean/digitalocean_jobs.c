/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routes of indexing jobs.
 *
 * Every job is shown, whatever started it.  A job over sources is read with
 * its shares from one snapshot of the store, so that their sums hold; all
 * others are answered from the board.
 *
 * Ids are opaque to clients and come with all sorts of characters in them,
 * also quotes: what is no uuid is no job.
 */
#include <string.h>

#include "api/digitalocean/digitalocean_body.h"
#include "api/digitalocean/digitalocean_int.h"
#include "api/digitalocean/digitalocean_jobs.h"
#include "api/digitalocean/digitalocean_view.h"
#include "base/mem.h"
#include "engine/sources.h"

#define ALREADY "already has an indexing job running" /* matched by clients */

/* ---- shares ------------------------------------------------------------- */

void
do_jobs_fini(struct do_jobs *jobs)
{
	mem_free(jobs->shares);
	jobs->shares = NULL;
	jobs->count = jobs->size = 0;
}

static int
take_share(void *arg, const struct share *share)
{
	struct do_jobs *jobs = arg;
	struct share *shares;
	size_t size;

	if (jobs->count == jobs->size) {
		size = jobs->size == 0 ? 8 : jobs->size * 2;
		shares = mem_resize(jobs->shares, size, sizeof(*shares));
		if (shares == NULL)
			return ERR_NOMEM;
		jobs->shares = shares;
		jobs->size = size;
	}
	jobs->shares[jobs->count++] = *share;
	return 0;
}

int
do_jobs_shares(struct do_jobs *jobs, struct store *reader,
    const struct job *job)
{
	jobs->count = 0;
	if (job->kind != JOB_KIND_SOURCES)
		return 0;
	return store_shares_each(reader, job->id, take_share, jobs);
}

int
do_jobs_write(struct do_jobs *jobs, struct store *reader,
    const struct job *job, struct jsonw *w)
{
	int err;

	err = do_jobs_shares(jobs, reader, job);
	if (err == 0)
		do_write_job(w, job, jobs->shares, jobs->count);
	return err;
}

/* ---- one job ------------------------------------------------------------ */

static int
path_uuid(struct http_request *request, struct uuid *ret_uuid)
{
	const char *text = request->params[0].text;

	return uuid_parse(text, strlen(text), ret_uuid) < 0 ? ERR_NOT_FOUND
							    : 0;
}

/* Job and shares as the store has them now. */
static int
job_read(struct http_request *request, const struct uuid *uuid,
    struct job *ret_job, struct do_jobs *jobs)
{
	struct store *reader;
	struct job job;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = store_job_find(reader, request->caller.account_id, uuid, &job);
	if (err == 0)
		err = do_jobs_shares(jobs, reader, &job);
	if (err == 0)
		*ret_job = job;
	return http_end(request, reader, err);
}

static int
job_get(struct http_request *request, const struct uuid *uuid,
    struct job *ret_job, struct do_jobs *jobs)
{
	struct store *reader;
	struct job job;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = engine_job_get(request->engine, reader,
		    request->caller.account_id, uuid, &job);
	if (err == 0 && job.kind == JOB_KIND_SOURCES)
		return job_read(request, uuid, ret_job, jobs);
	if (err == 0)
		*ret_job = job;
	return err;
}

static void
reply_job(struct jsonw *w, const struct job *job, const struct do_jobs *jobs)
{
	jsonw_object(w);
	jsonw_name(w, "job");
	do_write_job(w, job, jobs->shares, jobs->count);
	jsonw_object_end(w);
}

/*
 * QUICK, for it is what clients poll: what it reads of the store is one row,
 * and one of each source.  The answer may be kept, so it names no request.
 */
int
do_get_job(struct http_request *request, struct http_reply *reply)
{
	struct do_jobs jobs = {NULL, 0, 0};
	struct uuid uuid;
	struct job job;
	int err;

	err = path_uuid(request, &uuid);
	if (err == 0)
		err = job_get(request, &uuid, &job, &jobs);
	if (err == 0) {
		do_limits(reply);
		reply_job(http_reply_json(reply, 200), &job, &jobs);
		http_reply_keep_job(reply, &job);
	}
	do_jobs_fini(&jobs);
	return err;
}

int
do_get_job_sources(struct http_request *request, struct http_reply *reply)
{
	struct do_jobs jobs = {NULL, 0, 0};
	struct jsonw *w;
	struct job job;
	int err;

	err = job_get(request, &request->params[0].uuid, &job, &jobs);
	if (err == 0) {
		w = do_json(request, reply);
		jsonw_object(w);
		jsonw_name(w, "indexed_data_sources");
		do_write_shares(w, &job, jobs.shares, jobs.count);
		jsonw_object_end(w);
	}
	do_jobs_fini(&jobs);
	return err;
}

/* The body repeats the id at best: it is not looked at. */
int
do_cancel_job(struct http_request *request, struct http_reply *reply)
{
	struct do_jobs jobs = {NULL, 0, 0};
	const struct uuid *uuid = &request->params[0].uuid;
	char words[128];
	struct job job;
	int err;

	err = engine_job_order(request->engine, request->caller.account_id,
	    uuid, JOB_ORDER_CANCEL, request->caller.label, &job,
	    &request->note);
	if (err < 0)
		return err;
	if (job.state != JOB_CANCELLED) {
		(void)snprintf(words, sizeof(words), "the indexing job has "
		    "%s and cannot be cancelled any more",
		    job.state == JOB_FAILED ? "failed" : "completed");
		return do_refuse(request, reply, 400, "failed_precondition",
		    words);
	}
	err = job_get(request, uuid, &job, &jobs);
	if (err == 0)
		reply_job(do_json(request, reply), &job, &jobs);
	do_jobs_fini(&jobs);
	return err;
}

/* ---- starting ----------------------------------------------------------- */

/* The ids of the body, each once; *ret_uuids is owned (mem_free). */
static int
sources_read(const json_t *list, struct uuid **ret_uuids, size_t *ret_count)
{
	struct uuid *uuids, uuid;
	const char *text;
	char id[UUID_TEXT_SIZE];
	json_t *seen;
	size_t i, count = 0;
	int err = 0;

	uuids = mem_array(json_array_size(list) + 1, sizeof(*uuids));
	seen = json_object();
	if (uuids == NULL || seen == NULL)
		err = ERR_NOMEM;
	for (i = 0; i < json_array_size(list) && err == 0; i++) {
		text = json_string_value(json_array_get(list, i));
		if (text[0] == '\0')
			continue;
		if (uuid_parse(text, strlen(text), &uuid) < 0) {
			err = ERR_NOT_FOUND;
			break;
		}
		uuid_format(&uuid, id);
		if (json_object_get(seen, id) != NULL)
			continue;
		if (json_object_set_new(seen, id, json_true()) < 0)
			err = ERR_NOMEM;
		uuids[count++] = uuid;
	}
	json_decref(seen);
	if (err < 0) {
		mem_free(uuids);
		return err;
	}
	*ret_uuids = uuids;
	*ret_count = count;
	return 0;
}

/* As it was made: what has begun since is for the next to ask. */
static void
jobs_rewind(const struct job *job, struct do_jobs *jobs)
{
	struct share *share;
	size_t i;

	for (i = 0; i < jobs->count && job->state == JOB_PENDING; i++) {
		share = &jobs->shares[i];
		*share = (struct share){.job_id = share->job_id,
		    .source_id = share->source_id,
		    .source_uuid = share->source_uuid};
	}
}

static int
reply_running(struct http_request *request, struct http_reply *reply,
    const struct uuid *base, const struct uuid *running)
{
	char base_id[UUID_TEXT_SIZE], running_id[UUID_TEXT_SIZE], words[160];

	uuid_format(base, base_id);
	uuid_format(running, running_id);
	(void)snprintf(words, sizeof(words), "knowledge base %s " ALREADY
	    ": %s", base_id, running_id);
	return do_conflict(request, reply, words);
}

static int
start(struct http_request *request, struct http_reply *reply,
    const struct uuid *base, const struct uuid *sources, size_t count)
{
	const struct job_request job_request = {
	    .account_id = request->caller.account_id, .base = *base,
	    .dialect = DIALECT_DIGITALOCEAN};
	struct do_jobs jobs = {NULL, 0, 0};
	struct uuid running;
	struct job job, now;
	int err;

	err = engine_job_sources(request->engine, &job_request, sources,
	    count, &job, &running, &request->note);
	if (err == ERR_CONFLICT)
		return reply_running(request, reply, base, &running);
	if (err < 0)
		return err;
	err = job_read(request, &job.uuid, &now, &jobs);
	if (err == 0) {
		jobs_rewind(&job, &jobs);
		reply_job(do_json(request, reply), &job, &jobs);
	}
	do_jobs_fini(&jobs);
	return err;
}

int
do_start_job(struct http_request *request, struct http_reply *reply)
{
	const json_t *body, *list;
	struct uuid base, *sources = NULL;
	const char *id;
	size_t count;
	int err;

	err = do_body(request, &body);
	if (err == 0)
		err = do_text(body, "knowledge_base_uuid", &id,
		    &request->note);
	if (err == 0 && id == NULL)
		err = err_set(&request->note, ERR_INVALID,
		    "knowledge_base_uuid is required");
	if (err == 0)
		err = do_texts(body, "data_source_uuids", SOURCES_MAX,
		    &list, &request->note);
	if (err == 0 && uuid_parse(id, strlen(id), &base) < 0)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = sources_read(list, &sources, &count);
	if (err == 0)
		err = start(request, reply, &base, sources, count);
	mem_free(sources);
	return err;
}

/* ---- lists -------------------------------------------------------------- */

struct list {
	struct store *reader;
	struct do_jobs jobs;
	struct jsonw *w;
	uint64_t count;
};

static int
list_job(void *arg, const struct job *job)
{
	struct list *list = arg;

	list->count++;
	return do_jobs_write(&list->jobs, list->reader, job, list->w);
}

/* total NULL: those that are listed are all there are. */
static int
list_jobs(struct http_request *request, struct http_reply *reply,
    const struct job_filter *filter, const struct do_page *page,
    const uint64_t *total, struct store *reader)
{
	struct list list = {.reader = reader};
	int err;

	list.w = do_json(request, reply);
	jsonw_object(list.w);
	jsonw_name(list.w, "jobs");
	jsonw_array(list.w);
	err = store_jobs_each(reader, filter, list_job, &list);
	jsonw_array_end(list.w);
	do_page_write(request, list.w, page,
	    total == NULL ? list.count : *total);
	jsonw_object_end(list.w);
	do_jobs_fini(&list.jobs);
	return err;
}

int
do_list_jobs(struct http_request *request, struct http_reply *reply)
{
	struct job_filter filter = {
	    .account_id = request->caller.account_id};
	struct do_page page;
	struct store *reader;
	uint64_t total = 0;
	int err;

	err = do_page_read(request, &page);
	if (err == 0)
		err = http_begin(request, &reader);
	if (err < 0)
		return err;
	filter.offset = page.offset;
	filter.limit = page.limit;
	err = store_jobs_count(reader, &filter, &total);
	if (err == 0)
		err = list_jobs(request, reply, &filter, &page, &total,
		    reader);
	return http_end(request, reader, err);
}

int
do_list_base_jobs(struct http_request *request, struct http_reply *reply)
{
	struct job_filter filter = {.account_id = request->caller.account_id,
	    .limit = DO_LATEST_JOBS};
	const struct do_page page = {.page = 1, .per_page = DO_PER_PAGE,
	    .limit = DO_LATEST_JOBS};
	struct do_base base;
	struct store *reader;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = do_base_load(request, reader, &request->params[0].uuid, &base);
	if (err == 0) {
		filter.base_id = base.id;
		do_base_close(&base);
		err = list_jobs(request, reply, &filter, &page, NULL,
		    reader);
	}
	return http_end(request, reader, err);
}
