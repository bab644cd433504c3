/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_dataset: finding datasets and what is in them.  Floor 6.
 *
 * A dataset is a base, and data are its documents.  It is its account's, and
 * may be shared with others for reading, writing, deleting and sharing.  What
 * does not exist and what is not shared are told apart by nothing.
 */
#ifndef API_COGNEE_COGNEE_DATASET_H
#define API_COGNEE_COGNEE_DATASET_H

#include <stdint.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "store/store_grant.h"

struct http_reply;
struct http_request;
struct store;

/* Bits. */
enum cognee_right {
	COGNEE_READ = RIGHT_READ,
	COGNEE_WRITE = RIGHT_WRITE,
	COGNEE_DELETE = RIGHT_DELETE,
	COGNEE_SHARE = RIGHT_SHARE,
	COGNEE_ALL_RIGHTS = RIGHT_ALL,
};

struct cognee_dataset {
	int64_t id; /* of the base */
	/* Whose it is: what is asked of the engine about it is asked for this
	 * account, never for the caller's. */
	int64_t account_id;
	struct uuid owner; /* that account's uuid, which is its user's */
	struct uuid uuid;
	char text[UUID_TEXT_SIZE];
	char name[NAME_BYTES_MAX + 1];
	int64_t created_us, updated_us;
	unsigned rights; /* of the caller */
};

/* ERR_NOT_FOUND: the caller has no dataset of that uuid with these rights
 * (bits). */
int cognee_dataset_find(struct http_request *request, struct store *reader,
    const struct uuid *uuid, unsigned rights,
    struct cognee_dataset *ret_dataset);

/* The caller's own of that name: a name never means somebody else's.
 * ERR_NOT_FOUND. */
int cognee_dataset_named(struct http_request *request, struct store *reader,
    const char *name, struct cognee_dataset *ret_dataset);

/* The same, made when it is not there.  Errors of engine_base_create(), with
 * words in the request's note. */
int cognee_dataset_make(struct http_request *request, const char *name,
    struct cognee_dataset *ret_dataset);

/* Delete all of the caller's own that there are now: what is made meanwhile
 * stays.  *count rises by how many went, on an error as well.  ERR_BUSY: the
 * server stops. */
int cognee_datasets_wipe(struct http_request *request, uint64_t *count);

/* All that the caller has these rights for: the own ones, oldest first, then
 * those that are shared.  fn's nonzero return ends the walk. */
typedef int cognee_dataset_fn(void *arg,
    const struct cognee_dataset *dataset);
int cognee_datasets_each(struct http_request *request, struct store *reader,
    unsigned rights, cognee_dataset_fn *fn, void *arg);

/* Those that this very user or group was granted these rights on, whoever
 * calls, and none of a user's own. */
int cognee_datasets_granted(struct store *reader,
    const struct uuid *principal, unsigned rights, cognee_dataset_fn *fn,
    void *arg);
/* DatasetDTO; arg is a struct jsonw. */
cognee_dataset_fn cognee_put_dataset;

/* Its document with that id; ERR_NOT_FOUND, also when it is in another. */
int cognee_data_find(struct store *reader,
    const struct cognee_dataset *dataset, const struct uuid *data,
    int64_t *ret_document_id);

/* 403: the caller has not that permission ("read", "delete") for what was
 * asked for.  Returns 0, as handlers do. */
int cognee_denied(struct http_reply *reply, const char *permission);

#endif
