/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_source: sources, their shares of jobs, schedules, and objects that
 * were uploaded ahead of the source that names them.
 *
 * Floor 3; everything said in store/store.h holds.
 */
#ifndef STORE_STORE_SOURCE_H
#define STORE_STORE_SOURCE_H

#include "model/source.h"
#include "store/store.h"

/* ---- sources ----------------------------------------------------------- */

struct source {
	int64_t id;
	struct uuid uuid;
	int64_t base_id;
	struct uuid base_uuid;
	int64_t job_id; /* the only one that reads it; 0: it is the base's */
	enum source_kind kind;
	const char *name;
	const char *config; /* a JSON object: what is needed to read it */
	const void *secret; /* sealed (sys/seal.h); NULL: none */
	size_t secret_len;
	bool is_forgotten; /* it had a secret, which went with its job's end */
	/* A JSON object: how its documents are cut and indexed, over what the
	 * base says and under what they say, and what a dialect keeps. */
	const char *settings;
	int64_t created_us, updated_us;
};
typedef int source_fn(void *arg, const struct source *source);

int store_source_add(struct store *store, const struct source *source,
    int64_t *ret_id);
/* Everything but kind, base, job and uuid.  ERR_NOT_FOUND. */
int store_source_save(struct store *store, const struct source *source);
/* The row; its documents are somebody else's to delete before.  Its shares of
 * past jobs stay.  ERR_NOT_FOUND. */
int store_source_delete(struct store *store, int64_t source_id);
int store_source_get(struct store *store, int64_t source_id, source_fn *fn,
    void *arg);
/* ERR_NOT_FOUND, also when it is of another base, or a job's. */
int store_source_find(struct store *store, int64_t base_id,
    const struct uuid *uuid, source_fn *fn, void *arg);
/* Of one base, oldest first; those of its jobs are left out. */
int store_sources_page(struct store *store, int64_t base_id, size_t offset,
    size_t limit, source_fn *fn, void *arg);
int store_sources_count(struct store *store, int64_t base_id,
    uint64_t *ret_count);

/* A source of a job becomes that of another one. */
int store_source_adopt(struct store *store, int64_t source_id,
    int64_t job_id);
/* Secrets of the job's sources are overwritten. */
int store_sources_forget(struct store *store, int64_t job_id,
    int64_t now_us);
/* Look at the next limit sources of jobs and delete those whose job has ended
 * with nothing that could be tried again, and that no document is of;
 * *ret_more: there are more to be looked at. */
int store_job_sources_collect(struct store *store, size_t limit,
    bool *ret_more);
/* Are there any at all?  For a reader, as store_small_blobs_have(). */
int store_job_sources_have(struct store *store, bool *ret_have);

/* Documents of a source, with an id above after_id; of those only what the job
 * has not seen (0: all).  Not members, which go with what they are in. */
int store_source_documents(struct store *store, int64_t source_id,
    int64_t unseen_job, int64_t after_id, size_t limit, document_fn *fn,
    void *arg);

/* How many items of the job are of what listings found: not members. */
int store_items_found(struct store *store, int64_t job_id,
    uint64_t *ret_count);
/* What the source says of the content that was fetched for the item, where
 * that is not known before.  Guarded by who saves the item. */
int store_item_tag(struct store *store, int64_t item_id, const char *etag);

/* ---- shares ------------------------------------------------------------- */

typedef int share_fn(void *arg, const struct share *share);
/* The row is written whole, made when it is not there. */
int store_share_save(struct store *store, const struct share *share);
int store_share_get(struct store *store, int64_t job_id, int64_t source_id,
    struct share *ret_share);
/* Of a job, in the order of their sources. */
int store_shares_each(struct store *store, int64_t job_id, share_fn *fn,
    void *arg);
/* The newest share of a source in any job; ERR_NOT_FOUND. */
int store_share_newest(struct store *store, int64_t source_id,
    struct share *ret_share);

/* ---- schedules ---------------------------------------------------------- */

struct schedule {
	int64_t id;
	struct uuid uuid;
	int64_t account_id, base_id;
	struct uuid base_uuid;
	uint32_t minute; /* of the day, UTC */
	uint32_t days;	 /* bit (1 << day), 0 Sunday .. 6 Saturday */
	enum dialect dialect; /* of the jobs that it starts */
	bool is_active;
	int64_t created_us, updated_us, ran_us, next_us;
};
typedef int schedule_fn(void *arg, const struct schedule *schedule);
/* A base has one at most: ERR_EXISTS.  The account is the base's.  save writes
 * minute, days, is_active and the times; both ERR_NOT_FOUND. */
int store_schedule_add(struct store *store, const struct schedule *schedule,
    int64_t *ret_id);
int store_schedule_save(struct store *store, const struct schedule *schedule);
int store_schedule_delete(struct store *store, int64_t schedule_id);
int store_schedule_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, struct schedule *ret_schedule);
int store_schedule_of_base(struct store *store, int64_t base_id,
    struct schedule *ret_schedule);
/* Active ones whose time has come, earliest first; and when the next one
 * comes (0: none; one whose own is 0 never does). */
int store_schedules_due(struct store *store, int64_t now_us, schedule_fn *fn,
    void *arg);
int store_schedule_next(struct store *store, int64_t *ret_next_us);

/* ---- objects ------------------------------------------------------------ */

#define OBJECT_KEY_BYTES_MAX 1024u

/* Bytes that a client has uploaded under a key that we gave it. */
struct object {
	int64_t account_id;
	const char *key;
	const char *name; /* of the file, as the client said */
	uint8_t hash[HASH_SIZE]; /* of the blob */
	uint64_t bytes;
	int64_t created_us;
};
typedef int object_fn(void *arg, const struct object *object);
/* The row is written whole: the newest bytes of a key count.  ERR_TOO_BIG:
 * the key.  While it is there its blob is used (store_blob_is_used). */
int store_object_put(struct store *store, const struct object *object);
int store_object_get(struct store *store, int64_t account_id,
    const char *key, object_fn *fn, void *arg);
/* Look at the next limit of them and delete those made before before_us that
 * no source (the "key" of an upload's config) names; *ret_more: there are more
 * to be looked at.  Their blobs are collected like others. */
int store_objects_collect(struct store *store, int64_t before_us,
    size_t limit, bool *ret_more);
/* Are there any at all?  For a reader, as store_small_blobs_have(). */
int store_objects_have(struct store *store, bool *ret_have);

#endif
