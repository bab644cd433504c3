/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jobs: the commands about jobs that are there already.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/interrupt.h"
#include "cmd/job_view.h"
#include "cmd/session.h"
#include "cmd/term.h"
#include "cmd/watch.h"

#define LINE_BYTES_MAX (8 * KIB)

static const char *
job_argument(const struct args *args)
{
	return args->word_count > 0 ? args->words[0] : NULL;
}

/* ---- watch ------------------------------------------------------------ */

/* Follow one job; --json prints it at its end, or as_lines at each change.
 * Takes job. */
static int
watch_one(struct client *client, const struct args *args, json_t *job,
    bool as_lines)
{
	bool is_json = args_has(args, OPT(JSON));
	json_t *jobs = json_array();
	int status;

	if (json_array_append_new(jobs, job) != 0) {
		json_decref(jobs);
		return cmd_error("watch", ERR_NOMEM, NULL);
	}
	if (is_json && as_lines)
		status = watch_lines(client, jobs, stdout);
	else
		status = watch_jobs(client, jobs, is_json ? stderr : stdout,
		    NULL);
	if (is_json && !as_lines)
		json_print(json_array_get(jobs, 0));
	json_decref(jobs);
	return status;
}

int
cmd_watch(const struct args *args)
{
	struct session session = {0};
	struct err_note note = {0};
	json_t *job = NULL;
	int err, status = CMD_FAILED;

	err = interrupt_catch();
	if (err == 0)
		err = session_open(args, false, &session, &note);
	if (err == 0)
		err = job_find(session.client, job_argument(args), &job,
		    &note);
	if (err == 0)
		status = watch_one(session.client, args, job, true);
	session_close(&session);
	return err < 0 ? cmd_error("watch", err, &note) : status;
}

/* ---- status ----------------------------------------------------------- */

static void
field_print(const char *name, const char *text)
{
	if (text[0] == '\0')
		return;
	/* A blank also behind the longest name. */
	(void)printf("  %-11s ", name);
	text_print(stdout, text);
	(void)fputc('\n', stdout);
}

static void
stages_print(const json_t *stages)
{
	const json_t *stage;
	struct buf time;
	size_t i;

	buf_init(&time, LINE_BYTES_MAX);
	json_array_foreach (stages, i, stage) {
		buf_clear(&time);
		seconds_put(&time, json_number(stage, "seconds"));
		(void)printf("  %-12s", i == 0 ? "stages" : "");
		text_print(stdout, json_text(stage, "name"));
		(void)printf(": %llu now, %llu done, %s\n",
		    (unsigned long long)json_uint(stage, "items"),
		    (unsigned long long)json_uint(stage, "done"),
		    buf_text(&time));
	}
	buf_fini(&time);
}

/* What turns texts into vectors here; about may be NULL. */
static void
embedding_print(const json_t *about)
{
	const json_t *embedding = json_object_get(about, "embedding");
	struct buf text;

	if (embedding == NULL)
		return;
	buf_init(&text, LINE_BYTES_MAX);
	(void)buf_puts(&text, json_text(embedding, "name"));
	if (json_is_true(json_object_get(embedding, "is_down")))
		(void)buf_puts(&text, " (does not answer)");
	field_print("embedding", buf_text(&text));
	buf_fini(&text);
}

static int
status_print(const json_t *job, const json_t *about)
{
	struct job_view view;
	struct buf text;
	int err;

	err = job_view_parse(job, &view);
	if (err < 0)
		return err;
	buf_init(&text, LINE_BYTES_MAX);
	(void)printf("job %s\n", view.id);
	field_print("base", view.base);
	job_view_line(&view, &text);
	field_print("state", buf_text(&text));
	buf_clear(&text);
	job_view_counts(&view, &text);
	field_print("counts", buf_text(&text));
	buf_clear(&text);
	bytes_put(&text, (double)view.bytes_done);
	(void)buf_puts(&text, " of ");
	bytes_put(&text, (double)view.bytes_total);
	field_print("bytes", buf_text(&text));
	stages_print(json_object_get(job, "stages"));
	embedding_print(about);
	field_print("error", view.message);
	field_print("cancelled by", json_text(job, "cancelled_by"));
	field_print("created", json_text(job, "created_at"));
	field_print("started", json_text(job, "started_at"));
	field_print("finished", json_text(job, "finished_at"));
	buf_fini(&text);
	return 0;
}

int
cmd_status(const struct args *args)
{
	struct session session = {0};
	struct err_note note = {0};
	json_t *job = NULL, *about = NULL;
	int err;

	err = session_open(args, false, &session, &note);
	if (err == 0)
		err = job_find(session.client, job_argument(args), &job,
		    &note);
	if (err == 0)
		err = client_call(session.client, "GET", "/about", NULL,
		    &about, &note);
	if (err == 0 && args_has(args, OPT(JSON)))
		json_print(job);
	else if (err == 0)
		err = status_print(job, about);
	json_decref(about);
	json_decref(job);
	session_close(&session);
	return err < 0 ? cmd_error("status", err, &note) : CMD_DONE;
}

/* ---- jobs ------------------------------------------------------------- */

static int
page_print(const json_t *page, bool is_names)
{
	struct job_view view;
	struct buf text;
	const json_t *job;
	size_t i;
	int err = 0;

	buf_init(&text, LINE_BYTES_MAX);
	json_array_foreach (json_object_get(page, "jobs"), i, job) {
		err = job_view_parse(job, &view);
		if (err < 0)
			break;
		if (is_names) {
			(void)printf("%s\n", view.id);
			continue;
		}
		buf_clear(&text);
		(void)buf_printf(&text, "%s  %.19s  ", view.id,
		    json_text(job, "created_at"));
		text_clean(&text, view.base, strlen(view.base));
		(void)buf_puts(&text, ": ");
		job_view_line(&view, &text);
		(void)printf("%s\n", buf_text(&text));
	}
	buf_fini(&text);
	return err;
}

int
cmd_jobs(const struct args *args)
{
	struct session session = {0};
	struct err_note note = {0};
	json_t *page = NULL, *all = json_array();
	const char *cursor = "";
	struct buf path;
	int err;

	buf_init(&path, CLIENT_PATH_MAX);
	err = session_open(args, false, &session, &note);
	while (err == 0) {
		buf_clear(&path);
		(void)buf_printf(&path, "/jobs?limit=%u", PAGE_LIMIT_MAX);
		if (cursor[0] != '\0') {
			(void)buf_puts(&path, "&cursor=");
			path_put(&path, cursor);
		}
		json_decref(page);
		page = NULL;
		err = path.err;
		if (err == 0)
			err = client_call(session.client, "GET",
			    buf_text(&path), NULL, &page, &note);
		if (err == 0 && args_has(args, OPT(JSON)))
			(void)json_array_extend(all,
			    json_object_get(page, "jobs"));
		else if (err == 0)
			err = page_print(page, args_has(args, OPT(NAMES)));
		cursor = json_text(page, "next_cursor");
		if (cursor[0] == '\0')
			break;
	}
	/* The list as the API has it, with all of its pages in one. */
	if (err == 0 && args_has(args, OPT(JSON)))
		err = json_object_set(page, "jobs", all) == 0 ? 0 : ERR_NOMEM;
	if (err == 0 && args_has(args, OPT(JSON)))
		json_print(page);
	json_decref(page);
	json_decref(all);
	buf_fini(&path);
	session_close(&session);
	return err < 0 ? cmd_error("jobs", err, &note) : CMD_DONE;
}

/* ---- orders ----------------------------------------------------------- */

/* POST what to the job; the answer's job is owned by the caller. */
static int
order(struct client *client, const char *text, const char *what,
    const char *body, json_t **ret_job, struct err_note *note)
{
	json_t *job = NULL, *answer = NULL;
	char path[128];
	int err;

	err = job_find(client, text, &job, note);
	if (err < 0)
		return err;
	(void)snprintf(path, sizeof(path), "/jobs/%.40s/%s",
	    json_text(job, "id"), what);
	json_decref(job);
	err = client_call(client, "POST", path, body, &answer, note);
	if (err < 0)
		return err;
	job = json_object_get(answer, "job");
	if (job == NULL)
		err = err_set(note, ERR_SYNTAX, "the answer has no job");
	else
		*ret_job = json_incref(job);
	json_decref(answer);
	return err;
}

static int
order_run(const struct args *args, const char *what)
{
	struct session session = {0};
	struct err_note note = {0};
	json_t *job = NULL;
	int err;

	err = session_open(args, false, &session, &note);
	if (err == 0)
		err = order(session.client, job_argument(args), what, NULL,
		    &job, &note);
	if (err == 0 && args_has(args, OPT(JSON)))
		json_print(job);
	else if (err == 0)
		err = status_print(job, NULL);
	json_decref(job);
	session_close(&session);
	return err < 0 ? cmd_error(what, err, &note) : CMD_DONE;
}

int
cmd_cancel(const struct args *args)
{
	return order_run(args, "cancel");
}

int
cmd_pause(const struct args *args)
{
	return order_run(args, "pause");
}

int
cmd_resume(const struct args *args)
{
	return order_run(args, "resume");
}

int
cmd_retry(const struct args *args)
{
	const char *body = args_has(args, OPT(ALL)) ? "{\"items\":\"all\"}" :
						      "{\"items\":\"failed\"}";
	struct session session = {0};
	struct err_note note = {0};
	json_t *job = NULL;
	int err, status = CMD_DONE;

	err = interrupt_catch();
	if (err == 0)
		err = session_open(args, false, &session, &note);
	if (err == 0)
		err = order(session.client, job_argument(args), "retry", body,
		    &job, &note);
	if (err == 0 && !args_has(args, OPT(DETACH))) {
		status = watch_one(session.client, args, job,
		    false);
	} else if (err == 0) {
		if (args_has(args, OPT(JSON)))
			json_print(job);
		else
			(void)printf("%s\n", json_text(job, "id"));
		json_decref(job);
	}
	session_close(&session);
	return err < 0 ? cmd_error("retry", err, &note) : status;
}
