/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: the truth.  What is committed here has happened; everything in
 * memory is derived from it and can be rebuilt.
 *
 * Floor 3.  A struct store is one connection and belongs to one thread at a
 * time.  One of them per data folder is the writer: it alone changes rows and
 * checkpoints (docs/decisions/0002).  Readers see the last committed state;
 * between store_begin() and store_end() they see one snapshot.
 *
 * Errors of every function: ERR_STORAGE_FULL (the disk is full: roll back,
 * try again later), ERR_IO, ERR_NOMEM, ERR_BUSY, ERR_CORRUPT (a stored value
 * makes no sense), beside those named.  Rows come through callbacks: what
 * they point to is valid during the call; a nonzero return ends the walk and
 * is returned.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "model/environment.h"
#include "model/item.h"
#include "model/job.h"

struct err_note;
struct segment_graph; /* store_graph.h */
struct store;

enum store_mode { STORE_WRITER, STORE_READER };

#define HASH_SIZE 32 /* SHA-256 */

/* An organization has one for each of its environments. */
struct account {
	int64_t id;
	struct uuid uuid;
	struct uuid organization; /* the uuid of its first account */
	enum environment environment;
	char name[64];
	int64_t created_us;
};

struct api_key {
	int64_t id;
	struct uuid uuid;
	int64_t account_id;
	uint8_t hash[HASH_SIZE]; /* SHA-256 of the key's text */
	char label[64];
	char prefix[16]; /* the key's first characters, to tell it by */
	int64_t created_us, revoked_us;
	enum environment environment; /* of its account; set when read */
};

struct base {
	int64_t id;
	struct uuid uuid;
	int64_t account_id;
	char name[NAME_BYTES_MAX + 1];
	const char *description; /* never NULL */
	const char *settings;	 /* a JSON object */
	int64_t created_us, updated_us;
	/* With a live revision, and their segments; set when found. */
	uint64_t documents, segments, characters;
	/* What it is asked to be embedded with; NULL: the server's default. */
	const char *embedding_model;
	size_t embedding_dimensions; /* 0: as many as the model has */
	/* By which embedder it answers, and by which it is to (store_model.h);
	 * changed by nobody but those functions. */
	int64_t embedder_id, wanted_id;
	const char *embedder, *wanted; /* their names; set when found */
};

/* A document and, when it has one, its live revision. */
struct document {
	int64_t id; /* its uuid is uuid_of_row(base's uuid, id) */
	int64_t base_id;
	struct uuid base_uuid;
	const char *uri;
	const char *name;
	/* A JSON object: what the caller gave, and of what the live revision
	 * says of itself (author, created_at...) the rest. */
	const char *metadata;
	const char *own_metadata; /* what the caller gave, alone */
	int64_t parent_id; /* the document it is a member of; 0 none */
	uint64_t bytes;
	int64_t mtime_us;
	int64_t revision_id; /* 0: nothing of it is indexed */
	/* Of the live revision's content; zeros when there is none, or when it
	 * was changed by hand. */
	uint8_t hash[HASH_SIZE];
	uint32_t segments;
	uint64_t characters;
	const char *title, *media_type, *language, *keyphrases, *summary;
	uint32_t pages;
	int64_t created_us, updated_us, indexed_us;
	/* Its newest item, whatever job that is of; 0 none. */
	int64_t item_id;
	enum item_state item_state;
	enum item_code item_code;
	enum stage item_stage;
	int64_t seen_job; /* the last job that came across it */
	uint64_t rule;	  /* of the live revision; see RULE_EDITED */
	/* How it is to be cut and indexed, over what its base says
	 * (engine/rule.h), and what a dialect keeps with it: a JSON object. */
	const char *settings;
	uint32_t position; /* its place in the base, from 1 */
	/* Not found by queries although it is indexed: switched off (when and
	 * by which key's label), or put away. */
	int64_t disabled_us; /* 0: on */
	const char *disabled_by;
	bool is_archived;
	bool is_paused;	  /* the job of its newest item is */
	bool has_vectors; /* of the live revision */
	int64_t source_id; /* that came across it last; 0 none */
	/* What its source said of the content that is indexed, to tell a
	 * change by; "" nothing. */
	const char *etag;
	/* Since when its newest content is kept without being indexed; 0: it
	 * is not, or it has a newer item. */
	int64_t held_us;
};

/* The rule of a revision that was changed by hand: no fingerprint is that
 * high, so the next run over the document takes it for changed. */
#define RULE_EDITED UINT64_MAX

/* Where a document stands, all in all, for lists: standing.h. */
enum document_standing {
	/* Its newest content is held, its newest item has not begun, or it has
	 * neither item nor revision. */
	DOCUMENT_WAITING,
	DOCUMENT_PAUSED,    /* begun, and its job is paused */
	DOCUMENT_RUNNING,
	/* Its newest item failed, was cancelled, or was skipped because of
	 * its type or because it had failed before; an older revision may
	 * still be found. */
	DOCUMENT_BROKEN,
	DOCUMENT_AVAILABLE,
	DOCUMENT_DISABLED,
	DOCUMENT_ARCHIVED,  /* disabled or not */
};
enum document_standing document_standing(const struct document *document);

/* What one version of a document's content became. */
struct revision {
	int64_t id;
	int64_t document_id;
	int64_t base_id;
	uint8_t hash[HASH_SIZE];
	uint64_t rule;	 /* fingerprint of what else decides the segments */
	uint32_t stored; /* segments stored so far, dense from 0 */
	uint32_t segments; /* set when published */
	uint64_t characters;
	const char *title, *media_type, *language, *summary;
	const char *keyphrases; /* a JSON array of strings */
	const char *properties; /* a JSON object; NULL is an empty one */
	uint32_t pages;
	uint64_t bytes;
	int64_t mtime_us;
	bool has_vectors; /* false: found by words alone */
	int64_t item_id; /* for which it is published; 0 none */
	int64_t keeper; /* the job that keeps what it replaces; 0 none */
	unsigned graph; /* who made its segments' graphs; GRAPH_OF_... */
	/* By whose rules its words are stemmed (text/language.h); 0: they stay
	 * as they are. */
	unsigned stems;
	int64_t embedder_id; /* that makes its vectors; 0: it has none */
};

/* Stored: append, never renumber. */
#define GRAPH_OF_NOBODY 0u /* they have none */
#define GRAPH_OF_RULES 1u
#define GRAPH_OF_MODEL 2u

/* A piece of a segment with a vector of its own; the segment then has none
 * and is found through its children. */
struct child {
	int64_t id; /* its uuid is uuid_of_row(segment's uuid, id) */
	int64_t segment_id;
	uint32_t ordinal; /* from 0 */
	uint32_t chars;
	const char *text; /* terminated */
	size_t text_len;
	bool is_custom;	  /* written by hand */
	int64_t created_us, updated_us;
	/* When added; dimensions as the segment's.  NULL: none, where the
	 * segment is off or the revision has none. */
	const int8_t *vector;
	float scale;
	int64_t embedder_id; /* that made the vector */
};

struct segment {
	int64_t id; /* its uuid is uuid_of_row(document's uuid, id) */
	int64_t revision_id;
	int64_t document_id;
	uint32_t ordinal; /* from 0 */
	uint32_t page_start, page_end;
	uint32_t chars;
	const char *section; /* headings joined by 0x1F; terminated */
	const char *text;
	size_t text_len;
	const int8_t *vector; /* dimensions of them; NULL: none */
	size_t dimensions;
	float scale; /* vector[i] * scale is the component */
	int64_t embedder_id; /* that made its vector, and its children's */
	/* What the text asks for, when it is a question; NULL: it is none. */
	const char *answer;
	/* Given by hand, found like the text's words: a JSON array of strings;
	 * NULL: none. */
	const char *keywords;
	/* 0: on; else queries do not find it, it has neither postings nor
	 * vectors. */
	int64_t disabled_us;
	const char *disabled_by; /* NULL is "" */
	/* 0: with its revision; set when it was written by hand. */
	int64_t created_us, updated_us;
	const struct child *children; /* when added */
	size_t child_count;
	const struct segment_graph *graph; /* when added; NULL: none */
};

/* ---- opening ---------------------------------------------------------- */

/*
 * Open the store in folder dir; the writer creates what is missing and
 * migrates what is old.  Returns owned (store_close).  ERR_BUSY: another
 * process is the writer.  ERR_UNSUPPORTED: made by a newer version.
 */
int store_open(const char *dir, enum store_mode mode,
    struct store **ret_store, struct err_note *note);
void store_close(struct store *store);

/* The number of the newest migration this program knows. */
int store_schema_version(void);

/*
 * Writer: open a transaction, make it durable, or forget it.  A failed commit
 * has rolled back.  Reader: begin pins a snapshot, end lets it go.
 */
int store_begin(struct store *store, struct err_note *note);
int store_commit(struct store *store, struct err_note *note);
void store_rollback(struct store *store);
void store_end(struct store *store);

/* Revision and index generation of the snapshot, or of the writer's
 * transaction so far.  Both only rise; each commit that changes a row has a
 * revision of its own, and each that changes what a query can find a
 * generation. */
int store_stamp(struct store *store, int64_t *ret_rev,
    int64_t *ret_generation);
/* Writer: the next revision number, for a row that changes now. */
int64_t store_next_rev(struct store *store);
/* Writer: rows changed since the store was opened; tells a failed operation
 * that wrote from one that did not. */
int64_t store_changes(struct store *store);

/* Writer: bytes of the log that are not copied into the main file yet. */
uint64_t store_log_bytes(const struct store *store);
/* Writer: fn is called again and again as long as a statement works, on the
 * thread that runs it, and must return 0.  NULL: not any more. */
void store_on_progress(struct store *store, int (*fn)(void *arg), void *arg);
/* Copy the log into the main file; called by the writer between commits. */
int store_checkpoint(struct store *store, bool is_idle);

/* ---- accounts and keys ------------------------------------------------ */

/* ERR_EXISTS: the organization has one in that environment. */
int store_account_add(struct store *store, const struct account *account,
    int64_t *ret_id);
/* ERR_NOT_FOUND when there is none yet. */
int store_account_first(struct store *store, int64_t *ret_id,
    struct uuid *ret_uuid);
/* ERR_NOT_FOUND. */
int store_account_get(struct store *store, int64_t account_id,
    struct account *ret_account);
int store_account_of(struct store *store, const struct uuid *organization,
    enum environment environment, struct account *ret_account);
int store_key_add(struct store *store, const struct api_key *key,
    int64_t *ret_id);
/* Of the account's organization.  ERR_NOT_FOUND, also when it is revoked
 * already. */
int store_key_revoke(struct store *store, int64_t account_id,
    const struct uuid *uuid, int64_t now_us);
typedef int api_key_fn(void *arg, const struct api_key *key);
/* Of all accounts of the account's organization; account_id 0: all there
 * are. */
int store_keys_each(struct store *store, int64_t account_id, api_key_fn *fn,
    void *arg);

/* ---- bases ------------------------------------------------------------ */

typedef int base_fn(void *arg, const struct base *base);

/* ERR_EXISTS: the name is taken within the account. */
int store_base_add(struct store *store, const struct base *base,
    int64_t *ret_id);
int store_base_save(struct store *store, const struct base *base);
/* Everything of it goes: documents, segments, postings, vectors, jobs. */
int store_base_delete(struct store *store, int64_t base_id);
/* Give it to another account, with its jobs, the names of the requests that
 * made them and the objects that its sources name; it loses its tags.
 * ERR_EXISTS: a base of that account has its name. */
int store_base_move(struct store *store, int64_t base_id, int64_t account_id);
/* The base of that account with that uuid or, when uuid is NULL, name;
 * account_id 0 means any and needs the uuid.  fn is called once.
 * ERR_NOT_FOUND. */
int store_base_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, const char *name, base_fn *fn, void *arg);
/* The index's generation when documents of the base last came or went.
 * ERR_NOT_FOUND. */
int store_base_generation(struct store *store, int64_t base_id,
    int64_t *ret_generation);
/* A page of an account's bases, newest first.  In any case means here and
 * below: by Unicode's case folding. */
#define PAGE_TAGS_MAX 100u
struct base_page {
	int64_t account_id;
	const char *name;	  /* part of the name, any case; NULL all */
	const struct uuid *tags;  /* only those that have all of these */
	size_t tag_count;
	size_t offset, limit;
};
/* ERR_TOO_BIG: more than PAGE_TAGS_MAX tags. */
int store_bases_page(struct store *store, const struct base_page *page,
    base_fn *fn, void *arg);
int store_bases_count(struct store *store, const struct base_page *page,
    uint64_t *ret_count);
/* Oldest first, rows after after_id. */
int store_bases_each(struct store *store, int64_t account_id,
    int64_t after_id, size_t limit, base_fn *fn, void *arg);

/* ---- jobs ------------------------------------------------------------- */

struct job_filter {
	int64_t account_id;
	int64_t base_id;       /* 0 all */
	uint32_t states;       /* bit (1 << state); 0 all */
	/* The states are meant as people take them: a job that was paused
	 * before it began is PENDING; one with failures that brought nothing to
	 * the index, and found nothing there, is FAILED. */
	bool by_standing;
	int64_t before_id;     /* 0 from the newest */
	size_t offset, limit;
};

typedef int job_fn(void *arg, const struct job *job);

/* source: what the engine needs to scan it, a JSON object. */
int store_job_add(struct store *store, const struct job *job,
    const char *source, int64_t *ret_id);
/* Write everything of job that can change. */
int store_job_save(struct store *store, const struct job *job);
/* ERR_NOT_FOUND; account_id 0 means any. */
int store_job_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, struct job *ret_job);
int store_job_find_batch(struct store *store, int64_t base_id,
    const char *batch, struct job *ret_job);
/* The base's newest job of any kind but that one and, here and in the next two,
 * those that embed again; ERR_NOT_FOUND. */
int store_job_newest_but(struct store *store, int64_t base_id,
    enum job_kind kind, struct job *ret_job);
/* Of jobs that have all ended, of any kind but that one, the one that ended
 * last; of each kind the newest is looked at.  ERR_NOT_FOUND. */
int store_job_ended_last(struct store *store, int64_t base_id,
    enum job_kind but, struct job *ret_job);
/* Of those that have not ended the oldest that has begun, else the oldest, of
 * any kind but that one; ERR_NOT_FOUND: all have ended. */
int store_job_running(struct store *store, int64_t base_id,
    enum job_kind but, struct job *ret_job);
/* The oldest job of the base and kind with an id above after_id that has not
 * ended; ERR_NOT_FOUND. */
int store_job_next(struct store *store, int64_t base_id, enum job_kind kind,
    int64_t after_id, struct job *ret_job);
/* Returns owned (mem_free). */
int store_job_source(struct store *store, int64_t job_id, char **ret_source);
/* Newest first. */
int store_jobs_each(struct store *store, const struct job_filter *filter,
    job_fn *fn, void *arg);
/* Of all pages. */
int store_jobs_count(struct store *store, const struct job_filter *filter,
    uint64_t *ret_count);
/* All that are not final, oldest first. */
int store_jobs_live(struct store *store, job_fn *fn, void *arg);
/* Jobs whose rev is above after_rev, in order of rev. */
int store_jobs_changed(struct store *store, int64_t account_id,
    int64_t after_rev, size_t limit, job_fn *fn, void *arg);

/* ---- items ------------------------------------------------------------ */

struct item_row {
	struct item item;
	struct uuid job_uuid, base_uuid;
	const char *uri;
	const char *name;
	const uint8_t *blob; /* HASH_SIZE bytes: the upload; NULL: in place */
	const char *metadata;
	/* What its source said of the content, to tell a change by; "" (or,
	 * when added, NULL): nothing. */
	const char *etag;
	/* When added: it is not about the document's content, whose newest
	 * item stays what it is. */
	bool is_aside;
};

struct item_filter {
	int64_t job_id;
	uint32_t states;     /* bit (1 << state); 0 all */
	const char *name;    /* part of the name, any case; NULL all */
	uint32_t after_seq;
	uint32_t offset;     /* rows of those that are left out first */
	size_t limit;
};

typedef int item_row_fn(void *arg, const struct item_row *row);

/* item.id is set by the store. */
int store_item_add(struct store *store, const struct item_row *row,
    int64_t *ret_id);
/*
 * The guarded move: write item where the stored row still has state from and
 * attempt; ERR_CONFLICT when somebody else moved it.
 */
int store_item_save(struct store *store, const struct item *item,
    enum item_state from, uint32_t from_attempt);
int store_item_get(struct store *store, int64_t item_id, item_row_fn *fn,
    void *arg);
/* In order of seq. */
int store_items_each(struct store *store, const struct item_filter *filter,
    item_row_fn *fn, void *arg);
/* Items that are not final with seq above after_seq, in order of seq. */
int store_items_open(struct store *store, int64_t job_id, uint32_t after_seq,
    size_t limit, item_row_fn *fn, void *arg);
/* Items of a document that are not final, of whatever jobs but those that only
 * embed it again. */
int store_items_of_document(struct store *store, int64_t document_id,
    size_t limit, item_row_fn *fn, void *arg);
/* Items whose rev is above after_rev, in order of rev; job_id 0: of all jobs
 * of the account. */
int store_items_changed(struct store *store, int64_t account_id,
    int64_t job_id, int64_t after_rev, size_t limit, item_row_fn *fn,
    void *arg);
/* Has the job an item of that document (ret_blob, may be NULL: the newest's, or
 * zeros); one without a document at uri? */
int store_item_of_document(struct store *store, int64_t job_id,
    int64_t document_id, bool *ret_exists, uint8_t ret_blob[HASH_SIZE]);
int store_item_unread(struct store *store, int64_t job_id, const char *uri,
    bool *ret_exists);
/* How many items a job has below an outermost document, and their bytes, but
 * for those that are in except_parent themselves (0: with all). */
int store_item_members(struct store *store, int64_t job_id, int64_t root_id,
    int64_t except_parent, uint64_t *ret_count, uint64_t *ret_bytes);
/* Count a job's items again from its rows: fills counts, bytes, segments and
 * stages of *ret_job, for the audit. */
int store_items_recount(struct store *store, int64_t job_id,
    struct job *ret_job);

/* ---- documents -------------------------------------------------------- */

typedef int document_fn(void *arg, const struct document *document);

struct document_filter {
	int64_t base_id;
	const char *name;   /* part of the name, any case; NULL all */
	/* Only members of that document; 0 all; DOCUMENTS_OUTERMOST. */
	int64_t parent_id;
	uint32_t states;    /* of the newest item: bit (1 << state); 0 all */
	int64_t after_id;   /* in the list's order; 0 from the start */
	bool is_newest_first;
	size_t limit;
};
#define DOCUMENTS_OUTERMOST (-1) /* that are members of none */

/* A page of documents, newest first, as people leaf through them. */
struct document_page {
	int64_t base_id;
	const char *name;   /* part of the name, its very letters; NULL all */
	uint32_t standings; /* bit (1 << document_standing); 0 all */
	size_t offset, limit;
};

/* The document at uri, made when it is not there.  seen_job (0 none) is
 * noted on it: what a job has not seen has vanished.  parent_id: the document
 * that it is a member of, 0 none. */
int store_document_put(struct store *store, int64_t base_id, const char *uri,
    const char *name, const char *metadata, int64_t seen_job,
    int64_t parent_id, int64_t now_us, int64_t *ret_id);
int store_document_find(struct store *store, int64_t base_id,
    const char *uri, document_fn *fn, void *arg);
int store_document_get(struct store *store, int64_t document_id,
    document_fn *fn, void *arg);
int store_documents_each(struct store *store,
    const struct document_filter *filter, document_fn *fn, void *arg);
/* Those of a base that queries find, in order of id, with what a query asks of
 * them: id, revision_id, name, uri, title and keyphrases; the rest is empty. */
int store_documents_found(struct store *store, int64_t base_id,
    document_fn *fn, void *arg);
/* The first size members of a document, but for those that a job has an item
 * of or a later job has seen (0: all of them), in order of id. */
int store_document_members(struct store *store, int64_t document_id,
    int64_t except_job, int64_t *ids, size_t size, size_t *ret_count);
/* Has a document members, at any depth, whose newest item failed or was
 * cancelled with one of codes (bit (1 << code))? */
int store_document_has_ended(struct store *store, int64_t document_id,
    uint32_t codes, bool *ret_has);
/* Documents whose uri begins with prefix and that job has not seen; not
 * members, which come and go with the document they are in. */
int store_documents_unseen(struct store *store, int64_t base_id,
    const char *prefix, int64_t seen_job, int64_t after_id, size_t limit,
    document_fn *fn, void *arg);
/* The live document of base with that content, other than except_id; its id,
 * or ERR_NOT_FOUND. */
int store_document_by_hash(struct store *store, int64_t base_id,
    const uint8_t hash[HASH_SIZE], int64_t except_id, int64_t *ret_id);
/* The file's size and time were looked at again and its content was the
 * same: remember them for the next first look. */
int store_document_touch(struct store *store, int64_t document_id,
    uint64_t bytes, int64_t mtime_us, int64_t seen_job);
/* The content was the same, or was published: it is what the item's tag
 * stands for.  Publishing does so for revision.item_id. */
int store_document_retag(struct store *store, int64_t document_id,
    int64_t item_id);
/* What its newest item was could not be read, or is of no use, by the rule of
 * that fingerprint. */
int store_document_unread(struct store *store, int64_t document_id,
    uint64_t rule);
/* What a document's newest item was, and what came of it. */
struct document_last {
	uint64_t unread_rule; /* 0: store_document_unread() was not called */
	enum item_code code;
	uint64_t bytes;
	int64_t mtime_us;
	char etag[REMOTE_TAG_BYTES_MAX + 1];
	char message[256];
};
/* ERR_NOT_FOUND: it has no item. */
int store_document_last(struct store *store, int64_t document_id,
    struct document_last *ret_last);
/* Since when its newest content is kept without being indexed; an item that is
 * added for the document ends that. */
int store_document_hold(struct store *store, int64_t document_id,
    int64_t held_us);
/* An older one of its items counts as its newest again: the content is the
 * same, and that one is at work on it. */
int store_document_newest(struct store *store, int64_t document_id,
    int64_t item_id);
/* The document's address from now on.  ERR_EXISTS: another document of its base
 * has it. */
int store_document_address(struct store *store, int64_t document_id,
    const char *uri);
/* What became of its content goes, what is kept of it for who undoes a job as
 * well; the document is held since held_us.  ERR_NOT_FOUND. */
int store_document_forget(struct store *store, int64_t document_id,
    int64_t held_us);
/* When a document of the base was held last; 0: none is. */
int store_documents_held(struct store *store, int64_t base_id,
    int64_t *ret_held_us);
/* Documents of the base that may have to be indexed again, with ids above
 * after_id, in order of id: that are held, whose newest item failed or was
 * cancelled, whose rule is not that of this fingerprint (but for those that
 * were changed by hand), that have settings of their own, or members, or were
 * the same as another.  Neither members nor, unless they are held, documents of
 * sources. */
int store_documents_kept(struct store *store, int64_t base_id, uint64_t rule,
    int64_t after_id, size_t limit, document_fn *fn, void *arg);
/* The source that it is of now. */
int store_document_origin(struct store *store, int64_t document_id,
    int64_t source_id);
/* Documents of the page, and how many there are on all pages. */
int store_documents_page(struct store *store,
    const struct document_page *page, document_fn *fn, void *arg);
int store_documents_count(struct store *store,
    const struct document_page *page, uint64_t *ret_count);
/* A page of documents in the order in which they came. */
struct document_span {
	int64_t base_id;
	bool only_indexed; /* that have a live revision */
	size_t offset, limit;
};
int store_documents_span(struct store *store,
    const struct document_span *span, document_fn *fn, void *arg);
/* The first size documents with ids below before_id, the newest first. */
int store_documents_last(struct store *store, int64_t base_id,
    int64_t before_id, int64_t *ids, size_t size, size_t *ret_count);
/* The newest document of base with exactly that name that is neither disabled
 * nor archived.  ERR_NOT_FOUND. */
int store_document_by_name(struct store *store, int64_t base_id,
    const char *name, document_fn *fn, void *arg);
/* What of a document does not come from its content.  Whether queries find it
 * follows at once. */
struct document_change {
	const char *name, *metadata, *settings; /* NULL: as it is */
	int64_t disabled_us;
	const char *disabled_by; /* NULL is "" */
	bool is_archived;
};
/* ERR_NOT_FOUND. */
int store_document_change(struct store *store, int64_t document_id,
    const struct document_change *change, int64_t now_us);
/* Sums over the documents of a base.  ERR_NOT_FOUND. */
struct document_totals {
	uint64_t documents, available; /* DOCUMENT_AVAILABLE */
	uint64_t characters; /* of live revisions */
};
int store_document_totals(struct store *store, int64_t base_id,
    struct document_totals *ret_totals);
/* The row goes, its revisions become dead (store_revision_purge), those that
 * are kept as well, and nothing of it can be undone any more. */
int store_document_delete(struct store *store, int64_t document_id);

/* ---- revisions, segments, vectors ------------------------------------- */

/* A revision that a job began and did not finish, of that content, rule and
 * embedder: sets id and stored.  ERR_NOT_FOUND. */
int store_revision_building(struct store *store, int64_t document_id,
    const uint8_t hash[HASH_SIZE], uint64_t rule, int64_t embedder_id,
    struct revision *ret_revision);
/* Begin one; others being built for the document become dead. */
int store_revision_add(struct store *store, const struct revision *revision,
    int64_t *ret_id);
/* Add count segments with postings (store_index.h) and vectors; their ordinals
 * go on where the revision's stopped, else ERR_CONFLICT.  They are found once
 * the revision is published. */
int store_segments_add(struct store *store, const struct revision *revision,
    const struct segment *segments, size_t count);
/* Make it the document's live one; the old one becomes dead, or is kept
 * (store_undo.h).  ERR_CONFLICT when it is not being built or has not stored
 * revision->segments. */
int store_revision_publish(struct store *store,
    const struct revision *revision, int64_t now_us);
/* Delete at most limit segments of dead revisions of one base (fewer of those
 * that name much), with all that was derived from them; *ret_base_id is the
 * base, 0 when there was none; *ret_left says whether there is more. */
int store_revision_purge(struct store *store, size_t limit,
    int64_t *ret_base_id, bool *ret_left);
/* Is any revision dead?  For a reader, to ask before it disturbs the writer. */
int store_revision_has_dead(struct store *store, bool *ret_has);
/* How many, counted up to max. */
int store_revision_count_dead(struct store *store, uint64_t max,
    uint64_t *ret_count);
/* Revisions being built for an item that is final will never be finished:
 * they become dead. */
int store_revision_abandon(struct store *store, int64_t document_id);

typedef int segment_fn(void *arg, const struct segment *segment);
/* Live segments of a document, in order, ordinals from first on. */
int store_segments_each(struct store *store, int64_t document_id,
    uint32_t first, size_t limit, segment_fn *fn, void *arg);
/* ERR_NOT_FOUND, also when it is not of a live revision. */
int store_segment_get(struct store *store, int64_t segment_id,
    segment_fn *fn, void *arg);
/* A page of a document's live segments, in order. */
struct segment_page {
	int64_t document_id;
	const char *text; /* part of the text, any case; NULL all */
	unsigned switched; /* SEGMENTS_ON | SEGMENTS_OFF; 0 all */
	size_t offset, limit;
};
#define SEGMENTS_ON 1u
#define SEGMENTS_OFF 2u
int store_segments_page(struct store *store, const struct segment_page *page,
    segment_fn *fn, void *arg);
int store_segments_count(struct store *store,
    const struct segment_page *page, uint64_t *ret_count);

/*
 * Changing the live revision by hand.  Each keeps postings, vectors, the
 * counters of revision and base and the index's generation right, and makes
 * the revision one that no content is the same as, so that the next run over
 * the document does not take it for unchanged.  ERR_NOT_FOUND; ERR_INVALID: a
 * vector is missing (of a segment that is on, of a revision with vectors: its
 * own without children, else one of each child).  After an error the
 * transaction must be rolled back.
 */
/* Behind the last one; segment->document_id says of which document, ordinal,
 * page_start, page_end and the times are the store's.  ERR_NOT_FOUND also
 * when nothing of it is indexed; ERR_TOO_BIG over SEGMENTS_MAX. */
int store_segment_insert(struct store *store, const struct segment *segment,
    int64_t now_us, int64_t *ret_id);
/* Text, answer, keywords, vector, disabled_us and disabled_by of the segment
 * with that id become those of *segment; its children are replaced by those
 * of *segment, or stay.  Where they stay and it is switched on, the caller
 * replaces each of them in the same transaction: their vectors were lost.
 * With another text or answer its graph goes; store_segment_graph() gives the
 * new one. */
int store_segment_replace(struct store *store, const struct segment *segment,
    bool replaces_children, int64_t now_us);
int store_segment_delete(struct store *store, int64_t segment_id);
/* Behind the last one; child->segment_id says of which segment, whose own
 * vector goes.  ERR_TOO_BIG over CHILDREN_MAX. */
int store_child_insert(struct store *store, const struct child *child,
    size_t dimensions, int64_t now_us, int64_t *ret_id);
/* Text, is_custom and vector of the child with that id. */
int store_child_replace(struct store *store, const struct child *child,
    size_t dimensions, int64_t now_us);
/* Without its last one a segment that is on is in want of a vector of its own:
 * the caller replaces the segment in the same transaction. */
int store_child_delete(struct store *store, int64_t child_id);

typedef int child_fn(void *arg, const struct child *child);
/* Of a live segment, in order; text as in segment_page. */
int store_children_page(struct store *store, int64_t segment_id,
    const char *text, size_t offset, size_t limit, child_fn *fn, void *arg);
int store_children_count(struct store *store, int64_t segment_id,
    const char *text, uint64_t *ret_count);
int store_child_get(struct store *store, int64_t child_id, child_fn *fn,
    void *arg);

/* Who asks compares vectors of one embedder only. */
struct vector_kept {
	int64_t segment_id, revision_id;
	int64_t child_id; /* 0: the vector is the segment's own */
	int64_t embedder_id;
	const int8_t *bytes; /* dimensions of them */
	size_t dimensions;
	float scale; /* bytes[i] * scale is the component */
};
typedef int vector_fn(void *arg, const struct vector_kept *vector);
/* Every live vector of base; those of a segment's children come one after the
 * other. */
int store_vectors_each(struct store *store, int64_t base_id, vector_fn *fn,
    void *arg);
/* Those of the children of one segment. */
int store_vectors_of(struct store *store, int64_t base_id,
    int64_t segment_id, vector_fn *fn, void *arg);

/* Writer: the number of what turns texts into vectors, which a new name is
 * given here, and how many they have; 0: that is not known yet. */
int store_embedder(struct store *store, const char *name, int64_t *ret_id,
    size_t *ret_dimensions);
int store_embedder_learn(struct store *store, int64_t id, size_t dimensions);
/* Its name, cut at size, and its dimensions.  ERR_NOT_FOUND. */
int store_embedder_get(struct store *store, int64_t id, char *name,
    size_t size, size_t *ret_dimensions);

/* ---- tags: names that an account gives to bases ------------------------ */

struct tag {
	int64_t id;
	struct uuid uuid;
	char name[201];
	uint64_t bases; /* that have it */
	int64_t created_us;
};
typedef int tag_fn(void *arg, const struct tag *tag);
/* ERR_EXISTS: the name is taken within the account. */
int store_tag_add(struct store *store, int64_t account_id,
    const struct tag *tag, int64_t *ret_id);
/* ERR_NOT_FOUND, ERR_EXISTS. */
int store_tag_rename(struct store *store, int64_t account_id,
    const struct uuid *uuid, const char *name);
int store_tag_delete(struct store *store, int64_t account_id,
    const struct uuid *uuid);
/* Oldest first; base_id 0: all of the account, else those of that base. */
int store_tags_each(struct store *store, int64_t account_id, int64_t base_id,
    tag_fn *fn, void *arg);
/* Bind or unbind; both are idempotent.  ERR_NOT_FOUND: no such tag. */
int store_tag_bind(struct store *store, int64_t account_id,
    const struct uuid *tag, int64_t base_id, bool is_bound);

/* ---- uploads ---------------------------------------------------------- */

/* Uploads of few bytes lie in the store itself: they are durable with the
 * commit of the job that refers to them, without files to flush. */
#define SMALL_BLOB_BYTES_MAX (64 * KIB)
/* ERR_TOO_BIG.  One that is there stays. */
int store_small_blob_put(struct store *store, const uint8_t hash[HASH_SIZE],
    const void *bytes, size_t len);
struct buf;
/* ERR_NOT_FOUND: it is a file, or not there at all. */
int store_small_blob_get(struct store *store, const uint8_t hash[HASH_SIZE],
    struct buf *out);
/* Look at the next limit of them and delete those that no item of a document
 * refers to; *ret_more: there are more to be looked at. */
int store_small_blobs_collect(struct store *store, size_t limit,
    bool *ret_more);
/* Are there any at all?  For a reader, to ask before it disturbs the
 * writer. */
int store_small_blobs_have(struct store *store, bool *ret_have);

/* Is the blob the content of an item whose document is still there?  For
 * collecting those that are not. */
int store_blob_is_used(struct store *store, const uint8_t hash[HASH_SIZE],
    bool *ret_is_used);

/* ---- audit ------------------------------------------------------------ */

struct index_totals {
	uint64_t documents, segments, characters, postings, vectors;
	uint64_t promised; /* segments that live revisions say they have */
	/* One for each segment that is on; of those of revisions with vectors
	 * one each, or one for each of its children.  Vectors are those that
	 * the base answers by; of a revision that has not all of them none is
	 * counted or promised (store_model.h). */
	uint64_t promised_postings, promised_vectors;
	/* Revisions that are replaced and kept, and those of them that a job
	 * would bring back. */
	uint64_t kept, promised_kept;
	/* Rows of graphs that hang in the air: there should be none. */
	uint64_t graph_strays;
};

int store_audit_base(struct store *store, int64_t base_id,
    struct index_totals *ret_totals);

#endif
