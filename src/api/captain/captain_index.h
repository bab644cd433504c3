/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain_index: what the files of the index routes share.
 *
 * Floor 6.  A request is read in the same way whatever its kind: the
 * collection, the fields of its kind, what is common to all, the name that the
 * client gave to the request.  Then the kind's own function makes the job.
 */
#ifndef API_CAPTAIN_CAPTAIN_INDEX_H
#define API_CAPTAIN_CAPTAIN_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "api/captain/captain_body.h"
#include "engine/engine.h"
#include "model/job.h"

struct buf;
struct http_reply;
struct http_request;

enum captain_index_kind {
#define CAPTAIN_INDEX(name, path, job_type, start, fields, secrets, flags)    \
	CAPTAIN_INDEX_##name,
#include "api/captain/captain_index_tbl.h"
	CAPTAIN_INDEX_COUNT
};

#define CAPTAIN_FILES_MAX 20u /* in one request */
#define CAPTAIN_VIDEOS_MAX 20u

/* ---- captain_index_field.c: what bodies are made of ---------------------- */

/* What bodies of all kinds have, those of one, and of these what opens the
 * place, which does not go into the request's hash.  Ended by a field without
 * a name; together at most CAPTAIN_INDEX_FIELDS_MAX. */
#define CAPTAIN_INDEX_FIELDS_MAX 16u
const struct captain_field *captain_index_common(void);
const struct captain_field *captain_index_fields(
    enum captain_index_kind kind);
const struct captain_field *captain_index_secrets(
    enum captain_index_kind kind);

/* ---- captain_index_read.c: pure ------------------------------------------ */

/* May that be a document's custom metadata?  0; or ERR_INVALID (a value is of
 * another type), ERR_TOO_BIG. */
int captain_metadata_check(const json_t *metadata);

/*
 * The key of the object that "s3://bucket/a/b.pdf" stands for, put into out.
 * The key is as it is, without escapes.  ERR_INVALID: no such address, or of
 * another bucket; ERR_TOO_BIG over S3_KEY_BYTES_MAX.
 */
int captain_object_key(const char *scheme, const char *bucket,
    const char *uri, struct buf *out);
/* What the keys of a directory begin with: "a/b/", "" for the whole bucket.
 * path is the same with or without "s3://bucket/" and slashes around it. */
int captain_directory_prefix(const char *scheme, const char *bucket,
    const char *path, struct buf *out);

struct sha256;
/* Add what of body is in fields, in an order that does not depend on how it
 * was written down.  ERR_NOMEM. */
int captain_digest_fields(struct sha256 *hash, const json_t *body,
    const struct captain_field *fields);

/* ---- captain_index.c ----------------------------------------------------- */

/* A request that was read. */
struct captain_index {
	enum captain_index_kind kind;
	const json_t *body; /* of a form: its fields */
	struct job_request order;
	char form[JOB_FORM_SIZE];
	bool is_forced; /* index again what is unchanged */
	char *metadata; /* a JSON object as text, free(); NULL: none given */
};

/*
 * Make the job.  Returns 0; 1 when the reply is written; or an error:
 * ERR_INVALID with words is the client's mistake.
 */
typedef int captain_index_fn(struct http_request *request,
    struct http_reply *reply, const struct captain_index *index,
    struct job *ret_job);

/* captain_index_give.c: content that comes with the request */
captain_index_fn captain_index_text, captain_index_file;
/* captain_index_import.c: content that is somewhere else */
captain_index_fn captain_index_url, captain_index_s3, captain_index_r2,
    captain_index_absent;

#endif
