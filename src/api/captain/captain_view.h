/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain_view: the model in Captain's words.  Pure: structs in, JSON out.
 *
 * Floor 6.
 */
#ifndef API_CAPTAIN_CAPTAIN_VIEW_H
#define API_CAPTAIN_CAPTAIN_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "model/item.h"
#include "model/job.h"

struct jsonw;

enum captain_word {
#define CAPTAIN_WORD(name, text, rank) CAPTAIN_##name,
#include "api/captain/captain_state_tbl.h"
	CAPTAIN_WORD_COUNT
};

enum captain_stage {
#define CAPTAIN_STAGE(name, text, rank, verb, description)                    \
	CAPTAIN_STAGE_##name,
#include "api/captain/captain_state_tbl.h"
	CAPTAIN_STAGE_COUNT
};

enum captain_file {
#define CAPTAIN_FILE(name, text, rank) CAPTAIN_FILE_##name,
#include "api/captain/captain_state_tbl.h"
	CAPTAIN_FILE_COUNT
};

/* The other word for COMPLETED_WITH_FAILURES. */
#define CAPTAIN_WITH_ERRORS "completed_with_errors"

const char *captain_word_name(enum captain_word word);
/* The same as the server is told to say it: failures is what it calls a job
 * that some files of failed (http_failures_word()), NULL as above. */
const char *captain_word_said(enum captain_word word, const char *failures);
/* The states of a job that a list is asked for by a word, as job_filter has
 * them by standing; 0: no job has it.  ERR_NOT_FOUND: it is none. */
int captain_asked_states(const char *text, uint32_t *ret_states);
int captain_word_rank(enum captain_word word);
enum captain_word captain_word_of(const struct job *job);

const char *captain_stage_name(enum captain_stage stage);
int captain_stage_rank(enum captain_stage stage);
const char *captain_stage_verb(enum captain_stage stage); /* "Chunking" */
const char *captain_stage_description(enum captain_stage stage);
/* The word of a stage of the model, which must not be STAGE_NONE. */
enum captain_stage captain_stage_of_step(enum stage step);
/* The earliest stage that an unfinished file of job is in. */
enum captain_stage captain_stage_of(const struct job *job);

const char *captain_file_name(enum captain_file file);
int captain_file_rank(enum captain_file file);
enum captain_file captain_file_of(const struct item *item);

/* The model's names, but for two that Captain has words of its own for. */
const char *captain_code_name(enum item_code code);

/*
 * "index_s3_file": what the job's form says ("index_s3_file advanced"), or what
 * the kind of a job is called that no request of this dialect has made.
 */
const char *captain_job_type(const struct job *job);
/* "advanced", of the same form; "basic" when there is none. */
const char *captain_processing(const struct job *job);

/* "job_folder_0b1f4a52-7f0e-4c67-9c0e-3f1d8a5e6b21" */
#define CAPTAIN_ID_SIZE 64
void captain_format_id(const struct job *job, char out[CAPTAIN_ID_SIZE]);
/* Takes that form and the bare uuid; 0 or ERR_SYNTAX. */
int captain_parse_id(const char *text, struct uuid *ret_uuid);

/* Where a page of files goes on: opaque to clients. */
#define CAPTAIN_CURSOR_SIZE 8
void captain_format_cursor(uint32_t seq, char out[CAPTAIN_CURSOR_SIZE]);
int captain_parse_cursor(const char *text, uint32_t *ret_seq);

/* What of an answer is not in the job itself. */
struct captain_extra {
	int64_t seconds_left; /* negative: unknown */
	uint32_t files_limit; /* 0: files is null */
	uint32_t next_seq; /* of the next page's cursor; 0: the last page */
};

/*
 * The answer is written in three parts: captain_write_job() opens the object
 * and writes what comes before `files`; then the files, an array or null; then
 * captain_write_rest() writes what comes after and closes the object.
 */
void captain_write_job(struct jsonw *w, const struct job *job,
    const char *failures);
/* document: its id as the answer shows it. */
void captain_write_file(struct jsonw *w, const struct item *item,
    const struct uuid *document, const char *uri, const char *name);
void captain_write_rest(struct jsonw *w, const struct job *job,
    const struct captain_extra *extra);

/* True when the job's files are known, at least some: before that `files` is
 * null. */
bool captain_has_files(const struct job *job);

/*
 * What the original answers when its look-up failed for the moment: "unknown,
 * ask again".  Only for a job that is not in memory, while the store fails.
 */
void captain_write_placeholder(struct jsonw *w, const char *id);

/* A job of a list; failures as in captain_word_said(). */
void captain_write_job_row(struct jsonw *w, const struct job *job,
    const char *environment, const char *failures);

/* {"detail":"message"} */
void captain_write_error(struct jsonw *w, const char *message);

#endif
