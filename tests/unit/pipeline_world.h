/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline_world: an engine at work in this process, on a data folder and a
 * folder of documents of its own.  Included after cmocka.h.
 */
#ifndef TESTS_UNIT_PIPELINE_WORLD_H
#define TESTS_UNIT_PIPELINE_WORLD_H

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "model/job.h"
#include "store/store.h"
#include "sys/fs.h"
#include "sys/thread.h"

#define WORLD_KEY "tidemark-key-for-unit-tests-0123456789"
/* Long enough for a machine that does much else: no test waits that long
 * unless it fails. */
#define WORLD_WAITS 600
#define WORLD_WAIT_US 100000

struct pipeline {
	char dir[64], data[96], docs[96];
	char extractor[PATH_MAX];
	struct engine *engine;
	struct store *reader;
	int64_t account_id;
	struct uuid base;
	unsigned undo_hours;
	pthread_mutex_t lock;
	pthread_cond_t committed;
};

static inline void
world_committed(void *arg)
{
	struct pipeline *w = arg;

	(void)pthread_mutex_lock(&w->lock);
	(void)pthread_cond_broadcast(&w->committed);
	(void)pthread_mutex_unlock(&w->lock);
}

/* Until something is committed, or a while. */
static inline void
world_rest(struct pipeline *w)
{
	(void)pthread_mutex_lock(&w->lock);
	thread_wait_us(&w->committed, &w->lock, WORLD_WAIT_US);
	(void)pthread_mutex_unlock(&w->lock);
}

static inline void
world_init(struct pipeline *w)
{
	ssize_t len;
	char *slash;

	memset(w, 0, sizeof(*w));
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/tidemark-engine-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(w->data, sizeof(w->data), "%s/data", w->dir);
	(void)snprintf(w->docs, sizeof(w->docs), "%s/docs", w->dir);
	assert_int_equal(fs_make_folders(w->docs, 0700, NULL), 0);
	(void)pthread_mutex_init(&w->lock, NULL);
	thread_cond_init(&w->committed);
	/* The program is built beside the tests. */
	len = readlink("/proc/self/exe", w->extractor,
	    sizeof(w->extractor) - 64);
	assert_true(len > 0);
	w->extractor[len] = '\0';
	slash = strrchr(w->extractor, '/');
	(void)snprintf(slash + 1, 64, "../../tidemark-extract");
}

/* 0, or what engine_open() says. */
static inline int
world_open(struct pipeline *w, struct err_note *note)
{
	const char *roots[] = {w->docs};
	struct engine_config config = {.data_dir = w->data,
	    .extractor = w->extractor, .workers = 2,
	    .file_bytes_max = 64 * MIB, .folder_roots = roots,
	    .folder_root_count = 1, .api_key = WORLD_KEY, .commit_ms = 1,
	    .undo_hours = w->undo_hours,
	    .on_commit = world_committed, .on_commit_arg = w};

	return engine_open(&config, &w->engine, note);
}

/* Who owns everything here. */
static inline void
world_login(struct pipeline *w)
{
	struct caller caller;

	assert_int_equal(engine_authenticate(w->engine, WORLD_KEY,
			     strlen(WORLD_KEY), &caller), 0);
	w->account_id = caller.account_id;
	assert_int_equal(engine_reader(w->engine, &w->reader, NULL), 0);
}

static inline void
world_start(struct pipeline *w)
{
	struct err_note note = {""};
	int err;

	err = world_open(w, &note);
	if (err == 0)
		err = engine_start(w->engine, &note);
	if (err < 0)
		fail_msg("no engine: %s", note.text);
	world_login(w);
}

static inline void
world_stop(struct pipeline *w)
{
	store_close(w->reader);
	w->reader = NULL;
	engine_close(w->engine);
	w->engine = NULL;
}

static inline void
world_fini(struct pipeline *w)
{
	char command[128];

	world_stop(w);
	(void)pthread_cond_destroy(&w->committed);
	(void)pthread_mutex_destroy(&w->lock);
	(void)snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	assert_int_equal(system(command), 0);
}

/* A file of the documents' folder; text times times. */
static inline void
world_put(struct pipeline *w, const char *name, const char *text,
    unsigned times)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", w->docs, name);
	file = fopen(path, "we");
	assert_non_null(file);
	while (times-- > 0)
		assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static inline void
world_base(struct pipeline *w)
{
	struct err_note note = {""};

	if (engine_base_create(w->engine, w->account_id, "docs", NULL, NULL,
		&w->base, &note) < 0)
		fail_msg("no base: %s", note.text);
}

/* A job over the documents' folder. */
static inline int
world_index(struct pipeline *w, struct job *ret_job)
{
	struct job_request request = {.account_id = w->account_id,
	    .base = w->base, .dialect = DIALECT_NATIVE};
	const char *paths[] = {w->docs};
	struct folder_source source = {.paths = paths, .path_count = 1};
	struct err_note note;

	return engine_job_folder(w->engine, &request, &source, true, ret_job,
	    &note);
}

/* The job as it is now. */
static inline struct job
world_job(struct pipeline *w, const struct uuid *uuid)
{
	struct job job;

	assert_int_equal(engine_job_get(w->engine, w->reader, w->account_id,
			     uuid, &job), 0);
	job_check(&job);
	return job;
}

/* The job once holds(job) says so; NULL: once it has ended. */
static inline struct job
world_until(struct pipeline *w, const struct uuid *uuid,
    bool (*holds)(const struct job *job))
{
	struct job job;
	int i;

	for (i = 0; i < WORLD_WAITS; i++) {
		job = world_job(w, uuid);
		if (holds != NULL ? holds(&job)
				  : job_state_is_final(job.state))
			return job;
		world_rest(w);
	}
	fail_msg("a job stays %s: %d of %d, %d failed",
	    job_state_name(job.state), (int)job.counts.completed,
	    (int)job.counts.total, (int)job.counts.failed);
	return job;
}

static inline int
world_difference(void *arg, const struct difference *difference)
{
	(void)arg;
	fail_msg("audit: %s at %s: %d stored, %d counted", difference->what,
	    difference->where, (int)difference->stored,
	    (int)difference->counted);
	return 0;
}

static inline struct audit_totals
world_audit(struct pipeline *w)
{
	struct audit_totals totals;
	struct err_note note = {""};

	if (engine_audit(w->engine, w->reader, w->account_id, &w->base,
		&totals, world_difference, NULL, &note) < 0)
		fail_msg("no audit: %s", note.text);
	return totals;
}

static inline int
world_result(void *arg, const struct result *result)
{
	unsigned *count = arg;

	(void)result;
	(*count)++;
	return 0;
}

/* How many segments hold the word. */
static inline unsigned
world_found(struct pipeline *w, const char *word)
{
	struct query query = {.text = word, .limit = 100};
	struct err_note note = {""};
	unsigned count = 0;
	int64_t generation;

	if (engine_query(w->engine, w->reader, w->account_id, &w->base,
		&query, &generation, world_result, &count, &note) < 0)
		fail_msg("no answer: %s", note.text);
	return count;
}

#endif
