/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything of a job's page comes from its struct job, so that an answer
 * needs nothing but the board.  Numbers that are 64 bits wide in the original
 * are strings, 32-bit ones numbers; a time that is not there is left out.
 */
#include <stdio.h>

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

/* Why the source did not do well: a code, and words for people. */
static void
put_source_error(struct jsonw *w, const struct job *job)
{
	const struct counts *c = &job->counts;
	char text[128];

	if (job->code != ITEM_CODE_NONE) {
		jsonw_nstring(w, "error_msg", item_code_name(job->code));
		jsonw_nstring(w, "error_details",
		    job->message[0] != '\0' ? job->message
					    : item_code_text(job->code));
	} else if (c->failed > 0) {
		(void)snprintf(text, sizeof(text), "%llu of %llu files failed",
		    (unsigned long long)c->failed,
		    (unsigned long long)c->total);
		jsonw_nstring(w, "error_msg", "FILES_FAILED");
		jsonw_nstring(w, "error_details", text);
	}
}

static void
put_source(struct jsonw *w, const struct job *job, enum do_word word,
    const char *source)
{
	const struct counts *c = &job->counts;

	jsonw_object(w);
	jsonw_nstring(w, "data_source_uuid", source);
	jsonw_nstring(w, "status", words[word].source);
	put_time(w, "started_at", job->started_us);
	put_time(w, "completed_at", job->finished_us);
	put_source_error(w, job);
	/* A file is an item here. */
	put_count(w, "indexed_file_count", c->completed);
	put_count(w, "indexed_item_count", c->completed);
	put_count(w, "failed_item_count", c->failed);
	put_count(w, "skipped_item_count", c->skipped);
	put_count(w, "removed_item_count", job->removed);
	put_count(w, "total_file_count", c->total);
	put_count(w, "total_bytes", job->bytes_total);
	put_count(w, "total_bytes_indexed", job->bytes_completed);
	jsonw_object_end(w);
}

static void
put_counts(struct jsonw *w, const struct job *job, enum do_word word)
{
	uint64_t tokens = do_tokens(job->characters);
	bool is_final = job_state_is_final(job->state);

	/* A source that was cancelled has not been completed. */
	jsonw_nuint(w, "total_datasources", 1);
	jsonw_nuint(w, "completed_datasources",
	    is_final && word != DO_CANCELLED);
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
do_write_job(struct jsonw *w, const struct job *job)
{
	struct uuid source_uuid = do_source_uuid(&job->base_uuid, job->kind);
	enum do_word word = do_word_of(job);
	char text[UUID_TEXT_SIZE], source[UUID_TEXT_SIZE];

	uuid_format(&source_uuid, source);
	jsonw_object(w);
	uuid_format(&job->uuid, text);
	jsonw_nstring(w, "uuid", text);
	uuid_format(&job->base_uuid, text);
	jsonw_nstring(w, "knowledge_base_uuid", text);
	jsonw_name(w, "data_source_uuids");
	jsonw_array(w);
	jsonw_string(w, source);
	jsonw_array_end(w);
	jsonw_nstring(w, "phase", words[word].phase);
	jsonw_nstring(w, "status", words[word].status);
	put_time(w, "created_at", job->created_us);
	put_time(w, "started_at", job->started_us);
	put_time(w, "finished_at", job->finished_us);
	put_time(w, "updated_at", job->updated_us);
	put_counts(w, job, word);
	jsonw_name(w, "data_source_jobs");
	jsonw_array(w);
	put_source(w, job, word, source);
	jsonw_array_end(w);
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
