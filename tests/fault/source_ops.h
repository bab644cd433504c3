/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source_ops: operations on sources and what belongs to them.  Included by
 * store_faults_test.c behind its world and the callbacks of documents.
 */
#ifndef TESTS_FAULT_SOURCE_OPS_H
#define TESTS_FAULT_SOURCE_OPS_H

#include "store/store_source.h"

static int
on_source(void *arg, const struct source *source)
{
	struct world *w = arg;

	(void)source;
	w->rows++;
	return 0;
}

static int
do_sources(struct world *w)
{
	struct source source = {.uuid = uuid_new(w), .base_id = w->base_id,
	    .kind = SOURCE_UPLOAD, .name = "n", .secret = "s",
	    .secret_len = 1, .config = "{\"key\":\"k\"}", .settings = "{}"};
	const char *name = name_new(w);
	uint64_t count;
	int64_t id;
	int err;

	err = store_source_add(w->store, &source, &source.id);
	if (err == 0)
		err = store_source_save(w->store, &source);
	if (err == 0)
		err = store_source_find(w->store, w->base_id, &source.uuid,
		    on_source, w);
	if (err == 0)
		err = store_sources_page(w->store, w->base_id, 0, 10,
		    on_source, w);
	if (err == 0)
		err = store_sources_count(w->store, w->base_id, &count);
	if (err == 0)
		err = store_document_put(w->store, w->base_id, name, name,
		    "{}", 0, 0, NOW, &id);
	if (err == 0)
		err = store_document_origin(w->store, id, source.id);
	if (err == 0)
		err = store_document_retag(w->store, id, 1);
	if (err == 0)
		err = store_source_documents(w->store, source.id, 1, 0, 10,
		    on_document, w);
	if (err == 0)
		err = store_document_delete(w->store, id);
	return err == 0 ? store_source_delete(w->store, source.id) : err;
}

static int
on_share(void *arg, const struct share *share)
{
	struct world *w = arg;

	(void)share;
	w->rows++;
	return 0;
}

static int
do_shares(struct world *w)
{
	struct share share, found;
	int err;

	memset(&share, 0, sizeof(share));
	share.job_id = w->job.id;
	share.source_id = ++w->made;
	share.source_uuid = uuid_new(w);
	err = store_share_save(w->store, &share);
	share.removed = 1;
	if (err == 0)
		err = store_share_save(w->store, &share);
	if (err == 0)
		err = store_share_get(w->store, share.job_id,
		    share.source_id, &found);
	if (err == 0)
		err = store_share_newest(w->store, share.source_id, &found);
	return err == 0 ? store_shares_each(w->store, w->job.id, on_share, w)
			: err;
}

static int
on_schedule(void *arg, const struct schedule *schedule)
{
	struct world *w = arg;

	(void)schedule;
	w->rows++;
	return 0;
}

static int
do_schedules(struct world *w)
{
	struct schedule schedule = {.uuid = uuid_new(w),
	    .base_id = w->base_id, .dialect = DIALECT_NATIVE,
	    .is_active = true, .next_us = NOW};
	struct schedule found;
	int64_t next;
	int err;

	err = store_schedule_add(w->store, &schedule, &schedule.id);
	if (err == 0)
		err = store_schedule_save(w->store, &schedule);
	if (err == 0)
		err = store_schedule_find(w->store, w->account_id,
		    &schedule.uuid, &found);
	if (err == 0)
		err = store_schedule_of_base(w->store, w->base_id, &found);
	if (err == 0)
		err = store_schedules_due(w->store, NOW, on_schedule, w);
	if (err == 0)
		err = store_schedule_next(w->store, &next);
	return err == 0 ? store_schedule_delete(w->store, schedule.id) : err;
}

static int
on_object(void *arg, const struct object *object)
{
	struct world *w = arg;

	(void)object;
	w->rows++;
	return 0;
}

static int
do_objects(struct world *w)
{
	struct object object = {.account_id = w->account_id,
	    .key = name_new(w), .name = "n"};
	bool is_more = true;
	int err;

	err = store_object_put(w->store, &object);
	object.bytes = 1;
	if (err == 0)
		err = store_object_put(w->store, &object);
	if (err == 0)
		err = store_object_get(w->store, w->account_id, object.key,
		    on_object, w);
	while (err == 0 && is_more)
		err = store_objects_collect(w->store, NOW, 10, &is_more);
	return err;
}

#endif
