/* SPDX-License-Identifier: Apache-2.0 */
#include "api/cognee/cognee_run.h"

#include "api/cognee/cognee_rule.h"
#include "base/buf.h"
#include "base/mem.h"
#include "engine/kept.h"
#include "http/http.h"
#include "sys/clock.h"

/* Nobody's connection lasts this long; a job may. */
#define WAIT_MS (24 * 3600 * INT64_C(1000))

static void
runs_free(void *state)
{
	mem_free(state);
}

int
cognee_runs_new(struct http_request *request, size_t count,
    struct cognee_runs **ret_runs)
{
	struct cognee_runs *runs;

	runs = mem_zalloc(sizeof(*runs) + count * sizeof(runs->items[0]));
	if (runs == NULL)
		return ERR_NOMEM;
	runs->begun_us = clock_mono_us();
	runs->count = count;
	request->state = runs;
	request->state_free = runs_free;
	*ret_runs = runs;
	return 0;
}

struct cognee_runs *
cognee_runs_of(const struct http_request *request)
{
	return request->state;
}

void
cognee_run_start(struct http_request *request, struct cognee_run *run,
    const struct cognee_rule *rule)
{
	struct job_request order = {.account_id = run->dataset.account_id,
	    .base = run->dataset.uuid, .dialect = DIALECT_COGNEE};
	struct job job;
	int err;

	request->note.text[0] = '\0';
	err = cognee_rule_set(request, &run->dataset, rule);
	if (err == 0)
		err = engine_job_kept(request->engine, &order, &job,
		    &request->note);
	if (err == 0) {
		run->job = job.uuid;
		return;
	}
	run->err = err;
	run->note = request->note;
	run->is_over = true;
}

/* The job has ended, or is gone with its dataset. */
static int
run_look(struct http_request *request, struct store *reader,
    struct cognee_run *run, bool *ret_is_over)
{
	struct job job;
	int err;

	err = engine_job_get(request->engine, reader,
	    run->dataset.account_id, &run->job, &job);
	if (err == ERR_NOT_FOUND) {
		run->err = err_set(&run->note, err,
		    "the dataset was deleted");
		run->is_over = true;
		err = 0;
	} else if (err == 0 && job_state_is_final(job.state)) {
		run->is_good = job.state == JOB_COMPLETED ||
		    job.state == JOB_NO_CHANGES;
		run->is_over = true;
	}
	*ret_is_over = run->is_over;
	return err;
}

int
cognee_runs_wait(struct http_request *request, struct http_reply *reply,
    struct cognee_runs *runs)
{
	const struct uuid *open = NULL;
	struct store *reader;
	bool is_over = true;
	size_t i;
	int err;

	err = http_reader(request, &reader);
	for (i = 0; err == 0 && i < runs->count; i++) {
		if (runs->items[i].is_over)
			continue;
		err = run_look(request, reader, &runs->items[i], &is_over);
		if (err == 0 && !is_over && open == NULL)
			open = &runs->items[i].job;
	}
	if (err < 0 || open == NULL)
		return err;
	return http_reply_wait(request, reply, open, INT64_MAX, WAIT_MS) ? 1
									 : 0;
}

static int
put_run_failures(struct http_request *request, struct store *reader,
    const struct cognee_run *run, struct buf *out)
{
	struct job job;
	int err;

	if (!run->is_over || run->is_good)
		return 0;
	(void)buf_printf(out, "%sdataset \"%s\": ", out->len > 0 ? "; " : "",
	    run->dataset.name);
	if (run->err < 0)
		return buf_puts(out, err_words(&run->note, run->err));
	err = engine_job_get(request->engine, reader,
	    run->dataset.account_id, &run->job, &job);
	if (err == ERR_NOT_FOUND)
		return buf_puts(out, "the dataset was deleted");
	return err < 0 ? err : cognee_put_failures(reader, &job, out);
}

int
cognee_runs_failures(struct http_request *request,
    const struct cognee_runs *runs, struct buf *out)
{
	struct store *reader;
	size_t i;
	int err;

	err = http_reader(request, &reader);
	for (i = 0; err == 0 && i < runs->count; i++)
		err = put_run_failures(request, reader, &runs->items[i], out);
	/* Many datasets with long names: what fits stands. */
	return err == ERR_TOO_BIG ? 0 : err;
}
