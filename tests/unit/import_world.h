/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_world: sources_world.h, and jobs over sources of their own.  Included
 * after cmocka.h.
 */
#ifndef TESTS_UNIT_IMPORT_WORLD_H
#define TESTS_UNIT_IMPORT_WORLD_H

#include "engine/import.h"
#include "sources_world.h"

#define BUCKET(name, prefix)                                                  \
	{                                                                     \
		.kind = SOURCE_S3,                                            \
		.config = "{\"bucket\": \"" name "\", \"prefix\": \"" prefix  \
			  "\", \"region\": \"here\"}",                        \
		.secret = SOURCES_SECRET                                      \
	}
#define OBJECT(name, key)                                                     \
	{                                                                     \
		.kind = SOURCE_S3,                                            \
		.config = "{\"bucket\": \"" name "\", \"prefix\": \"" key     \
			  "\", \"region\": \"here\", \"is_object\": true}",   \
		.secret = SOURCES_SECRET                                      \
	}

/* 0, or what the engine says. */
static inline int
import_try(struct sources_world *s, const struct import_request *import,
    struct job *ret_job, struct err_note *note)
{
	struct job_request request = {.account_id = s->w.account_id,
	    .base = s->w.base, .dialect = DIALECT_NATIVE};

	return engine_job_import(s->w.engine, &request, import, ret_job, note);
}

static inline struct job
import_begin_with(struct sources_world *s,
    const struct source_request *source, const struct import_request *more)
{
	struct import_request import = {.sources = source, .source_count = 1};
	struct err_note note = {""};
	struct job job;

	if (more != NULL) {
		import = *more;
		import.sources = source;
		import.source_count = 1;
	}
	if (import_try(s, &import, &job, &note) < 0)
		fail_msg("no job: %s", note.text);
	assert_int_equal(job.kind, JOB_KIND_IMPORT);
	return job;
}

static inline struct job
import_begin(struct sources_world *s, const struct source_request *source)
{
	return import_begin_with(s, source, NULL);
}

/* From its beginning to its end. */
static inline struct job
import_run_with(struct sources_world *s, const struct source_request *source,
    const struct import_request *more)
{
	struct job job = import_begin_with(s, source, more);

	return sources_until(s, &job.uuid, NULL);
}

static inline struct job
import_run(struct sources_world *s, const struct source_request *source)
{
	return import_run_with(s, source, NULL);
}

/* ---- what is there ------------------------------------------------------- */

struct import_document {
	char name[128], metadata[128], etag[256];
	int64_t id, revision_id, source_id;
	enum item_state state;
	enum item_code code;
	int64_t item_id;
};

static inline int
import_document_take(void *arg, const struct document *document)
{
	struct import_document *found = arg;

	(void)snprintf(found->name, sizeof(found->name), "%s",
	    document->name);
	(void)snprintf(found->metadata, sizeof(found->metadata), "%s",
	    document->own_metadata);
	(void)snprintf(found->etag, sizeof(found->etag), "%s",
	    document->etag);
	found->id = document->id;
	found->revision_id = document->revision_id;
	found->source_id = document->source_id;
	found->state = document->item_state;
	found->code = document->item_code;
	found->item_id = document->item_id;
	return 0;
}

static inline int64_t
import_base_id(struct sources_world *s)
{
	struct base_ref base;

	assert_int_equal(base_ref_find(s->w.reader, s->w.account_id,
			     &s->w.base, &base), 0);
	return base.id;
}

/* The document at that very address; id 0: there is none. */
static inline struct import_document
import_document(struct sources_world *s, const char *uri)
{
	struct import_document found = {.id = 0};
	int err;

	err = store_document_find(s->w.reader, import_base_id(s), uri,
	    import_document_take, &found);
	assert_true(err == 0 || err == ERR_NOT_FOUND);
	return found;
}

struct import_source {
	int64_t id;
	bool is_found, is_forgotten, has_secret, is_plain;
};

static inline int
import_share_take(void *arg, const struct share *share)
{
	struct import_source *found = arg;

	found->id = share->source_id;
	return 1;
}

static inline int
import_source_take(void *arg, const struct source *source)
{
	struct import_source *found = arg;

	found->is_found = true;
	found->is_forgotten = source->is_forgotten;
	found->has_secret = source->secret != NULL;
	found->is_plain = source->secret != NULL &&
	    memmem(source->secret, source->secret_len, "SECRET", 6) != NULL;
	return 0;
}

/* The first source of the job, as it is stored. */
static inline struct import_source
import_source(struct sources_world *s, const struct job *job)
{
	struct import_source found = {.id = 0};
	int err;

	assert_int_equal(store_shares_each(s->w.reader, job->id,
			     import_share_take, &found), 1);
	err = store_source_get(s->w.reader, found.id, import_source_take,
	    &found);
	assert_true(err == 0 || err == ERR_NOT_FOUND);
	return found;
}

struct import_item {
	char uri[256], message[256];
	enum item_state state;
	enum item_code code;
};

struct import_items {
	struct import_item list[16];
	size_t count;
};

static inline int
import_item_take(void *arg, const struct item_row *row)
{
	struct import_items *items = arg;
	struct import_item *item = &items->list[items->count++];

	(void)snprintf(item->uri, sizeof(item->uri), "%s", row->uri);
	memcpy(item->message, row->item.message, sizeof(item->message));
	item->state = row->item.state;
	item->code = row->item.code;
	return 0;
}

/* The first items of the job, in their order. */
static inline struct import_items
import_items(struct sources_world *s, const struct job *job)
{
	struct import_items items = {.count = 0};
	struct item_filter filter = {.job_id = job->id, .limit = 16};

	assert_int_equal(store_items_each(s->w.reader, &filter,
			     import_item_take, &items), 0);
	return items;
}

#endif
