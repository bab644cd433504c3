/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_world: an engine with a base, open but without threads: each
 * operation is applied and committed in the thread that asks for it.  Included
 * after cmocka.h.
 */
#ifndef TESTS_UNIT_ENGINE_WORLD_H
#define TESTS_UNIT_ENGINE_WORLD_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "engine/engine_int.h"
#include "engine/writer.h"

struct world {
	char dir[64];
	struct engine *engine;
	struct caller caller;
	struct uuid base;
};

static inline int
world_up(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));
	struct engine_config config = {.extractor = "none", .workers = 1,
	    .file_bytes_max = 1000, .api_key = "a key of tests"};
	struct err_note note;

	assert_non_null(w);
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/tidemark-engine-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	config.data_dir = w->dir;
	assert_int_equal(engine_open(&config, &w->engine, &note), 0);
	assert_int_equal(engine_authenticate(w->engine, "a key of tests", 14,
			     &w->caller), 0);
	assert_int_equal(engine_base_create(w->engine, w->caller.account_id,
			     "docs", NULL, NULL, &w->base, &note), 0);
	*state = w;
	return 0;
}

static inline int
world_down(void **state)
{
	struct world *w = *state;
	char command[128];

	engine_close(w->engine);
	(void)snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	mem_free(w);
	return system(command);
}

static inline int64_t
make_job(struct world *w)
{
	static const char *const paths[] = {"/nowhere/at/all"};
	struct job_request request = {.account_id = w->caller.account_id,
	    .base = w->base, .dialect = DIALECT_NATIVE};
	struct folder_source source = {.paths = paths, .path_count = 1};
	struct err_note note;
	struct job job;

	assert_int_equal(engine_job_folder(w->engine, &request, &source, true,
			     &job, &note), 0);
	return job.id;
}

#endif
