/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job over sources: its shares, in the order of their sources.
 *
 * Each share is begun, listed page by page, freed of what has vanished when
 * the listing came to its end, and ended; a restart begins again with the
 * first one that has not ended.  What a listing finds twice (after a restart,
 * or a trouble) the job has an item of already.
 *
 * A source that cannot be listed ends its share with a code and a sentence,
 * and the job goes on with the next one.  Trouble that may pass is waited out
 * first.  What the machine itself lacks is nobody's fault: the job is put
 * down and looked at again.
 *
 * Addresses: "#source=UUID" is put behind what the listing calls a document,
 * so that two sources of a base over the same bucket or site have documents of
 * their own.  Were they shared, each run of one would take them from the
 * other, cut them by its own rule, and deleting it would delete what the other
 * still lists.  As a fragment it leaves the address one that can be opened, and
 * it can be cut off again: no address of a listing has one.  What a job finds
 * in sources of its own has the listing's address alone: no source is kept that
 * it could belong to, and the next such job is to find the same document.  For
 * the same reason nothing vanishes from there.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/scan_int.h"
#include "engine/scan_source.h"
#include "engine/source_copy.h"
#include "engine/writer.h"

/* ---- entries ------------------------------------------------------------- */

int
source_uri(const char *uri, const struct source *source, struct buf *out)
{
	char id[UUID_TEXT_SIZE];

	if (source->job_id != 0)
		return buf_puts(out, uri);
	uuid_format(&source->uuid, id);
	return buf_printf(out, "%s#source=%s", uri, id);
}

size_t
source_uri_len(const char *uri)
{
	return strcspn(uri, "#");
}

int
listing_found(struct listing *listing, const struct remote_entry *entry,
    struct found *found)
{
	struct buf uri;
	int err;

	listing->has_any = true;
	*found = (struct found){.bytes = entry->bytes,
	    .mtime_us = entry->mtime_us, .code = entry->code};
	buf_init(&uri, SOURCE_URI_BYTES_MAX);
	err = source_uri(entry->uri, &listing->source->row, &uri);
	found->uri = err < 0 ? NULL : buf_take(&uri);
	buf_fini(&uri);
	found->name = mem_strdup(entry->name);
	found->etag = mem_strdup(entry->etag);
	if (found->uri == NULL || found->name == NULL || found->etag == NULL) {
		mem_free(found->uri);
		mem_free(found->name);
		mem_free(found->etag);
		return err < 0 ? err : ERR_NOMEM;
	}
	if (entry->code != ITEM_CODE_NONE && entry->message != NULL)
		(void)snprintf(found->message, sizeof(found->message), "%s",
		    entry->message);
	return 0;
}

/* ---- what has vanished --------------------------------------------------- */

struct unseen {
	int64_t job_id, source_id;
	int64_t ids[UNSEEN_PAGE];
	size_t count;
};

static int
unseen_row(void *arg, const struct document *document)
{
	struct unseen *unseen = arg;

	unseen->ids[unseen->count++] = document->id;
	return 0;
}

/* Another job may have come across it after this one did, which is all that
 * the document remembers. */
static int
unseen_drop(struct write_tx *tx, const struct job *job, int64_t document_id,
    uint64_t *count)
{
	bool is_seen = false;
	int err;

	err = store_item_of_document(tx_store(tx), job->id, document_id,
	    &is_seen, NULL);
	if (err == 0 && !is_seen)
		err = document_drop_for(tx, job, document_id, count);
	return err == ERR_NOT_FOUND ? 0 : err; /* deleted meanwhile */
}

static int
unseen_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct unseen *unseen = arg;
	struct job *job = tx_job(tx, unseen->job_id);
	struct share *share;
	uint64_t count = 0;
	size_t i;
	int err = 0;

	(void)note;
	if (job == NULL || job->cancelled_us != 0)
		return ERR_CANCELLED;
	share = tx_share(tx, unseen->job_id, unseen->source_id);
	if (share == NULL)
		return ERR_CANCELLED;
	for (i = 0; err == 0 && i < unseen->count; i++)
		err = unseen_drop(tx, job, unseen->ids[i], &count);
	job->removed += count;
	share->removed += count;
	return err;
}

static int
remove_unseen(struct listing *listing)
{
	struct scanner *scanner = listing->scan->scanner;
	struct unseen unseen = {.job_id = listing->job->id,
	    .source_id = listing->source->row.id};
	int64_t last_id = 0;
	int err;

	do {
		unseen.count = 0;
		err = store_source_documents(scanner->reader,
		    unseen.source_id, unseen.job_id, last_id, UNSEEN_PAGE,
		    unseen_row, &unseen);
		if (err == 0 && unseen.count > 0) {
			last_id = unseen.ids[unseen.count - 1];
			err = writer_do_surely(scanner->engine->writer,
			    unseen_apply, &unseen, NULL);
		}
	} while (err == 0 && unseen.count == UNSEEN_PAGE &&
	    !atomic_load(&scanner->stop));
	if (err == 0 && atomic_load(&scanner->stop))
		err = ERR_CANCELLED;
	janitor_wake(scanner->engine->janitor);
	return err;
}

/* ---- one share ----------------------------------------------------------- */

struct share_end {
	int64_t job_id, source_id;
	enum scan_state scan;
	enum item_code code;
	char message[256];
};

static int
share_end_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct share_end *end = arg;
	struct job *job = tx_job(tx, end->job_id);
	struct share *share;

	(void)note;
	if (job == NULL || job->cancelled_us != 0)
		return ERR_CANCELLED;
	share = tx_share(tx, end->job_id, end->source_id);
	if (share == NULL)
		return ERR_CANCELLED;
	job->scan = SCAN_RUNNING;
	share->scan = end->scan;
	if (end->code == ITEM_CODE_NONE)
		return 0;
	share->code = end->code;
	memcpy(share->message, end->message, sizeof(share->message));
	/* The first one speaks for all. */
	if (job->code == ITEM_CODE_NONE) {
		job->code = end->code;
		memcpy(job->message, end->message, sizeof(job->message));
	}
	return 0;
}

static int
share_set(struct scanner *scanner, const struct job *job, int64_t source_id,
    enum scan_state scan)
{
	struct share_end end = {.job_id = job->id, .source_id = source_id,
	    .scan = scan};

	return writer_do_surely(scanner->engine->writer, share_end_apply, &end,
	    NULL);
}

static int
share_fail(struct scanner *scanner, const struct job *job, int64_t source_id,
    enum item_code code, const char *words)
{
	struct share_end end = {.job_id = job->id, .source_id = source_id,
	    .scan = SCAN_FAILED, .code = code};

	(void)snprintf(end.message, sizeof(end.message), "%s", words);
	return writer_do_surely(scanner->engine->writer, share_end_apply, &end,
	    NULL);
}

static int
listing_run(struct listing *listing, struct err_note *note)
{
	int err = ERR_INTERNAL;

	switch (listing->source->row.kind) {
	case SOURCE_UPLOAD:
		err = upload_source_list(listing, note);
		break;
	case SOURCE_S3:
		err = s3_source_list(listing, note);
		break;
	case SOURCE_WEB:
		err = web_source_list(listing, note);
		break;
	case SOURCE_LINKS:
		err = links_source_list(listing, note);
		break;
	case SOURCE_ABSENT:
		err = err_set(note, ERR_UNSUPPORTED, "%s",
		    listing->source->config.message);
		break;
	case SOURCE_KIND_COUNT:
		break;
	}
	return err < 0 ? err : scan_flush(listing->scan);
}

/* The other side is out of order, and may be well again in a moment. */
static bool
is_passing(int err)
{
	return err == ERR_BUSY || err == ERR_UPSTREAM || err == ERR_TIMEOUT ||
	    err == ERR_CLOSED;
}

/* Not a matter of the source: the machine, the store, or the job's end. */
static bool
is_our_own(int err)
{
	return err == ERR_CANCELLED || err == ERR_NOMEM || err == ERR_IO ||
	    err == ERR_STORAGE_FULL || err == ERR_CORRUPT ||
	    err == ERR_CONFLICT || err == ERR_INTERNAL;
}

static int
listing_run_patiently(struct listing *listing, struct err_note *note)
{
	struct scanner *scanner = listing->scan->scanner;
	int64_t pause_us = SCAN_RETRY_US;
	unsigned tries;
	int err;

	for (tries = 1;; tries++) {
		listing->is_partial = false;
		err = listing_run(listing, note);
		if (!is_passing(err) || tries == SCAN_TRIES)
			return err;
		scanner_rest(scanner, pause_us, true);
		if (atomic_load(&scanner->stop))
			return ERR_CANCELLED;
		pause_us *= 2;
	}
}

static int
share_list(struct scanner *scanner, const struct job *job,
    const struct source_copy *source, struct scan_wish *wish,
    struct err_note *note)
{
	struct listing listing = {.source = source, .job = job};
	int err = 0;

	listing.scan = scan_new(scanner, job, source->row.id, wish);
	if (listing.scan == NULL)
		return ERR_NOMEM;
	if (!scan_is_full(listing.scan))
		err = listing_run_patiently(&listing, note);
	/* All that is wanted was found, which is no failure. */
	if (err == ERR_CANCELLED && scan_is_full(listing.scan))
		err = 0;
	if (err == 0 && !listing.is_partial && source->row.job_id == 0)
		err = remove_unseen(&listing);
	scan_free(listing.scan);
	return err;
}

static enum item_code
share_code(const struct source_copy *source, int err)
{
	return source->row.kind == SOURCE_ABSENT
	    ? ITEM_CODE_UNSUPPORTED_SOURCE
	    : scan_code_of(err);
}

static int
share_scan(struct scanner *scanner, const struct job *job,
    const struct share *share, struct scan_wish *wish)
{
	struct err_note note = {""};
	struct source_copy source;
	int err;

	err = source_copy_get(scanner->reader, share->source_id, &source);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT) {
		(void)err_set(&note, err, "the source cannot be read: %s",
		    err_text(err));
		return share_fail(scanner, job, share->source_id,
		    scan_code_of(err), note.text);
	}
	if (err < 0)
		return err;
	err = share_set(scanner, job, share->source_id, SCAN_RUNNING);
	if (err == 0)
		err = share_list(scanner, job, &source, wish, &note);
	if (err == 0)
		err = share_set(scanner, job, share->source_id, SCAN_DONE);
	else if (!is_our_own(err))
		err = share_fail(scanner, job, share->source_id,
		    share_code(&source, err), err_words(&note, err));
	source_copy_fini(&source);
	return err;
}

/* ---- all of them --------------------------------------------------------- */

/* The first share behind after_id that has not ended. */
struct next_share {
	int64_t after_id;
	struct share share;
	bool is_found;
};

static int
next_row(void *arg, const struct share *share)
{
	struct next_share *next = arg;

	if (share->source_id <= next->after_id || share->scan >= SCAN_DONE)
		return 0;
	next->share = *share;
	next->is_found = true;
	return 1; /* enough */
}

struct scan_sum {
	unsigned count, failed;
};

static int
sum_row(void *arg, const struct share *share)
{
	struct scan_sum *sum = arg;

	sum->count++;
	sum->failed += share->scan == SCAN_FAILED;
	return 0;
}

/* All shares are stored: each was a commit before this one. */
static int
sources_end_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const int64_t *job_id = arg;
	struct job *job = tx_job(tx, *job_id);
	struct scan_sum sum = {.count = 0};
	int err;

	(void)note;
	if (job == NULL || job->cancelled_us != 0)
		return ERR_CANCELLED;
	err = store_shares_each(tx_store(tx), *job_id, sum_row, &sum);
	if (err < 0)
		return err;
	job->scan = SCAN_DONE;
	/* Nothing at all could be looked at. */
	if (sum.failed == sum.count && job->counts.total == 0) {
		job->scan = SCAN_FAILED;
		job->is_finalized = true;
	}
	return 0;
}

static int
shares_scan(struct scanner *scanner, const struct job *job,
    struct scan_wish *wish)
{
	struct next_share next = {.after_id = 0};
	int err;

	do {
		next.is_found = false;
		err = store_shares_each(scanner->reader, job->id, next_row,
		    &next);
		if (err < 0 || !next.is_found)
			return err < 0 ? err : 0;
		next.after_id = next.share.source_id;
		err = share_scan(scanner, job, &next.share, wish);
	} while (err >= 0);
	return err;
}

int
scan_sources_look(struct scanner *scanner, const struct job *job,
    struct err_note *note)
{
	struct scan_wish wish = {.left = UINT64_MAX};
	bool has_wish = job->kind == JOB_KIND_IMPORT;
	int64_t job_id = job->id;
	int err = 0;

	(void)note;
	if (job->scan >= SCAN_DONE)
		return 0;
	if (has_wish)
		err = import_wish(scanner->reader, job_id, &wish);
	if (err == 0)
		err = shares_scan(scanner, job, has_wish ? &wish : NULL);
	mem_free(wish.metadata);
	if (err < 0)
		return err;
	return writer_do_surely(scanner->engine->writer, sources_end_apply,
	    &job_id, NULL);
}
