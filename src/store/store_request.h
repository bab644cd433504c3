/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_request: names that clients give to their requests, and the jobs that
 * these made: who asks again under the same name gets the same job.
 *
 * Floor 3; everything said in store/store.h holds.
 */
#ifndef STORE_STORE_REQUEST_H
#define STORE_STORE_REQUEST_H

#include "store/store.h"

struct request_row {
	int64_t account_id;
	const char *name;
	uint8_t hash[HASH_SIZE]; /* of what was asked for */
	int64_t job_id;
	int64_t created_us;
};

/* One of that name that was made at after_us or later: fills hash, job_id and
 * created_us of *row and the job's uuid.  ERR_NOT_FOUND, also when its job is
 * not there any more. */
int store_request_find(struct store *store, struct request_row *row,
    int64_t after_us, struct uuid *ret_job);
/* In place of an older one of that name, if there is one. */
int store_request_put(struct store *store, const struct request_row *row);
/* Delete limit of those made before before_us; *ret_more: there are more. */
int store_requests_collect(struct store *store, int64_t before_us,
    size_t limit, bool *ret_more);
/* Was any made before before_us?  For a reader, to ask before it disturbs the
 * writer. */
int store_requests_have(struct store *store, int64_t before_us,
    bool *ret_have);

#endif
