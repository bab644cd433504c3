/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/cognee/cognee_view.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "engine/kept.h"
#include "model/job.h"

#define HYPHENATED_LEN 36u
#define SIMPLE_LEN 32u

static const struct {
	const char *name;
	int rank;
} words[COGNEE_WORD_COUNT] = {
#define COGNEE_WORD(name, rank)                                               \
	[COGNEE_##name] = {"DATASET_PROCESSING_" #name, (rank)},
#include "api/cognee/cognee_state_tbl.h"
};

static const enum cognee_word cognify_words[JOB_STATE_COUNT] = {
#define COGNEE_COGNIFY(state, word) [JOB_##state] = COGNEE_##word,
#include "api/cognee/cognee_state_tbl.h"
};

static const enum cognee_word add_words[SCAN_STATE_COUNT] = {
#define COGNEE_ADD(scan, word) [SCAN_##scan] = COGNEE_##word,
#include "api/cognee/cognee_state_tbl.h"
};

enum {
	JOB_STATES_TOLD = 0
#define COGNEE_COGNIFY(state, word) | 1 << JOB_##state
#include "api/cognee/cognee_state_tbl.h"
	,
	SCAN_STATES_TOLD = 0
#define COGNEE_ADD(scan, word) | 1 << SCAN_##scan
#include "api/cognee/cognee_state_tbl.h"
};
_Static_assert(JOB_STATES_TOLD == (1 << JOB_STATE_COUNT) - 2,
    "every state of a job has a word");
_Static_assert(SCAN_STATES_TOLD == (1 << SCAN_STATE_COUNT) - 1,
    "every state of a scan has a word");

static const char *const pipelines[COGNEE_PIPELINE_COUNT] = {
    [COGNEE_ADD_PIPELINE] = "add_pipeline",
    [COGNEE_COGNIFY_PIPELINE] = "cognify_pipeline",
};

const char *
cognee_word_name(enum cognee_word word)
{
	return words[word].name;
}

int
cognee_word_rank(enum cognee_word word)
{
	return words[word].rank;
}

const char *
cognee_pipeline_name(enum cognee_pipeline pipeline)
{
	return pipelines[pipeline];
}

enum cognee_pipeline
cognee_parse_pipeline(const char *name)
{
	int i;

	for (i = 0; i < COGNEE_PIPELINE_COUNT; i++)
		if (strcmp(pipelines[i], name) == 0)
			return (enum cognee_pipeline)i;
	return COGNEE_NO_PIPELINE;
}

enum cognee_word
cognee_word_of(const struct job *job, enum cognee_pipeline pipeline)
{
	if (pipeline == COGNEE_ADD_PIPELINE) {
		/* Ended before everything was known: cancelled. */
		if (job->scan != SCAN_DONE && job_state_is_final(job->state))
			return COGNEE_ERRORED;
		return add_words[job->scan];
	}
	/* Paused before it began: or the end of the pause would be a step
	 * back. */
	if (job->state == JOB_PAUSED && job->started_us == 0)
		return COGNEE_INITIATED;
	return cognify_words[job->state];
}

bool
cognee_has_run(const struct job *job, enum cognee_pipeline pipeline)
{
	return job->kind != (pipeline == COGNEE_ADD_PIPELINE ? JOB_KIND_KEPT
							     : JOB_KIND_KEEP);
}

static const struct job *
job_of(const struct base_standing *standing, enum cognee_pipeline pipeline)
{
	return pipeline == COGNEE_ADD_PIPELINE ? &standing->given
					       : &standing->run;
}

bool
cognee_dataset_word(const struct base_standing *standing,
    enum cognee_pipeline pipeline, enum cognee_word *ret_word)
{
	const struct job *job = job_of(standing, pipeline);
	enum cognee_word word;

	if (pipeline == COGNEE_ADD_PIPELINE ? !standing->has_given
					    : !standing->has_run)
		return false;
	word = cognee_word_of(job, pipeline);
	if (pipeline == COGNEE_COGNIFY_PIPELINE && standing->has_held &&
	    job_state_is_final(job->state) &&
	    (word == COGNEE_COMPLETED ||
		standing->held_us > job->created_us))
		word = COGNEE_INITIATED;
	*ret_word = word;
	return true;
}

/*
 * All that have ended count as completed, however they did, as in the
 * original: what is left to wait for is the difference.  Adding is done with
 * what it knows.
 */
static void
put_progress(struct jsonw *w, const struct job *job,
    enum cognee_pipeline pipeline)
{
	const struct counts *counts = &job->counts;
	enum stage stage = job_stage(job);
	uint64_t done = counts->completed + counts->failed + counts->skipped +
	    counts->cancelled;

	if (pipeline == COGNEE_ADD_PIPELINE) {
		done = counts->total;
		stage = STAGE_NONE;
	}
	jsonw_object(w);
	jsonw_nuint(w, "completed_items", done);
	jsonw_nuint(w, "total_items", counts->total);
	jsonw_nstring(w, "current_stage",
	    stage == STAGE_NONE ? NULL : stage_name(stage));
	jsonw_object_end(w);
}

static void
put_word(struct jsonw *w, const char *name, const struct cognee_query *query,
    const struct base_standing *standing, enum cognee_pipeline pipeline)
{
	enum cognee_word word;

	if (!cognee_dataset_word(standing, pipeline, &word))
		return;
	jsonw_name(w, name);
	if (!query->with_progress) {
		jsonw_string(w, words[word].name);
		return;
	}
	jsonw_object(w);
	jsonw_nstring(w, "status", words[word].name);
	jsonw_name(w, "progress");
	if (word == COGNEE_INITIATED)
		jsonw_null(w);
	else
		put_progress(w, job_of(standing, pipeline), pipeline);
	jsonw_object_end(w);
}

static void
put_nested(struct jsonw *w, const struct cognee_query *query,
    const struct base_standing *standing)
{
	int i;

	jsonw_object(w);
	for (i = 0; i < COGNEE_PIPELINE_COUNT; i++)
		if ((query->pipelines & 1u << i) != 0)
			put_word(w, pipelines[i], query, standing,
			    (enum cognee_pipeline)i);
	jsonw_object_end(w);
}

void
cognee_write_dataset(struct jsonw *w, const struct cognee_query *query,
    const struct uuid *dataset, const struct base_standing *standing)
{
	enum cognee_pipeline pipeline = COGNEE_COGNIFY_PIPELINE;
	char id[UUID_TEXT_SIZE];

	uuid_format(dataset, id);
	if (query->distinct > 1) {
		jsonw_name(w, id);
		put_nested(w, query, standing);
		return;
	}
	if (query->pipelines == 0)
		return;
	if ((query->pipelines & 1u << COGNEE_ADD_PIPELINE) != 0)
		pipeline = COGNEE_ADD_PIPELINE;
	put_word(w, id, query, standing, pipeline);
}

/* ---- UUIDs ------------------------------------------------------------- */

static bool
is_uuid_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F') || c == '-';
}

/* Words for text, which is none of the forms, as the original has them. */
static void
explain(const char *text, size_t len, struct buf *why)
{
	static const size_t starts[] = {0, 9, 14, 19, 24};
	size_t i, ends[5], hyphens = 0, step, group;

	for (i = 0; i < len; i++) {
		if (!is_uuid_char(text[i])) {
			(void)utf8_decode(text + i, len - i, &step);
			(void)buf_printf(why,
			    "invalid character: expected an optional prefix "
			    "of `urn:uuid:` followed by [0-9a-fA-F-], found "
			    "`%.*s` at %zu",
			    (int)step, text + i, i + 1);
			return;
		}
		if (text[i] == '-' && hyphens++ < 4)
			ends[hyphens - 1] = i;
	}
	if (hyphens == 0) {
		(void)buf_printf(why,
		    "invalid length: expected length 32 for simple format, "
		    "found %zu",
		    len);
		return;
	}
	if (hyphens != 4) {
		(void)buf_printf(why,
		    "invalid group count: expected 5, found %zu", hyphens + 1);
		return;
	}
	ends[4] = len;
	for (group = 0; group < 4; group++)
		if (ends[group] != starts[group + 1] - 1)
			break;
	(void)buf_printf(why,
	    "invalid group length in group %zu: expected %zu, found %zu",
	    group, group == 4 ? 12 : starts[group + 1] - starts[group] - 1,
	    ends[group] > starts[group] ? ends[group] - starts[group] : 0);
}

static int
parse_simple(const char *text, struct uuid *ret_uuid)
{
	static const size_t groups[] = {8, 4, 4, 4, 12};
	char hyphenated[HYPHENATED_LEN];
	size_t i, at = 0;

	for (i = 0; i < 5; i++) {
		if (i > 0)
			hyphenated[at++] = '-';
		memcpy(hyphenated + at, text, groups[i]);
		at += groups[i];
		text += groups[i];
	}
	return uuid_parse(hyphenated, HYPHENATED_LEN, ret_uuid);
}

int
cognee_parse_uuid(const char *text, struct uuid *ret_uuid, struct buf *why)
{
	static const char urn[] = "urn:uuid:";
	size_t len = strlen(text), urn_len = sizeof(urn) - 1;
	int err = ERR_SYNTAX;

	if (len == SIMPLE_LEN) {
		err = parse_simple(text, ret_uuid);
	} else if (len == HYPHENATED_LEN) {
		err = uuid_parse(text, len, ret_uuid);
	} else if (len == HYPHENATED_LEN + 2 && text[0] == '{' &&
	    text[len - 1] == '}') {
		err = uuid_parse(text + 1, HYPHENATED_LEN, ret_uuid);
	} else if (strncmp(text, urn, urn_len) == 0) {
		text += urn_len;
		len -= urn_len;
		if (len == HYPHENATED_LEN)
			err = uuid_parse(text, len, ret_uuid);
	}
	if (err < 0)
		explain(text, len, why);
	return err;
}

/* ---- errors ------------------------------------------------------------ */

void
cognee_write_detail(struct jsonw *w, const char *message)
{
	jsonw_object(w);
	jsonw_nstring(w, "detail", message);
	jsonw_object_end(w);
}

void
cognee_write_error(struct jsonw *w, const char *message)
{
	jsonw_object(w);
	jsonw_nstring(w, "error", message);
	jsonw_object_end(w);
}

void
cognee_write_invalid_uuid(struct jsonw *w, const char *name, size_t index,
    const char *value, const char *why)
{
	struct buf message;

	buf_init(&message, 1024);
	(void)buf_printf(&message, "Input should be a valid UUID, %s", why);
	jsonw_object(w);
	jsonw_nstring(w, "type", "uuid_parsing");
	jsonw_name(w, "loc");
	jsonw_array(w);
	jsonw_string(w, "query");
	jsonw_string(w, name);
	jsonw_uint(w, index);
	jsonw_array_end(w);
	jsonw_nstring(w, "msg", buf_text(&message));
	jsonw_nstring(w, "input", value);
	jsonw_name(w, "ctx");
	jsonw_object(w);
	jsonw_nstring(w, "error", why);
	jsonw_object_end(w);
	jsonw_object_end(w);
	buf_fini(&message);
}
