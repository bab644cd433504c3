/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of requests: who does not know whether a request has arrived asks
 * again under the same name, and gets the job that there is.  It is looked up
 * in the transaction that would make the job, so of two that come at once one
 * finds the other's.
 */
#include <string.h>

#include "base/err.h"
#include "engine/engine_int.h"
#include "engine/plan.h"
#include "engine/writer.h"
#include "store/store_request.h"

int
request_key_find(struct write_tx *tx, struct plan *plan,
    struct err_note *note)
{
	const struct job_request *request = &plan->request;
	struct request_row row = {.account_id = request->account_id,
	    .name = request->request_key};
	struct uuid uuid;
	int err;

	plan->is_repeated = false;
	if (row.name == NULL)
		return 0;
	if (row.name[0] == '\0' || strlen(row.name) > REQUEST_KEY_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "a request's name has 1 to %u bytes",
		    REQUEST_KEY_BYTES_MAX);
	err = store_request_find(tx_store(tx), &row,
	    tx_now_us(tx) - REQUEST_KEEP_US, &uuid);
	if (err < 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	if (memcmp(row.hash, request->request_hash, HASH_SIZE) != 0)
		return err_set(note, ERR_CONFLICT, "another request has had "
		    "this name, and asked for something else");
	plan->job.uuid = uuid;
	plan->job.id = row.job_id;
	plan->is_repeated = true;
	return 0;
}

int
request_key_put(struct write_tx *tx, const struct plan *plan, int64_t job_id)
{
	const struct job_request *request = &plan->request;
	struct request_row row = {.account_id = request->account_id,
	    .name = request->request_key, .job_id = job_id,
	    .created_us = tx_now_us(tx)};

	if (row.name == NULL)
		return 0;
	memcpy(row.hash, request->request_hash, HASH_SIZE);
	return store_request_put(tx_store(tx), &row);
}
