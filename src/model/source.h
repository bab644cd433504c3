/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source: where a base's documents come from, and what came from each source
 * in one job.
 *
 * Floor 2, pure.  A base's source outlives the jobs that read it; an import's
 * are its own.  A job over sources (job_kind_has_shares()) has a share for each
 * of those it reads, whose counters move with the job's own, in the same place.
 */
#ifndef MODEL_SOURCE_H
#define MODEL_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"
#include "model/item.h"
#include "model/job.h"

/* Stored: append, never renumber. */
enum source_kind {
	SOURCE_UPLOAD = 1, /* one object that was uploaded ahead */
	SOURCE_S3 = 2,	   /* a bucket, or what is below a prefix in it */
	SOURCE_WEB = 3,	   /* a web site, or a part of it */
	SOURCE_LINKS = 4,  /* documents by their URLs */
	SOURCE_ABSENT = 5, /* nothing that this server can read */
	SOURCE_KIND_COUNT
};

const char *source_kind_name(enum source_kind kind); /* "s3" */
/* From outside: 0 or ERR_CORRUPT. */
int source_kind_parse(long long stored, enum source_kind *ret_kind);

/* One source's part of one job.  Plain data, copied whole.  Times in
 * microseconds since 1970 UTC, 0 not yet. */
struct share {
	int64_t job_id, source_id;
	struct uuid source_uuid;
	enum scan_state scan;
	struct counts counts;
	uint64_t removed;	   /* documents that had vanished from it */
	uint64_t unchanged, empty; /* of skipped: by their code */
	uint64_t bytes_total, bytes_completed;
	uint64_t characters; /* of the segments of completed items */
	enum item_code code; /* why it as a whole could not be read */
	char message[256];
	int64_t started_us, finished_us;
};

/* As job_count() does for the job: from NULL is a new item. */
void share_count(struct share *share, const struct item *from,
    const struct item *to);
/* Add what share counted to *sum: together the shares are the job. */
void share_sum(struct share *sum, const struct share *share);
/* Set the times that follow from the counters; is_cancelled: the job was, or
 * has ended, so that nothing more comes. */
void share_settle(struct share *share, bool is_cancelled, int64_t now_us);
/* It has been read to its end, or given up, and no item of it is open. */
bool share_is_done(const struct share *share);
/* Asserts promise 1. */
void share_check(const struct share *share);

#endif
