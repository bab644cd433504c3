/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schedules: one thread that sleeps until the earliest of them is due, and no
 * longer than LOOK_US, because the wall clock may be set.
 *
 * The truth is next_us in the store.  When it has come, a job is asked for,
 * and the transaction that makes the job sets ran_us and next_us as well
 * (schedule_ran, by way of job_request.schedule_id): each time has its job
 * exactly once, whenever the server dies.  Where no job can be made (another
 * one is running, the base has no sources) the time counts as done all the
 * same, in an operation of its own; a server that dies before that asks again.
 * What may be over in a moment (a full disk) leaves the schedule due, and is
 * tried again after RETRY_US.
 *
 * A time that was missed is due when the server comes up, and since the next
 * one is reckoned from then on, many that were missed are made up for by one
 * job.
 *
 * lock guards the flags; the rest is the thread's own.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/schedule.h"
#include "engine/sources.h"
#include "engine/writer.h"
#include "sys/clock.h"
#include "sys/rng.h"
#include "sys/thread.h"

#define SECOND_US 1000000LL
#define MINUTE_US (60 * SECOND_US)
#define DAY_US (SCHEDULE_MINUTES * MINUTE_US)
#define LOOK_US MINUTE_US
#define RETRY_US MINUTE_US
#define DUE_ROUND 64u /* looked up at once */

/* 1970-01-01 was a Thursday. */
#define FIRST_DAY 4

_Static_assert(DAY_US == 86400 * SECOND_US, "no leap seconds in such times");

struct schedules {
	struct engine *engine;
	schedule_start_fn *start;
	pthread_t thread;
	bool is_started;
	struct store *reader;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool is_wanted; /* by lock */
	atomic_bool stop;
	bool is_in_trouble; /* and said so */
};

/* ---- when --------------------------------------------------------------- */

int64_t
schedule_next_us(uint32_t minute, uint32_t days, int64_t after_us)
{
	int64_t day = after_us / DAY_US, due_us;
	unsigned i;

	if (minute >= SCHEDULE_MINUTES || after_us < 0 ||
	    after_us > INT64_MAX - (SCHEDULE_DAYS + 2) * DAY_US)
		return 0;
	/* The same day of the next week is the last that comes. */
	for (i = 0; i <= SCHEDULE_DAYS; i++, day++) {
		due_us = day * DAY_US + minute * MINUTE_US;
		if (due_us > after_us && (days &
			1u << (day + FIRST_DAY) % SCHEDULE_DAYS) != 0)
			return due_us;
	}
	return 0;
}

/* ---- marking ------------------------------------------------------------ */

/* One that has no next time, as none that was added here, is switched off. */
static void
schedule_plan(struct schedule *schedule, int64_t now_us)
{
	schedule->next_us = schedule_next_us(schedule->minute,
	    schedule->days, now_us);
	schedule->is_active = schedule->next_us != 0;
}

int
schedule_ran(struct write_tx *tx, int64_t base_id, int64_t schedule_id)
{
	struct schedule schedule;
	int err;

	err = store_schedule_of_base(tx_store(tx), base_id, &schedule);
	if (err == ERR_NOT_FOUND)
		return ERR_CANCELLED;
	if (err < 0)
		return err;
	if (schedule.id != schedule_id || !schedule.is_active ||
	    schedule.next_us > tx_now_us(tx))
		return ERR_CANCELLED;
	schedule.ran_us = tx_now_us(tx);
	schedule_plan(&schedule, schedule.ran_us);
	return store_schedule_save(tx_store(tx), &schedule);
}

static int
pass_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct schedule *schedule = arg;

	(void)note;
	return schedule_ran(tx, schedule->base_id, schedule->id);
}

/* Its time is over without a job. */
static int
schedule_pass(struct schedules *schedules, struct schedule *schedule,
    int why, const struct uuid *running, const struct err_note *note)
{
	int err;

	err = writer_do(schedules->engine->writer, pass_apply, schedule,
	    NULL);
	if (err < 0)
		return err == ERR_CANCELLED ? 0 : err;
	if (why == ERR_CONFLICT)
		log_with(LOG_INFO, "a base was to be indexed now, and a job "
		    "does so already: left out this time",
		    LOG_UUID("base", &schedule->base_uuid),
		    LOG_UUID("job", running));
	else
		log_with(LOG_WARN, "a base was to be indexed now: left out "
		    "this time", LOG_UUID("base", &schedule->base_uuid),
		    LOG_TEXT("error", err_words(note, why)));
	return 0;
}

static int
schedule_run(struct schedules *schedules, struct schedule *schedule)
{
	struct job_request request = {.account_id = schedule->account_id,
	    .base = schedule->base_uuid, .dialect = schedule->dialect,
	    .schedule_id = schedule->id};
	struct uuid running = {{0}};
	struct err_note note = {""};
	struct job job;
	int err;

	err = schedules->start(schedules->engine, &request, NULL, 0, &job,
	    &running, &note);
	if (err == ERR_CANCELLED)
		return 0;
	if (err < 0)
		return err_class(err) == ERR_CLASS_TRANSIENT ? err
		    : schedule_pass(schedules, schedule, err, &running, &note);
	log_with(LOG_INFO, "a base is indexed, as it is scheduled",
	    LOG_UUID("job", &job.uuid),
	    LOG_UUID("base", &schedule->base_uuid));
	return 0;
}

/* ---- looking ------------------------------------------------------------ */

struct due {
	struct schedule list[DUE_ROUND];
	size_t count;
	int64_t now_us;
};

/* The walk is ended before the first of them is run: a reader that stands
 * still would hold back the log of the store. */
static int
due_take(void *arg, const struct schedule *schedule)
{
	struct due *due = arg;

	if (due->count == DUE_ROUND)
		return ERR_TOO_BIG;
	due->list[due->count++] = *schedule;
	return 0;
}

static int
schedules_run_due(struct schedules *schedules)
{
	struct due due;
	size_t i;
	int err;

	do {
		due.count = 0;
		err = store_schedules_due(schedules->reader, clock_wall_us(),
		    due_take, &due);
		if (err == ERR_TOO_BIG)
			err = 0;
		for (i = 0; err == 0 && i < due.count; i++)
			if (!atomic_load(&schedules->stop))
				err = schedule_run(schedules, &due.list[i]);
	} while (err == 0 && due.count == DUE_ROUND &&
	    !atomic_load(&schedules->stop));
	return err;
}

/* A next time beyond the one after the next was reckoned when the clock stood
 * too far ahead. */
static bool
schedule_is_lost(const struct schedule *schedule, int64_t now_us)
{
	int64_t next_us = schedule_next_us(schedule->minute, schedule->days,
	    now_us);

	return schedule->next_us > schedule_next_us(schedule->minute,
				       schedule->days, next_us);
}

static int
lost_take(void *arg, const struct schedule *schedule)
{
	struct due *due = arg;

	return schedule_is_lost(schedule, due->now_us)
	    ? due_take(due, schedule)
	    : 0;
}

static int
lost_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct due *due = arg;
	size_t i;
	int err;

	(void)note;
	due->now_us = tx_now_us(tx);
	due->count = 0;
	err = store_schedules_due(tx_store(tx), INT64_MAX, lost_take, due);
	if (err == ERR_TOO_BIG)
		err = 0;
	for (i = 0; err == 0 && i < due->count; i++) {
		schedule_plan(&due->list[i], due->now_us);
		err = store_schedule_save(tx_store(tx), &due->list[i]);
	}
	return err;
}

/*
 * Only when the server starts: within a process the wall clock never goes
 * back.
 */
static int
schedules_find_lost(struct schedules *schedules)
{
	struct due due = {.now_us = clock_wall_us()};
	int err;

	/* Mostly there is none, and the writer is left alone. */
	err = store_schedules_due(schedules->reader, INT64_MAX, lost_take,
	    &due);
	if (err == 0 && due.count == 0)
		return 0;
	do
		err = writer_do(schedules->engine->writer, lost_apply, &due,
		    NULL);
	while (err == 0 && due.count == DUE_ROUND);
	return err;
}

/* How long nothing is due. */
static int64_t
schedules_rest_us(struct schedules *schedules)
{
	int64_t next_us, rest_us;

	if (store_schedule_next(schedules->reader, &next_us) < 0 ||
	    next_us == 0)
		return LOOK_US;
	rest_us = next_us - clock_wall_us();
	return rest_us < 0 ? 0 : rest_us > LOOK_US ? LOOK_US : rest_us;
}

/* Returns how long to wait until it is called again. */
static int64_t
schedules_look(struct schedules *schedules)
{
	int err;

	err = schedules_run_due(schedules);
	if (err == 0) {
		schedules->is_in_trouble = false;
		return schedules_rest_us(schedules);
	}
	/* Once, not each minute. */
	if (!schedules->is_in_trouble)
		log_warn("what is scheduled waits: %s", err_text(err));
	schedules->is_in_trouble = true;
	return RETRY_US;
}

/* ---- the thread --------------------------------------------------------- */

struct schedules *
schedules_new(struct engine *engine, schedule_start_fn *start)
{
	struct schedules *schedules;

	schedules = mem_zalloc(sizeof(*schedules));
	if (schedules == NULL)
		return NULL;
	schedules->engine = engine;
	schedules->start = start;
	(void)pthread_mutex_init(&schedules->lock, NULL);
	thread_cond_init(&schedules->woken);
	return schedules;
}

void
schedules_free(struct schedules *schedules)
{
	if (schedules == NULL)
		return;
	store_close(schedules->reader);
	(void)pthread_cond_destroy(&schedules->woken);
	(void)pthread_mutex_destroy(&schedules->lock);
	mem_free(schedules);
}

static void *
schedules_run(void *arg)
{
	struct schedules *schedules = arg;
	int64_t rest_us;
	int err;

	err = schedules_find_lost(schedules);
	if (err < 0)
		log_warn("schedules could not be looked through: %s",
		    err_text(err));
	(void)pthread_mutex_lock(&schedules->lock);
	while (!atomic_load(&schedules->stop)) {
		schedules->is_wanted = false;
		(void)pthread_mutex_unlock(&schedules->lock);
		rest_us = schedules_look(schedules);
		(void)pthread_mutex_lock(&schedules->lock);
		if (!schedules->is_wanted && !atomic_load(&schedules->stop))
			thread_wait_us(&schedules->woken, &schedules->lock,
			    rest_us);
	}
	(void)pthread_mutex_unlock(&schedules->lock);
	return NULL;
}

int
schedules_start(struct schedules *schedules)
{
	int err;

	err = engine_reader(schedules->engine, &schedules->reader, NULL);
	if (err == 0)
		err = thread_start(&schedules->thread, "tm-schedules",
		    schedules_run, schedules);
	if (err == 0)
		schedules->is_started = true;
	return err;
}

void
schedules_stop(struct schedules *schedules)
{
	if (schedules == NULL || !schedules->is_started)
		return;
	(void)pthread_mutex_lock(&schedules->lock);
	atomic_store(&schedules->stop, true);
	(void)pthread_cond_signal(&schedules->woken);
	(void)pthread_mutex_unlock(&schedules->lock);
	(void)pthread_join(schedules->thread, NULL);
	schedules->is_started = false;
}

void
schedules_wake(struct schedules *schedules)
{
	(void)pthread_mutex_lock(&schedules->lock);
	schedules->is_wanted = true;
	(void)pthread_cond_signal(&schedules->woken);
	(void)pthread_mutex_unlock(&schedules->lock);
}

/* ---- from outside ------------------------------------------------------- */

struct schedule_op {
	int64_t account_id;
	const struct uuid *uuid; /* of the base, or of the schedule */
	struct schedule schedule;
};

static int
add_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct schedule_op *op = arg;
	struct schedule *schedule = &op->schedule;
	struct base_ref base;
	int err;

	err = base_ref_find(tx_store(tx), op->account_id, op->uuid, &base);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	schedule->base_id = base.id;
	schedule->base_uuid = base.uuid;
	schedule->created_us = schedule->updated_us = tx_now_us(tx);
	schedule->next_us = schedule_next_us(schedule->minute,
	    schedule->days, schedule->created_us);
	err = store_schedule_add(tx_store(tx), schedule, &schedule->id);
	return err == ERR_EXISTS
	    ? err_set(note, err, "the base has a schedule already")
	    : err;
}

int
engine_schedule_add(struct engine *engine, int64_t account_id,
    const struct uuid *base, uint32_t minute, uint32_t days,
    enum dialect dialect, struct schedule *ret_schedule,
    struct err_note *note)
{
	struct schedule_op op = {.account_id = account_id, .uuid = base,
	    .schedule = {.uuid = rng_uuid(), .account_id = account_id,
		.minute = minute, .days = days, .dialect = dialect,
		.is_active = true}};
	int err;

	if (minute >= SCHEDULE_MINUTES)
		return err_set(note, ERR_INVALID, "no minute of a day");
	if (days == 0 || days >= 1u << SCHEDULE_DAYS)
		return err_set(note, ERR_INVALID,
		    "a schedule needs days of the week, 0 to 6");
	err = writer_do(engine->writer, add_apply, &op, note);
	if (err < 0)
		return err;
	schedules_wake(engine->schedules);
	*ret_schedule = op.schedule;
	return 0;
}

static int
delete_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct schedule_op *op = arg;
	int err;

	err = store_schedule_find(tx_store(tx), op->account_id, op->uuid,
	    &op->schedule);
	if (err == ERR_NOT_FOUND)
		return err_set(note, err, "there is no such schedule");
	return err < 0 ? err
		       : store_schedule_delete(tx_store(tx), op->schedule.id);
}

int
engine_schedule_delete(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct schedule *ret_schedule,
    struct err_note *note)
{
	struct schedule_op op = {.account_id = account_id, .uuid = uuid};
	int err;

	err = writer_do(engine->writer, delete_apply, &op, note);
	if (err < 0)
		return err;
	schedules_wake(engine->schedules);
	*ret_schedule = op.schedule;
	return 0;
}
