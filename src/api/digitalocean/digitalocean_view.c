/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job over sources is told with its shares, one of each source.  A job of
 * another kind has none: it is shown as one over one source, made of the job
 * alone, so that its page needs nothing but the board.  Numbers that are 64
 * bits wide in the original are strings, 32-bit ones numbers; a time that is
 * not there is left out.
 */
#include <stdio.h>
#include <string.h>

#include "api/digitalocean/digitalocean_view.h"
#include "base/jsonw.h"
#include "base/uuid.h"
#include "model/item_code.h"

#define PHASE_PREFIX "BATCH_JOB_PHASE_"
#define STATUS_PREFIX "INDEX_JOB_STATUS_"
#define SOURCE_PREFIX "DATA_SOURCE_STATUS_"
#define SOURCE_ROW ((uint64_t)1 << 47)
#define CHARACTERS_PER_TOKEN 4u

static const struct {
	const char *phase, *status, *source;
	int rank;
} words[DO_WORD_COUNT] = {
#define DO_WORD(name, phase, status, source, rank)                            \
	[DO_##name] = {PHASE_PREFIX phase, STATUS_PREFIX status,              \
	    SOURCE_PREFIX source, (rank)},
#include "api/digitalocean/digitalocean_state_tbl.h"
};

static const enum do_word job_words[JOB_STATE_COUNT] = {
#define DO_JOB(state, word) [JOB_##state] = DO_##word,
#include "api/digitalocean/digitalocean_state_tbl.h"
};

enum {
	JOB_STATES_TOLD = 0
#define DO_JOB(state, word) | 1 << JOB_##state
#include "api/digitalocean/digitalocean_state_tbl.h"
};
_Static_assert(JOB_STATES_TOLD == (1 << JOB_STATE_COUNT) - 2,
    "every state of a job has a word");

const char *
do_phase(enum do_word word)
{
	return words[word].phase + sizeof(PHASE_PREFIX) - 1;
}

const char *
do_status(enum do_word word)
{
	return words[word].status + sizeof(STATUS_PREFIX) - 1;
}

const char *
do_source_status(enum do_word word)
{
	return words[word].source + sizeof(SOURCE_PREFIX) - 1;
}

int
do_rank(enum do_word word)
{
	return words[word].rank;
}

/*
 * FAILED: the job ran and its work failed.  ERROR: the system could not run
 * it.
 */
static enum do_word
failed_word(const struct job *job)
{
	return job->code == ITEM_CODE_INTERNAL_ERROR ||
		job->code == ITEM_CODE_INTERRUPTED ||
		job->code == ITEM_CODE_STORAGE_FULL
	    ? DO_ERROR
	    : DO_FAILED;
}

enum do_word
do_word_of(const struct job *job)
{
	const struct counts *c = &job->counts;
	enum do_word word = job_words[job->state];

	/* Paused before it began: pending, or the end of the pause would be
	 * a step back. */
	if (job->state == JOB_PAUSED && job->started_us == 0)
		return DO_PENDING;
	if (word == DO_FAILED)
		return failed_word(job);
	/* Nothing of it is in the index.  What is unchanged since an earlier
	 * run is, so a job with such files has not failed as a whole. */
	if (word == DO_PARTIAL && c->completed + job->unchanged == 0)
		return DO_FAILED;
	/* Files left out for a cause, other than that there is nothing in
	 * them: then not all were indexed. */
	if (word == DO_COMPLETED && c->completed > 0 &&
	    c->skipped > job->unchanged + job->empty)
		return DO_PARTIAL;
	return word;
}

enum do_word
do_word_of_share(const struct share *share)
{
	const struct counts *c = &share->counts;
	bool has_some = c->completed + share->unchanged + share->removed > 0;

	if (share->finished_us == 0)
		return share->started_us == 0 ? DO_PENDING : DO_RUNNING;
	/* The job ended before it could be read. */
	if (c->cancelled > 0 ||
	    (!share_is_done(share) && share->code == ITEM_CODE_NONE))
		return DO_CANCELLED;
	if (!share_is_done(share) || share->scan == SCAN_FAILED ||
	    c->failed > 0)
		return has_some ? DO_PARTIAL : DO_FAILED;
	if (c->completed == 0)
		return share->removed > 0 ? DO_COMPLETED : DO_NO_CHANGES;
	return c->skipped > share->unchanged + share->empty ? DO_PARTIAL
							     : DO_COMPLETED;
}

enum do_word
do_word_of_job(const struct job *job, const struct share *shares,
    size_t count)
{
	enum do_word word = do_word_of(job);
	unsigned seen = 0;
	size_t i;

	if (count == 0 || do_rank(word) < 2 || word == DO_CANCELLED ||
	    word == DO_ERROR)
		return word;
	for (i = 0; i < count; i++)
		seen |= 1u << do_word_of_share(&shares[i]);
	if (seen == 1u << DO_FAILED)
		return DO_FAILED;
	if ((seen & (1u << DO_FAILED | 1u << DO_PARTIAL |
	    1u << DO_CANCELLED)) != 0)
		return DO_PARTIAL;
	return (seen & 1u << DO_COMPLETED) != 0 ? DO_COMPLETED
						 : DO_NO_CHANGES;
}

struct uuid
do_source_uuid(const struct uuid *base, enum job_kind kind)
{
	return uuid_of_row(base, SOURCE_ROW | (uint64_t)kind);
}

uint64_t
do_tokens(uint64_t characters)
{
	return characters / CHARACTERS_PER_TOKEN +
	    (characters % CHARACTERS_PER_TOKEN != 0);
}

/* 64 bits: a string.  By hand, for a page has a dozen of them. */
static void
put_count(struct jsonw *w, const char *name, uint64_t count)
{
	char text[22];
	size_t at = sizeof(text);

	text[--at] = '"';
	do {
		text[--at] = (char)('0' + count % 10);
		count /= 10;
	} while (count != 0);
	text[--at] = '"';
	jsonw_name(w, name);
	jsonw_raw(w, text + at, sizeof(text) - at);
}

static void
put_time(struct jsonw *w, const char *name, int64_t us)
{
	if (us != 0)
		jsonw_ntime(w, name, us);
}

static void
put_uuid(struct jsonw *w, const struct uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(uuid, text);
	jsonw_string(w, text);
}

void
do_write_uuid(struct jsonw *w, const char *name, const struct uuid *uuid)
{
	jsonw_name(w, name);
	put_uuid(w, uuid);
}

/* ---- sources ------------------------------------------------------------ */

/* Why the source did not do well: a code, and words for people. */
static void
put_share_error(struct jsonw *w, const struct share *share)
{
	const struct counts *c = &share->counts;
	char text[128];

	if (share->code != ITEM_CODE_NONE) {
		jsonw_nstring(w, "error_msg", item_code_name(share->code));
		jsonw_nstring(w, "error_details",
		    share->message[0] != '\0' ? share->message
					      : item_code_text(share->code));
	} else if (c->failed > 0) {
		(void)snprintf(text, sizeof(text), "%llu of %llu files failed",
		    (unsigned long long)c->failed,
		    (unsigned long long)c->total);
		jsonw_nstring(w, "error_msg", "FILES_FAILED");
		jsonw_nstring(w, "error_details", text);
	}
}

static void
put_share(struct jsonw *w, const struct share *share, enum do_word word)
{
	const struct counts *c = &share->counts;

	jsonw_object(w);
	do_write_uuid(w, "data_source_uuid", &share->source_uuid);
	jsonw_nstring(w, "status", words[word].source);
	put_time(w, "started_at", share->started_us);
	put_time(w, "completed_at", share->finished_us);
	put_share_error(w, share);
	/* A file is an item here. */
	put_count(w, "indexed_file_count", c->completed);
	put_count(w, "indexed_item_count", c->completed);
	put_count(w, "failed_item_count", c->failed);
	put_count(w, "skipped_item_count", c->skipped);
	put_count(w, "removed_item_count", share->removed);
	put_count(w, "total_file_count", c->total);
	put_count(w, "total_bytes", share->bytes_total);
	put_count(w, "total_bytes_indexed", share->bytes_completed);
	jsonw_object_end(w);
}

void
do_write_share(struct jsonw *w, const struct share *share)
{
	put_share(w, share, do_word_of_share(share));
}

/* The whole of a job that is over no sources. */
static struct share
share_of_job(const struct job *job)
{
	struct share share = {.counts = job->counts, .removed = job->removed,
	    .unchanged = job->unchanged, .empty = job->empty,
	    .bytes_total = job->bytes_total,
	    .bytes_completed = job->bytes_completed,
	    .characters = job->characters, .code = job->code,
	    .started_us = job->started_us, .finished_us = job->finished_us};

	share.source_uuid = do_source_uuid(&job->base_uuid, job->kind);
	memcpy(share.message, job->message, sizeof(share.message));
	return share;
}

void
do_write_shares(struct jsonw *w, const struct job *job,
    const struct share *shares, size_t count)
{
	struct share whole;
	size_t i;

	jsonw_array(w);
	for (i = 0; i < count; i++)
		do_write_share(w, &shares[i]);
	if (job->kind != JOB_KIND_SOURCES) {
		whole = share_of_job(job);
		put_share(w, &whole, do_word_of(job));
	}
	jsonw_array_end(w);
}

/* ---- jobs --------------------------------------------------------------- */

static void
put_sources(struct jsonw *w, const struct job *job,
    const struct share *shares, size_t count)
{
	struct uuid uuid;
	size_t i;

	jsonw_name(w, "data_source_uuids");
	jsonw_array(w);
	for (i = 0; i < count; i++)
		put_uuid(w, &shares[i].source_uuid);
	if (job->kind != JOB_KIND_SOURCES) {
		uuid = do_source_uuid(&job->base_uuid, job->kind);
		put_uuid(w, &uuid);
	}
	jsonw_array_end(w);
}

/* Sources that are dealt with; one that was cancelled is not. */
static uint64_t
completed_count(const struct job *job, enum do_word word,
    const struct share *shares, size_t count)
{
	uint64_t completed = 0;
	enum do_word own;
	size_t i;

	if (job->kind != JOB_KIND_SOURCES)
		return do_rank(word) == 2 && word != DO_CANCELLED;
	for (i = 0; i < count; i++) {
		own = do_word_of_share(&shares[i]);
		completed += do_rank(own) == 2 && own != DO_CANCELLED;
	}
	return completed;
}

static void
put_counts(struct jsonw *w, const struct job *job, bool is_final)
{
	uint64_t tokens = do_tokens(job->characters);

	/* 32 bits in the original; the string beside it has them all. */
	jsonw_nuint(w, "tokens", tokens > UINT32_MAX ? UINT32_MAX : tokens);
	put_count(w, "total_tokens", tokens);
	put_count(w, "total_items_indexed", job->counts.completed);
	put_count(w, "total_items_failed", job->counts.failed);
	put_count(w, "total_items_skipped", job->counts.skipped);
	put_count(w, "total_items_removed", job->removed);
	jsonw_nbool(w, "is_report_available", is_final);
}

void
do_write_job(struct jsonw *w, const struct job *job,
    const struct share *shares, size_t count)
{
	enum do_word word = do_word_of_job(job, shares, count);

	jsonw_object(w);
	do_write_uuid(w, "uuid", &job->uuid);
	do_write_uuid(w, "knowledge_base_uuid", &job->base_uuid);
	put_sources(w, job, shares, count);
	jsonw_nstring(w, "phase", words[word].phase);
	jsonw_nstring(w, "status", words[word].status);
	put_time(w, "created_at", job->created_us);
	put_time(w, "started_at", job->started_us);
	put_time(w, "finished_at", job->finished_us);
	put_time(w, "updated_at", job->updated_us);
	jsonw_nuint(w, "total_datasources",
	    job->kind == JOB_KIND_SOURCES ? count : 1);
	jsonw_nuint(w, "completed_datasources",
	    completed_count(job, word, shares, count));
	put_counts(w, job, do_rank(word) == 2);
	jsonw_name(w, "data_source_jobs");
	do_write_shares(w, job, shares, count);
	jsonw_object_end(w);
}

void
do_write_error(struct jsonw *w, const char *id, const char *message,
    const char *request_id)
{
	jsonw_object(w);
	jsonw_nstring(w, "id", id);
	jsonw_nstring(w, "message", message);
	jsonw_nstring(w, "request_id", request_id);
	jsonw_object_end(w);
}
