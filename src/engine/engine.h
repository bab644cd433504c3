/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine: plans, claims and runs jobs; the only place that moves one.
 *
 * Floor 4.  Threads: one writer (writer.c) commits in groups; one planner
 * (scan.c) walks folders; N workers (worker.c) run the steps (steps.c); one
 * janitor purges what is dead.  Everything below may be called from any
 * thread; calls that change something return after their commit.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/pace.h"
#include "store/store.h"

struct board;
struct embedder;
struct engine;
struct err_note;
struct json_t;

struct engine_config {
	const char *data_dir;
	const char *extractor;	/* path of tidemark-extract */
	unsigned workers;	/* 0: one per processor */
	uint64_t file_bytes_max;
	/* Read pictures and scanned pages, written in these languages ("eng",
	 * "deu+eng"); NULL: do not. */
	const char *ocr_languages;
	const char *const *folder_roots; /* that may be read in place */
	size_t folder_root_count;
	const char *api_key; /* the first key's text; NULL: a random one */
	unsigned commit_ms;  /* how long a group may gather */
	/* Called on the writer thread after each commit; must be quick. */
	void (*on_commit)(void *arg);
	void *on_commit_arg;
};

/*
 * Open the data folder (created with mode 0700), lock it, migrate the store,
 * make account and key when there are none, and rebuild the board.  Work
 * starts with engine_start().  Returns owned (engine_close); ERR_BUSY:
 * another process has the folder.
 */
int engine_open(const struct engine_config *config,
    struct engine **ret_engine, struct err_note *note);
int engine_start(struct engine *engine, struct err_note *note);
/* Let steps reach a border, commit, stop all threads. */
void engine_stop(struct engine *engine);
void engine_close(struct engine *engine);

struct board *engine_board(struct engine *engine);
const char *engine_data_dir(const struct engine *engine);
/* The text of the key made by engine_open(), "" when none was. */
const char *engine_new_key(const struct engine *engine);
/* Contents of DIR/local-token: who can read it shares user and machine with
 * the server. */
const char *engine_local_token(const struct engine *engine);

/* A connection for reading, for one thread; returns owned (store_close). */
int engine_reader(struct engine *engine, struct store **ret_reader,
    struct err_note *note);

/* Gauges for /metrics. */
struct engine_stats {
	uint64_t commits, operations, items_completed, items_failed,
	    items_skipped, items_cancelled, bytes_indexed, segments_indexed,
	    queries, extractor_starts;
	uint64_t jobs_live, workers, workers_busy, queue_bytes;
	bool is_storage_waiting;
};
void engine_stats(struct engine *engine, struct engine_stats *ret_stats);

/* ---- keys ------------------------------------------------------------- */

struct caller {
	int64_t account_id;
	int64_t key_id;
	char label[64]; /* of the key */
};

/* Whose key is this?  From memory, constant time in the key.
 * ERR_UNAUTHORIZED. */
int engine_authenticate(struct engine *engine, const char *key, size_t len,
    struct caller *ret_caller);
#define KEY_TEXT_SIZE 72
/* Make a key for the account; its text is given once. */
int engine_key_create(struct engine *engine, int64_t account_id,
    const char *label, char ret_text[KEY_TEXT_SIZE], struct uuid *ret_uuid,
    struct err_note *note);
int engine_key_revoke(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note);

/* ---- bases ------------------------------------------------------------ */

/* ERR_EXISTS, ERR_INVALID (name empty, too long, control characters). */
int engine_base_create(struct engine *engine, int64_t account_id,
    const char *name, const char *description, const char *settings,
    struct uuid *ret_uuid, struct err_note *note);
/* NULL members stay as they are. */
int engine_base_update(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, const char *name, const char *description,
    const char *settings, struct err_note *note);
int engine_base_delete(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note);
int engine_document_delete(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note);

/* ---- jobs ------------------------------------------------------------- */

struct folder_source {
	const char *const *paths; /* absolute files or folders */
	size_t path_count;
	const char *const *include; /* patterns as in gitignore */
	size_t include_count;
	const char *const *exclude;
	size_t exclude_count;
};

struct job_request {
	int64_t account_id;
	struct uuid base;
	enum dialect dialect;
};

/*
 * Index folders in place.  is_local: the caller proved to share user and
 * machine (local token), so that every path is allowed; else only those below
 * folder_roots: ERR_FORBIDDEN.  The scan comes later, in the job.
 */
int engine_job_folder(struct engine *engine, const struct job_request *request,
    const struct folder_source *source, bool is_local, struct job *ret_job,
    struct err_note *note);

/* An upload being received: bytes go to a temporary file as they come. */
struct upload;

/* name: as the client gave it, a path perhaps; drives, dots and empty parts
 * are taken out of it, and it is never used as a path here.  metadata: a JSON
 * object or NULL.  kind UPLOAD or TEXT decides the document's uri. */
int engine_upload_open(struct engine *engine, enum job_kind kind,
    const char *name, const char *metadata, struct upload **ret_upload,
    struct err_note *note);
/* ERR_TOO_BIG over file_bytes_max, ERR_STORAGE_FULL. */
int engine_upload_write(struct upload *upload, const void *bytes, size_t len);
/* All of it has come.  It becomes durable, under the hash of its content, with
 * the job that refers to it. */
int engine_upload_finish(struct upload *upload, struct err_note *note);
/* Frees it; the blob stays when a job refers to it. */
void engine_upload_free(struct upload *upload);

/* A job over finished uploads (borrowed). */
int engine_job_uploads(struct engine *engine,
    const struct job_request *request, enum job_kind kind,
    struct upload *const *uploads, size_t count, struct job *ret_job,
    struct err_note *note);

enum job_order { JOB_ORDER_CANCEL, JOB_ORDER_PAUSE, JOB_ORDER_RESUME };
/* Exact and idempotent: a final job stays as it is and is returned.  by: the
 * key's label. */
int engine_job_order(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, enum job_order order, const char *by,
    struct job *ret_job, struct err_note *note);
/* A new job over the failed items of a final one (all_items: over all).
 * ERR_CONFLICT while it runs; ERR_INVALID when nothing failed. */
int engine_job_retry(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, bool all_items, enum dialect dialect,
    struct job *ret_job, struct err_note *note);

/*
 * A job as everybody may see it now: from the board, or through reader from
 * the store when it is old.  Sets waiting_for.  ERR_NOT_FOUND, also when it
 * is of another account.
 */
int engine_job_get(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *uuid, struct job *ret_job);

/* Time left and speed, derived from the job's progress so far. */
void engine_job_pace(struct engine *engine, const struct job *job,
    struct job_pace *ret_pace);

/* ---- searching -------------------------------------------------------- */

struct query {
	const char *text;
	size_t limit;
	double semantic_ratio; /* 0 only words, 1 only vectors */
	/* What a document's metadata must hold (search/filter.h), checked;
	 * NULL: no matter. */
	const struct json_t *filter;
};

struct result {
	struct uuid document_id, segment_id;
	const char *name, *uri, *metadata; /* JSON object */
	const char *section; /* headings joined by 0x1F */
	const char *text;
	size_t text_len;
	uint32_t position; /* ordinal of the segment, from 0 */
	uint32_t page_start, page_end;
	double score; /* 0..1 */
	bool is_lexical, is_vector; /* what found it */
};

typedef int result_fn(void *arg, const struct result *result);

/*
 * Best first, through reader, in one snapshot whose generation is set before
 * the first fn.  ERR_NOT_FOUND: no such base in the account.
 */
int engine_query(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *base, const struct query *query,
    int64_t *ret_generation, result_fn *fn, void *arg,
    struct err_note *note);

/* ---- audit ------------------------------------------------------------ */

struct difference {
	char what[64];	/* "base.segments", "job.completed" */
	char where[UUID_TEXT_SIZE];
	uint64_t stored, counted;
};
typedef int difference_fn(void *arg, const struct difference *difference);

struct audit_totals {
	struct index_totals index;
	uint64_t jobs, items;
};
int engine_audit(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *base,
    struct audit_totals *ret_totals, difference_fn *fn, void *arg,
    struct err_note *note);

#endif
