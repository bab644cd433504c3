/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making jobs: over folders.  A job and, where they are known, its items are
 * one transaction: what was answered with an id is there after any crash.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "engine/board.h"
#include "engine/engine_int.h"
#include "engine/plan.h"
#include "engine/schedule.h"
#include "engine/writer.h"
#include "source/folder.h"
#include "sys/rng.h"

static int
base_ref_take(void *arg, const struct base *base)
{
	struct base_ref *ref = arg;

	ref->id = base->id;
	ref->embedder_id = base->embedder_id;
	ref->uuid = base->uuid;
	memcpy(ref->name, base->name, sizeof(ref->name));
	return 0;
}

int
base_ref_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, struct base_ref *ret_base)
{
	return store_base_find(store, account_id, uuid, NULL, base_ref_take,
	    ret_base);
}

/* 14 digits of UTC time, then six random ones that do not begin with 0. */
static void
batch_make(int64_t now_us, char out[BATCH_SIZE])
{
	char time[TIME_TEXT_SIZE];
	uint32_t random;
	int i, n = 0;

	time_format(now_us, time);
	for (i = 0; n < 14; i++)
		if (time[i] >= '0' && time[i] <= '9')
			out[n++] = time[i];
	rng_bytes(&random, sizeof(random));
	(void)snprintf(out + 14, BATCH_SIZE - 14, "%06u",
	    100000 + random % 900000);
}

static int
plan_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct plan *plan = arg;
	struct base_ref base;
	struct job job, *own;
	int err;

	err = base_ref_find(tx_store(tx), plan->request.account_id,
	    &plan->request.base, &base);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	err = request_key_find(tx, plan, note);
	if (err < 0 || plan->is_repeated)
		return err;
	err = tx_job_room(tx);
	if (err < 0)
		return err_set(note, err, "there are %u jobs under way",
		    JOBS_LIVE_MAX);
	if (plan->prepare != NULL)
		err = plan->prepare(tx, plan, &base, note);
	if (err == 0 && plan->is_repeated)
		return 0;
	if (err == 0 && plan->request.schedule_id != 0)
		err = schedule_ran(tx, base.id, plan->request.schedule_id);
	if (err < 0)
		return err;
	memset(&job, 0, sizeof(job));
	job.uuid = plan->uuid;
	job.account_id = plan->request.account_id;
	job.base_id = base.id;
	job.base_uuid = base.uuid;
	memcpy(job.base_name, base.name, sizeof(base.name));
	if (plan->batch != NULL)
		(void)snprintf(job.batch, sizeof(job.batch), "%s",
		    plan->batch);
	else
		batch_make(tx_now_us(tx), job.batch);
	job.kind = plan->kind;
	job.dialect = plan->request.dialect;
	(void)snprintf(job.form, sizeof(job.form), "%s",
	    plan->request.form == NULL ? "" : plan->request.form);
	job.keeps_replaced = plan->request.keeps_replaced &&
	    plan->engine->undo_us > 0;
	job.attempt = plan->attempt;
	job.created_us = tx_now_us(tx);
	job.updated_us = job.created_us;
	job.state = JOB_PENDING;
	job.scan = plan->scan;
	err = store_job_add(tx_store(tx), &job, plan->source, &job.id);
	if (err == 0)
		err = request_key_put(tx, plan, job.id);
	if (err == 0)
		err = tx_job_new(tx, &job);
	if (err < 0)
		return err;
	own = tx_job(tx, job.id);
	ASSERT(own != NULL);
	plan->job.uuid = job.uuid;
	plan->job.id = job.id;
	return plan->items == NULL ? 0 : plan->items(tx, plan, own, note);
}

int
plan_run(struct engine *engine, struct plan *plan, struct job *ret_job,
    struct err_note *note)
{
	struct store *reader = NULL;
	int err;

	plan->engine = engine;
	plan->uuid = rng_uuid();
	err = writer_do(engine->writer, plan_apply, plan, note);
	if (err < 0)
		return err;
	/* Committed before it was told, so it is on the board, unless a
	 * thousand other jobs have ended after it already. */
	err = engine_job_get(engine, NULL, plan->request.account_id,
	    &plan->job.uuid, ret_job);
	if (err != ERR_NOT_FOUND)
		return err;
	err = engine_reader(engine, &reader, note);
	if (err == 0)
		err = engine_job_get(engine, reader,
		    plan->request.account_id, &plan->job.uuid, ret_job);
	store_close(reader);
	return err;
}

/* ---- folders ------------------------------------------------------------ */

static int
root_check(const struct engine *engine, const char *path, bool is_local,
    char out[PATH_MAX], struct err_note *note)
{
	if (path[0] != '/')
		return err_set(note, ERR_INVALID, "not an absolute path: %s",
		    path);
	if (strlen(path) >= URI_BYTES_MAX / 4)
		return err_set(note, ERR_TOO_BIG, "the path is too long");
	/* Whether it is there is not told to who may not look. */
	if (realpath(path, out) == NULL) {
		if (!is_local)
			return err_set(note, ERR_FORBIDDEN,
			    "%s is not below a folder that may be indexed in "
			    "place", path);
		(void)snprintf(out, PATH_MAX, "%s", path);
		return 0;
	}
	if (is_local ||
	    folder_is_below(
		(const char *const *)engine->folder_roots,
		engine->folder_root_count, out))
		return 0;
	return err_set(note, ERR_FORBIDDEN,
	    "%s is not below a folder that may be indexed in place", path);
}

static void
write_list(struct jsonw *w, const char *name, const char *const *list,
    size_t count)
{
	size_t i;

	jsonw_name(w, name);
	jsonw_array(w);
	for (i = 0; i < count; i++)
		jsonw_string(w, list[i]);
	jsonw_array_end(w);
}

static int
source_write(const struct engine *engine, const struct folder_source *source,
    bool is_local, struct buf *out, struct err_note *note)
{
	char path[PATH_MAX];
	struct jsonw w;
	size_t i;
	int err;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_name(&w, "roots");
	jsonw_array(&w);
	for (i = 0; i < source->path_count; i++) {
		err = root_check(engine, source->paths[i], is_local, path,
		    note);
		if (err < 0)
			return err;
		jsonw_string(&w, path);
	}
	jsonw_array_end(&w);
	write_list(&w, "include", source->include, source->include_count);
	write_list(&w, "exclude", source->exclude, source->exclude_count);
	jsonw_object_end(&w);
	return out->err < 0
	    ? err_set(note, out->err, "the source is too large")
	    : 0;
}

int
engine_job_folder(struct engine *engine, const struct job_request *request,
    const struct folder_source *source, bool is_local, struct job *ret_job,
    struct err_note *note)
{
	struct plan plan = {.request = *request, .kind = JOB_KIND_FOLDER,
	    .attempt = 1, .scan = SCAN_WAITING};
	struct buf json;
	int err;

	if (source->path_count == 0)
		return err_set(note, ERR_INVALID, "no path was given");
	if (source->path_count > FOLDER_PATHS_MAX ||
	    source->include_count > PATTERNS_MAX ||
	    source->exclude_count > PATTERNS_MAX)
		return err_set(note, ERR_TOO_BIG, "too many paths or patterns");
	buf_init(&json, HTTP_JSON_BYTES_MAX);
	err = source_write(engine, source, is_local, &json, note);
	if (err == 0) {
		plan.source = buf_text(&json);
		err = plan_run(engine, &plan, ret_job, note);
	}
	buf_fini(&json);
	return err;
}
