/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planning items: what of a job is new to it, which document it is, and what
 * can be said of it at first sight.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "engine/engine_int.h"
#include "engine/member.h"
#include "engine/writer.h"
#include "store/store_undo.h"

struct first_look {
	const struct item_row *row;
	uint64_t rule;
	int64_t document_id; /* 0: there is none yet */
	uint64_t bytes;
	int64_t mtime_us;
	int64_t source_id;
	/* What a change of metadata alone leaves as it is. */
	int64_t disabled_us;
	char disabled_by[sizeof(((struct api_key *)NULL)->label)];
	bool is_archived;
	bool is_same;
};

/* What a source says of its content in so many words goes before its time;
 * then it may say nothing of its size. */
static bool
is_same_file(const struct item_row *row, const struct document *document)
{
	const struct item *item = &row->item;

	if (row->etag != NULL && row->etag[0] != '\0')
		return strcmp(row->etag, document->etag) == 0 &&
		    (item->bytes == 0 || item->bytes == document->bytes);
	return document->bytes == item->bytes &&
	    document->mtime_us == item->mtime_us && item->mtime_us != 0;
}

static int
first_look_document(void *arg, const struct document *document)
{
	struct first_look *look = arg;

	look->document_id = document->id;
	look->bytes = document->bytes;
	look->mtime_us = document->mtime_us;
	look->source_id = document->source_id;
	look->disabled_us = document->disabled_us;
	(void)snprintf(look->disabled_by, sizeof(look->disabled_by), "%s",
	    document->disabled_by == NULL ? "" : document->disabled_by);
	look->is_archived = document->is_archived;
	/* With a rule of its own its item has to tell (open.c). */
	look->is_same = document->revision_id != 0 &&
	    strcmp(document->settings, "{}") == 0 &&
	    document->rule == look->rule &&
	    is_same_file(look->row, document);
	return 0;
}

bool
plan_code_lasts(enum item_code code)
{
	switch (code) {
	case ITEM_CODE_UNSUPPORTED_FILE_TYPE:
	case ITEM_CODE_EXTRACTION_FAILED:
	case ITEM_CODE_EXTRACTION_LIMIT:
	case ITEM_CODE_ENCRYPTED_DOCUMENT:
	case ITEM_CODE_EMPTY_CONTENT:
	case ITEM_CODE_NO_TEXT:
	case ITEM_CODE_STILL_UNREADABLE:
		return true;
	default: /* the next try may end otherwise */
		return false;
	}
}

static bool
is_last_content(const struct item_row *row, const struct document_last *last)
{
	const struct item *item = &row->item;

	if (row->etag != NULL && row->etag[0] != '\0')
		return strcmp(row->etag, last->etag) == 0 &&
		    (item->bytes == 0 || item->bytes == last->bytes);
	return last->bytes == item->bytes &&
	    last->mtime_us == item->mtime_us && item->mtime_us != 0;
}

/*
 * The content and the rule are those that a run before could do nothing with:
 * so it is said again, without reading all of it again.  Who wants it tried
 * all the same retries the job that failed.
 */
static int
plan_still_unread(struct write_tx *tx, struct item_row *row,
    const struct first_look *look)
{
	struct item *item = &row->item;
	struct document_last last;
	int err;

	err = store_document_last(tx_store(tx), look->document_id, &last);
	if (err < 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	if (last.unread_rule != look->rule || !plan_code_lasts(last.code) ||
	    !is_last_content(row, &last))
		return 0;
	item->code = last.code;
	(void)snprintf(item->message, sizeof(item->message), "%s",
	    last.message);
	if (last.code != ITEM_CODE_UNSUPPORTED_FILE_TYPE &&
	    last.code != ITEM_CODE_EMPTY_CONTENT)
		item->code = ITEM_CODE_STILL_UNREADABLE;
	return 0;
}

/* The job came across a document that is there, perhaps with metadata for
 * it. */
static int
plan_again(struct write_tx *tx, const struct job *job,
    const struct item_row *row, const struct first_look *look)
{
	struct document_change change = {.metadata = row->metadata,
	    .disabled_us = look->disabled_us,
	    .disabled_by = look->disabled_by,
	    .is_archived = look->is_archived};
	int err;

	err = store_document_touch(tx_store(tx), look->document_id,
	    look->bytes, look->mtime_us, job->id);
	if (err == 0 && row->metadata != NULL)
		err = store_document_change(tx_store(tx), look->document_id,
		    &change, tx_now_us(tx));
	return err;
}

static int
plan_replace(struct write_tx *tx, const struct job *job, int64_t document_id)
{
	int err;

	err = document_items_cancel(tx, document_id, job->id,
	    "what it is in was read again, with another document in its "
	    "place");
	if (err == 0)
		err = store_revision_abandon(tx_store(tx), document_id);
	return err;
}

/*
 * Has the job an item of it already?  It is not for document.seen_job to say:
 * that may be another job's by now.  A file may have become readable, or
 * unreadable, since a walk that was broken off came by.
 */
static int
look_for_item(struct write_tx *tx, const struct job *job,
    struct first_look *look, bool *ret_is_seen)
{
	struct store *store = tx_store(tx);
	const struct item_row *row = look->row;
	uint8_t blob[HASH_SIZE];
	int err;

	err = store_document_find(store, job->base_id, row->uri,
	    first_look_document, look);
	if (err == 0)
		err = store_item_of_document(store, job->id,
		    look->document_id, ret_is_seen, blob);
	/* What a member is in was changed since it was read before, in the
	 * same job: those bytes must not be the last word. */
	if (err == 0 && *ret_is_seen && row->item.parent_id != 0 &&
	    row->blob != NULL && memcmp(blob, row->blob, HASH_SIZE) != 0) {
		*ret_is_seen = false;
		return plan_replace(tx, job, look->document_id);
	}
	if ((err == 0 && !*ret_is_seen) || err == ERR_NOT_FOUND)
		err = store_item_unread(store, job->id, look->row->uri,
		    ret_is_seen);
	return err;
}

int
plan_note(struct write_tx *tx, const struct job *job, int64_t document_id,
    int64_t root_id, bool is_made)
{
	if (!job->keeps_replaced)
		return 0;
	return store_replaced_note(tx_store(tx), job->id, document_id,
	    root_id != 0 ? root_id : document_id, is_made);
}

/* What is unchanged, and is given no metadata, stays as it is. */
static int
plan_note_old(struct write_tx *tx, const struct job *job,
    const struct item_row *row, const struct first_look *look)
{
	return look->document_id == 0 ||
		(row->metadata == NULL && row->item.code != ITEM_CODE_NONE)
	    ? 0
	    : plan_note(tx, job, look->document_id, row->item.root_id, false);
}

/* The document is what the job makes of it before its content. */
static int
plan_note_new(struct write_tx *tx, const struct job *job,
    const struct item_row *row, const struct first_look *look)
{
	const struct item *item = &row->item;
	int err;

	if (!job->keeps_replaced)
		return 0;
	if (look->document_id == 0)
		return plan_note(tx, job, item->document_id, item->root_id,
		    true);
	err = store_replaced_settle(tx_store(tx), job->id, item->document_id);
	if (err == 0 && item->code != ITEM_CODE_NONE)
		err = store_replaced_drop_idle(tx_store(tx), job->id,
		    item->document_id);
	return err;
}

/* Documents are only made for what can be read, and for members: what an
 * archive lists is there, and belongs to it. */
static int
plan_document(struct write_tx *tx, struct job *job, struct item_row *row,
    const struct first_look *look, bool is_first_look)
{
	struct item *item = &row->item;
	bool are_undone = false;
	int err = 0;

	if (item->code != ITEM_CODE_NONE && item->parent_id == 0)
		return 0;
	if (look->is_same && is_first_look)
		err = members_are_undone(tx_store(tx), look->document_id,
		    &are_undone);
	if (err < 0)
		return err;
	if (look->is_same && is_first_look && !are_undone)
		item->code = ITEM_CODE_UNCHANGED;
	if (!look->is_same && is_first_look && look->document_id != 0)
		err = plan_still_unread(tx, row, look);
	if (err == 0)
		err = plan_note_old(tx, job, row, look);
	if (err < 0)
		return err;
	if (look->document_id != 0) {
		item->document_id = look->document_id;
		err = plan_again(tx, job, row, look);
	} else {
		err = store_document_put(tx_store(tx), job->base_id, row->uri,
		    row->name, row->metadata == NULL ? "{}" : row->metadata,
		    job->id, item->parent_id, tx_now_us(tx),
		    &item->document_id);
	}
	/* Two sources may lead to the same document: the last one has it. */
	if (err == 0 && item->source_id != 0 &&
	    item->source_id != look->source_id)
		err = store_document_origin(tx_store(tx), item->document_id,
		    item->source_id);
	return err < 0 ? err : plan_note_new(tx, job, row, look);
}

static void
plan_end(struct item *item, int64_t now_us)
{
	static const enum item_state ends[ITEM_CODE_COUNT] = {
#define ITEM_CODE(name, value, to, text, advice) [ITEM_CODE_##name] = ITEM_##to,
#include "model/item_code_tbl.h"
	};

	if (item->code == ITEM_CODE_NONE)
		return;
	if (item->message[0] == '\0')
		(void)snprintf(item->message, sizeof(item->message), "%s",
		    item_code_text(item->code));
	item_move(item, ends[item->code], now_us);
}

int
plan_item_add(struct write_tx *tx, struct job *job, struct item_row *row)
{
	struct item *item = &row->item;
	int err;

	if (row->metadata == NULL)
		row->metadata = "{}";
	item->job_id = job->id;
	item->seq = (uint32_t)job->counts.total + 1;
	item->state = ITEM_QUEUED;
	item->attempt = 1;
	item->queued_us = tx_now_us(tx);
	item->updated_us = tx_now_us(tx);
	plan_end(item, tx_now_us(tx));
	item->rev = store_next_rev(tx_store(tx));
	err = store_item_add(tx_store(tx), row, &item->id);
	return err < 0 ? err : tx_count(tx, job, NULL, item);
}

int
plan_item(struct write_tx *tx, struct job *job, struct item_row *row,
    uint64_t rule, bool is_first_look)
{
	struct first_look look = {.row = row, .rule = rule};
	bool is_seen = false;
	int err;

	err = look_for_item(tx, job, &look, &is_seen);
	if (err < 0 || is_seen)
		return err;
	err = plan_document(tx, job, row, &look, is_first_look);
	return err < 0 ? err : plan_item_add(tx, job, row);
}
