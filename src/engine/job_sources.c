/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs over sources.  That a base has none under way is looked up in the
 * transaction that makes one: of two that are asked for at once one finds the
 * other.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/plan.h"
#include "engine/sources.h"
#include "engine/writer.h"
#include "model/source.h"

/* ---- one at a time ------------------------------------------------------- */

struct running {
	struct write_tx *tx;
	struct uuid uuid;
};

static int
running_row(void *arg, const struct job *stored)
{
	struct running *running = arg;
	const struct job *job;

	if (stored->kind != JOB_KIND_SOURCES)
		return 0;
	/* It may have ended in this very transaction. */
	job = tx_job(running->tx, stored->id);
	if (job == NULL || job_state_is_final(job->state))
		return 0;
	running->uuid = job->uuid;
	return ERR_CONFLICT;
}

int
plan_alone(struct write_tx *tx, const struct plan *plan,
    const struct base_ref *base, struct uuid *ret_running,
    struct err_note *note)
{
	struct job_filter filter = {.account_id = plan->request.account_id,
	    .base_id = base->id, .limit = SIZE_MAX};
	struct running running = {.tx = tx};
	char id[UUID_TEXT_SIZE];
	int state, err;

	for (state = JOB_PENDING; state < JOB_STATE_COUNT; state++)
		if (!job_state_is_final((enum job_state)state))
			filter.states |= 1u << state;
	err = store_jobs_each(tx_store(tx), &filter, running_row, &running);
	if (err != ERR_CONFLICT)
		return err;
	*ret_running = running.uuid;
	uuid_format(&running.uuid, id);
	return err_set(note, err,
	    "the base's sources are being indexed by job %s", id);
}

/* ---- which sources ------------------------------------------------------- */

struct chosen {
	int64_t id;
	struct uuid uuid;
};

struct starting {
	const struct uuid *sources; /* asked for; count 0: all */
	size_t count;
	struct chosen *list;
	size_t chosen;
	struct buf json;
	struct uuid running;
};

static int
chosen_row(void *arg, const struct source *source)
{
	struct starting *starting = arg;

	if (starting->chosen == SOURCES_MAX)
		return ERR_TOO_BIG;
	starting->list[starting->chosen].id = source->id;
	starting->list[starting->chosen++].uuid = source->uuid;
	return 0;
}

static bool
is_chosen(const struct starting *starting, const struct uuid *uuid)
{
	size_t i;

	for (i = 0; i < starting->chosen; i++)
		if (uuid_is_equal(&starting->list[i].uuid, uuid))
			return true;
	return false;
}

static int
choose(struct write_tx *tx, struct starting *starting, int64_t base_id,
    struct err_note *note)
{
	size_t i;
	int err = 0;

	starting->chosen = 0;
	if (starting->count == 0)
		err = store_sources_page(tx_store(tx), base_id, 0,
		    SOURCES_MAX, chosen_row, starting);
	for (i = 0; err == 0 && i < starting->count; i++) {
		if (is_chosen(starting, &starting->sources[i]))
			continue; /* named twice */
		err = store_source_find(tx_store(tx), base_id,
		    &starting->sources[i], chosen_row, starting);
		if (err == ERR_NOT_FOUND)
			return err_set(note, err,
			    "the base has no such source");
	}
	if (err == 0 && starting->chosen == 0)
		return err_set(note, ERR_INVALID,
		    "the base has no sources");
	return err;
}

static int
starting_prepare(struct write_tx *tx, struct plan *plan,
    const struct base_ref *base, struct err_note *note)
{
	struct starting *starting = plan->arg;
	struct jsonw w;
	size_t i;
	int err;

	err = plan_alone(tx, plan, base, &starting->running, note);
	if (err == 0)
		err = choose(tx, starting, base->id, note);
	if (err < 0)
		return err;
	buf_clear(&starting->json);
	jsonw_init(&w, &starting->json);
	jsonw_object(&w);
	jsonw_name(&w, "sources");
	jsonw_array(&w);
	for (i = 0; i < starting->chosen; i++)
		jsonw_int(&w, starting->list[i].id);
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	plan->source = buf_text(&starting->json);
	return starting->json.err;
}

static int
starting_shares(struct write_tx *tx, struct plan *plan, struct job *job,
    struct err_note *note)
{
	const struct starting *starting = plan->arg;
	struct share share;
	size_t i;
	int err = 0;

	(void)note;
	for (i = 0; err == 0 && i < starting->chosen; i++) {
		memset(&share, 0, sizeof(share));
		share.job_id = job->id;
		share.source_id = starting->list[i].id;
		share.source_uuid = starting->list[i].uuid;
		err = tx_share_new(tx, &share);
	}
	return err;
}

int
engine_job_sources(struct engine *engine, const struct job_request *request,
    const struct uuid *sources, size_t count, struct job *ret_job,
    struct uuid *ret_running, struct err_note *note)
{
	struct starting starting = {.sources = sources, .count = count};
	struct plan plan = {.request = *request, .kind = JOB_KIND_SOURCES,
	    .attempt = 1, .scan = SCAN_WAITING,
	    .prepare = starting_prepare, .items = starting_shares,
	    .arg = &starting};
	int err;

	if (count > SOURCES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "a base has at most %u sources", SOURCES_MAX);
	starting.list = mem_array(SOURCES_MAX, sizeof(*starting.list));
	if (starting.list == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	buf_init(&starting.json, HTTP_JSON_BYTES_MAX);
	err = plan_run(engine, &plan, ret_job, note);
	if (err == ERR_CONFLICT)
		*ret_running = starting.running;
	buf_fini(&starting.json);
	mem_free(starting.list);
	return err;
}
