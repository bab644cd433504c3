/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_view: a job as the API's answer has it, and its lines for people.
 *
 * Pure but for its printing into a buf.  Plain data; several jobs that were
 * started by one command are shown as their sum.
 */
#ifndef CMD_JOB_VIEW_H
#define CMD_JOB_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "model/job.h"

struct buf;

#define STAGES_SHOWN 6u

/* How many are in a step now, how many have passed it, and what it took. */
struct stage_view {
	char name[16];
	uint64_t items, done;
	double seconds;
};

struct job_view {
	char id[UUID_TEXT_SIZE];
	char base[NAME_BYTES_MAX + 1];
	enum job_state state;
	int64_t revision;
	struct counts counts;
	uint64_t bytes_total, bytes_done;
	uint64_t segments; /* that are stored */
	struct stage_view stages[STAGES_SHOWN];
	size_t stage_count;
	double percent;
	bool has_eta;
	double eta, eta_low, eta_high; /* seconds */
	double items_per_second, bytes_per_second;
	char stage[16];	      /* where most items are now; "" nowhere */
	char waiting_for[16]; /* "" nothing */
	char message[256];    /* of the job's own error; "" none */
	unsigned jobs;	      /* that this is the sum of; 1 for one */
	double took;	      /* seconds from start to end; 0: it is not over */
};

/* ERR_SYNTAX: that is no job. */
int job_view_parse(const json_t *json, struct job_view *ret_view);

/* Count another job in. */
void job_view_add(struct job_view *sum, const struct job_view *view);

bool job_view_is_final(const struct job_view *view);
/* 0, or 1 when it ended with failures, failed or was cancelled. */
int job_view_status(const struct job_view *view);

/* "completed with failures" */
void job_view_state(const struct job_view *view, struct buf *out);

/* "running 47.6 %, 287 of 602, 2 failed, 4 skipped, extracting, 71/s,
 * 1.7 MB/s, 4 s left (3 to 7)": what a plain line says. */
void job_view_line(const struct job_view *view, struct buf *out);

/* Documents that have ended, in whatever way. */
uint64_t job_view_ended(const struct job_view *view);

/* What it is busy with: "extracting", "waiting for storage"; "" for nothing
 * worth a word. */
void job_view_where(const struct job_view *view, struct buf *out);

/* "71/s, 1.8 MB/s", "4 s left (3 s to 7 s)"; "" while it is not known. */
void job_view_pace(const struct job_view *view, struct buf *out);
void job_view_left(const struct job_view *view, struct buf *out);
/* All three, those that are known, each behind ", ". */
void job_view_parts(const struct job_view *view, struct buf *out);

/* "602 documents: 596 completed, 2 failed, 4 skipped" */
void job_view_counts(const struct job_view *view, struct buf *out);

/* "1.7 MB", "12 s", "3 min 20 s". */
void bytes_put(struct buf *out, double bytes);
void seconds_put(struct buf *out, double seconds);

#endif
