/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_int: what the files of the engine share.
 */
#ifndef ENGINE_ENGINE_INT_H
#define ENGINE_ENGINE_INT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include "base/limits.h"
#include "engine/engine.h"
#include "extract/extract.h"
#include "net/meter.h"
#include "store/store.h"
#include "text/chunk.h"
#include "text/stop.h"

struct beside;
struct board;
struct buf;
struct couriers;
struct dispatch;
struct embeddings;
struct janitor;
struct keyring;
struct rates;
struct planner;
struct schedules;
struct seal;
struct users;
struct work;
struct worker;
struct write_tx;
struct writer;

#define ENGINE_MARK_SIZE 9 /* of 32 bits, in digits */
#define LOCAL_TOKEN_SIZE 65

/* Since the start; what becomes of jobs and items is in totals.h. */
struct engine_counters {
	_Atomic uint64_t bytes, segments, queries, extractor_starts,
	    deliveries, delivery_failures;
	_Atomic uint64_t extractor_ends[EXTRACTOR_END_COUNT];
	_Atomic uint64_t dead_revisions; /* found last; no more than a bound */
	/* Of steps that came to their end; histogram_work. */
	struct histogram stages[STAGE_COUNT];
	struct net_meter embedding, chat, rerank;
};

/* What a job has below one outermost document, as it was counted when the job
 * had so many items and bytes in all: there cannot be more of it since than
 * there is of those. */
struct root_count {
	int64_t job_id, root_id; /* 0: free */
	uint64_t count, bytes;
	uint64_t job_total, job_bytes;
};

#define ROOT_COUNTS 16u

/* Words of the configuration, owned. */
struct words {
	char **list;
	size_t count;
};

/* Set by engine_open() and not changed until engine_close(); what the
 * pointers lead to has its own owner. */
struct engine {
	char *data_dir, *blob_dir, *tmp_dir, *extractor;
	char *ocr_languages; /* NULL: no OCR; settled by engine_start() */
	char *chat_url, *chat_model; /* NULL: no chat model */
	char *chat_key;		     /* NULL: it needs none */
	char *rerank_url, *rerank_model; /* NULL: no reranking service */
	char *rerank_key;		 /* NULL: it needs none */
	struct words s3_endpoints, net_allow;
	char **folder_roots;
	size_t folder_root_count;
	uint64_t file_bytes_max;
	int64_t opened_us; /* by the monotonic clock */
	int64_t undo_us; /* how long what jobs replace is kept; 0: it is not */
	unsigned worker_count;
	char new_key[KEY_TEXT_SIZE];
	char mark[ENGINE_MARK_SIZE];
	char local_token[LOCAL_TOKEN_SIZE];

	struct store *store; /* the writer's */
	struct board *board;
	struct writer *writer;
	struct dispatch *dispatch;
	struct planner *planner;
	struct janitor *janitor;
	struct keyring *keyring;
	struct users *users;
	struct rates *rates;
	enum registration registration;
	struct schedules *schedules;
	struct couriers *couriers;
	/* By dialect; NULL: it tells of no events. */
	const struct webhook_face *webhook_faces[DIALECT_COUNT];
	struct seal *seal; /* its key is DIR/secret-key */
	struct embeddings *embeddings; /* those that can be used */
	struct mirrors *mirrors;
	struct beside *beside;
	struct stop_set stops; /* queries read it */
	struct worker *workers;
	uint64_t rule; /* rule_fingerprint() of rule_default */

	void (*on_commit)(void *arg);
	void *on_commit_arg;
	struct engine_counters counters;
	_Atomic uint64_t upload_memory; /* bytes of uploads that are there */
	_Atomic unsigned copies; /* bases being made of others */
	struct root_count root_counts[ROOT_COUNTS]; /* the writer thread's */
	atomic_bool is_backing_up; /* one at a time: engine/backup.h */
	atomic_bool is_started;
};

/* ---- engine.c ------------------------------------------------------------ */

/* Give a live job, as store has it, to dispatch and planner. */
void engine_take_up(struct engine *engine, struct store *store,
    const struct job *job);

/* ---- worker.c: threads that run the steps ----------------------------- */

int workers_start(struct engine *engine, struct err_note *note);
void workers_stop(struct engine *engine);

/* ---- scan.c: the planner, which looks for documents and finishes jobs --- */

struct planner *planner_new(struct engine *engine);
void planner_free(struct planner *planner);
int planner_start(struct planner *planner);
void planner_stop(struct planner *planner);
/* The job wants its scan, or what comes after its last item. */
void planner_wake(struct planner *planner, const struct job *job);
/* The job has ended, or (not 0) all of the base have: break off its scan. */
void planner_end(struct planner *planner, int64_t job_id, int64_t base_id);
/* Does the job's scan wait for a source that is out of order? */
bool planner_is_waiting(struct planner *planner, int64_t job_id);
/* Some live job could not be given to dispatch or planner: look at all of
 * them in a moment. */
void planner_missed(struct planner *planner);

/* ---- janitor.c: deletes what is dead ----------------------------------- */

struct janitor *janitor_new(struct engine *engine);
void janitor_free(struct janitor *janitor);
int janitor_start(struct janitor *janitor);
void janitor_stop(struct janitor *janitor);
/* Delete uploads that nothing refers to; while none can be under way. */
void janitor_collect(struct janitor *janitor);
/* The base's index has grown. */
void janitor_note(struct janitor *janitor, int64_t base_id);
/* The base's index has lost something that no revision died with. */
void janitor_lost(struct janitor *janitor);
/* Some of the base has not the vectors that it answers by: it is embedded
 * again. */
void janitor_lacks(struct janitor *janitor, int64_t base_id);
/* Something has died. */
void janitor_wake(struct janitor *janitor);

/* ---- keys.c ------------------------------------------------------------ */

struct keyring *keyring_new(void);
void keyring_free(struct keyring *keyring);
int keyring_put(struct keyring *keyring, const struct api_key *key);
void keyring_drop(struct keyring *keyring, const struct uuid *uuid);
/* What is asked for with that key, which is not revoked: account, id and
 * label.  ERR_UNAUTHORIZED. */
int keyring_caller(struct keyring *keyring, const struct uuid *uuid,
    struct caller *ret_caller);
/* Its name; the same. */
int keyring_name(struct keyring *keyring, int64_t key_id,
    struct uuid *ret_uuid);
/* Account and first key, when there are none. */
int keys_setup(struct engine *engine, const char *api_key,
    struct err_note *note);

/* ---- users.c, sessions.c ------------------------------------------------ */

struct users *users_new(void); /* NULL: no memory */
void users_free(struct users *users);
/* Read what there is; needs the seal. */
int users_setup(struct engine *engine, struct err_note *note);
/* Whose session has that token?  From memory.  ERR_UNAUTHORIZED. */
int users_session_caller(struct engine *engine, const char *token, size_t len,
    struct caller *ret_caller);
/* A key was the right one: whose is it?  ERR_UNAUTHORIZED: the user is not
 * active. */
int users_key_caller(struct engine *engine, struct caller *caller);

/* ---- base_copy.c -------------------------------------------------------- */

/* Delete what copies left that were broken off; before there can be any. */
int copies_clear(struct engine *engine, struct err_note *note);

/* ---- blobs (upload.c) --------------------------------------------------- */

/* DIR/blobs/ab/cdef... */
int blob_path(const struct engine *engine, const uint8_t hash[HASH_SIZE],
    char out[URI_BYTES_MAX]);
/* A name as a client or an archive gives it, without what is a trick in a path;
 * ERR_INVALID: no UTF-8, or nothing is left; ERR_TOO_BIG. */
int upload_name_clean(const char *name, char out[UPLOAD_NAME_BYTES_MAX + 1]);
/* Make those of finished uploads that are files durable under their hashes...
 */
int uploads_store(struct upload *const *uploads, size_t count,
    struct err_note *note);
/* ...and put those in memory into the writer's store. */
int upload_put(const struct upload *upload, struct store *store);
bool upload_is_small(const struct upload *upload); /* in memory */
const uint8_t *upload_hash(const struct upload *upload);
const char *upload_name(const struct upload *upload);
/* NULL: none was given. */
const char *upload_metadata(const struct upload *upload);
uint64_t upload_bytes(const struct upload *upload);
/* Append "///name", percent-encoded. */
int upload_uri(const char *name, struct buf *out);

/* ---- open.c ------------------------------------------------------------- */

/* A sentence that names the document whose content is the same. */
int duplicate_explain(struct store *store, int64_t other_id, char out[256]);

/* ---- plan.c ------------------------------------------------------------- */

/* The item as it stands in row, numbered and counted in its job, whose working
 * copy that is; within an operation.  row->item needs document_id, bytes,
 * mtime_us and code (when it ends at once); metadata may be NULL. */
int plan_item_add(struct write_tx *tx, struct job *job,
    struct item_row *row);

/* Does what came of an item last as long as its content and its rule do? */
bool plan_code_lasts(enum item_code code);

/* A new item over document uri, counted in its job; within an operation.
 * row->item needs bytes, mtime_us and code (when it ends at once); the rest is
 * filled in.  metadata NULL: none was given, and a document that is there keeps
 * its name and its own.  is_first_look: skip it when size and time are those of
 * the live revision.  bytes in place that the job has an item for already are
 * left out. */
int plan_item(struct write_tx *tx, struct job *job, struct item_row *row,
    uint64_t rule, bool is_first_look);

/* Before the job changes the document or, is_made, when it has just made it;
 * root_id 0: it stands for itself.  Nothing, unless the job keeps what it
 * replaces (store/store_undo.h). */
int plan_note(struct write_tx *tx, const struct job *job,
    int64_t document_id, int64_t root_id, bool is_made);

/* ---- order.c ------------------------------------------------------------ */

/* Cancel what is open of a document, in that job or (0) in all of them, with
 * that sentence. */
int document_items_cancel(struct write_tx *tx, int64_t document_id,
    int64_t job_id, const char *words);

/* ---- kept.c ------------------------------------------------------------- */

/* On the writer thread, after its commit: a job of JOB_KIND_KEPT has ended; the
 * base's next one has its turn. */
void kept_wake_next(struct engine *engine, const struct job *ended);
/* May KEPT jobs read a document that lies at that address in place? */
bool kept_may_read(const struct engine *engine, const char *uri);

/* ---- base_change.c, job_new.c -------------------------------------------- */

/* May a base be called that?  ERR_INVALID, ERR_TOO_BIG. */
int base_name_check(const char *name, struct err_note *note);

/* The base of the account, by uuid: its row. */
struct base_ref {
	int64_t id;
	struct uuid uuid;
	char name[NAME_BYTES_MAX + 1];
	int64_t embedder_id; /* that it answers by */
};
int base_ref_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, struct base_ref *ret_base);

/* ---- drop.c ------------------------------------------------------------- */

/* Delete a document and its members, and cancel what is open of them; how many
 * documents went is added to *count (may be NULL).  ERR_NOT_FOUND. */
int document_drop(struct write_tx *tx, int64_t document_id,
    uint64_t *count);
/* The same for a job, which may keep what it deletes. */
int document_drop_for(struct write_tx *tx, const struct job *job,
    int64_t document_id, uint64_t *count);
/* Only what is in the document. */
int document_drop_inside(struct write_tx *tx, int64_t document_id);
/* What is not in the document any more that the job has indexed: members that
 * neither it has an item of, nor a later job has seen.  root_id: the outermost
 * document. */
int document_drop_members(struct write_tx *tx, const struct job *job,
    int64_t document_id, int64_t root_id, uint64_t *count);

/* Which base a document belongs to, checked against uuid and account. */
int document_ref_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, int64_t *ret_document_id,
    int64_t *ret_base_id);

#endif
