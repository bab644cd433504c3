/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources: what bases are fed from, for those who speak a dialect.
 *
 * Floor 4.  Calls that change something return after their commit; any
 * thread.
 */
#ifndef ENGINE_SOURCES_H
#define ENGINE_SOURCES_H

#include "engine/engine.h"
#include "store/store_source.h"

/*
 * What a source is read by, a JSON object that was checked by kind:
 *
 *   upload  {"key": "...", "name": "a.pdf"}
 *   s3      {"bucket": "b", "prefix": "", "region": "fra1",
 *            "provider": "aws" | "spaces" | "other", "endpoint": "https://..."}
 *	     endpoint only with "other"; elsewhere the operator's settings
 *	     (engine_config) or the provider's own name for the region decide
 *   web     {"url": "https://...", "scope": "page" | "path" | "host" |
 *            "subdomains" | "sitemap", "media": false,
 *            "exclude_tags": ["nav"]}
 *
 * The key in "upload" is of an object that was uploaded; "hash" is added to
 * its config, the SHA-256 of what it held then.  A prefix is an object or a
 * folder of that name.  Other members are refused.
 */
#define SOURCES_MAX 1000u /* of a base */

struct source_request {
	enum source_kind kind;
	const char *name; /* NULL: of its kind and address */
	const char *config;
	/* {"key_id": "...", "secret_key": "..."} for s3; sealed before it is
	 * stored, and never given out again; NULL: none */
	const char *secret;
	const char *settings; /* a JSON object, as engine/rule.h says */
};

/* ERR_NOT_FOUND (base, object), ERR_INVALID with words that name the member. */
int engine_source_add(struct engine *engine, int64_t account_id,
    const struct uuid *base, const struct source_request *request,
    struct uuid *ret_source, struct err_note *note);
/* NULL members stay as they are; kind is not looked at. */
int engine_source_change(struct engine *engine, int64_t account_id,
    const struct uuid *base, const struct uuid *source,
    const struct source_request *request, struct err_note *note);
/* With its documents.  ERR_CONFLICT while a job reads it. */
int engine_source_delete(struct engine *engine, int64_t account_id,
    const struct uuid *base, const struct uuid *source,
    struct err_note *note);

/*
 * A job over these sources (count 0: all of the base).  A base has one such
 * job at a time: ERR_CONFLICT, and *ret_running is the one there is.
 * ERR_NOT_FOUND: no such base or source; ERR_INVALID: the base has none.
 * For each source, in order: what is new or changed is indexed, what is
 * unchanged is skipped as UNCHANGED, what has vanished is removed (unless the
 * listing broke off, or left something out).
 *
 * A source that cannot be read leaves its share (store_source.h) FAILED, with
 * code and message; the first one's are the job's, too, which then ends
 * COMPLETED_WITH_FAILURES, or FAILED when nothing could be looked at.  A pause
 * holds the documents, not the listing.
 *
 * A document's address is what the listing calls it ("object:///KEY" for an
 * upload) and "#source=UUID".
 */
int engine_job_sources(struct engine *engine,
    const struct job_request *request, const struct uuid *sources,
    size_t count, struct job *ret_job, struct uuid *ret_running,
    struct err_note *note);

/* ---- objects uploaded ahead --------------------------------------------- */

#define OBJECT_URL_QUERY_SIZE 256

/*
 * A name for bytes to come, and what allows one PUT of them without a key
 * until expires_s (seconds since 1970): "expires=...&signature=...", made with
 * HMAC-SHA-256 under a key that stands in the data folder and survives
 * restarts.
 */
int engine_object_sign(struct engine *engine, int64_t account_id,
    const char *name, int64_t expires_s, char ret_key[OBJECT_KEY_BYTES_MAX],
    char ret_query[OBJECT_URL_QUERY_SIZE], struct err_note *note);
/* Whose object may be put?  ERR_UNAUTHORIZED: the signature is not ours, is
 * of another key, or has expired. */
int engine_object_check(struct engine *engine, const char *key,
    const char *expires, const char *signature, int64_t *ret_account_id);
/* A finished upload becomes the object's content. */
int engine_object_put(struct engine *engine, int64_t account_id,
    const char *key, struct upload *upload, struct err_note *note);
/* The same kind of signature for reading what lies at a path of ours. */
int engine_path_sign(struct engine *engine, const char *path,
    int64_t expires_s, char ret_query[OBJECT_URL_QUERY_SIZE]);
int engine_path_check(struct engine *engine, const char *path,
    const char *expires, const char *signature);

/* ---- schedules ----------------------------------------------------------- */

/* Index all sources of the base at that minute of those days; a time that was
 * missed is made up for once.  ERR_EXISTS: the base has one; ERR_INVALID. */
int engine_schedule_add(struct engine *engine, int64_t account_id,
    const struct uuid *base, uint32_t minute, uint32_t days,
    enum dialect dialect, struct schedule *ret_schedule,
    struct err_note *note);
int engine_schedule_delete(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct schedule *ret_schedule,
    struct err_note *note);

#endif
