/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics_int: what the files of the metrics share.
 */
#ifndef HTTP_METRICS_INT_H
#define HTTP_METRICS_INT_H

#include <stdint.h>

#include "engine/figures.h"
#include "http/http_int.h"
#include "sys/process.h"

struct buf;

/* All that one answer is made of. */
struct scrape {
	const struct http_server *server;
	struct buf *out;
	struct engine_figures engine;
	struct engine_health health;
	struct engine_disk disk;
	struct process_stats process;
	struct metrics http; /* all threads' together */
	uint64_t connections, streams, sockets, waiting, generation;
};

/* A row of metrics_tbl.h whose lines are more than one: name is its own. */
typedef void metrics_put_fn(const struct scrape *x, const char *name);

metrics_put_fn put_jobs, put_jobs_ended, put_items, put_stages, put_waiting,
    put_commit_seconds, put_commit_operations, put_extractor_ends,
    put_service_requests, put_service_failures, put_service_retries,
    put_service_tokens, put_service_seconds, put_service_down,
    put_http_requests, put_http_durations, put_build;

/* The status of a slot; 0: of the one for all others. */
int metrics_status(size_t slot);

#endif
