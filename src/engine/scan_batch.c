/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of what a scan finds, on their way to be items.  Each page is one
 * operation of the writer: it can be applied again after a rollback, and what
 * the job has an item of already is left out, so that a scan that is repeated
 * goes on where it was broken off.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/rule.h"
#include "engine/scan_int.h"
#include "engine/writer.h"
#include "model/source.h"
#include "sys/crash.h"

struct scan *
scan_new(struct scanner *scanner, const struct job *job, int64_t source_id,
    struct scan_wish *wish)
{
	struct scan *scan;

	scan = mem_zalloc(sizeof(*scan));
	if (scan == NULL)
		return NULL;
	scan->scanner = scanner;
	scan->job_id = job->id;
	scan->source_id = source_id;
	scan->wish = wish;
	scan->left = UINT64_MAX;
	return scan;
}

static void
found_fini(struct found *found)
{
	mem_free(found->uri);
	mem_free(found->name);
	mem_free(found->etag);
	engine_upload_free(found->upload);
	memset(found, 0, sizeof(*found));
}

static void
scan_clear(struct scan *scan)
{
	size_t i;

	for (i = 0; i < scan->count; i++)
		found_fini(&scan->found[i]);
	scan->count = 0;
}

void
scan_free(struct scan *scan)
{
	if (scan == NULL)
		return;
	scan_clear(scan);
	mem_free(scan);
}

static int
touch_document(void *arg, const struct document *document)
{
	struct document *found = arg;

	found->id = document->id;
	found->bytes = document->bytes;
	found->mtime_us = document->mtime_us;
	return 0;
}

/* What cannot be read this time has not vanished, unless that is what its
 * source says of it. */
static int
found_is_there(struct write_tx *tx, const struct job *job,
    const struct found *found)
{
	struct document document = {.id = 0};
	int err;

	if (found->code == ITEM_CODE_NONE ||
	    found->code == ITEM_CODE_SOURCE_NOT_FOUND)
		return 0;
	err = store_document_find(tx_store(tx), job->base_id, found->uri,
	    touch_document, &document);
	if (err == 0)
		err = store_document_touch(tx_store(tx), document.id,
		    document.bytes, document.mtime_us, job->id);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int
found_apply(struct write_tx *tx, const struct scan *scan, struct job *job,
    const struct found *found, uint64_t rule)
{
	const struct scan_wish *wish = scan->wish;
	struct item_row row;
	int err = 0;

	memset(&row, 0, sizeof(row));
	row.uri = found->uri;
	row.name = found->name;
	row.etag = found->etag;
	row.metadata = wish == NULL ? NULL : wish->metadata;
	row.blob = found->has_blob ? found->blob : NULL;
	row.item.source_id = scan->source_id;
	row.item.bytes = found->bytes;
	row.item.mtime_us = found->mtime_us;
	row.item.code = found->code;
	memcpy(row.item.message, found->message, sizeof(found->message));
	if (found->upload != NULL)
		err = upload_put(found->upload, tx_store(tx));
	if (err == 0)
		err = plan_item(tx, job, &row, rule,
		    wish == NULL || !wish->is_forced);
	if (err == 0 && scan->source_id != 0)
		err = found_is_there(tx, job, found);
	return err;
}

static int
scan_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct scan *scan = arg;
	struct job *job = tx_job(tx, scan->job_id);
	struct share *share = NULL;
	uint64_t rule, total;
	size_t i;
	int err;

	(void)note;
	if (job == NULL || job->cancelled_us != 0)
		return ERR_CANCELLED;
	job->scan = SCAN_RUNNING;
	if (scan->source_id != 0) {
		share = tx_share(tx, job->id, scan->source_id);
		if (share == NULL)
			return ERR_CANCELLED;
		share->scan = SCAN_RUNNING;
	}
	err = rule_of_source(tx_store(tx), scan->scanner->engine,
	    &job->base_uuid, scan->source_id, &rule);
	scan->left = scan->wish == NULL ? UINT64_MAX : scan->wish->left;
	for (i = 0; err == 0 && i < scan->count && scan->left > 0; i++) {
		total = job->counts.total;
		err = found_apply(tx, scan, job, &scan->found[i], rule);
		scan->left -= job->counts.total != total;
	}
	return err;
}

/* Contents that came with the listing are durable before their items are. */
static int
scan_store(struct scan *scan)
{
	struct upload *uploads[SCAN_BATCH];
	size_t i, count = 0;

	for (i = 0; i < scan->count; i++)
		if (scan->found[i].upload != NULL)
			uploads[count++] = scan->found[i].upload;
	return count == 0 ? 0 : uploads_store(uploads, count, NULL);
}

int
scan_flush(struct scan *scan)
{
	int err;

	if (scan->count == 0)
		return 0;
	err = scan_store(scan);
	if (err == 0)
		err = writer_do_surely(scan->scanner->engine->writer,
		    scan_apply, scan, NULL);
	if (err == 0 && scan->wish != NULL)
		scan->wish->left = scan->left;
	scan_clear(scan);
	CRASH_POINT("scan");
	return err;
}

int
scan_put(struct scan *scan, struct found *found)
{
	int err = 0;

	if (scan->count == SCAN_BATCH)
		err = scan_flush(scan);
	if (err < 0) {
		found_fini(found);
		return err;
	}
	scan->found[scan->count++] = *found;
	memset(found, 0, sizeof(*found));
	/* Those that the job has already do not count: it may go on. */
	if (scan->wish != NULL && scan->count >= scan->wish->left)
		err = scan_flush(scan);
	return err == 0 && scan_is_full(scan) ? ERR_CANCELLED : err;
}

bool
scan_is_full(const struct scan *scan)
{
	return scan->wish != NULL && scan->wish->left == 0;
}
