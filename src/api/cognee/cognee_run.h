/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_run: the runs that a request starts and, unless it is told not to,
 * waits for; and how they are told of.
 *
 * Floor 6.  A run is a job over what a dataset keeps.  A request that waits
 * holds no thread: its runs are in its state, and the handler is called again
 * when one has ended.
 */
#ifndef API_COGNEE_COGNEE_RUN_H
#define API_COGNEE_COGNEE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/cognee/cognee_dataset.h"
#include "base/err.h"

struct buf;
struct cognee_rule;
struct http_reply;
struct http_request;
struct job;
struct jsonw;
struct store;

#define COGNEE_FAILURES_BYTES_MAX (16 * KIB) /* of words about one request */
/* Datasets of one request. */
#define COGNEE_RUNS_MAX 256u

struct cognee_run {
	struct cognee_dataset dataset;
	struct uuid job;
	bool has_given;
	struct uuid given; /* the job that kept what came with the request */
	bool is_over;	   /* the job has ended; set by cognee_runs_wait() */
	bool is_good;	   /* and so that all is well */
	int err;	   /* it could not be started, or was deleted... */
	struct err_note note; /* ...and why */
};

struct cognee_runs {
	bool is_background; /* nobody waits */
	int64_t begun_us; /* when the request came, by the monotonic clock */
	size_t count;
	struct cognee_run items[];
};

/* Room for so many runs, all empty; owned by the request from now on.
 * ERR_NOMEM. */
int cognee_runs_new(struct http_request *request, size_t count,
    struct cognee_runs **ret_runs);
/* Of the request that is called again; NULL: it is called first. */
struct cognee_runs *cognee_runs_of(const struct http_request *request);

/* Make run->dataset a graph by the rule, and start the job over what it keeps.
 * What fails is noted in the run and does not concern others. */
void cognee_run_start(struct http_request *request, struct cognee_run *run,
    const struct cognee_rule *rule);

/*
 * Wait until all have ended.  1: the handler returns 0 and is called again; 0:
 * they have ended or, when the server stops, not all of them; or an error.
 */
int cognee_runs_wait(struct http_request *request, struct http_reply *reply,
    struct cognee_runs *runs);

/* Why runs that did not end well did not, in words, for all of them; empty:
 * they did, or go on. */
int cognee_runs_failures(struct http_request *request,
    const struct cognee_runs *runs, struct buf *out);

/* ---- telling of them (cognee_run_view.c) --------------------------------- */

enum cognee_info {
	COGNEE_INFO_STARTED,
	COGNEE_INFO_COMPLETED,
	COGNEE_INFO_ALREADY,
	COGNEE_INFO_COUNT
};

/* Data that one PipelineRunInfo lists. */
#define COGNEE_LISTED_MAX 1000u

enum cognee_list {
	COGNEE_LIST_NONE, /* null */
	COGNEE_LIST_JOB,  /* what the job dealt with */
	COGNEE_LIST_ALL,  /* that first, and what else is done */
};

/*
 * PipelineRunInfo.  list needs reader; at most COGNEE_LISTED_MAX data are told
 * of.
 */
int cognee_write_info(struct jsonw *w, struct store *reader,
    enum cognee_info info, const struct cognee_dataset *dataset,
    const struct uuid *job, enum cognee_list list);

/* {"<dataset>": PipelineRunInfo...}; those that have not ended are started. */
int cognee_runs_write(struct http_request *request, struct http_reply *reply,
    const struct cognee_runs *runs);

/*
 * Wait, unless they are in the background, and answer: a map of infos, or with
 * that status why one did not end well.
 */
int cognee_runs_answer(struct http_request *request,
    struct http_reply *reply, int errored);

/* What a job did not do: its first documents and why, or why it ended;
 * nothing: it is well. */
int cognee_put_failures(struct store *reader, const struct job *job,
    struct buf *out);

#define COGNEE_BROKEN "Internal server error"
#define COGNEE_ERRORED_RUN "Pipeline run errored"
#define COGNEE_NO_NAME "Either datasetId or datasetName must be provided."
#define COGNEE_NO_WRITE                                                       \
	"Request owner does not have necessary permission: [write] for all "  \
	"datasets requested. [PermissionDeniedError]"
/* {"error":...,"detail":...}, detail NULL: null; returns 0, as handlers do. */
int cognee_broken(struct http_reply *reply, int status, const char *error,
    const char *detail);

#endif
