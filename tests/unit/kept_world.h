/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kept_world: contents that are kept, and indexed when that is asked for.
 * Included after cmocka.h.
 */
#ifndef TESTS_UNIT_KEPT_WORLD_H
#define TESTS_UNIT_KEPT_WORLD_H

#include "pipeline_world.h"

#include "engine/kept.h"

static inline int
kept_up_with(void **state, bool starts)
{
	struct pipeline *w = mem_zalloc(sizeof(*w));
	struct err_note note;

	assert_non_null(w);
	world_init(w);
	w->undo_hours = 24;
	if (starts) {
		world_start(w);
	} else {
		assert_int_equal(world_open(w, &note), 0);
		world_login(w);
	}
	world_base(w);
	*state = w;
	return 0;
}

static inline int
kept_up(void **state)
{
	return kept_up_with(state, true);
}

/* Without threads: what is asked for waits for kept_begin(). */
static inline int
kept_up_still(void **state)
{
	return kept_up_with(state, false);
}

static inline int
kept_down(void **state)
{
	world_fini(*state);
	mem_free(*state);
	return 0;
}

static inline void
kept_begin(struct pipeline *w)
{
	struct err_note note = {""};

	if (engine_start(w->engine, &note) < 0)
		fail_msg("no start: %s", note.text);
}

static inline struct job_request
kept_request(const struct pipeline *w)
{
	struct job_request request = {.account_id = w->account_id,
	    .base = w->base, .dialect = DIALECT_COGNEE};

	return request;
}

static inline struct upload *
kept_upload(struct pipeline *w, const char *name, const void *bytes,
    size_t len)
{
	struct upload *upload = NULL;
	struct err_note note;

	assert_int_equal(engine_upload_open(w->engine, JOB_KIND_UPLOAD, name,
			     NULL, &upload, &note), 0);
	assert_int_equal(engine_upload_write(upload, bytes, len), 0);
	assert_int_equal(engine_upload_finish(upload, &note), 0);
	return upload;
}

/* Keep one put, with that content. */
static inline int
keep_try(struct pipeline *w, struct put *put, const char *name,
    const void *bytes, size_t len, struct job *ret_job,
    struct err_note *note)
{
	struct job_request request = kept_request(w);
	int err;

	put->upload = kept_upload(w, name, bytes, len);
	err = engine_job_keep(w->engine, &request, put, 1, ret_job, note);
	engine_upload_free(put->upload);
	put->upload = NULL;
	return err;
}

static inline struct job
keep_put(struct pipeline *w, struct put *put, const char *name,
    const void *bytes, size_t len)
{
	struct err_note note = {""};
	struct job job;

	if (keep_try(w, put, name, bytes, len, &job, &note) < 0)
		fail_msg("not kept: %s", note.text);
	assert_int_equal(job.kind, JOB_KIND_KEEP);
	assert_true(job_state_is_final(job.state));
	job_check(&job);
	return job;
}

/* By its content; its document. */
static inline struct uuid
keep_text(struct pipeline *w, const char *name, const char *text)
{
	struct put put = {.by_content = true};
	struct job job = keep_put(w, &put, name, text, strlen(text));

	assert_int_equal(job.counts.total, 1);
	assert_int_equal(job.counts.skipped, 1);
	return put.ret_document;
}

static inline struct job
kept_ask(struct pipeline *w)
{
	struct job_request request = kept_request(w);
	struct err_note note = {""};
	struct job job;

	if (engine_job_kept(w->engine, &request, &job, &note) < 0)
		fail_msg("not asked: %s", note.text);
	assert_int_equal(job.kind, JOB_KIND_KEPT);
	return job;
}

static inline struct job
kept_end(struct pipeline *w)
{
	struct job job = kept_ask(w);

	return world_until(w, &job.uuid, NULL);
}

/* What a document is. */
struct kept_fact {
	char uri[256], name[64], metadata[128];
	bool is_there, is_held, is_indexed;
	uint32_t segments;
	int64_t item_id;
	enum item_state state;
	enum item_code code;
	enum document_standing standing;
};

static inline int
kept_fact_take(void *arg, const struct document *document)
{
	struct kept_fact *fact = arg;

	fact->is_there = true;
	(void)snprintf(fact->uri, sizeof(fact->uri), "%s", document->uri);
	(void)snprintf(fact->name, sizeof(fact->name), "%s", document->name);
	(void)snprintf(fact->metadata, sizeof(fact->metadata), "%s",
	    document->metadata);
	fact->is_held = document->held_us != 0;
	fact->is_indexed = document->revision_id != 0;
	fact->segments = document->segments;
	fact->item_id = document->item_id;
	fact->state = document->item_state;
	fact->code = document->item_code;
	fact->standing = document_standing(document);
	return 0;
}

static inline struct kept_fact
kept_fact(struct pipeline *w, const struct uuid *document)
{
	struct kept_fact fact = {.is_there = false};
	int err;

	err = store_document_get(w->reader, (int64_t)uuid_row(document),
	    kept_fact_take, &fact);
	assert_true(err == 0 || err == ERR_NOT_FOUND);
	return fact;
}

static inline struct job
kept_order(struct pipeline *w, const struct job *job, enum job_order order)
{
	struct err_note note = {""};
	struct job now;

	if (engine_job_order(w->engine, w->account_id, &job->uuid, order,
		"tests", &now, &note) < 0)
		fail_msg("not ordered: %s", note.text);
	return now;
}

static inline void
kept_settings(struct pipeline *w, const char *settings)
{
	struct err_note note = {""};

	if (engine_base_update(w->engine, w->account_id, &w->base, NULL, NULL,
		settings, &note) < 0)
		fail_msg("not set: %s", note.text);
}

#endif
