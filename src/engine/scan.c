/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The planner: some threads, the scanners, that look for the documents of
 * jobs that wait for it (scan_folder.c, scan_source.c) and do what comes after
 * a folder job's last item.
 *
 * lock guards the list of jobs to look at and what each scanner has in its
 * hands: a job is with one of them at a time, and what is asked of it
 * meanwhile stays in the list until that one puts it down.  A listing over the
 * network may be slow, so one scanner is always left for what is near.
 *
 * A job that ends (cancelled, its base deleted) breaks off its scan by the
 * scanner's stop flag.  A pause does not: it holds the documents' steps, while
 * what there is goes on being looked for, and what has vanished from a source
 * is removed.
 *
 * Everything else is the scanner's own.
 */
#include <pthread.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/scan_int.h"
#include "sys/clock.h"
#include "sys/thread.h"

#define SCANNERS 4u
#define SCANNERS_REMOTE (SCANNERS - 1)

struct wanted {
	struct job job;
	struct wanted *next;
};

struct planner {
	struct engine *engine;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a job is wanted or put down, or stop */
	struct wanted *head;
	bool is_missed; /* some job is in nobody's hands */
	bool is_stopped;
	struct scanner scanners[SCANNERS];
};

struct planner *
planner_new(struct engine *engine)
{
	struct planner *planner;
	unsigned i;

	planner = mem_zalloc(sizeof(*planner));
	if (planner == NULL)
		return NULL;
	planner->engine = engine;
	(void)pthread_mutex_init(&planner->lock, NULL);
	thread_cond_init(&planner->changed);
	for (i = 0; i < SCANNERS; i++) {
		planner->scanners[i].planner = planner;
		planner->scanners[i].engine = engine;
	}
	return planner;
}

void
planner_free(struct planner *planner)
{
	struct wanted *wanted, *next;
	unsigned i;

	if (planner == NULL)
		return;
	for (wanted = planner->head; wanted != NULL; wanted = next) {
		next = wanted->next;
		mem_free(wanted);
	}
	for (i = 0; i < SCANNERS; i++)
		store_close(planner->scanners[i].reader);
	(void)pthread_cond_destroy(&planner->changed);
	(void)pthread_mutex_destroy(&planner->lock);
	mem_free(planner);
}

void
planner_wake(struct planner *planner, const struct job *job)
{
	struct wanted *wanted, **link;

	(void)pthread_mutex_lock(&planner->lock);
	for (link = &planner->head; *link != NULL; link = &(*link)->next)
		if ((*link)->job.id == job->id)
			break;
	if (*link == NULL) {
		wanted = mem_zalloc(sizeof(*wanted));
		if (wanted != NULL) {
			wanted->job = *job;
			*link = wanted;
		} else {
			planner->is_missed = true;
		}
		/* Not just one: that might be resting. */
		(void)pthread_cond_broadcast(&planner->changed);
	} else {
		(*link)->job = *job;
	}
	(void)pthread_mutex_unlock(&planner->lock);
}

void
planner_missed(struct planner *planner)
{
	(void)pthread_mutex_lock(&planner->lock);
	planner->is_missed = true;
	(void)pthread_cond_broadcast(&planner->changed);
	(void)pthread_mutex_unlock(&planner->lock);
}

void
planner_end(struct planner *planner, int64_t job_id, int64_t base_id)
{
	struct scanner *scanner;
	unsigned i;

	(void)pthread_mutex_lock(&planner->lock);
	for (i = 0; i < SCANNERS; i++) {
		scanner = &planner->scanners[i];
		if (scanner->job_id == 0 ||
		    (scanner->job_id != job_id && scanner->base_id != base_id))
			continue;
		atomic_store(&scanner->stop, true);
		(void)pthread_cond_broadcast(&planner->changed);
	}
	(void)pthread_mutex_unlock(&planner->lock);
}

bool
planner_is_waiting(struct planner *planner, int64_t job_id)
{
	bool is_waiting = false;
	unsigned i;

	(void)pthread_mutex_lock(&planner->lock);
	for (i = 0; i < SCANNERS; i++)
		if (planner->scanners[i].job_id == job_id)
			is_waiting = planner->scanners[i].is_waiting;
	(void)pthread_mutex_unlock(&planner->lock);
	return is_waiting;
}

void
scanner_rest(struct scanner *scanner, int64_t us, bool for_source)
{
	struct planner *planner = scanner->planner;
	int64_t until_us = clock_mono_us() + us, left_us = us;

	(void)pthread_mutex_lock(&planner->lock);
	scanner->is_waiting = for_source;
	/* Others are woken by the same condition. */
	while (!atomic_load(&scanner->stop) && !planner->is_stopped &&
	    left_us > 0) {
		thread_wait_us(&planner->changed, &planner->lock, left_us);
		left_us = until_us - clock_mono_us();
	}
	scanner->is_waiting = false;
	(void)pthread_mutex_unlock(&planner->lock);
}

/* ---- one job ------------------------------------------------------------ */

/* The job that was put down may have come further while another was walked:
 * what is done follows from what is stored now. */
static int
job_reload(struct scanner *scanner, const struct job *asked,
    struct job *ret_job)
{
	int err;

	err = store_job_find(scanner->reader, 0, &asked->uuid, ret_job);
	if (err == 0 && job_state_is_final(ret_job->state))
		err = ERR_NOT_FOUND;
	return err;
}

static int
scanner_look(struct scanner *scanner, const struct job *job,
    struct err_note *note)
{
	switch (job->kind) {
	case JOB_KIND_FOLDER:
		return scan_folder_look(scanner, job, note);
	case JOB_KIND_SOURCES:
	case JOB_KIND_IMPORT:
		return scan_sources_look(scanner, job, note);
	case JOB_KIND_KEPT:
		return scan_kept_look(scanner, job, note);
	case JOB_KIND_EMBED:
		return scan_embed_look(scanner, job, note);
	case JOB_KIND_UPLOAD:
	case JOB_KIND_TEXT:
	case JOB_KIND_KEEP:
	case JOB_KIND_COUNT:
		break;
	}
	return 0; /* its items came with it */
}

/* It will never go otherwise: the job ends all the same (promise 5). */
static int
scanner_give_up(struct scanner *scanner, const struct job *job, int err,
    const struct err_note *note)
{
	/* What embeds again has its last step yet to do: the base has not
	 * become what was asked for, whatever its items came to. */
	if (!job_is_closing(job) || job->kind == JOB_KIND_EMBED)
		return scan_end(scanner, job->id, err, note);
	return scan_finish(scanner, job);
}

/* What the machine or the store lacks for the moment is waited for: nobody
 * else would come back to the job before the next start. */
static void
scanner_serve(struct scanner *scanner, struct job *job)
{
	struct err_note note = {""};
	int err;

	err = job_reload(scanner, job, job);
	if (err == 0)
		err = scanner_look(scanner, job, &note);
	if (err >= 0 || err == ERR_CANCELLED || err == ERR_NOT_FOUND ||
	    atomic_load(&scanner->stop))
		return;
	log_with(LOG_WARN, "a job could not be planned",
	    LOG_UUID("job", &job->uuid),
	    LOG_UUID("base", &job->base_uuid),
	    LOG_TEXT("error", err_words(&note, err)));
	if (err_class(err) == ERR_CLASS_TRANSIENT) {
		scanner_rest(scanner, SCAN_RETRY_US, false);
		planner_wake(scanner->planner, job);
	} else if (scanner_give_up(scanner, job, err, &note) < 0) {
		log_with(LOG_ERROR, "a job waits for the next start",
		    LOG_UUID("job", &job->uuid));
	}
}

static int
missed_job(void *arg, const struct job *job)
{
	struct scanner *scanner = arg;

	engine_take_up(scanner->engine, scanner->reader, job);
	return 0;
}

/* Memory was short a moment ago; in a moment it may be there again. */
static void
scanner_find_missed(struct scanner *scanner)
{
	scanner_rest(scanner, SCAN_RETRY_US, false);
	if (atomic_load(&scanner->stop))
		return;
	if (store_jobs_live(scanner->reader, missed_job, scanner) < 0)
		planner_missed(scanner->planner);
}

/* ---- the threads --------------------------------------------------------- */

/* Called with the lock held, as the next two. */
static bool
job_is_held(const struct planner *planner, const struct job *job)
{
	unsigned i;

	for (i = 0; i < SCANNERS; i++)
		if (planner->scanners[i].job_id == job->id)
			return true;
	return false;
}

static unsigned
count_remote(const struct planner *planner)
{
	unsigned i, count = 0;

	for (i = 0; i < SCANNERS; i++)
		count += planner->scanners[i].job_id != 0 &&
		    planner->scanners[i].is_remote;
	return count;
}

/* The first one that may be begun; out of the list. */
static struct wanted *
planner_pick(struct planner *planner)
{
	bool is_full = count_remote(planner) >= SCANNERS_REMOTE;
	struct wanted *wanted, **link;

	for (link = &planner->head; *link != NULL; link = &(*link)->next) {
		wanted = *link;
		if (job_is_held(planner, &wanted->job) ||
		    (is_full && job_kind_has_shares(wanted->job.kind)))
			continue;
		*link = wanted->next;
		return wanted;
	}
	return NULL;
}

/* The next job to look at; NULL: those that were missed.  False: stop. */
static bool
scanner_take(struct scanner *scanner, struct wanted **ret_wanted)
{
	struct planner *planner = scanner->planner;
	struct wanted *wanted = NULL;

	(void)pthread_mutex_lock(&planner->lock);
	while (!planner->is_stopped) {
		wanted = planner_pick(planner);
		if (wanted != NULL || planner->is_missed)
			break;
		thread_wait_us(&planner->changed, &planner->lock, -1);
	}
	if (wanted != NULL) {
		scanner->job_id = wanted->job.id;
		scanner->base_id = wanted->job.base_id;
		scanner->is_remote = job_kind_has_shares(wanted->job.kind);
	} else if (!planner->is_stopped) {
		planner->is_missed = false;
	}
	atomic_store(&scanner->stop, planner->is_stopped);
	(void)pthread_mutex_unlock(&planner->lock);
	*ret_wanted = wanted;
	return wanted != NULL || !atomic_load(&scanner->stop);
}

static void
scanner_put_down(struct scanner *scanner)
{
	struct planner *planner = scanner->planner;

	(void)pthread_mutex_lock(&planner->lock);
	scanner->job_id = scanner->base_id = 0;
	(void)pthread_cond_broadcast(&planner->changed);
	(void)pthread_mutex_unlock(&planner->lock);
}

static void *
scanner_run(void *arg)
{
	struct scanner *scanner = arg;
	struct wanted *wanted = NULL;

	thread_lower();
	while (scanner_take(scanner, &wanted)) {
		if (wanted != NULL)
			scanner_serve(scanner, &wanted->job);
		else
			scanner_find_missed(scanner);
		scanner_put_down(scanner);
		mem_free(wanted);
	}
	return NULL;
}

static int
scanner_start(struct scanner *scanner)
{
	int err;

	err = engine_reader(scanner->engine, &scanner->reader, NULL);
	if (err == 0)
		err = thread_start(&scanner->thread, "tm-planner",
		    scanner_run, scanner);
	scanner->is_started = err == 0;
	return err;
}

int
planner_start(struct planner *planner)
{
	unsigned i;
	int err = 0;

	for (i = 0; err == 0 && i < SCANNERS; i++)
		err = scanner_start(&planner->scanners[i]);
	return err;
}

void
planner_stop(struct planner *planner)
{
	unsigned i;

	if (planner == NULL)
		return;
	(void)pthread_mutex_lock(&planner->lock);
	planner->is_stopped = true;
	for (i = 0; i < SCANNERS; i++)
		atomic_store(&planner->scanners[i].stop, true);
	(void)pthread_cond_broadcast(&planner->changed);
	(void)pthread_mutex_unlock(&planner->lock);
	for (i = 0; i < SCANNERS; i++) {
		if (!planner->scanners[i].is_started)
			continue;
		(void)pthread_join(planner->scanners[i].thread, NULL);
		planner->scanners[i].is_started = false;
	}
}
