/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Imports: the job, its sources and their shares are one transaction.  What
 * the caller wants of all of them stands in the job's source:
 *
 *   {"is_forced": false, "documents_max": 0, "metadata": "{...}"}
 *
 * metadata is a text there, so that looking for something else in it is quick.
 *
 * Two imports may come across the same object at once: then it has an item in
 * each of them.  Its document is with one worker at a time, each fetches what
 * there is at that moment, and who comes second finds it unchanged.
 */
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/import.h"
#include "engine/plan.h"
#include "engine/scan_int.h"
#include "engine/source_plan.h"
#include "engine/writer.h"
#include "model/source.h"
#include "sys/rng.h"

/* ---- asking for one ------------------------------------------------------ */

struct importing {
	const struct import_request *import;
	struct source_plan *plans;
	size_t plan_count; /* initialised */
};

static int
metadata_check(const char *metadata, struct err_note *note)
{
	json_t *json;
	bool is_object;

	if (metadata == NULL)
		return 0;
	if (strlen(metadata) > METADATA_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the metadata have more than %llu bytes",
		    METADATA_BYTES_MAX);
	json = json_loads(metadata, JSON_REJECT_DUPLICATES, NULL);
	is_object = json_is_object(json);
	json_decref(json);
	return is_object ? 0
			 : err_set(note, ERR_INVALID,
			       "the metadata must be an object");
}

static int
source_check(struct importing *importing, struct engine *engine,
    const struct job_request *request, const struct source_request *source,
    struct err_note *note)
{
	struct source_plan *plan = &importing->plans[importing->plan_count];

	*plan = (struct source_plan){.engine = engine,
	    .account_id = request->account_id, .base = request->base,
	    .uuid = rng_uuid(), .request = *source, .is_import = true};
	source_plan_init(plan);
	importing->plan_count++;
	if (source->config == NULL)
		return err_set(note, ERR_INVALID, "a source needs a config");
	return source_plan_check(plan, source->kind, note);
}

static int
sources_check(struct importing *importing, struct engine *engine,
    const struct job_request *request, struct err_note *note)
{
	const struct import_request *import = importing->import;
	size_t i;
	int err = 0;

	if (import->source_count == 0)
		return err_set(note, ERR_INVALID, "no source was given");
	if (import->source_count > SOURCES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "a job has at most %u sources", SOURCES_MAX);
	importing->plans = mem_array(import->source_count,
	    sizeof(*importing->plans));
	if (importing->plans == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	for (i = 0; err == 0 && i < import->source_count; i++) {
		err = source_check(importing, engine, request,
		    &import->sources[i], note);
		if (err < 0 && import->source_count > 1)
			err_wrap(note, "sources[%zu]", i);
	}
	return err;
}

static void
importing_fini(struct importing *importing)
{
	size_t i;

	for (i = 0; i < importing->plan_count; i++)
		source_plan_fini(&importing->plans[i]);
	mem_free(importing->plans);
}

static void
wish_write(const struct import_request *import, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_name(&w, "is_forced");
	jsonw_bool(&w, import->is_forced);
	jsonw_name(&w, "documents_max");
	jsonw_uint(&w, import->documents_max < INT64_MAX
		? import->documents_max
		: INT64_MAX);
	if (import->metadata != NULL) {
		jsonw_name(&w, "metadata");
		jsonw_string(&w, import->metadata);
	}
	jsonw_object_end(&w);
}

static int
import_sources(struct write_tx *tx, struct plan *plan, struct job *job,
    struct err_note *note)
{
	struct importing *importing = plan->arg;
	struct share share;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < importing->plan_count; i++) {
		memset(&share, 0, sizeof(share));
		share.job_id = job->id;
		share.source_uuid = importing->plans[i].uuid;
		err = source_plan_add(tx, &importing->plans[i], job->base_id,
		    job->id, &share.source_id, note);
		if (err == 0)
			err = tx_share_new(tx, &share);
	}
	return err;
}

int
engine_job_import(struct engine *engine, const struct job_request *request,
    const struct import_request *import, struct job *ret_job,
    struct err_note *note)
{
	struct importing importing = {.import = import};
	struct plan plan = {.request = *request, .kind = JOB_KIND_IMPORT,
	    .attempt = 1, .scan = SCAN_WAITING, .items = import_sources,
	    .arg = &importing};
	struct buf source;
	int err;

	buf_init(&source, 8 * METADATA_BYTES_MAX); /* it may be escaped */
	err = metadata_check(import->metadata, note);
	if (err == 0)
		err = sources_check(&importing, engine, request, note);
	if (err == 0) {
		wish_write(import, &source);
		err = source.err;
		plan.source = buf_text(&source);
	}
	if (err == 0)
		err = plan_run(engine, &plan, ret_job, note);
	importing_fini(&importing);
	buf_fini(&source);
	return err;
}

/* ---- what it was asked for with ------------------------------------------ */

static int
wish_read(struct store *reader, int64_t job_id, const char *text,
    struct scan_wish *wish)
{
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const char *metadata;
	uint64_t max, found;
	int err = 0;

	if (!json_is_object(json)) {
		json_decref(json);
		return ERR_CORRUPT;
	}
	wish->is_forced = json_is_true(json_object_get(json, "is_forced"));
	max = (uint64_t)json_integer_value(json_object_get(json,
	    "documents_max"));
	metadata = json_string_value(json_object_get(json, "metadata"));
	if (metadata != NULL) {
		wish->metadata = mem_strdup(metadata);
		err = wish->metadata == NULL ? ERR_NOMEM : 0;
	}
	json_decref(json);
	/* A listing that was broken off has found some of them. */
	if (err == 0 && max > 0)
		err = store_items_found(reader, job_id, &found);
	if (err == 0 && max > 0)
		wish->left = max > found ? max - found : 0;
	return err;
}

int
import_wish(struct store *reader, int64_t job_id, struct scan_wish *ret_wish)
{
	struct scan_wish wish = {.left = UINT64_MAX};
	char *source = NULL;
	int err;

	err = store_job_source(reader, job_id, &source);
	if (err == 0)
		err = wish_read(reader, job_id, source, &wish);
	mem_free(source);
	if (err < 0)
		mem_free(wish.metadata);
	else
		*ret_wish = wish;
	return err;
}
