/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each operation owns what it will write, so that it can be applied again
 * after a rollback.  The worker does not wait for the commit: it goes on with
 * its next item, and the queue's size holds it back.
 */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/member.h"
#include "engine/outcome.h"
#include "engine/run.h"
#include "model/source.h"
#include "store/store_model.h"
#include "store/store_source.h"
#include "store/store_undo.h"

enum outcome_kind { OUTCOME_BATCH, OUTCOME_MEMBERS, OUTCOME_PUBLISH,
	OUTCOME_END, OUTCOME_UNCHANGED };

struct outcome {
	struct write_op op; /* first: see outcome_done */
	enum outcome_kind kind;
	struct engine *engine;
	struct run *run;
	struct segment_batch *batch;
	struct member_batch *members;
	struct published what;
	enum item_code code;
	char message[256];
	struct item result; /* as it was staged */
	uint64_t tokens; /* counted for the item since the last one */
	bool is_outdated; /* the base answers by another embedder meanwhile */
};

static void
outcome_free(struct outcome *outcome)
{
	segment_batch_free(outcome->batch);
	member_batch_free(outcome->members);
	mem_free(outcome->what.keyphrases);
	mem_free(outcome->what.properties);
	run_unref(outcome->run);
	mem_free(outcome);
}

void
outcome_count(struct engine *engine, const struct item *item)
{
	if (item->state == ITEM_COMPLETED)
		atomic_fetch_add(&engine->counters.bytes, item->bytes);
	else if (item->state == ITEM_FAILED)
		outcome_log(engine, LOG_DEBUG, "an item has failed", item,
		    item->message);
}

/* Does it go on where an earlier one stopped? */
static bool
is_continued(const struct outcome *outcome)
{
	const struct segment_batch *batch = outcome->batch;

	return batch != NULL &&
	    (outcome->kind == OUTCOME_BATCH || batch->count == 0 ||
		batch->segments[0].ordinal > 0);
}

static void
outcome_done(struct write_op *op, int err, const struct err_note *note)
{
	struct outcome *outcome = (struct outcome *)op;
	struct item item;

	if (err == ERR_CONFLICT)
		run_refused(outcome->run);
	if (err == 0) {
		run_committed(outcome->run);
		outcome_count(outcome->engine, &outcome->result);
		if (outcome->batch != NULL)
			atomic_fetch_add(&outcome->engine->counters.segments,
			    outcome->batch->count);
		if (outcome->kind == OUTCOME_PUBLISH)
			janitor_note(outcome->engine->janitor,
			    outcome->what.base_id);
		if (outcome->is_outdated)
			janitor_lacks(outcome->engine->janitor,
			    outcome->what.base_id);
		if (outcome->kind == OUTCOME_END)
			janitor_wake(outcome->engine->janitor);
	} else if (err == ERR_CONFLICT && is_continued(outcome) &&
	    !run_is_lost(outcome->run)) {
		/* What it goes on from was given up meanwhile (the document's
		 * item of another job was cancelled): the worker, which waits
		 * for this, begins anew. */
		run_set_torn(outcome->run);
	} else if (!run_is_lost(outcome->run) &&
	    err_class(err) == ERR_CLASS_PERMANENT &&
	    outcome->kind != OUTCOME_END) {
		/* The item must end (promise 5), as what it is. */
		item = run_snapshot(outcome->run);
		outcome_log(outcome->engine, LOG_ERROR,
		    "an item's result was not stored", &item,
		    err_words(note, err));
		outcome_fail(outcome->engine, outcome->run,
		    err_words(note, err));
	}
	outcome_free(outcome);
}

/* ---- what is applied --------------------------------------------------- */

static int
revision_find(struct write_tx *tx, const struct published *what,
    struct revision *revision)
{
	struct store *store = tx_store(tx);
	int err;

	memset(revision, 0, sizeof(*revision));
	revision->document_id = what->document_id;
	revision->base_id = what->base_id;
	revision->rule = what->rule;
	memcpy(revision->hash, what->hash, HASH_SIZE);
	revision->has_vectors = what->has_vectors;
	revision->embedder_id = what->embedder_id;
	revision->graph = what->graph;
	revision->stems = what->stems;
	err = store_revision_building(store, what->document_id, what->hash,
	    what->rule, what->embedder_id, revision);
	if (err == ERR_NOT_FOUND)
		err = store_revision_add(store, revision, &revision->id);
	return err;
}

/* The worker's view, with what only these operations count. */
static struct item
outcome_item(struct outcome *outcome, struct write_tx *tx)
{
	struct item from = run_staged(outcome->run, tx);
	struct item to = run_snapshot(outcome->run);

	to.segments_completed = from.segments_completed;
	if (to.segments_total < to.segments_completed)
		to.segments_total = to.segments_completed;
	to.bytes_done = from.bytes_done;
	if (to.bytes < to.bytes_done)
		to.bytes_done = to.bytes;
	return to;
}

static int
apply_segments(struct outcome *outcome, struct write_tx *tx,
    struct revision *revision)
{
	const struct segment_batch *batch = outcome->batch;
	size_t skip = 0;
	int err;

	err = revision_find(tx, &outcome->what, revision);
	if (err < 0 || batch->count == 0)
		return err;
	/* When the worker looked, an earlier try of this very content was
	 * still on its way here. */
	if (revision->stored > batch->segments[0].ordinal)
		skip = revision->stored - batch->segments[0].ordinal;
	if (skip >= batch->count)
		return 0;
	err = store_segments_add(tx_store(tx), revision,
	    batch->segments + skip, batch->count - skip);
	if (err == 0)
		revision->stored += (uint32_t)(batch->count - skip);
	return err;
}

static uint64_t
bytes_share(const struct item *item)
{
	double share;

	if (item->segments_total == 0)
		return 0;
	share = (double)item->segments_completed / item->segments_total;
	return (uint64_t)((double)item->bytes * share);
}

static int
apply_batch(struct outcome *outcome, struct write_tx *tx)
{
	struct item to = outcome_item(outcome, tx);
	struct revision revision;
	uint64_t share;
	int err;

	/* The guard first: nothing may be written for a lost item. */
	err = run_store(outcome->run, tx, &to);
	if (err == 0)
		err = apply_segments(outcome, tx, &revision);
	if (err < 0)
		return err;
	if (revision.stored > to.segments_completed)
		to.segments_completed = revision.stored;
	if (to.segments_total < to.segments_completed)
		to.segments_total = to.segments_completed;
	share = bytes_share(&to);
	if (share > to.bytes_done)
		to.bytes_done = share;
	return run_store(outcome->run, tx, &to);
}

static void
item_explain(struct item *item, enum item_code code, const char *message)
{
	item->code = code;
	item->error_stage = item->stage;
	(void)snprintf(item->message, sizeof(item->message), "%s",
	    message[0] != '\0' ? message : item_code_text(code));
}

static enum item_state
code_state(enum item_code code)
{
	static const enum item_state states[ITEM_CODE_COUNT] = {
#define ITEM_CODE(name, value, ends, text, advice)                            \
	[ITEM_CODE_##name] = ITEM_##ends,
#include "model/item_code_tbl.h"
	};

	return states[code];
}

static int
apply_end(struct outcome *outcome, struct write_tx *tx)
{
	struct item to = outcome_item(outcome, tx);
	const struct job *job;
	int err;

	item_explain(&to, outcome->code, outcome->message);
	item_move(&to, code_state(outcome->code), tx_now_us(tx));
	err = run_store(outcome->run, tx, &to);
	outcome->result = to;
	/* Who embeds it again has nothing to do with its content. */
	job = tx_job(tx, to.job_id);
	if (err < 0 || (job != NULL && job->kind == JOB_KIND_EMBED))
		return err;
	/* What was built for it will never be finished. */
	if (err == 0 && to.document_id != 0)
		err = store_revision_abandon(tx_store(tx), to.document_id);
	if (err == 0 && to.document_id != 0 && outcome->what.rule != 0 &&
	    plan_code_lasts(outcome->code))
		err = store_document_unread(tx_store(tx), to.document_id,
		    outcome->what.rule);
	if (err == 0 && job != NULL && job->keeps_replaced)
		err = store_replaced_drop_idle(tx_store(tx), job->id,
		    to.document_id);
	return err;
}

static bool
is_over(uint64_t count, uint64_t bytes)
{
	return count > MEMBERS_MAX || bytes > MEMBERS_BYTES_MAX;
}

/*
 * Are there more members below the outermost document than may be?  An archive
 * of many small archives asks very often, so they are counted only when the
 * job has grown by more than was left.
 */
static int
members_look(struct outcome *outcome, struct write_tx *tx,
    const struct job *job, int64_t root_id, bool *ret_is_over)
{
	struct root_count *known = &outcome->engine->root_counts[(uint64_t)
		root_id % ROOT_COUNTS];
	struct root_count now = {.job_id = job->id, .root_id = root_id,
	    .job_total = job->counts.total, .job_bytes = job->bytes_total};
	bool is_known;
	int err;

	*ret_is_over = false;
	if (!is_over(now.job_total, now.job_bytes))
		return 0;
	/* A rollback takes items back, and the count with them. */
	is_known = known->job_id == job->id && known->root_id == root_id &&
	    now.job_total >= known->job_total &&
	    now.job_bytes >= known->job_bytes;
	if (is_known && is_over(known->count, known->bytes)) {
		*ret_is_over = true;
		return 0;
	}
	if (is_known &&
	    !is_over(known->count + now.job_total - known->job_total,
		known->bytes + now.job_bytes - known->job_bytes))
		return 0;
	err = store_item_members(tx_store(tx), job->id, root_id, 0,
	    &now.count, &now.bytes);
	if (err < 0)
		return err;
	*known = now;
	*ret_is_over = is_over(now.count, now.bytes);
	return 0;
}

static int
members_end_over(struct outcome *outcome, struct write_tx *tx)
{
	outcome->code = ITEM_CODE_EXTRACTION_LIMIT;
	(void)snprintf(outcome->message, sizeof(outcome->message),
	    MEMBERS_TOO_MANY_FORMAT, MEMBERS_MAX,
	    (unsigned long long)MEMBERS_BYTES_MAX);
	return apply_end(outcome, tx);
}

static int
apply_member(struct outcome *outcome, struct write_tx *tx, struct job *job,
    const struct item *parent, const struct member *member)
{
	struct item_row row;
	int err;

	if (member->upload != NULL) {
		err = upload_put(member->upload, tx_store(tx));
		if (err < 0)
			return err;
	}
	memset(&row, 0, sizeof(row));
	row.uri = member->uri;
	row.name = member->name;
	row.item.parent_id = parent->document_id;
	row.item.root_id = parent->root_id != 0 ? parent->root_id
						: parent->document_id;
	row.item.depth = parent->depth + 1;
	row.item.source_id = parent->source_id;
	row.item.bytes = member->bytes;
	row.item.code = member->code;
	memcpy(row.item.message, member->message, sizeof(member->message));
	if (member->code == ITEM_CODE_NONE)
		row.blob = member->hash;
	else
		row.item.error_stage = STAGE_EXTRACTING; /* the parent's */
	return plan_item(tx, job, &row, outcome->engine->rule, false);
}

static int
apply_members(struct outcome *outcome, struct write_tx *tx)
{
	struct item to = outcome_item(outcome, tx);
	int64_t root_id = to.root_id != 0 ? to.root_id : to.document_id;
	struct job *job;
	bool are_too_many;
	size_t i;
	int err;

	/* The guard first: a lost item has no members. */
	err = run_store(outcome->run, tx, &to);
	if (err < 0)
		return err;
	job = tx_job(tx, to.job_id);
	if (job == NULL)
		return ERR_CONFLICT;
	/* Before, so that no more come; and behind, because only now is known
	 * which of them the job had already. */
	err = members_look(outcome, tx, job, root_id, &are_too_many);
	if (err == 0 && are_too_many)
		return members_end_over(outcome, tx);
	for (i = 0; err == 0 && i < outcome->members->count; i++)
		err = apply_member(outcome, tx, job, &to,
		    &outcome->members->list[i]);
	if (err == 0)
		err = members_look(outcome, tx, job, root_id, &are_too_many);
	if (err == 0 && are_too_many)
		return members_end_over(outcome, tx);
	return err;
}

static void
count_characters(struct write_tx *tx, const struct item *item,
    uint64_t characters)
{
	struct job *job = tx_job(tx, item->job_id);
	struct share *share = item->source_id == 0
	    ? NULL
	    : tx_share(tx, item->job_id, item->source_id);

	if (job != NULL)
		job->characters += characters;
	if (share != NULL)
		share->characters += characters;
}

/* What was fetched is not what was listed, or nothing was said of it then. */
static int
apply_tag(const struct outcome *outcome, struct write_tx *tx,
    int64_t item_id)
{
	return outcome->what.has_etag
	    ? store_item_tag(tx_store(tx), item_id, outcome->what.etag)
	    : 0;
}

/*
 * Its vectors are of the embedder that the base answered by when the document
 * was begun.  Where that is another one now, it is found by its words until it
 * is embedded again, which is asked for at once.
 */
static int
embedder_look(struct outcome *outcome, struct write_tx *tx)
{
	const struct published *what = &outcome->what;
	int64_t answering = 0, wanted = 0;
	int err;

	outcome->is_outdated = false;
	if (!what->has_vectors)
		return 0;
	err = store_base_embedders(tx_store(tx), what->base_id, &answering,
	    &wanted);
	if (err < 0 || answering == what->embedder_id)
		return err;
	outcome->is_outdated = true;
	return wanted == what->embedder_id
	    ? 0
	    : store_vectors_waste(tx_store(tx), what->base_id,
		  what->embedder_id);
}

static int
apply_publish(struct outcome *outcome, struct write_tx *tx)
{
	struct published *what = &outcome->what;
	struct item to = outcome_item(outcome, tx);
	struct revision revision;
	const struct job *job;
	int64_t other;
	int err;

	if (what->may_be_duplicate) {
		err = store_document_by_hash(tx_store(tx), what->base_id,
		    what->hash, what->document_id, &other);
		if (err == 0) {
			outcome->code = ITEM_CODE_DUPLICATE;
			err = duplicate_explain(tx_store(tx), other,
			    outcome->message);
			return err < 0 ? err : apply_end(outcome, tx);
		}
		if (err != ERR_NOT_FOUND)
			return err;
	}
	to.segments_completed = to.segments_total;
	item_move(&to, ITEM_COMPLETED, tx_now_us(tx));
	err = run_store(outcome->run, tx, &to);
	if (err == 0)
		err = apply_segments(outcome, tx, &revision);
	if (err < 0)
		return err;
	revision.segments = revision.stored;
	revision.characters = what->characters;
	revision.title = what->title;
	revision.media_type = what->media_type;
	revision.language = what->language;
	revision.summary = what->summary;
	revision.keyphrases = what->keyphrases;
	revision.properties = what->properties;
	revision.pages = what->pages;
	revision.bytes = what->bytes;
	revision.mtime_us = what->mtime_us;
	revision.item_id = to.id;
	revision.graph = what->graph;
	job = tx_job(tx, to.job_id);
	if (job == NULL)
		return ERR_CONFLICT;
	revision.keeper = job->keeps_replaced ? job->id : 0;
	err = apply_tag(outcome, tx, to.id);
	if (err == 0)
		err = embedder_look(outcome, tx);
	if (err == 0)
		err = store_revision_publish(tx_store(tx), &revision,
		    tx_now_us(tx));
	if (err == 0 && what->name[0] != '\0')
		err = outcome_rename(tx, job, &to, what->name);
	/* Members that are not inside any more. */
	if (err == 0)
		err = document_drop_members(tx, job, what->document_id,
		    to.root_id != 0 ? to.root_id : what->document_id, NULL);
	if (err == 0)
		count_characters(tx, &to, what->characters);
	outcome->result = to;
	return err;
}

static int
apply_unchanged(struct outcome *outcome, struct write_tx *tx)
{
	int err;

	err = apply_end(outcome, tx);
	if (err == 0)
		err = apply_tag(outcome, tx, outcome->result.id);
	if (err == 0)
		err = store_document_touch(tx_store(tx),
		    outcome->result.document_id, outcome->what.bytes,
		    outcome->what.mtime_us, outcome->result.job_id);
	if (err == 0 && outcome->result.source_id != 0)
		err = store_document_retag(tx_store(tx),
		    outcome->result.document_id, outcome->result.id);
	return err;
}

static int
outcome_do(struct outcome *outcome, struct write_tx *tx)
{
	switch (outcome->kind) {
	case OUTCOME_BATCH:
		return apply_batch(outcome, tx);
	case OUTCOME_MEMBERS:
		return apply_members(outcome, tx);
	case OUTCOME_PUBLISH:
		return apply_publish(outcome, tx);
	case OUTCOME_END:
		return apply_end(outcome, tx);
	case OUTCOME_UNCHANGED:
		return apply_unchanged(outcome, tx);
	}
	return ERR_INTERNAL;
}

static int
outcome_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct outcome *outcome = arg;
	struct job *job;
	int err;

	(void)note;
	err = outcome_do(outcome, tx);
	if (err < 0 || outcome->tokens == 0)
		return err;
	job = tx_job(tx, run_staged(outcome->run, tx).job_id);
	if (job != NULL)
		job->embedding_tokens += outcome->tokens;
	return 0;
}

/* ---- from the worker ---------------------------------------------------- */

static struct outcome *
outcome_new(struct engine *engine, struct run *run, enum outcome_kind kind)
{
	struct outcome *outcome;

	outcome = mem_zalloc(sizeof(*outcome));
	if (outcome == NULL)
		return NULL;
	outcome->kind = kind;
	outcome->engine = engine;
	outcome->run = run;
	outcome->tokens = run_take_tokens(run);
	run_ref(run);
	outcome->op.apply = outcome_apply;
	outcome->op.done = outcome_done;
	outcome->op.arg = outcome;
	outcome->op.bytes = sizeof(*outcome);
	return outcome;
}

static void
outcome_post(struct outcome *outcome)
{
	if (outcome->batch != NULL)
		outcome->op.bytes += segment_batch_bytes(outcome->batch);
	writer_post(outcome->engine->writer, &outcome->op);
}

void
outcome_fail(struct engine *engine, struct run *run, const char *words)
{
	struct outcome *outcome;

	outcome = outcome_new(engine, run, OUTCOME_END);
	if (outcome == NULL)
		return; /* the next start will find the item */
	outcome->code = ITEM_CODE_INTERNAL_ERROR;
	(void)snprintf(outcome->message, sizeof(outcome->message), "%s",
	    words);
	outcome->op.is_urgent = true;
	outcome_post(outcome);
}

int
outcome_batch(struct engine *engine, struct run *run,
    const struct published *what, struct segment_batch **batch)
{
	struct outcome *outcome;

	outcome = outcome_new(engine, run, OUTCOME_BATCH);
	if (outcome == NULL)
		return ERR_NOMEM;
	outcome->what = *what;
	outcome->what.keyphrases = NULL;
	outcome->what.properties = NULL;
	outcome->batch = *batch;
	*batch = NULL;
	outcome_post(outcome);
	return 0;
}

int
outcome_members(struct engine *engine, struct run *run,
    struct member_batch **batch)
{
	struct outcome *outcome;

	outcome = outcome_new(engine, run, OUTCOME_MEMBERS);
	if (outcome == NULL)
		return ERR_NOMEM;
	outcome->members = *batch;
	outcome->op.bytes += member_batch_bytes(*batch);
	*batch = NULL;
	outcome_post(outcome);
	return 0;
}

int
outcome_publish(struct engine *engine, struct run *run,
    struct published *what, struct segment_batch **batch)
{
	struct outcome *outcome;

	outcome = outcome_new(engine, run, OUTCOME_PUBLISH);
	if (outcome == NULL)
		return ERR_NOMEM;
	outcome->what = *what;
	what->keyphrases = what->properties = NULL;
	outcome->batch = *batch;
	*batch = NULL;
	outcome_post(outcome);
	return 0;
}

int
outcome_end(struct engine *engine, struct run *run, enum item_code code,
    const char *message, uint64_t rule)
{
	struct outcome *outcome;

	outcome = outcome_new(engine, run, OUTCOME_END);
	if (outcome == NULL)
		return ERR_NOMEM;
	outcome->code = code;
	outcome->what.rule = rule;
	(void)snprintf(outcome->message, sizeof(outcome->message), "%s",
	    message);
	outcome_post(outcome);
	return 0;
}

int
outcome_unchanged(struct engine *engine, struct run *run,
    const struct published *what)
{
	struct outcome *outcome;

	outcome = outcome_new(engine, run, OUTCOME_UNCHANGED);
	if (outcome == NULL)
		return ERR_NOMEM;
	outcome->code = ITEM_CODE_UNCHANGED;
	outcome->what.bytes = what->bytes;
	outcome->what.mtime_us = what->mtime_us;
	outcome->what.has_etag = what->has_etag;
	memcpy(outcome->what.etag, what->etag, sizeof(what->etag));
	outcome_post(outcome);
	return 0;
}
