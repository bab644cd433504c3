/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The planner: one thread that walks the folders of jobs that wait for it and
 * does what comes after a folder job's last item.
 *
 * Scanning again after a crash is safe: the walk goes in a fixed order, and a
 * file that the job has an item for already is left out.  Workers begin with
 * the first items while the walk goes on.
 *
 * After the last item: documents below the job's roots that this job has not
 * come across, and whose files are not there any more, are deleted.  A file
 * that is there but was left out by a pattern has not vanished.
 *
 * lock guards the list of jobs to look at; reader and the rest are the
 * thread's own.
 */
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/rule.h"
#include "engine/writer.h"
#include "source/folder.h"
#include "sys/crash.h"
#include "sys/thread.h"

#define SCAN_BATCH 256
#define UNSEEN_PAGE 128
#define SCAN_TRIES 5
#define SCAN_RETRY_US 1000000

struct wanted {
	struct job job;
	struct wanted *next;
};

struct planner {
	struct engine *engine;
	pthread_t thread;
	bool is_started;
	pthread_mutex_t lock;
	pthread_cond_t wanted;
	struct wanted *head;
	bool is_missed; /* some job is in nobody's hands */
	atomic_bool stop;
	struct store *reader;
};

struct planner *
planner_new(struct engine *engine)
{
	struct planner *planner;

	planner = mem_zalloc(sizeof(*planner));
	if (planner == NULL)
		return NULL;
	planner->engine = engine;
	(void)pthread_mutex_init(&planner->lock, NULL);
	thread_cond_init(&planner->wanted);
	return planner;
}

void
planner_free(struct planner *planner)
{
	struct wanted *wanted, *next;

	if (planner == NULL)
		return;
	for (wanted = planner->head; wanted != NULL; wanted = next) {
		next = wanted->next;
		mem_free(wanted);
	}
	store_close(planner->reader);
	(void)pthread_cond_destroy(&planner->wanted);
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
		(void)pthread_cond_signal(&planner->wanted);
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
	(void)pthread_cond_signal(&planner->wanted);
	(void)pthread_mutex_unlock(&planner->lock);
}

/* ---- the source as it was stored ---------------------------------------- */

struct source {
	json_t *json;
	const char **lists[3]; /* roots, include, exclude */
	size_t counts[3];
	bool is_retry;
};

static void
source_fini(struct source *source)
{
	int i;

	for (i = 0; i < 3; i++)
		mem_free(source->lists[i]);
	json_decref(source->json);
}

static int
source_list(struct source *source, int which, const char *name)
{
	json_t *list = json_object_get(source->json, name);
	size_t i, count = json_array_size(list);

	source->lists[which] = mem_array(count + 1, sizeof(char *));
	if (source->lists[which] == NULL)
		return ERR_NOMEM;
	for (i = 0; i < count; i++) {
		source->lists[which][i] =
		    json_string_value(json_array_get(list, i));
		if (source->lists[which][i] == NULL)
			return ERR_CORRUPT;
	}
	source->counts[which] = count;
	return 0;
}

static int
source_load(struct store *reader, int64_t job_id, struct source *source)
{
	char *text = NULL;
	int err;

	memset(source, 0, sizeof(*source));
	err = store_job_source(reader, job_id, &text);
	if (err < 0)
		return err;
	source->json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	mem_free(text);
	if (!json_is_object(source->json))
		return ERR_CORRUPT;
	source->is_retry = json_is_true(json_object_get(source->json,
	    "is_retry"));
	err = source_list(source, 0, "roots");
	if (err == 0)
		err = source_list(source, 1, "include");
	if (err == 0)
		err = source_list(source, 2, "exclude");
	return err;
}

/* ---- scanning ----------------------------------------------------------- */

struct found {
	char *uri, *name;
	uint64_t bytes;
	int64_t mtime_us;
	enum item_code code;
	char message[256];
};

struct scan {
	struct planner *planner;
	int64_t job_id;
	struct found found[SCAN_BATCH];
	size_t count;
};

static void
scan_clear(struct scan *scan)
{
	size_t i;

	for (i = 0; i < scan->count; i++) {
		mem_free(scan->found[i].uri);
		mem_free(scan->found[i].name);
	}
	scan->count = 0;
}

static int
scan_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct scan *scan = arg;
	struct job *job = tx_job(tx, scan->job_id);
	const struct found *found;
	struct item_row row;
	uint64_t rule;
	size_t i;
	int err;

	(void)note;
	if (job == NULL || job->cancelled_us != 0)
		return ERR_CANCELLED;
	job->scan = SCAN_RUNNING;
	err = rule_of_base(tx_store(tx), scan->planner->engine,
	    &job->base_uuid, &rule);
	for (i = 0; err == 0 && i < scan->count; i++) {
		found = &scan->found[i];
		memset(&row, 0, sizeof(row));
		row.uri = found->uri;
		row.name = found->name;
		row.item.bytes = found->bytes;
		row.item.mtime_us = found->mtime_us;
		row.item.code = found->code;
		memcpy(row.item.message, found->message,
		    sizeof(found->message));
		err = plan_item(tx, job, &row, rule, true);
	}
	return err;
}

static int
scan_flush(struct scan *scan)
{
	int err;

	err = writer_do_surely(scan->planner->engine->writer, scan_apply, scan,
	    NULL);
	scan_clear(scan);
	CRASH_POINT("scan");
	return err;
}

static int
scan_entry(void *arg, const struct folder_entry *entry)
{
	struct scan *scan = arg;
	struct found *found;
	struct buf uri;
	int err;

	if (scan->count == SCAN_BATCH) {
		err = scan_flush(scan);
		if (err < 0)
			return err;
	}
	found = &scan->found[scan->count];
	memset(found, 0, sizeof(*found));
	buf_init(&uri, 4 * URI_BYTES_MAX);
	err = folder_uri(entry->path, &uri);
	found->uri = err < 0 ? NULL : buf_take(&uri);
	found->name = mem_strdup(entry->name);
	buf_fini(&uri);
	if (found->uri == NULL || found->name == NULL) {
		mem_free(found->uri);
		mem_free(found->name);
		return ERR_NOMEM;
	}
	found->bytes = entry->bytes;
	found->mtime_us = entry->mtime_us;
	found->code = entry->code;
	if (entry->code != ITEM_CODE_NONE)
		(void)snprintf(found->message, sizeof(found->message), "%s",
		    entry->message);
	scan->count++;
	return 0;
}

struct scan_end {
	int64_t job_id;
	enum item_code code;
	char message[256];
};

static int
scan_end_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct scan_end *end = arg;
	struct job *job = tx_job(tx, end->job_id);

	(void)note;
	if (job == NULL || job->cancelled_us != 0)
		return ERR_CANCELLED;
	job->scan = end->code == ITEM_CODE_NONE ? SCAN_DONE : SCAN_FAILED;
	if (end->code != ITEM_CODE_NONE) {
		job->code = end->code;
		memcpy(job->message, end->message, sizeof(job->message));
		/* Items found before the walk broke off are still done. */
		job->is_finalized =
		    job->counts.queued + job->counts.processing == 0;
	}
	return 0;
}

static int
scan_end(struct planner *planner, int64_t job_id, int err,
    const struct err_note *note)
{
	struct scan_end end = {.job_id = job_id};

	if (err < 0) {
		end.code = err == ERR_NOT_FOUND ? ITEM_CODE_SOURCE_NOT_FOUND
		    : err == ERR_FORBIDDEN	? ITEM_CODE_SOURCE_ACCESS_DENIED
						: ITEM_CODE_INTERNAL_ERROR;
		(void)snprintf(end.message, sizeof(end.message), "%s",
		    err_words(note, err));
	}
	return writer_do_surely(planner->engine->writer, scan_end_apply, &end,
	    NULL);
}

static int
scan_walk(struct planner *planner, const struct job *job,
    const struct source *source, struct err_note *note)
{
	struct folder_rule rule = {
	    .roots = source->lists[0], .root_count = source->counts[0],
	    .include = source->lists[1], .include_count = source->counts[1],
	    .exclude = source->lists[2], .exclude_count = source->counts[2]};
	struct scan *scan;
	int err;

	scan = mem_zalloc(sizeof(*scan));
	if (scan == NULL)
		return ERR_NOMEM;
	scan->planner = planner;
	scan->job_id = job->id;
	err = folder_walk(&rule, &planner->stop, scan_entry, scan, note);
	if (err == 0 && scan->count > 0)
		err = scan_flush(scan);
	scan_clear(scan);
	mem_free(scan);
	return err;
}

/* Until the next try, or until something else is to be done. */
static void
planner_rest(struct planner *planner)
{
	(void)pthread_mutex_lock(&planner->lock);
	if (!atomic_load(&planner->stop))
		thread_wait_us(&planner->wanted, &planner->lock,
		    SCAN_RETRY_US);
	(void)pthread_mutex_unlock(&planner->lock);
}

/* What the machine lacks for the moment (descriptors, memory) is waited for;
 * a walk may be repeated. */
static int
scan_patiently(struct planner *planner, const struct job *job,
    const struct source *source, struct err_note *note)
{
	int err, tries;

	for (tries = 1;; tries++) {
		err = scan_walk(planner, job, source, note);
		if (err == 0 || err_class(err) != ERR_CLASS_TRANSIENT ||
		    tries == SCAN_TRIES)
			return err;
		planner_rest(planner);
	}
}

/* ---- what has vanished -------------------------------------------------- */

struct vanished {
	struct planner *planner;
	const struct job *job;
	int64_t ids[UNSEEN_PAGE];
	size_t count;
	int64_t last_id;
	size_t rows;
};

static bool
file_is_gone(const char *uri)
{
	struct buf path;
	struct stat st;
	bool is_gone = false;

	buf_init(&path, URI_BYTES_MAX);
	if (folder_path_of_uri(uri, &path) == 0)
		is_gone = stat(buf_text(&path), &st) < 0 &&
		    (errno == ENOENT || errno == ENOTDIR);
	buf_fini(&path);
	return is_gone;
}

static int
vanished_row(void *arg, const struct document *document)
{
	struct vanished *vanished = arg;

	vanished->last_id = document->id;
	vanished->rows++;
	if (file_is_gone(document->uri))
		vanished->ids[vanished->count++] = document->id;
	return 0;
}

static int
vanished_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct vanished *vanished = arg;
	struct job *job = tx_job(tx, vanished->job->id);
	size_t i;
	int err = 0;

	(void)note;
	if (job == NULL || job->cancelled_us != 0)
		return ERR_CANCELLED;
	for (i = 0; err == 0 && i < vanished->count; i++) {
		err = document_drop_members(tx, vanished->ids[i], 0,
		    &job->removed);
		if (err == 0)
			err = store_document_delete(tx_store(tx),
			    vanished->ids[i]);
		if (err == ERR_NOT_FOUND)
			err = 0; /* somebody deleted it meanwhile */
		else if (err == 0)
			job->removed++;
	}
	return err;
}

static int
vanished_below(struct planner *planner, const struct job *job,
    const char *root)
{
	struct vanished vanished = {.planner = planner, .job = job};
	struct buf prefix;
	int err;

	buf_init(&prefix, 4 * URI_BYTES_MAX);
	err = folder_uri(root, &prefix);
	if (err == 0 && strcmp(root, "/") != 0)
		err = buf_putc(&prefix, '/');
	do {
		vanished.count = vanished.rows = 0;
		if (err == 0)
			err = store_documents_unseen(planner->reader,
			    job->base_id, buf_text(&prefix), job->id,
			    vanished.last_id, UNSEEN_PAGE, vanished_row,
			    &vanished);
		if (err == 0 && vanished.count > 0)
			err = writer_do_surely(planner->engine->writer,
			    vanished_apply, &vanished, NULL);
	} while (err == 0 && vanished.rows == UNSEEN_PAGE &&
	    !atomic_load(&planner->stop));
	buf_fini(&prefix);
	return err;
}

static int
finish_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct job *asked = arg;
	struct job *job = tx_job(tx, asked->id);

	(void)note;
	if (job != NULL && job->state == JOB_FINALIZING)
		job->is_finalized = true;
	return 0;
}

static int
job_finish(struct planner *planner, const struct job *job,
    const struct source *source)
{
	size_t i;
	int err = 0;

	/* What was not looked at has not vanished. */
	for (i = 0; err == 0 && job->scan == SCAN_DONE && !source->is_retry &&
	    i < source->counts[0]; i++)
		err = vanished_below(planner, job, source->lists[0][i]);
	CRASH_POINT("finish");
	if (err == 0 && !atomic_load(&planner->stop))
		err = writer_do_surely(planner->engine->writer, finish_apply,
		    (void *)(uintptr_t)job, NULL);
	janitor_wake(planner->engine->janitor);
	return err;
}

/* ---- the thread --------------------------------------------------------- */

/* The job that was put down may have come further while another was walked:
 * what is done follows from what is stored now. */
static int
job_reload(struct planner *planner, const struct job *asked,
    struct job *ret_job)
{
	int err;

	err = store_job_find(planner->reader, 0, &asked->uuid, ret_job);
	if (err == 0 && job_state_is_final(ret_job->state))
		err = ERR_NOT_FOUND;
	return err;
}

static int
planner_look(struct planner *planner, struct job *job, struct err_note *note)
{
	struct source source = {0};
	int err;

	err = source_load(planner->reader, job->id, &source);
	if (err == 0 && job->state == JOB_FINALIZING) {
		err = job_finish(planner, job, &source);
	} else if (err == 0 && job->scan < SCAN_DONE) {
		err = scan_patiently(planner, job, &source, note);
		/* Stopped: the next start walks again. */
		if (err != ERR_CANCELLED)
			err = scan_end(planner, job->id, err, note);
	}
	source_fini(&source);
	return err;
}

/* It will never go otherwise: the job ends all the same (promise 5). */
static int
planner_give_up(struct planner *planner, const struct job *job, int err,
    const struct err_note *note)
{
	if (job->state != JOB_FINALIZING)
		return scan_end(planner, job->id, err, note);
	return writer_do_surely(planner->engine->writer, finish_apply,
	    (void *)(uintptr_t)job, NULL);
}

/* What the machine or the store lacks for the moment is waited for: nobody
 * else would come back to the job before the next start. */
static void
planner_serve(struct planner *planner, struct job *job)
{
	struct err_note note = {""};
	int err;

	err = job_reload(planner, job, job);
	if (err == 0)
		err = planner_look(planner, job, &note);
	if (err >= 0 || err == ERR_CANCELLED || err == ERR_NOT_FOUND ||
	    atomic_load(&planner->stop))
		return;
	log_warn("a job could not be planned: %s", err_words(&note, err));
	if (err_class(err) == ERR_CLASS_TRANSIENT) {
		planner_rest(planner);
		planner_wake(planner, job);
	} else if (planner_give_up(planner, job, err, &note) < 0) {
		log_error("a job waits for the next start");
	}
}

static int
missed_job(void *arg, const struct job *job)
{
	struct planner *planner = arg;

	engine_take_up(planner->engine, planner->reader, job);
	return 0;
}

/* Memory was short a moment ago; in a moment it may be there again. */
static void
planner_find_missed(struct planner *planner)
{
	planner_rest(planner);
	if (atomic_load(&planner->stop))
		return;
	if (store_jobs_live(planner->reader, missed_job, planner) < 0)
		planner_missed(planner);
}

/* The next job to look at; NULL: those that were missed.  False: stop. */
static bool
planner_take(struct planner *planner, struct wanted **ret_wanted)
{
	struct wanted *wanted;
	bool goes_on;

	(void)pthread_mutex_lock(&planner->lock);
	while (planner->head == NULL && !planner->is_missed &&
	    !atomic_load(&planner->stop))
		thread_wait_us(&planner->wanted, &planner->lock, -1);
	wanted = planner->head;
	if (wanted != NULL)
		planner->head = wanted->next;
	else
		planner->is_missed = false;
	goes_on = !atomic_load(&planner->stop);
	(void)pthread_mutex_unlock(&planner->lock);
	*ret_wanted = wanted;
	return goes_on;
}

static void *
planner_run(void *arg)
{
	struct planner *planner = arg;
	struct wanted *wanted = NULL;

	thread_lower();
	while (planner_take(planner, &wanted)) {
		if (wanted != NULL)
			planner_serve(planner, &wanted->job);
		else
			planner_find_missed(planner);
		mem_free(wanted);
	}
	mem_free(wanted);
	return NULL;
}

int
planner_start(struct planner *planner)
{
	int err;

	err = engine_reader(planner->engine, &planner->reader, NULL);
	if (err == 0)
		err = thread_start(&planner->thread, "tm-planner",
		    planner_run, planner);
	if (err == 0)
		planner->is_started = true;
	return err;
}

void
planner_stop(struct planner *planner)
{
	if (planner == NULL || !planner->is_started)
		return;
	(void)pthread_mutex_lock(&planner->lock);
	atomic_store(&planner->stop, true);
	(void)pthread_cond_broadcast(&planner->wanted);
	(void)pthread_mutex_unlock(&planner->lock);
	(void)pthread_join(planner->thread, NULL);
	planner->is_started = false;
}
