/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo_ops: what the store does for a job that is undone.  Included by
 * store_faults_test.c behind its world and what publishes documents.
 */
#ifndef TESTS_FAULT_UNDO_OPS_H
#define TESTS_FAULT_UNDO_OPS_H

#include "store/store_undo.h"

static int
undo_rows(struct world *w, const struct job *job)
{
	struct replaced replaced;
	bool is_changed;
	int err;

	for (;;) {
		err = store_replaced_next(w->store, job->id, &replaced);
		if (err < 0)
			return err == ERR_NOT_FOUND ? 0 : err;
		err = store_replaced_tree_is_changed(w->store, job->id,
		    replaced.root_id, &is_changed);
		if (err == 0)
			err = store_replaced_restore(w->store, job->id,
			    &replaced, NOW);
		if (err < 0)
			return err;
	}
}

static int
on_undone(void *arg, const struct undone *undone)
{
	(void)arg;
	(void)undone;
	return 0;
}

/* Another revision of it, that a job publishes. */
static int
publish_over(struct world *w, int64_t document_id, const struct job *job)
{
	struct revision revision = {.base_id = w->base_id, .rule = 8,
	    .title = "t", .media_type = "text/plain", .language = "en",
	    .summary = "s", .keyphrases = "[]", .has_vectors = true,
	    .document_id = document_id, .keeper = job->id};
	int err;

	err = store_revision_add(w->store, &revision, &revision.id);
	if (err == 0)
		err = segments_add(w, &revision, "slack", 0);
	revision.segments = revision.stored = SEGMENTS;
	return err < 0 ? err : store_revision_publish(w->store, &revision,
				   NOW);
}

static int
do_undo(struct world *w)
{
	struct document_change change = {.name = "other"};
	int64_t kept = w->document_id, id;
	struct job job;
	bool is_left;
	int err;

	err = do_publish(w);
	id = w->document_id;
	w->document_id = kept;
	if (err == 0)
		err = job_add(w, &job);
	if (err == 0)
		err = store_replaced_note(w->store, job.id, id, id, false);
	if (err == 0)
		err = store_document_change(w->store, id, &change, NOW);
	if (err == 0)
		err = store_replaced_settle(w->store, job.id, id);
	if (err == 0)
		err = publish_over(w, id, &job);
	if (err == 0)
		err = store_document_remove(w->store, job.id, id, id);
	if (err == 0)
		err = undo_rows(w, &job);
	if (err == 0)
		err = store_undone_each(w->store, job.id, on_undone, w);
	if (err == 0)
		err = store_kept_end(w->store, job.id, 10, &is_left);
	return err;
}

#endif
