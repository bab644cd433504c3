/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking for what a base keeps: a walk over its documents, page by page.
 *
 * The store gives those that may have to be indexed; each is looked at again in
 * the transaction that makes its item, for others may have been quicker.  What
 * the job has an item of already is left out (plan.c), so that a walk that was
 * broken off is simply repeated.  What is put while it goes on is not waited
 * for: the walk ends with the last document that was there when it began.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/member.h"
#include "engine/rule.h"
#include "engine/scan_int.h"
#include "engine/writer.h"
#include "sys/crash.h"

#define KEPT_PAGE 128u

struct kept_page {
	struct scanner *scanner;
	int64_t job_id, last_id;
	int64_t ids[KEPT_PAGE];
	size_t count;
};

/* A document, as far as that decides whether it is indexed now. */
struct kept {
	int64_t id, item_id;
	uint64_t rule;
	bool is_held, is_indexed, has_ended_badly, is_duplicate;
	char *uri, *name, *settings; /* owned */
	struct item_row row;
	uint8_t blob[HASH_SIZE];
};

/* ---- what has to be indexed ---------------------------------------------- */

static void
kept_fini(struct kept *kept)
{
	mem_free(kept->uri);
	mem_free(kept->name);
	mem_free(kept->settings);
}

static int
kept_take(void *arg, const struct document *document)
{
	struct kept *kept = arg;

	kept->item_id = document->item_id;
	kept->rule = document->rule;
	kept->is_held = document->held_us != 0;
	kept->is_indexed = document->revision_id != 0;
	kept->has_ended_badly = document->item_id != 0 &&
	    (document->item_state == ITEM_FAILED ||
		document->item_state == ITEM_CANCELLED);
	kept->is_duplicate = document->revision_id == 0 &&
	    document->item_id != 0 &&
	    document->item_code == ITEM_CODE_DUPLICATE;
	kept->uri = mem_strdup(document->uri);
	kept->name = mem_strdup(document->name);
	kept->settings = mem_strdup(document->settings);
	return kept->uri == NULL || kept->name == NULL ||
		kept->settings == NULL ? ERR_NOMEM : 0;
}

struct kept_rule {
	const struct engine *engine;
	const char *settings;
	uint64_t fingerprint;
};

static int
kept_rule_base(void *arg, const struct base *base)
{
	struct kept_rule *of = arg;
	struct rule rule;

	/* What is not understood counts as another rule: its item will say
	 * what is wrong. */
	of->fingerprint = rule_read(base->settings, NULL, of->settings, &rule,
	    NULL) < 0 ? 0 : rule_fingerprint(of->engine, &rule);
	return 0;
}

/* Is it indexed by another rule than now? */
static int
kept_is_ruled(struct write_tx *tx, const struct engine *engine,
    const struct job *job, const struct kept *kept, bool *ret_is)
{
	struct kept_rule of = {engine, kept->settings, 0};
	int err;

	err = store_base_find(tx_store(tx), 0, &job->base_uuid, NULL,
	    kept_rule_base, &of);
	*ret_is = kept->rule != of.fingerprint;
	return err;
}

static int
kept_is_wanted(struct write_tx *tx, const struct engine *engine,
    const struct job *job, const struct kept *kept, bool *ret_is)
{
	int err;

	*ret_is = kept->is_held || kept->has_ended_badly;
	if (*ret_is || !kept->is_indexed || kept->rule == RULE_EDITED)
		return 0;
	err = kept_is_ruled(tx, engine, job, kept, ret_is);
	if (err == 0 && !*ret_is)
		err = members_are_undone(tx_store(tx), kept->id, ret_is);
	return err;
}

static int
kept_open(void *arg, const struct item_row *row)
{
	bool *is_open = arg;

	(void)row;
	*is_open = true;
	return 0;
}

/* The content of its newest item. */
static int
kept_content(void *arg, const struct item_row *old)
{
	struct kept *kept = arg;
	struct item_row *row = &kept->row;

	row->item.bytes = old->item.bytes;
	row->item.mtime_us = old->item.mtime_us;
	if (old->blob != NULL) {
		memcpy(kept->blob, old->blob, HASH_SIZE);
		row->blob = kept->blob;
	}
	return 0;
}

/* Is the document gone that it was the same as?  Then it is to be found
 * itself.  Of a file in place only reading tells; its folder's runs do. */
static int
kept_is_alone(struct store *store, const struct job *job,
    const struct kept *kept, bool *ret_is)
{
	int64_t other;
	int err;

	if (kept->row.blob == NULL)
		return 0;
	err = store_document_by_hash(store, job->base_id, kept->row.blob,
	    kept->id, &other);
	*ret_is = err == ERR_NOT_FOUND;
	return *ret_is ? 0 : err;
}

/* ---- items --------------------------------------------------------------- */

static int
kept_plan(struct write_tx *tx, const struct engine *engine, struct job *job,
    struct kept *kept)
{
	struct store *store = tx_store(tx);
	bool is_open = false, is_wanted = false;
	int err;

	err = store_document_get(store, kept->id, kept_take, kept);
	/* Left to the job that has it in its hands. */
	if (err == 0)
		err = store_items_of_document(store, kept->id, 1, kept_open,
		    &is_open);
	if (err == 0 && !is_open)
		err = kept_is_wanted(tx, engine, job, kept, &is_wanted);
	if (err == 0 && (is_wanted || kept->is_duplicate))
		err = store_item_get(store, kept->item_id, kept_content,
		    kept);
	if (err == 0 && !is_wanted && !is_open && kept->is_duplicate)
		err = kept_is_alone(store, job, kept, &is_wanted);
	/* Deleted, or its history is gone and its content with it. */
	if (err < 0 || !is_wanted)
		return err == ERR_NOT_FOUND ? 0 : err;
	/* What cannot be read is left as it ended; what is held ends so. */
	if (kept->row.blob == NULL && !kept->is_held &&
	    !kept_may_read(engine, kept->uri))
		return 0;
	kept->row.uri = kept->uri;
	kept->row.name = kept->name;
	return plan_item(tx, job, &kept->row, engine->rule, false);
}

static int
kept_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct kept_page *page = arg;
	struct job *job = tx_job(tx, page->job_id);
	struct kept kept;
	size_t i;
	int err = 0;

	(void)note;
	if (job == NULL || job->cancelled_us != 0)
		return ERR_CANCELLED;
	job->scan = SCAN_RUNNING;
	for (i = 0; err == 0 && i < page->count; i++) {
		memset(&kept, 0, sizeof(kept));
		kept.id = page->ids[i];
		err = kept_plan(tx, page->scanner->engine, job, &kept);
		kept_fini(&kept);
	}
	return err;
}

/* ---- the walk ------------------------------------------------------------ */

static int
kept_row(void *arg, const struct document *document)
{
	struct kept_page *page = arg;

	page->ids[page->count++] = document->id;
	page->last_id = document->id;
	return 0;
}

static int
kept_walk(struct scanner *scanner, const struct job *job)
{
	struct kept_page page = {.scanner = scanner, .job_id = job->id};
	int64_t until_id = 0;
	uint64_t rule;
	size_t n = 0;
	int err;

	err = store_documents_last(scanner->reader, job->base_id, INT64_MAX,
	    &until_id, 1, &n);
	if (err == 0)
		err = rule_of_base(scanner->reader, scanner->engine,
		    &job->base_uuid, &rule);
	do {
		if (atomic_load(&scanner->stop))
			return ERR_CANCELLED;
		page.count = 0;
		if (err == 0)
			err = store_documents_kept(scanner->reader,
			    job->base_id, rule, page.last_id, KEPT_PAGE,
			    kept_row, &page);
		if (err == 0 && page.count > 0)
			err = writer_do_surely(scanner->engine->writer,
			    kept_apply, &page, NULL);
		CRASH_POINT("kept-page");
	} while (err == 0 && page.count == KEPT_PAGE &&
	    page.last_id < until_id);
	return err;
}

int
scan_kept_look(struct scanner *scanner, const struct job *job,
    struct err_note *note)
{
	struct job first;
	int err;

	(void)note;
	if (job->scan >= SCAN_DONE)
		return 0;
	err = store_job_next(scanner->reader, job->base_id, JOB_KIND_KEPT, 0,
	    &first);
	/* Its end wakes this one (kept.c). */
	if (err == 0 && first.id < job->id)
		return 0;
	if (err == 0)
		err = kept_walk(scanner, job);
	return err < 0 ? err : scan_end(scanner, job->id, 0, NULL);
}
