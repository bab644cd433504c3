/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One answer's counters come from one struct job and add up: files_total is
 * the sum of the six others of `progress`.  Three of those (queued,
 * processing, cancelled) are ours; clients ignore what they do not know.
 *
 * Times are counted up to the job's last change, never up to now: a running
 * job's elapsed seconds would else be more than the finished job's.
 */
#include <stdio.h>
#include <string.h>

#include "api/captain/captain_view.h"
#include "base/buf.h"
#include "base/jsonw.h"
#include "model/item.h"
#include "model/job.h"

#define US_PER_SECOND 1000000
#define CHARACTERS_PER_PAGE 3000u
#define CREDITS_ADVANCED 2.5 /* for a page */
/* Of an account without a limit: told because clients print it. */
#define CREDITS_LEFT 1000000000u

/* ---- the job ----------------------------------------------------------- */

bool
captain_has_files(const struct job *job)
{
	return job->scan != SCAN_WAITING || job->counts.total > 0;
}

static void
put_raw(struct jsonw *w, const char *name, const char *json)
{
	jsonw_name(w, name);
	jsonw_raw(w, json, strlen(json));
}

static int64_t
elapsed_seconds(const struct job *job)
{
	int64_t end = job->finished_us != 0 ? job->finished_us
					    : job->updated_us;

	if (job->started_us == 0 || end < job->started_us)
		return 0;
	return (end - job->started_us) / US_PER_SECOND;
}

static const char *
waiting_words(const struct job *job)
{
	if (job->state == JOB_PAUSED)
		return "paused";
	switch (job->waiting_for) {
	case WAITING_UPSTREAM:
		return "waiting for the chat model";
	case WAITING_EMBEDDING:
		return "waiting for the embedding service";
	case WAITING_STORAGE:
		return "waiting for room on the disk";
	case WAITING_RETRY:
		return "waiting for the next attempt";
	case WAITING_PAUSED:
		return "paused";
	case WAITING_SOURCE:
		return "waiting for the source";
	case WAITING_NOTHING:
	case WAITING_WORKER:
	case WAITING_COUNT:
		break;
	}
	return NULL;
}

static void
put_running(struct jsonw *w, const struct job *job)
{
	const struct counts *c = &job->counts;
	enum captain_stage stage = captain_stage_of(job);
	const char *waiting = waiting_words(job);
	char text[160];
	int len;

	if (stage == CAPTAIN_STAGE_SCANNING)
		len = snprintf(text, sizeof(text), "Listing files: %llu found",
		    (unsigned long long)c->total);
	else
		len = snprintf(text, sizeof(text),
		    "%s: %llu of %llu files done", captain_stage_verb(stage),
		    (unsigned long long)(c->total - c->queued -
			c->processing),
		    (unsigned long long)c->total);
	if (waiting != NULL && len > 0 && (size_t)len < sizeof(text))
		(void)snprintf(text + len, sizeof(text) - (size_t)len,
		    " (%s)", waiting);
	jsonw_string(w, text);
}

static void
put_message(struct jsonw *w, const struct job *job, enum captain_word word)
{
	const struct counts *c = &job->counts;
	char text[160];

	jsonw_name(w, "progress_message");
	switch (word) {
	case CAPTAIN_PENDING:
		jsonw_string(w, job->state == JOB_PAUSED
			? "Paused before it started"
			: "Waiting to start");
		return;
	case CAPTAIN_RUNNING:
		put_running(w, job);
		return;
	case CAPTAIN_COMPLETED:
	case CAPTAIN_COMPLETED_WITH_FAILURES:
	case CAPTAIN_FAILED:
	case CAPTAIN_CANCELLED:
	case CAPTAIN_WORD_COUNT:
		break;
	}
	(void)snprintf(text, sizeof(text),
	    "%s: %llu files indexed, %llu failed, %llu skipped",
	    word == CAPTAIN_CANCELLED	? "Cancelled"
		: word == CAPTAIN_FAILED ? "Failed"
					 : "Done",
	    (unsigned long long)c->completed, (unsigned long long)c->failed,
	    (unsigned long long)c->skipped);
	jsonw_string(w, text);
}

static void
put_progress(struct jsonw *w, const struct job *job, enum captain_word word)
{
	const struct counts *c = &job->counts;
	enum captain_stage stage = captain_stage_of(job);

	jsonw_name(w, "progress");
	if (word == CAPTAIN_PENDING) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_nstring(w, "current_stage", captain_stage_name(stage));
	jsonw_nstring(w, "stage_description", captain_stage_description(stage));
	jsonw_nuint(w, "files_total", c->total);
	jsonw_nuint(w, "files_processed", c->completed);
	jsonw_nuint(w, "files_failed", c->failed);
	jsonw_nuint(w, "files_skipped", c->skipped);
	jsonw_nuint(w, "files_queued", c->queued);
	jsonw_nuint(w, "files_processing", c->processing);
	jsonw_nuint(w, "files_cancelled", c->cancelled);
	jsonw_nint(w, "elapsed_seconds", elapsed_seconds(job));
	jsonw_object_end(w);
}

void
captain_write_job(struct jsonw *w, const struct job *job,
    const char *failures)
{
	enum captain_word word = captain_word_of(job);
	char id[CAPTAIN_ID_SIZE];

	captain_format_id(job, id);
	jsonw_object(w);
	jsonw_nstring(w, "job_id", id);
	jsonw_nstring(w, "collection_name", job->base_name);
	jsonw_nstring(w, "job_type", captain_job_type(job));
	jsonw_nstring(w, "status", captain_word_said(word, failures));
	put_message(w, job, word);
	put_progress(w, job, word);
}

static void
put_result(struct jsonw *w, const struct job *job)
{
	const struct counts *c = &job->counts;
	char text[128];

	jsonw_name(w, "result");
	if (!job_state_is_final(job->state)) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_nuint(w, "files_indexed", c->completed);
	jsonw_nuint(w, "files_failed", c->failed);
	jsonw_nuint(w, "files_skipped", c->skipped);
	jsonw_nuint(w, "files_cancelled", c->cancelled);
	jsonw_nuint(w, "files_removed", job->removed);
	jsonw_nint(w, "duration_seconds", elapsed_seconds(job));
	jsonw_name(w, "warnings");
	jsonw_array(w);
	if (c->total == 0 && job->scan == SCAN_DONE)
		jsonw_string(w, "The source has no files");
	if (job->removed > 0) {
		(void)snprintf(text, sizeof(text),
		    "%llu documents were removed: their files had vanished",
		    (unsigned long long)job->removed);
		jsonw_string(w, text);
	}
	jsonw_array_end(w);
	jsonw_object_end(w);
}

/*
 * Nothing is charged; the numbers are there because clients print them.  A
 * page is 3,000 characters, and every indexed document has at least one.  It
 * is a credit, or two and a half when the advanced way was asked for.
 */
static void
put_billing(struct jsonw *w, const struct job *job, enum captain_word word)
{
	uint64_t pages = job->characters / CHARACTERS_PER_PAGE +
	    (job->characters % CHARACTERS_PER_PAGE != 0);

	const char *processing = captain_processing(job);
	bool is_advanced = strcmp(processing, "advanced") == 0;

	if (pages < job->counts.completed)
		pages = job->counts.completed;
	jsonw_name(w, "billing");
	if (word != CAPTAIN_COMPLETED &&
	    word != CAPTAIN_COMPLETED_WITH_FAILURES) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	put_raw(w, "cost", "{\"amount\":0.0,\"currency\":\"USD\"}");
	jsonw_name(w, "credits");
	jsonw_object(w);
	jsonw_nreal(w, "used",
	    (double)pages * (is_advanced ? CREDITS_ADVANCED : 1), 1);
	jsonw_nuint(w, "remaining", CREDITS_LEFT);
	jsonw_nuint(w, "included_credits", CREDITS_LEFT);
	jsonw_nbool(w, "unlimited", true);
	jsonw_object_end(w);
	put_raw(w, "rate", "{\"per_credit\":0.0,\"currency\":\"USD\"}");
	jsonw_nstring(w, "processing_type", processing);
	jsonw_nuint(w, "pages_processed", pages);
	jsonw_object_end(w);
}

#define FAILED_TEXT_SIZE 128

/* The sentence that says why it failed, perhaps made in text; NULL: it did
 * not. */
static const char *
failed_message(const struct job *job, enum captain_word word,
    char text[FAILED_TEXT_SIZE])
{
	if (word != CAPTAIN_FAILED)
		return NULL;
	if (job->code != ITEM_CODE_NONE)
		return job->message[0] != '\0' ? job->message
					       : item_code_text(job->code);
	(void)snprintf(text, FAILED_TEXT_SIZE,
	    "none of %llu files was indexed; %llu failed",
	    (unsigned long long)job->counts.total,
	    (unsigned long long)job->counts.failed);
	return text;
}

static void
put_error(struct jsonw *w, const struct job *job, enum captain_word word)
{
	char text[FAILED_TEXT_SIZE];
	const char *message = failed_message(job, word, text);
	const char *code = message == NULL	? NULL
	    : job->code != ITEM_CODE_NONE ? captain_code_name(job->code)
					  : "NO_FILES_INDEXED";

	jsonw_nstring(w, "error_code", code);
	jsonw_nstring(w, "error_message", message);
	/* What an old client prints. */
	if (message != NULL)
		jsonw_nstring(w, "error", message);
}

static void
put_page(struct jsonw *w, const struct job *job,
    const struct captain_extra *extra)
{
	char cursor[CAPTAIN_CURSOR_SIZE];

	jsonw_name(w, "files_page");
	if (extra->files_limit == 0 || !captain_has_files(job)) {
		jsonw_null(w);
		return;
	}
	captain_format_cursor(extra->next_seq, cursor);
	jsonw_object(w);
	jsonw_nuint(w, "limit", extra->files_limit);
	jsonw_nstring(w, "next_cursor", extra->next_seq != 0 ? cursor : NULL);
	jsonw_nuint(w, "total_estimated", job->counts.total);
	jsonw_object_end(w);
}

void
captain_write_rest(struct jsonw *w, const struct job *job,
    const struct captain_extra *extra)
{
	enum captain_word word = captain_word_of(job);
	bool is_cancelled = word == CAPTAIN_CANCELLED;

	put_page(w, job, extra);
	put_result(w, job);
	put_billing(w, job, word);
	put_error(w, job, word);
	jsonw_nstring(w, "cancelled_by",
	    is_cancelled && job->cancelled_by[0] != '\0' ? job->cancelled_by
							 : NULL);
	jsonw_ntime(w, "cancelled_at", is_cancelled ? job->cancelled_us : 0);
	jsonw_ntime(w, "created_at", job->created_us);
	jsonw_ntime(w, "updated_at", job->updated_us);
	jsonw_ntime(w, "started_at",
	    word == CAPTAIN_PENDING ? 0 : job->started_us);
	jsonw_ntime(w, "completed_at", job->finished_us);
	jsonw_ntime(w, "rolled_back_at", job->undone_us);
	if (word == CAPTAIN_RUNNING && extra->seconds_left >= 0)
		jsonw_nint(w, "estimated_time_remaining_seconds",
		    extra->seconds_left);
	jsonw_object_end(w);
}

void
captain_write_job_row(struct jsonw *w, const struct job *job,
    const char *environment, const char *failures)
{
	enum captain_word word = captain_word_of(job);
	char id[CAPTAIN_ID_SIZE], text[FAILED_TEXT_SIZE];

	captain_format_id(job, id);
	jsonw_object(w);
	jsonw_nstring(w, "job_id", id);
	jsonw_nstring(w, "status", captain_word_said(word, failures));
	jsonw_nstring(w, "job_type", captain_job_type(job));
	jsonw_nstring(w, "collection_name", job->base_name);
	jsonw_nstring(w, "environment", environment);
	jsonw_ntime(w, "created_at", job->created_us);
	jsonw_nuint(w, "files_indexed", job->counts.completed);
	jsonw_nuint(w, "files_total", job->counts.total);
	jsonw_nuint(w, "files_failed", job->counts.failed);
	jsonw_nstring(w, "error", failed_message(job, word, text));
	jsonw_object_end(w);
}

/* ---- files ------------------------------------------------------------- */

static void
put_file_error(struct jsonw *w, const struct item *item)
{
	bool has_error = item->code != ITEM_CODE_NONE &&
	    item_state_is_final(item->state);

	jsonw_nstring(w, "error_code",
	    has_error ? captain_code_name(item->code) : NULL);
	jsonw_nstring(w, "error_message",
	    !has_error			  ? NULL
		: item->message[0] != '\0' ? item->message
					   : item_code_text(item->code));
}

static const char *
file_message(const struct item *item, enum stage stage)
{
	switch (item->waiting_for) {
	case WAITING_UPSTREAM:
		return "Waiting for the chat model";
	case WAITING_EMBEDDING:
		return "Waiting for the embedding service";
	case WAITING_STORAGE:
		return "Waiting for room on the disk";
	case WAITING_RETRY:
		return "Waiting for the next attempt";
	case WAITING_PAUSED:
		return "Paused";
	case WAITING_SOURCE:
		return "Waiting for the source";
	case WAITING_NOTHING:
	case WAITING_WORKER:
	case WAITING_COUNT:
		break;
	}
	if (item->state == ITEM_QUEUED || item_state_is_final(item->state) ||
	    stage == STAGE_NONE)
		return NULL;
	return captain_stage_description(captain_stage_of_step(stage));
}

void
captain_write_file(struct jsonw *w, const struct item *item,
    const struct uuid *document, const char *uri, const char *name)
{
	enum stage stage = item->state == ITEM_COMPLETED ? STAGE_FINALIZING
							 : item->stage;
	char id[UUID_TEXT_SIZE];

	uuid_format(document, id);
	jsonw_object(w);
	jsonw_nstring(w, "uri", uri);
	jsonw_nstring(w, "filename", name);
	jsonw_nstring(w, "document_id", id);
	jsonw_nstring(w, "status", captain_file_name(captain_file_of(item)));
	jsonw_nstring(w, "stage",
	    stage == STAGE_NONE
		? NULL
		: captain_stage_name(captain_stage_of_step(stage)));
	jsonw_nstring(w, "progress_message", file_message(item, stage));
	put_file_error(w, item);
	jsonw_ntime(w, "updated_at",
	    item->updated_us != 0 ? item->updated_us : item->queued_us);
	jsonw_object_end(w);
}

void
captain_write_placeholder(struct jsonw *w, const char *id)
{
	jsonw_object(w);
	jsonw_nstring(w, "job_id", id);
	jsonw_nstring(w, "status", captain_word_name(CAPTAIN_RUNNING));
	jsonw_nnull(w, "progress");
	jsonw_nstring(w, "progress_message",
	    "Fetching job status \xE2\x80\x94 please retry in a few seconds");
	jsonw_nint(w, "estimated_time_remaining_seconds", 30);
	jsonw_object_end(w);
}

/* ---- errors ------------------------------------------------------------ */

void
captain_write_error(struct jsonw *w, const char *message)
{
	jsonw_object(w);
	jsonw_nstring(w, "detail", message);
	jsonw_object_end(w);
}
