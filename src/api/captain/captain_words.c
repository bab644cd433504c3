/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captain's words and ids: what the tables say, and the few cases that need
 * more than a state.
 */
#include <stdio.h>
#include <string.h>

#include "api/captain/captain_view.h"
#include "base/err.h"
#include "model/item.h"
#include "model/job.h"

struct word_row {
	const char *name;
	int rank;
};

static const struct word_row words[CAPTAIN_WORD_COUNT] = {
#define CAPTAIN_WORD(name, text, rank) [CAPTAIN_##name] = {(text), (rank)},
#include "api/captain/captain_state_tbl.h"
};

static const struct {
	const char *name;
	int rank;
	const char *verb, *description;
} stages[CAPTAIN_STAGE_COUNT] = {
#define CAPTAIN_STAGE(name, text, rank, verb, description)                    \
	[CAPTAIN_STAGE_##name] = {(text), (rank), (verb), (description)},
#include "api/captain/captain_state_tbl.h"
};

static const struct word_row files[CAPTAIN_FILE_COUNT] = {
#define CAPTAIN_FILE(name, text, rank) [CAPTAIN_FILE_##name] = {(text), (rank)},
#include "api/captain/captain_state_tbl.h"
};

static const enum captain_word job_words[JOB_STATE_COUNT] = {
#define CAPTAIN_JOB(state, word) [JOB_##state] = CAPTAIN_##word,
#include "api/captain/captain_state_tbl.h"
};

static const enum captain_stage step_stages[STAGE_COUNT] = {
#define CAPTAIN_STEP(stage, name) [STAGE_##stage] = CAPTAIN_STAGE_##name,
#include "api/captain/captain_state_tbl.h"
};

static const enum captain_file item_files[ITEM_STATE_COUNT] = {
#define CAPTAIN_ITEM(state, name) [ITEM_##state] = CAPTAIN_FILE_##name,
#include "api/captain/captain_state_tbl.h"
};

static const char *const job_types[JOB_KIND_COUNT] = {
#define CAPTAIN_KIND(kind, job_type) [JOB_KIND_##kind] = (job_type),
#include "api/captain/captain_state_tbl.h"
};

/* What a form begins and ends with. */
static const char *const form_types[] = {
#define CAPTAIN_INDEX(name, path, job_type, start, fields, secrets, flags)    \
	(job_type),
#include "api/captain/captain_index_tbl.h"
};

static const char *const form_ends[] = {"basic", "advanced", "auto"};

enum {
	JOB_STATES_TOLD = 0
#define CAPTAIN_JOB(state, word) | 1 << JOB_##state
#include "api/captain/captain_state_tbl.h"
	,
	STAGES_TOLD = 0
#define CAPTAIN_STEP(stage, name) | 1 << STAGE_##stage
#include "api/captain/captain_state_tbl.h"
	,
	ITEM_STATES_TOLD = 0
#define CAPTAIN_ITEM(state, name) | 1 << ITEM_##state
#include "api/captain/captain_state_tbl.h"
	,
	KINDS_TOLD = 0
#define CAPTAIN_KIND(kind, job_type) | 1 << JOB_KIND_##kind
#include "api/captain/captain_state_tbl.h"
};
_Static_assert(JOB_STATES_TOLD == (1 << JOB_STATE_COUNT) - 2,
    "every state of a job has a word");
_Static_assert(STAGES_TOLD == (1 << STAGE_COUNT) - 2,
    "every stage has a word");
_Static_assert(ITEM_STATES_TOLD == (1 << ITEM_STATE_COUNT) - 2,
    "every state of an item has a word");
_Static_assert(KINDS_TOLD == (1 << JOB_KIND_COUNT) - 2,
    "every kind of job has a type");

/* ---- words ------------------------------------------------------------- */

const char *
captain_word_name(enum captain_word word)
{
	return words[word].name;
}

const char *
captain_word_said(enum captain_word word, const char *failures)
{
	return word == CAPTAIN_COMPLETED_WITH_FAILURES && failures != NULL
	    ? failures
	    : words[word].name;
}

static int
asked_word(const char *text, enum captain_word *ret_word)
{
	static const struct {
		const char *text;
		enum captain_word word;
	} others[] = {
#define CAPTAIN_ASKED(text, word) {text, word},
#include "api/captain/captain_state_tbl.h"
	};
	int word;
	size_t i;

	for (word = 0; word < CAPTAIN_WORD_COUNT; word++)
		if (strcmp(words[word].name, text) == 0) {
			*ret_word = (enum captain_word)word;
			return 0;
		}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i].text, text) == 0) {
			*ret_word = others[i].word;
			return 0;
		}
	return ERR_NOT_FOUND;
}

/* What captain_word_of() says beyond a job's state, standings say too. */
int
captain_asked_states(const char *text, uint32_t *ret_states)
{
	enum captain_word word;
	uint32_t states = 0;
	int state;

	if (asked_word(text, &word) < 0)
		return ERR_NOT_FOUND;
	for (state = JOB_PENDING; state < JOB_STATE_COUNT; state++)
		if (job_words[state] == word)
			states |= 1u << state;
	*ret_states = states;
	return 0;
}

int
captain_word_rank(enum captain_word word)
{
	return words[word].rank;
}

enum captain_word
captain_word_of(const struct job *job)
{
	/* Paused before it began: pending, or the end of the pause would be
	 * a step back. */
	if (job->state == JOB_PAUSED && job->started_us == 0)
		return CAPTAIN_PENDING;
	/* Nothing of it is in the index.  What is unchanged since an earlier
	 * run is, so a job with such files has not failed as a whole. */
	if (job->state == JOB_COMPLETED_WITH_FAILURES &&
	    job->counts.completed + job->unchanged == 0)
		return CAPTAIN_FAILED;
	return job_words[job->state];
}

const char *
captain_stage_name(enum captain_stage stage)
{
	return stages[stage].name;
}

int
captain_stage_rank(enum captain_stage stage)
{
	return stages[stage].rank;
}

const char *
captain_stage_verb(enum captain_stage stage)
{
	return stages[stage].verb;
}

const char *
captain_stage_description(enum captain_stage stage)
{
	return stages[stage].description;
}

enum captain_stage
captain_stage_of_step(enum stage step)
{
	return step_stages[step];
}

/* The word of list that begins at text and ends at a blank, or with it. */
static const char *
word_at(const char *text, const char *const *list, size_t count)
{
	size_t len = strcspn(text, " "), i;

	for (i = 0; i < count; i++)
		if (strlen(list[i]) == len && memcmp(list[i], text, len) == 0)
			return list[i];
	return NULL;
}

static const char *
form_of(const struct job *job)
{
	return job->dialect == DIALECT_CAPTAIN ? job->form : "";
}

const char *
captain_code_name(enum item_code code)
{
	if (code == ITEM_CODE_UNCHANGED)
		return "ALREADY_INDEXED";
	if (code == ITEM_CODE_UNSUPPORTED_SOURCE)
		return "UNSUPPORTED";
	return item_code_name(code);
}

const char *
captain_job_type(const struct job *job)
{
	const char *type = word_at(form_of(job), form_types,
	    sizeof(form_types) / sizeof(*form_types));

	return type != NULL ? type : job_types[job->kind];
}

const char *
captain_processing(const struct job *job)
{
	const char *form = form_of(job), *word;

	form += strcspn(form, " ");
	form += *form == ' ';
	word = word_at(form, form_ends,
	    sizeof(form_ends) / sizeof(*form_ends));
	return word != NULL ? word : "basic";
}

enum captain_stage
captain_stage_of(const struct job *job)
{
	enum stage stage;

	if (job->state == JOB_CANCELLED)
		return CAPTAIN_STAGE_CANCELLED;
	if (job->scan != SCAN_DONE)
		return CAPTAIN_STAGE_SCANNING;
	stage = job_stage(job);
	return stage == STAGE_NONE ? CAPTAIN_STAGE_FINALIZING
				   : step_stages[stage];
}

const char *
captain_file_name(enum captain_file file)
{
	return files[file].name;
}

int
captain_file_rank(enum captain_file file)
{
	return files[file].rank;
}

enum captain_file
captain_file_of(const struct item *item)
{
	return item_files[item->state];
}

/* ---- ids and cursors --------------------------------------------------- */

void
captain_format_id(const struct job *job, char out[CAPTAIN_ID_SIZE])
{
	char uuid[UUID_TEXT_SIZE];

	uuid_format(&job->uuid, uuid);
	(void)snprintf(out, CAPTAIN_ID_SIZE, "job_%s_%s",
	    job_kind_name(job->kind), uuid);
}

int
captain_parse_id(const char *text, struct uuid *ret_uuid)
{
	char prefix[CAPTAIN_ID_SIZE];
	size_t len;
	int kind;

	for (kind = JOB_KIND_FOLDER; kind < JOB_KIND_COUNT; kind++) {
		(void)snprintf(prefix, sizeof(prefix), "job_%s_",
		    job_kind_name((enum job_kind)kind));
		len = strlen(prefix);
		if (strncmp(text, prefix, len) == 0) {
			text += len;
			break;
		}
	}
	return uuid_parse(text, strlen(text), ret_uuid);
}

static const char base64url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
captain_format_cursor(uint32_t seq, char out[CAPTAIN_CURSOR_SIZE])
{
	int i;

	for (i = 5; i >= 0; i--) {
		out[i] = base64url[seq & 63];
		seq >>= 6;
	}
	out[6] = '\0';
}

int
captain_parse_cursor(const char *text, uint32_t *ret_seq)
{
	uint64_t seq = 0;
	const char *at;
	size_t i;

	if (strlen(text) != 6)
		return ERR_SYNTAX;
	for (i = 0; i < 6; i++) {
		at = strchr(base64url, text[i]);
		if (at == NULL)
			return ERR_SYNTAX;
		seq = seq << 6 | (uint64_t)(at - base64url);
	}
	if (seq > UINT32_MAX)
		return ERR_SYNTAX;
	*ret_seq = (uint32_t)seq;
	return 0;
}
