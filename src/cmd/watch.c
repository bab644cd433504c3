/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch: one long poll after the other.  The answer to one carries the
 * revision that the next asks to be told about, so nothing is missed and
 * nothing is asked in vain; between two, a short rest keeps a fast job from
 * making the client busy.
 *
 * A server that goes away is waited for: jobs go on after its restart, and
 * so does the watch.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "cmd/advice.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/interrupt.h"
#include "cmd/items.h"
#include "cmd/job_view.h"
#include "cmd/screen.h"
#include "cmd/summary.h"
#include "cmd/watch.h"
#include "sys/clock.h"

#define WAIT_SECONDS 20
#define WAIT_SECONDS_MANY 1 /* the others want to be asked, too */
#define WAIT_SECONDS_OWED 1 /* a line was held back and is due */
/* A small job is over at once; a long one need not be asked ten times a
 * second for lines that come once. */
#define REST_FIRST_MS 10
#define REST_LIVE_MS 100
#define REST_PLAIN_MS 500
#define LOST_SECONDS_MAX 30
#define LOOK_US 1000000 /* between two looks for failures */
#define PREFIX_MIN 4u

/* ---- finding ---------------------------------------------------------- */

int
job_find(struct client *client, const char *text, json_t **ret_job,
    struct err_note *note)
{
	json_t *list = NULL, *job, *found = NULL;
	char path[128];
	struct uuid uuid;
	size_t i;
	int err;

	if (text != NULL && uuid_parse(text, strlen(text), &uuid) == 0) {
		(void)snprintf(path, sizeof(path), "/jobs/%s", text);
		err = client_call(client, "GET", path, NULL, ret_job, note);
		if (err == ERR_NOT_FOUND)
			advice_give(ADVICE_NO_JOB);
		return err;
	}
	if (text != NULL && strlen(text) < PREFIX_MIN)
		return err_set(note, ERR_INVALID,
		    "\"%s\" is too short for a job's id", text);
	(void)snprintf(path, sizeof(path), "/jobs?limit=%u",
	    text == NULL ? 1 : PAGE_LIMIT_MAX);
	err = client_call(client, "GET", path, NULL, &list, note);
	if (err < 0)
		return err;
	json_array_foreach (json_object_get(list, "jobs"), i, job) {
		if (text != NULL &&
		    strncmp(json_text(job, "id"), text, strlen(text)) != 0)
			continue;
		if (found != NULL) {
			err = err_set(note, ERR_INVALID,
			    "more than one job begins with \"%.40s\"", text);
			goto out;
		}
		found = job;
	}
	if (found == NULL) {
		advice_give(text == NULL ? ADVICE_NONE : ADVICE_NO_JOB);
		err = text == NULL ?
		    err_set(note, ERR_NOT_FOUND, "there is no job yet") :
		    err_set(note, ERR_NOT_FOUND, "there is no job \"%.40s\"",
			text);
		goto out;
	}
	*ret_job = json_incref(found);
out:
	json_decref(list);
	return err;
}

/* ---- following -------------------------------------------------------- */

/* Jobs that are followed, and where that is shown. */
struct watch {
	struct client *client;
	json_t *jobs;
	struct job_view *views, sum;
	struct failures_seen *seen; /* one for each job */
	size_t count;
	struct screen screen;
	struct failures failures;
	int64_t looked_us; /* when failures were asked for */
	FILE *lines;	   /* of JSON; NULL: none */
};

static void
leave_print(const struct watch *watch, const char *data)
{
	const struct job_view *view;
	size_t i;

	for (i = 0; i < watch->count; i++) {
		view = &watch->views[i];
		if (job_view_is_final(view))
			continue;
		if (data != NULL)
			(void)fprintf(stderr,
			    "job %s waits for the next start on this data "
			    "folder\n",
			    view->id);
		else
			(void)fprintf(stderr,
			    "job %s goes on\n"
			    "  tidemark watch %.8s    # follows it\n"
			    "  tidemark cancel %.8s   # ends it\n",
			    view->id, view->id, view->id);
	}
}

/* One object in one line, at once: somebody waits for it. */
static void
line_print(FILE *out, const json_t *json)
{
	(void)json_dumpf(json, out,
	    JSON_COMPACT | JSON_REAL_PRECISION(15));
	(void)fputc('\n', out);
	(void)fflush(out);
}

/* Ask for the job again; with wait_seconds once it has changed. */
static int
job_refresh(struct watch *watch, size_t i, int wait_seconds,
    struct err_note *note)
{
	struct job_view *view = &watch->views[i];
	int64_t before = view->revision;
	json_t *job = NULL;
	char path[160];
	int err;

	(void)snprintf(path, sizeof(path), "/jobs/%s?after=%lld&wait=%d",
	    view->id, (long long)view->revision, wait_seconds);
	err = client_call(watch->client, "GET", path, NULL, &job, note);
	if (err < 0)
		return err;
	err = job_view_parse(job, view);
	if (err < 0) {
		json_decref(job);
		return err_set(note, err, "the answer is no job");
	}
	if (watch->lines != NULL && view->revision != before)
		line_print(watch->lines, job);
	return json_array_set_new(watch->jobs, i, job) == 0 ? 0 : ERR_NOMEM;
}

static int
jobs_refresh(struct watch *watch, struct err_note *note)
{
	int wait = watch->count > 1 ? WAIT_SECONDS_MANY :
	    watch->screen.is_owed ? WAIT_SECONDS_OWED :
				    WAIT_SECONDS;
	size_t i;
	int err;

	for (i = 0; i < watch->count; i++) {
		if (job_view_is_final(&watch->views[i]))
			continue;
		err = job_refresh(watch, i, wait, note);
		if (err < 0)
			return err;
		wait = 0; /* one wait a round is enough */
	}
	return 0;
}

/* The newest failures, where they are shown; once a second at most. */
static int
failures_look(struct watch *watch, struct err_note *note)
{
	int64_t now = clock_mono_us();
	struct job_view *view;
	size_t i;
	int err;

	if (!watch->screen.is_live || (watch->looked_us != 0 &&
	    now - watch->looked_us < LOOK_US))
		return 0;
	for (i = 0; i < watch->count; i++) {
		view = &watch->views[i];
		if (view->counts.failed == watch->seen[i].count)
			continue;
		watch->looked_us = now;
		err = failures_refresh(watch->client, view->id,
		    view->counts.failed, &watch->seen[i], &watch->failures,
		    note);
		if (err < 0)
			return err;
	}
	return 0;
}

static void
show(struct watch *watch)
{
	size_t i;

	watch->sum = watch->views[0];
	for (i = 1; i < watch->count; i++)
		job_view_add(&watch->sum, &watch->views[i]);
	screen_view(&watch->screen, &watch->sum, &watch->failures);
}

/* While an answer is waited for: the terminal has another size. */
static void
on_tick(void *arg)
{
	struct watch *watch = arg;

	if (screen_is_stale(&watch->screen))
		screen_view(&watch->screen, &watch->sum, &watch->failures);
}

/* The server did not answer: rest a second, give up after many. */
static int
lost(struct screen *screen, int64_t *since_us, int err)
{
	int64_t now = clock_mono_us();

	if (*since_us == 0)
		*since_us = now;
	if (now - *since_us > LOST_SECONDS_MAX * (int64_t)1000000) {
		advice_give(ADVICE_LOST_SERVER);
		return err;
	}
	screen_words(screen, "the server does not answer; trying again");
	return interrupt_wait(1000) != 0 ? ERR_CANCELLED : 0;
}

static int
follow(struct watch *watch, struct err_note *note)
{
	int rest_max = watch->screen.is_live ? REST_LIVE_MS : REST_PLAIN_MS;
	int rest = REST_FIRST_MS;
	int64_t lost_us = 0;
	int err;

	for (;;) {
		show(watch);
		if (job_view_is_final(&watch->sum))
			return 0;
		/* Rest first: what was fetched is shown at once, and the end
		 * is not told a rest late. */
		if (interrupt_wait(rest) != 0)
			return ERR_CANCELLED;
		err = jobs_refresh(watch, note);
		if (err == 0)
			err = failures_look(watch, note);
		if (err == ERR_UNREACHABLE)
			err = lost(&watch->screen, &lost_us, err);
		else
			lost_us = 0;
		if (err < 0)
			return err;
		rest = rest * 2 > rest_max ? rest_max : rest * 2;
	}
}

/* ---- from the beginning to the end ------------------------------------- */

static int
watch_open(struct watch *watch, struct client *client, json_t *jobs,
    FILE *out, FILE *lines)
{
	size_t i, count = json_array_size(jobs);
	int err;

	*watch = (struct watch){.client = client, .jobs = jobs,
	    .count = count, .lines = lines};
	watch->views = mem_array(count, sizeof(*watch->views));
	watch->seen = mem_array(count, sizeof(*watch->seen));
	if (watch->views == NULL || watch->seen == NULL)
		return ERR_NOMEM;
	for (i = 0; i < count; i++) {
		err = job_view_parse(json_array_get(jobs, i),
		    &watch->views[i]);
		if (err < 0)
			return err;
		watch->seen[i] = (struct failures_seen){0};
		if (lines != NULL)
			line_print(lines, json_array_get(jobs, i));
	}
	screen_init(&watch->screen, out);
	return interrupt_catch();
}

static void
watch_close(struct watch *watch)
{
	mem_free(watch->seen);
	mem_free(watch->views);
}

/* Follow to the end; the exit status, or an error of which nothing has been
 * told. */
static int
watch_run(struct watch *watch, const char *data, struct err_note *note)
{
	int err, status = CMD_DONE;
	size_t i;

	client_set_tick(watch->client, on_tick, watch);
	err = follow(watch, note);
	client_set_tick(watch->client, NULL, NULL);
	screen_clear(&watch->screen);
	if (err == ERR_CANCELLED) {
		leave_print(watch, data);
		return WATCH_INTERRUPTED;
	}
	for (i = 0; i < watch->count; i++)
		if (job_view_status(&watch->views[i]) != 0)
			status = CMD_FAILED;
	return err < 0 ? err : status;
}

int
watch_jobs(struct client *client, json_t *jobs, FILE *out, const char *data)
{
	struct err_note note = {0};
	struct watch watch;
	int status, err;

	status = watch_open(&watch, client, jobs, out, NULL);
	if (status == 0)
		status = watch_run(&watch, data, &note);
	if (status == CMD_DONE || status == CMD_FAILED) {
		err = summary_print(client, out, jobs, data, &note);
		status = err < 0 ? err : status;
	}
	watch_close(&watch);
	return status < 0 ? cmd_error("watch", status, &note) : status;
}

static bool
on_failed(void *arg, const json_t *item)
{
	line_print(arg, item);
	return true;
}

int
watch_lines(struct client *client, json_t *jobs, FILE *out)
{
	struct err_note note = {0};
	struct watch watch;
	int status, err = 0;
	size_t i;

	status = watch_open(&watch, client, jobs, NULL, out);
	if (status == 0)
		status = watch_run(&watch, NULL, &note);
	if (status == CMD_DONE || status == CMD_FAILED)
		for (i = 0; i < watch.count && err == 0; i++)
			if (watch.views[i].counts.failed > 0)
				err = items_each(client, watch.views[i].id,
				    "failed", on_failed, out, &note);
	watch_close(&watch);
	status = err < 0 ? err : status;
	return status < 0 ? cmd_error("watch", status, &note) : status;
}
