/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write_tx: a transaction of the writer, as its own thread sees it.  What
 * operations may do with one is in writer.h.
 */
#ifndef ENGINE_WRITE_TX_H
#define ENGINE_WRITE_TX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/job.h"
#include "model/source.h"

struct board;
struct store;

#define TOUCHED_BUCKETS 1024u

struct touched {
	struct job job;
	struct touched *next; /* of its bucket */
};

struct touched_share {
	struct share share, stored; /* as it is now, and as it was read */
	int64_t base_id;
	bool is_new;
	struct touched_share *next; /* of its bucket */
};

struct hook {
	void (*fn)(void *arg, int64_t id);
	void *arg;
	int64_t id;
};

struct write_tx {
	struct board *board;
	struct store *store;
	int64_t now_us;
	uint64_t serial;
	struct touched **jobs; /* each on its own, so that pointers stay */
	size_t job_count, job_size;
	struct touched *buckets[TOUCHED_BUCKETS]; /* the same, by row */
	/* Only of jobs that are in jobs. */
	struct touched_share **shares;
	size_t share_count, share_size;
	struct touched_share *share_buckets[TOUCHED_BUCKETS];
	struct hook *hooks;
	size_t hook_count, hook_size;
	int64_t *forgotten; /* bases deleted in this transaction */
	size_t forgotten_count;
	bool is_short; /* of memory: what tx_job() says is not to be trusted */
	int trouble;   /* 0, or why tx_share() could not look */
};

/* Before the commit: settle and store the shares that were touched, and all
 * others of jobs that have come to their end.  The jobs are settled. */
int tx_shares_store(struct write_tx *tx);
/* Forget what the transaction has touched; the memory for lists stays. */
void tx_forget(struct write_tx *tx);
void tx_fini(struct write_tx *tx);

#endif
