/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schedule: bases that are indexed at a minute of some days.
 *
 * Floor 4.  engine/sources.h has what dialects call.
 */
#ifndef ENGINE_SCHEDULE_H
#define ENGINE_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

struct base_ref;
struct engine;
struct err_note;
struct job;
struct job_request;
struct schedules;
struct uuid;
struct write_tx;

#define SCHEDULE_MINUTES 1440u /* of a day */
#define SCHEDULE_DAYS 7u

/*
 * The first such minute after after_us (microseconds since 1970 UTC, not
 * negative), at its beginning; days: bit (1 << day), 0 Sunday .. 6 Saturday.
 * Pure.  0: there is none, because days has no day in it or minute is not of
 * a day.
 */
int64_t schedule_next_us(uint32_t minute, uint32_t days, int64_t after_us);

/* What starts a job over all sources of a base: engine_job_sources(), or what
 * a test has in its place. */
typedef int schedule_start_fn(struct engine *engine,
    const struct job_request *request, const struct uuid *sources,
    size_t count, struct job *ret_job, struct uuid *ret_running,
    struct err_note *note);

/* Returns owned (schedules_free); keeps engine.  NULL: no memory. */
struct schedules *schedules_new(struct engine *engine,
    schedule_start_fn *start);
void schedules_free(struct schedules *schedules);
int schedules_start(struct schedules *schedules);
void schedules_stop(struct schedules *schedules);
/* Something has changed: look again. */
void schedules_wake(struct schedules *schedules);

/*
 * The schedule has run, at the time of tx: its next time comes.  To be called
 * in the transaction that makes the job.  ERR_CANCELLED: it was deleted, or
 * has run, since it was found to be due.
 */
int schedule_ran(struct write_tx *tx, int64_t base_id, int64_t schedule_id);

#endif
