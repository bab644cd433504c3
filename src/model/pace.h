/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace: how fast a job goes and when it may be done.
 *
 * Floor 2, pure.  Derived from the job's own counters since it started, so
 * that nothing needs to be kept for it: work is counted in bytes, with a
 * surcharge for each item; the interval narrows with the root of the number
 * of items done.
 */
#ifndef MODEL_PACE_H
#define MODEL_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct job;

struct job_pace {
	bool is_known; /* false: too little has happened to say */
	double seconds, low, high; /* left */
	double items_per_second, bytes_per_second; /* so far; 0 unknown */
	/* Until when it can be undone; 0: it cannot.  Not set by job_pace(). */
	int64_t undo_until_us;
};

void job_pace(const struct job *job, int64_t now_us,
    struct job_pace *ret_pace);

#endif
