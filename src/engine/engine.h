/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine: plans, claims and runs jobs; the only place that moves one.
 *
 * Floor 4.  Threads: one writer (writer.c) commits in groups; four planners
 * (scan.c) look for documents; N workers (worker.c) run the steps (steps.c);
 * one janitor purges what is dead; one (schedule.c) starts what is scheduled.
 * Everything below may be called from any thread; calls that change something
 * return after their commit.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/pace.h"
#include "search/fuse.h"
#include "store/store.h"

struct board;
struct embedder;
struct engine;
struct err_note;
struct json_t;
struct webhook_face;

/* Who may become a user by asking for it. */
enum registration {
	REGISTRATION_OFF,   /* nobody: the operator adds users */
	REGISTRATION_LOCAL, /* who calls from this machine */
	REGISTRATION_OPEN,  /* everybody */
};

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
	enum registration registration;
	/* A chat model (chat/chat.h); url and model NULL: there is none. */
	const char *chat_url, *chat_model;
	const char *chat_key; /* NULL: it needs none */
	/* A reranking service (rerank/rerank.h), likewise. */
	const char *rerank_url, *rerank_model, *rerank_key;
	/* A folder with a model (embed/folder.h) that turns texts into
	 * vectors; NULL: there is none. */
	const char *embedding_folder;
	bool is_embedding_int8; /* that of an encoder: its weights as bytes */
	/* A service that turns texts into vectors (embed/openai.h), likewise;
	 * it is the default where there is one, before the folder's and that
	 * which needs no model.  Each 0 the default. */
	const char *embedding_url, *embedding_model, *embedding_key;
	size_t embedding_dimensions, embedding_texts, embedding_tokens;
	unsigned embedding_concurrency;
	/* Where buckets are, "NAME=URL": NAME is a region, a region and a
	 * bucket ("fra1/docs"), or "*" for all that have no address of their
	 * own.  Those may be anywhere, private addresses included. */
	const char *const *s3_endpoints;
	size_t s3_endpoint_count;
	/* Hosts that sources and webhooks may be on although their addresses
	 * are not public, as struct net_policy has them. */
	const char *const *net_allow;
	size_t net_allow_count;
	/* How dialects tell of events (engine/webhooks.h), by their numbers;
	 * a NULL one does not. */
	const struct webhook_face *webhook_faces[DIALECT_COUNT];
	/* How much memory vectors may have that queries are compared with; 0:
	 * the default. */
	uint64_t vector_memory;
	unsigned commit_ms;  /* how long a group may gather */
	/* For how long after its end a job can be undone that keeps what it
	 * replaces; 0: none keeps anything. */
	unsigned undo_hours;
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
/* The largest file that is taken; are there folders that may be read in place
 * by callers of elsewhere? */
uint64_t engine_file_bytes_max(const struct engine *engine);
bool engine_has_folder_roots(const struct engine *engine);
/* What turns texts into vectors where nobody asks for another one: its name and
 * dimensions. */
const struct embedder *engine_embedder(const struct engine *engine);
/* Is there a service that did not answer when it was asked last? */
bool engine_embedder_is_down(const struct engine *engine);
/* The text of the key made by engine_open(), "" when none was. */
const char *engine_new_key(const struct engine *engine);
/* Contents of DIR/local-token: who can read it shares user and machine with
 * the server. */
const char *engine_local_token(const struct engine *engine);

/* Was a chat model configured?  Nobody has asked it yet. */
bool engine_has_chat(const struct engine *engine);
/* Its name, as the service has it; NULL: there is none. */
const char *engine_chat_model(const struct engine *engine);

/* Was a reranking service configured?  Nobody has asked it yet. */
bool engine_has_rerank(const struct engine *engine);
/* Its model's name; NULL: there is none. */
const char *engine_rerank_model(const struct engine *engine);

/* A connection for reading, for one thread; returns owned (store_close). */
int engine_reader(struct engine *engine, struct store **ret_reader,
    struct err_note *note);

/* Gauges for /metrics. */
struct engine_stats {
	uint64_t commits, operations, items_completed, items_failed,
	    items_skipped, items_cancelled, bytes_indexed, segments_indexed,
	    queries, extractor_starts, deliveries, delivery_failures;
	uint64_t jobs_live, workers, workers_busy, queue_bytes;
	/* Of vectors that are in memory. */
	uint64_t vector_bytes, vectors_in_cells;
	/* Of an embedder that is a service; zeros: it is none. */
	uint64_t embedding_requests, embedding_failures, embedding_texts,
	    embedding_tokens;
	bool is_embedding_down;
	uint64_t uptime_s; /* since the data folder was opened */
	bool is_storage_waiting;
};
void engine_stats(struct engine *engine, struct engine_stats *ret_stats);

/* ---- keys ------------------------------------------------------------- */

struct caller {
	int64_t account_id;
	int64_t key_id; /* also of the session's; 0: it is a user's own */
	char label[64]; /* of the key, or the user's address */
	int64_t user_id; /* 0: the account has no user */
	bool is_superuser;
	int64_t generation; /* of the user's tokens; see engine/sessions.c */
	struct uuid session;
	int64_t session_until_s; /* since 1970; 0: it came with the key */
};

/* Whose key, or session's token, is this?  From memory, constant time in the
 * key.  ERR_UNAUTHORIZED. */
int engine_authenticate(struct engine *engine, const char *key, size_t len,
    struct caller *ret_caller);
/* Is what let the caller in still good: the key not revoked, the session not
 * over?  For answers that go on and on; from memory. */
bool engine_caller_stands(struct engine *engine, const struct caller *caller);
/* The name of the caller's key, or of the key that began the session.
 * ERR_UNAUTHORIZED: it is a user's own session, or the key is revoked. */
int engine_caller_key(struct engine *engine, const struct caller *caller,
    struct uuid *ret_key);
/* A word that tells this data folder from others, and nothing else; the same
 * as long as it has its secret key. */
const char *engine_mark(const struct engine *engine);
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
/*
 * The same, with settings that fn makes of those that there are when the
 * change is applied: no other change comes in between.  fn changes the object
 * in place and returns 0; 1: they stay as they are; or an error, and nothing
 * is changed.  It runs on the writer thread, must be quick, and may be called
 * again, on the object as it was.
 */
typedef int base_settings_fn(void *arg, struct json_t *settings,
    struct err_note *note);
int engine_base_change(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, const char *name, const char *description,
    base_settings_fn *fn, void *arg, struct err_note *note);
int engine_base_delete(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note);
/* The same, if there is neither a document in it nor a job that has not ended;
 * else ERR_CONFLICT. */
int engine_base_delete_empty(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note);
int engine_document_delete(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note);

/* ---- changing by hand (edit*.c) ---------------------------------------- */

/* What of documents does not come from their content; all of them, or none.
 * NULL and absent members stay as they are. */
struct document_edit {
	struct uuid document;
	const char *name;
	const char *metadata, *settings; /* JSON objects, whole */
	bool sets_enabled, is_enabled;
	bool sets_archived, is_archived;
};
/* by: the key's label.  ERR_NOT_FOUND, ERR_INVALID, ERR_TOO_BIG. */
int engine_documents_edit(struct engine *engine, int64_t account_id,
    const struct document_edit *edits, size_t count, const char *by,
    struct err_note *note);

/*
 * Segments of the live revision, and children of segments.  What is added or
 * changed is embedded here, in the calling thread, and found by queries when
 * the call returns.  A changed text of a segment with children: they are cut
 * anew by the document's rule if recuts_children and it cuts any, else they
 * stay.
 *
 * Where the document's rule asks for a graph (rule.h), and its revision has
 * one, what is added or says something else now gets one by rules in the same
 * transaction, also where a model made those of the others: nobody waits for
 * a model here.
 *
 * While the document is being indexed anew, what is edited is the revision
 * that is live; the edit is lost when the new one is published, and the next
 * run over the document brings back what its content says.
 *
 * ERR_NOT_FOUND; ERR_CONFLICT: nothing of the document is indexed yet, (with
 * a text) the segment is switched off and not switched on with it, or others
 * change the same all the time; ERR_INVALID, ERR_TOO_BIG; and what the
 * embedder says.
 */
struct segment_edit {
	const char *text;     /* NULL: as it is */
	const char *answer;   /* NULL: as it is */
	const char *keywords; /* JSON array of strings; NULL: as it is */
	bool sets_enabled, is_enabled;
	bool recuts_children;
};
/* Behind the last ones; all or none. */
int engine_segments_add(struct engine *engine, int64_t account_id,
    const struct uuid *document, const struct segment_edit *edits,
    size_t count, struct uuid *ret_segments, struct err_note *note);
int engine_segment_change(struct engine *engine, int64_t account_id,
    const struct uuid *document, const struct uuid *segment,
    const struct segment_edit *edit, const char *by, struct err_note *note);
int engine_segment_delete(struct engine *engine, int64_t account_id,
    const struct uuid *document, const struct uuid *segment,
    struct err_note *note);
/* With its first child a segment loses the vector of its own, and gets it back
 * with the last one. */
int engine_child_add(struct engine *engine, int64_t account_id,
    const struct uuid *document, const struct uuid *segment,
    const char *text, struct uuid *ret_child, struct err_note *note);
int engine_child_change(struct engine *engine, int64_t account_id,
    const struct uuid *document, const struct uuid *segment,
    const struct uuid *child, const char *text, struct err_note *note);
int engine_child_delete(struct engine *engine, int64_t account_id,
    const struct uuid *document, const struct uuid *segment,
    const struct uuid *child, struct err_note *note);

/* ---- tags: names that an account gives to bases ------------------------- */

/* name: 1 to 200 bytes without control characters.  ERR_EXISTS,
 * ERR_INVALID. */
int engine_tag_create(struct engine *engine, int64_t account_id,
    const char *name, struct uuid *ret_uuid, struct err_note *note);
int engine_tag_rename(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, const char *name, struct err_note *note);
int engine_tag_delete(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note);
/* All or none; ERR_NOT_FOUND. */
int engine_tags_bind(struct engine *engine, int64_t account_id,
    const struct uuid *tags, size_t count, const struct uuid *base,
    bool is_bound, struct err_note *note);

/* ---- jobs ------------------------------------------------------------- */

struct folder_source {
	const char *const *paths; /* absolute files or folders */
	size_t path_count;
	const char *const *include; /* patterns as in gitignore */
	size_t include_count;
	const char *const *exclude;
	size_t exclude_count;
};

#define REQUEST_KEY_BYTES_MAX 255u

struct job_request {
	int64_t account_id;
	struct uuid base;
	enum dialect dialect;
	/* The schedule that asks, 0: somebody does.  It has run when the job
	 * is made; ERR_CANCELLED: it is not due any more. */
	int64_t schedule_id;
	/* What the dialect calls it and keeps with it, at most
	 * JOB_FORM_SIZE - 1 bytes; NULL: nothing. */
	const char *form;
	/* Keep what the job replaces, so that it can be undone. */
	bool keeps_replaced;
	/* The name that the client gave to its request (1 to
	 * REQUEST_KEY_BYTES_MAX bytes), and the hash of what it asks for: when
	 * the account has a job that was made by a request of that name, it is
	 * that one, and nothing is done; ERR_CONFLICT when that request asked
	 * for something else.  Names are remembered for a day.  NULL: it has
	 * none. */
	const char *request_key;
	uint8_t request_hash[HASH_SIZE];
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
/* The SHA-256 of a finished one, HASH_SIZE bytes; valid as long as it is. */
const uint8_t *engine_upload_hash(const struct upload *upload);

/* All bytes of a finished one that no job has been given yet.  ERR_TOO_BIG:
 * they are more than size; ERR_CONFLICT: a job has it. */
int engine_upload_read(const struct upload *upload, void *bytes, size_t size,
    size_t *ret_len);

/* The bytes of an upload that an item had, by their hash, as an open file that
 * cannot be written to: the descriptor (the caller closes it), ERR_NOT_FOUND
 * or another error. */
int engine_blob_open(struct engine *engine, struct store *reader,
    const uint8_t hash[HASH_SIZE], struct err_note *note);

/* A job over finished uploads (borrowed). */
int engine_job_uploads(struct engine *engine,
    const struct job_request *request, enum job_kind kind,
    struct upload *const *uploads, size_t count, struct job *ret_job,
    struct err_note *note);

/*
 * A job over uploads, each put at a place of its own; and what became of it.
 */
struct put {
	struct upload *upload; /* finished, borrowed; NULL: the document's
				  content as it was last given */
	/* The document whose content it becomes; NULL: by its address, which
	 * comes of its name... */
	const struct uuid *document;
	bool is_new; /* ...or a new one, whatever its name... */
	/* ...or by its content ("content:///" and the SHA-256 of the upload in
	 * hex): the same bytes are the same document, whatever they are called,
	 * also within one request.  With document it gets that address too:
	 * ERR_EXISTS when another one has it. */
	bool by_content;
	const char *name;     /* NULL: the upload's, or as it is */
	/* The '#' in name stands for a number from 1 that makes it the name of
	 * a document that the base does not have. */
	bool is_numbered;
	const char *metadata; /* NULL: the upload's, or as it is */
	const char *settings; /* NULL: as it is, {} for a new one */
	/* Set: */
	struct uuid ret_document;
	uint32_t ret_position;
};
/*
 * batch: a name for the job as BATCH_SIZE says, NULL: a new one.  When nothing
 * has changed but is_forced, the document is indexed all the same.
 * ERR_NOT_FOUND: no such base or document, or the document has no content that
 * could be read again.
 */
int engine_job_puts(struct engine *engine, const struct job_request *request,
    enum job_kind kind, struct put *puts, size_t count, const char *batch,
    bool is_forced, struct job *ret_job, struct err_note *note);

enum job_order { JOB_ORDER_CANCEL, JOB_ORDER_PAUSE, JOB_ORDER_RESUME };
/* Exact and idempotent: a final job stays as it is and is returned.  by: the
 * key's label. */
int engine_job_order(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, enum job_order order, const char *by,
    struct job *ret_job, struct err_note *note);
/* A new job over the failed items of a final one (all_items: over all).
 * ERR_CONFLICT while it runs; ERR_INVALID when nothing failed, or when it was
 * an import whose keys went with its end. */
int engine_job_retry(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, bool all_items, enum dialect dialect,
    struct job *ret_job, struct err_note *note);

/* The same over some of its items, by their ids: those that failed, were
 * skipped or cancelled.  ERR_INVALID: others are among them, or ids that the
 * job has not. */
#define RETRY_ITEMS_MAX 1000u
int engine_job_retry_items(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, const struct uuid *items, size_t count,
    enum dialect dialect, struct job *ret_job, struct err_note *note);

/*
 * A job as everybody may see it now: from the board, or through reader from
 * the store when it is old.  Sets waiting_for.  ERR_NOT_FOUND, also when it
 * is of another account.
 */
int engine_job_get(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *uuid, struct job *ret_job);

/* Time left and speed, derived from the job's progress so far, and until when
 * it can be undone. */
void engine_job_pace(struct engine *engine, const struct job *job,
    struct job_pace *ret_pace);

/* ---- searching -------------------------------------------------------- */

/* Is there to be asked, too, for what the best by words have in common
 * (search/feedback.h)?  Then there are results that hold no word of it. */
enum expand {
	/* When words and vectors are asked without operators: vectors find
	 * such results anyway. */
	EXPAND_AUTO,
	EXPAND_NO,
	EXPAND_YES,
};

struct query {
	const char *text;
	size_t limit;
	double semantic_ratio; /* 0 only words, 1 only vectors */
	enum fusion fusion;
	enum expand expand;
	/* Quotes, minus and `field:` in text are what search/ask.h says; else
	 * they are text. */
	bool has_operators;
	size_t looks_max; /* segments looked at; 0: QUERY_LOOKS_MAX */
	/* What a document's metadata must hold (search/filter.h), checked;
	 * NULL: no matter. */
	const struct json_t *filter;
	double score_min; /* worse ones are left out; 0: none is */
	size_t per_document_max; /* segments of one document; 0: any number */
	/* Set to whether nearness was asked for and could not be told, as the
	 * embedding service did not answer: words alone have found what there
	 * is.  NULL: nobody wants to know. */
	bool *ret_is_by_words;
	/* Set to whether so many segments had to be looked at for what the
	 * operators demand that the search ended before it had seen all.  NULL:
	 * nobody wants to know. */
	bool *ret_is_partial;
};

/* A child that the query is near to. */
struct result_child {
	struct uuid id;
	uint32_t position; /* from 0 */
	const char *text;
	size_t text_len;
	double score; /* 0..1 */
};
#define RESULT_CHILDREN_MAX 16u

struct result {
	struct uuid document_id, segment_id;
	const char *name, *uri, *metadata; /* JSON object */
	const char *section; /* headings joined by 0x1F */
	const char *text;
	size_t text_len;
	uint32_t position; /* ordinal of the segment, from 0 */
	uint32_t page_start, page_end;
	double score; /* 0..1 */
	bool is_lexical, is_vector; /* what found it... */
	double lexical, cosine;	    /* ...and its own score: BM25, -1..1 */
	const struct segment *segment; /* all of it, without its children */
	const struct document *document;
	const struct result_child *children; /* best first */
	size_t child_count;
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

/*
 * The same over 1 to QUERY_BASES_MAX bases, as if they were one: what words
 * and vectors find in all of them is fused together, so that the best of a
 * base is not among the best for being that.  How rare a word is, is counted
 * within each base: scores are those of bases of more than a few segments.  A
 * base that is named twice counts once.
 */
int engine_query_bases(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *bases, size_t base_count,
    const struct query *query, int64_t *ret_generation, result_fn *fn,
    void *arg, struct err_note *note);

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
