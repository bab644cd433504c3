/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker is a thread with a bench of its own (reader, extractor child,
 * spools).  It takes an item, runs the steps, hands the result to the writer
 * and takes the next without waiting for the commit.
 *
 * The runner below owns all control flow:
 *   0            the next step
 *   STEP_ENDED   skipped or failed, with a code
 *   ERR_CANCELLED  paused, cancelled or stopping: the item is put back
 *   TRANSIENT    waits and is tried again, until its attempts are used up
 *   PERMANENT    fails
 * A full disk is nobody's fault and uses no attempt, nor does an embedding
 * service that is out of order.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/dispatch.h"
#include "engine/embedding.h"
#include "engine/engine_int.h"
#include "engine/run.h"
#include "engine/steps.h"
#include "sys/clock.h"
#include "sys/thread.h"

#define RETRY_FIRST_US 1000000
#define RETRY_MAX_US 60000000
#define STORAGE_RETRY_US 2000000

struct worker {
	struct engine *engine;
	pthread_t thread;
	bool is_started;
	struct bench bench;
};

/* The code of an item whose attempts are used up, by the step it failed in. */
static enum item_code
code_of_failure(const struct task *task, int err)
{
	const struct item *item = run_item(task->run);
	bool is_transient = err_class(err) == ERR_CLASS_TRANSIENT;

	if (err == ERR_STORAGE_FULL)
		return ITEM_CODE_STORAGE_FULL;
	if (task->is_fetching)
		return ITEM_CODE_FETCH_FAILED;
	if (task->is_embedding)
		return is_transient ? ITEM_CODE_EMBEDDING_FAILED
				    : ITEM_CODE_EMBEDDING_REJECTED;
	/* Whatever step an earlier try of the item had come to. */
	if (task->is_asking)
		return is_transient ? ITEM_CODE_CHAT_FAILED
				    : ITEM_CODE_CHAT_REJECTED;
	switch (item->stage) {
	case STAGE_NONE:
		return ITEM_CODE_FETCH_FAILED;
	case STAGE_EXTRACTING:
		/* What the document is to blame for has a code of its own;
		 * here the file kept changing, or the machine failed. */
		return err == ERR_BUSY ? ITEM_CODE_FETCH_FAILED
				       : ITEM_CODE_INTERNAL_ERROR;
	case STAGE_EMBEDDING:
	case STAGE_CHUNKING:
	case STAGE_CLEANING:
	case STAGE_TAGGING:
	case STAGE_FINALIZING:
	case STAGE_COUNT:
		break;
	}
	return ITEM_CODE_INTERNAL_ERROR;
}

static int64_t
retry_after_us(uint32_t attempt)
{
	int64_t us = RETRY_FIRST_US;

	while (attempt-- > 1 && us < RETRY_MAX_US)
		us *= 2;
	return us < RETRY_MAX_US ? us : RETRY_MAX_US;
}

/* Put the work where it will be taken from again. */
static void
task_later(struct task *task, enum waiting_for reason, int64_t after_us,
    bool is_counted, const char *words)
{
	struct work *work = task->work;

	work->due_us = clock_wall_us() + after_us;
	run_wait(task->run, reason, work->due_us, is_counted, words);
	dispatch_later(task->bench->engine->dispatch, work);
	task->work = NULL;
}

static void
task_put_back(struct task *task)
{
	struct dispatch *dispatch = task->bench->engine->dispatch;

	run_put_back(task->run,
	    dispatch_is_paused(dispatch, task->work) ? WAITING_PAUSED
						     : WAITING_WORKER);
	dispatch_return(dispatch, task->work);
	task->work = NULL;
}

/* An item that could not even be ended stays as it is in the store, and is
 * found there by the next start. */
static void
task_finish(struct task *task, enum item_code code, const char *message)
{
	struct engine *engine = task->bench->engine;
	int err;

	if (code == ITEM_CODE_UNCHANGED &&
	    work_kind(task->work) != JOB_KIND_EMBED)
		err = outcome_unchanged(engine, task->run, &task->what);
	else
		err = outcome_end(engine, task->run, code, message,
		    task->what.rule);
	if (err < 0)
		task_later(task, WAITING_RETRY, RETRY_FIRST_US, false,
		    err_text(err));
}

/* The service is out of order: the document is not to blame, and no try is used
 * up however long that takes. */
static void
task_later_embedded(struct task *task, int err, const struct err_note *note)
{
	struct embed_call call = task->embed;
	struct work *work = task->work;

	call.stop = work_stop(work);
	work->due_us = clock_wall_us() + call.wait_us;
	run_wait(task->run, WAITING_EMBEDDING, work->due_us, false,
	    err_words(note, err));
	embedding_rest(&call);
	dispatch_later(task->bench->engine->dispatch, work);
	task->work = NULL;
}

static enum waiting_for
reason_of(const struct task *task, int err)
{
	if (task->is_embedding)
		return WAITING_EMBEDDING;
	return err == ERR_UPSTREAM || task->is_asking ? WAITING_UPSTREAM
						      : WAITING_RETRY;
}

static void
task_judge(struct task *task, int err, const struct err_note *note)
{
	const struct item *item = run_item(task->run);
	char message[256];

	if (err == 0 || run_is_lost(task->run))
		return;
	if (err == STEP_ENDED) {
		task_finish(task, task->code, task->message);
		return;
	}
	if (err == ERR_CANCELLED) {
		task_put_back(task);
		return;
	}
	if (err == ERR_STORAGE_FULL) {
		task_later(task, WAITING_STORAGE, STORAGE_RETRY_US, false,
		    err_words(note, err));
		return;
	}
	if (task->is_embedding && task->embed.is_outage) {
		task_later_embedded(task, err, note);
		return;
	}
	if (err_class(err) == ERR_CLASS_TRANSIENT &&
	    item->attempt < ATTEMPTS_MAX) {
		task_later(task, reason_of(task, err),
		    retry_after_us(item->attempt), true,
		    err_words(note, err));
		return;
	}
	(void)snprintf(message, sizeof(message), "%s", err_words(note, err));
	task_finish(task, code_of_failure(task, err), message);
}

/* What came to its end is counted, with the time it took. */
static int
step_timed(struct task *task, enum stage stage,
    int (*run)(struct task *task, struct err_note *note),
    struct err_note *note)
{
	struct engine_counters *counters = &task->bench->engine->counters;
	int64_t begun_us = clock_mono_us();
	int err;

	err = run(task, note);
	if (err >= 0)
		histogram_add(&counters->stages[stage], &histogram_work,
		    clock_mono_us() - begun_us);
	return err;
}

static int
task_steps(struct task *task, struct err_note *note)
{
	size_t i;
	int err;

	if (work_kind(task->work) == JOB_KIND_EMBED)
		return step_timed(task, STAGE_EMBEDDING, task_reembed, note);
	err = task_open(task, note);
	/* Before it is read for nothing. */
	if (err == 0)
		err = task_embedding(task, note);
	for (i = 0; err == 0 && i < STEP_COUNT; i++) {
		if (run_is_lost(task->run) ||
		    atomic_load(work_stop(task->work)))
			return ERR_CANCELLED;
		run_enter(task->run, steps[i].stage);
		err = step_timed(task, steps[i].stage, steps[i].run, note);
	}
	return err;
}

/* The server died while it had the item in its hands; more than often enough
 * and the item is what kills it. */
static bool
was_interrupted(const struct item *item)
{
	return item_state_stage(item->state) != STAGE_NONE &&
	    item->waiting_for == WAITING_NOTHING;
}

static void
task_run(struct task *task)
{
	struct err_note note = {""};
	int err = 0;

	if (run_item(task->run)->interruptions >= INTERRUPTIONS_MAX) {
		task_finish(task, ITEM_CODE_INTERRUPTED,
		    item_code_text(ITEM_CODE_INTERRUPTED));
		return;
	}
	run_resume(task->run);
	(void)run_was_torn(task->run); /* this is the new beginning */
	err = task_steps(task, &note);
	task_judge(task, err, &note);
}

static void
worker_take(struct worker *worker, struct work *work)
{
	struct task task = {.bench = &worker->bench, .work = work, .fd = -1};

	if (work->run == NULL) {
		work->run = run_new(worker->engine, &work->item);
		if (work->run == NULL) {
			work->due_us = clock_wall_us() + RETRY_FIRST_US;
			dispatch_later(worker->engine->dispatch, work);
			return;
		}
		if (was_interrupted(&work->item))
			run_set_interrupted(work->run);
	}
	task.run = work->run;
	run_ref(task.run);
	bench_clear(&worker->bench);
	task_run(&task);
	if (task.fd >= 0)
		(void)close(task.fd);
	segment_batch_free(task.last);
	mem_free(task.what.keyphrases);
	mem_free(task.what.properties);
	if (task.work != NULL)
		dispatch_done(worker->engine->dispatch, task.work);
	run_unref(task.run);
}

static void *
worker_run(void *arg)
{
	struct worker *worker = arg;
	struct work *work;

	thread_lower();
	while ((work = dispatch_next(worker->engine->dispatch,
		    worker->bench.reader)) != NULL)
		worker_take(worker, work);
	return NULL;
}

int
workers_start(struct engine *engine, struct err_note *note)
{
	struct worker *worker;
	unsigned i;
	int err;

	engine->workers = mem_array(engine->worker_count,
	    sizeof(*engine->workers));
	if (engine->workers == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	memset(engine->workers, 0,
	    engine->worker_count * sizeof(*engine->workers));
	for (i = 0; i < engine->worker_count; i++) {
		worker = &engine->workers[i];
		worker->engine = engine;
		err = bench_open(&worker->bench, engine, note);
		if (err < 0)
			return err;
		err = thread_start(&worker->thread, "tm-worker", worker_run,
		    worker);
		if (err < 0) {
			bench_close(&worker->bench);
			return err_set(note, err, "cannot start a thread");
		}
		worker->is_started = true;
	}
	return 0;
}

void
workers_stop(struct engine *engine)
{
	unsigned i;

	if (engine->workers == NULL)
		return;
	for (i = 0; i < engine->worker_count; i++) {
		if (!engine->workers[i].is_started)
			continue;
		(void)pthread_join(engine->workers[i].thread, NULL);
		bench_close(&engine->workers[i].bench);
	}
	mem_free(engine->workers);
	engine->workers = NULL;
}
