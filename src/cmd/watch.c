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
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/interrupt.h"
#include "cmd/term.h"
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
#define PLAIN_US 1000000 /* between two plain lines */
#define LOST_SECONDS_MAX 30
#define ITEMS_AT_ONCE 500
#define SKIPPED_SHOWN 10u
#define PREFIX_MIN 4u
#define LINE_MAX_BYTES (8 * KIB)

/* ---- the screen ------------------------------------------------------- */

void
screen_init(struct screen *screen, FILE *out)
{
	*screen = (struct screen){
	    .out = out,
	    .is_live = term_is_live(out),
	    .has_color = term_has_color(out),
	};
}

void
screen_clear(struct screen *screen)
{
	if (screen->is_drawn)
		(void)fputs("\r\033[K", screen->out);
	screen->is_drawn = false;
	(void)fflush(screen->out);
}

static void
screen_draw(struct screen *screen, const char *text)
{
	(void)fprintf(screen->out, "\r%s\033[K", text);
	(void)fflush(screen->out);
	screen->is_drawn = true;
}

/* Without a terminal: what has changed, once a second at most. */
static void
screen_plain(struct screen *screen, const char *text, bool is_last)
{
	int64_t now = clock_mono_us();

	bool is_news = strcmp(text, screen->last) != 0;

	screen->is_owed = is_news && !is_last && screen->last[0] != '\0' &&
	    now - screen->drawn_us < PLAIN_US;
	if (!is_news || screen->is_owed)
		return;
	screen->drawn_us = now;
	(void)snprintf(screen->last, sizeof(screen->last), "%s", text);
	(void)fprintf(screen->out, "%s\n", text);
	(void)fflush(screen->out);
}

void
screen_words(struct screen *screen, const char *words)
{
	if (screen->is_live)
		screen_draw(screen, words);
	else
		screen_plain(screen, words, false);
}

static void
screen_view(struct screen *screen, const struct job_view *view)
{
	struct buf text;

	buf_init(&text, LINE_MAX_BYTES);
	if (screen->is_live) {
		job_view_bar(view, term_width(screen->out),
		    screen->has_color, &text);
		screen_draw(screen, buf_text(&text));
	} else {
		text_clean(&text, view->base, strlen(view->base));
		(void)buf_puts(&text, ": ");
		job_view_line(view, &text);
		screen_plain(screen, buf_text(&text),
		    job_view_is_final(view));
	}
	buf_fini(&text);
}

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
		return client_call(client, "GET", path, NULL, ret_job, note);
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

/* ---- the summary ------------------------------------------------------ */

/* Seconds since 1970 of "2026-11-22T10:15:00.123456Z"; 0: no time. */
static double
time_read(const char *text)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (rest == NULL)
		return 0;
	return (double)timegm(&tm) + (*rest == '.' ? strtod(rest, NULL) : 0);
}

static void
item_print(FILE *out, const json_t *item)
{
	const json_t *error = json_object_get(item, "error");
	const char *message = json_text(error, "message");

	(void)fprintf(out, "  %s: ", json_text(item, "state"));
	text_print(out, json_text(item, "name"));
	if (error != NULL) {
		(void)fputs(": ", out);
		text_print(out, json_text(error, "code"));
		(void)fputs(message[0] != '\0' ? ": " : "", out);
		text_print(out, message);
	}
	(void)fputc('\n', out);
}

/* Items of that state, page after page, at most max of them. */
static int
items_print(struct client *client, FILE *out, const char *job,
    const char *state, uint64_t max, struct err_note *note)
{
	json_t *page = NULL, *item;
	const char *cursor;
	struct buf path;
	uint64_t shown = 0;
	size_t i;
	int err;

	buf_init(&path, CLIENT_PATH_MAX);
	do {
		cursor = json_text(page, "next_cursor");
		buf_clear(&path);
		(void)buf_printf(&path, "/jobs/%s/items?state=%s&limit=%d",
		    job, state, ITEMS_AT_ONCE);
		if (cursor[0] != '\0') {
			(void)buf_puts(&path, "&cursor=");
			path_put(&path, cursor);
		}
		json_decref(page);
		page = NULL;
		err = path.err;
		if (err == 0)
			err = client_call(client, "GET", buf_text(&path),
			    NULL, &page, note);
		if (err < 0)
			break;
		json_array_foreach (json_object_get(page, "items"), i, item)
			if (shown++ < max)
				item_print(out, item);
	} while (json_text(page, "next_cursor")[0] != '\0' && shown < max);
	json_decref(page);
	buf_fini(&path);
	return err;
}

static int
summary_print(struct client *client, FILE *out, const json_t *job,
    struct err_note *note)
{
	struct job_view view;
	struct buf line;
	double start, end;
	int err;

	err = job_view_parse(job, &view);
	if (err < 0)
		return err;
	buf_init(&line, LINE_MAX_BYTES);
	text_clean(&line, view.base, strlen(view.base));
	(void)buf_puts(&line, ": ");
	job_view_state(&view, &line);
	(void)buf_puts(&line, ", ");
	job_view_counts(&view, &line);
	start = time_read(json_text(job, "started_at"));
	end = time_read(json_text(job, "finished_at"));
	if (start > 0 && end >= start) {
		(void)buf_puts(&line, ", in ");
		seconds_put(&line, end - start);
	}
	(void)fprintf(out, "%s\n", buf_text(&line));
	buf_fini(&line);
	if (view.message[0] != '\0') {
		(void)fputs("  ", out);
		text_print(out, view.message);
		(void)fputc('\n', out);
	}
	if (view.counts.failed > 0)
		err = items_print(client, out, view.id, "failed", UINT64_MAX,
		    note);
	/* Unchanged ones are many and no news; a few others are worth it. */
	if (err == 0 && view.counts.skipped > 0 &&
	    view.counts.skipped <= SKIPPED_SHOWN &&
	    view.state != JOB_NO_CHANGES)
		err = items_print(client, out, view.id, "skipped",
		    SKIPPED_SHOWN, note);
	return err;
}

/* ---- following -------------------------------------------------------- */

static void
leave_print(FILE *out, const struct job_view *views, size_t count,
    bool is_local)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (job_view_is_final(&views[i]))
			continue;
		if (is_local)
			(void)fprintf(out,
			    "job %s waits for the next start on this data "
			    "folder\n",
			    views[i].id);
		else
			(void)fprintf(out,
			    "job %s goes on; tidemark watch %.8s follows it, "
			    "tidemark cancel %.8s ends it\n",
			    views[i].id, views[i].id, views[i].id);
	}
}

/* Ask for the job again; with wait_seconds once it has changed. */
static int
job_refresh(struct client *client, json_t *jobs, size_t i,
    struct job_view *view, int wait_seconds, struct err_note *note)
{
	json_t *job = NULL;
	char path[160];
	int err;

	(void)snprintf(path, sizeof(path), "/jobs/%s?after=%lld&wait=%d",
	    view->id, (long long)view->revision, wait_seconds);
	err = client_call(client, "GET", path, NULL, &job, note);
	if (err < 0)
		return err;
	err = job_view_parse(job, view);
	if (err < 0) {
		json_decref(job);
		return err_set(note, err, "the answer is no job");
	}
	return json_array_set_new(jobs, i, job) == 0 ? 0 : ERR_NOMEM;
}

static int
jobs_refresh(struct client *client, json_t *jobs, struct job_view *views,
    size_t count, bool is_owed, struct err_note *note)
{
	int wait = count > 1 ? WAIT_SECONDS_MANY :
	    is_owed ? WAIT_SECONDS_OWED : WAIT_SECONDS;
	size_t i;
	int err;

	for (i = 0; i < count; i++) {
		if (job_view_is_final(&views[i]))
			continue;
		err = job_refresh(client, jobs, i, &views[i], wait, note);
		if (err < 0)
			return err;
		wait = 0; /* one wait a round is enough */
	}
	return 0;
}

/* The server did not answer: rest a second, give up after many. */
static int
lost(struct screen *screen, int64_t *since_us, int err)
{
	int64_t now = clock_mono_us();

	if (*since_us == 0)
		*since_us = now;
	if (now - *since_us > LOST_SECONDS_MAX * (int64_t)1000000)
		return err;
	screen_words(screen, "the server does not answer; trying again");
	return interrupt_wait(1000) != 0 ? ERR_CANCELLED : 0;
}

static int
follow(struct client *client, json_t *jobs, struct job_view *views,
    size_t count, struct screen *screen, struct err_note *note)
{
	int rest_max = screen->is_live ? REST_LIVE_MS : REST_PLAIN_MS;
	int rest = REST_FIRST_MS;
	struct job_view sum;
	int64_t lost_us = 0;
	size_t i;
	int err;

	for (;;) {
		sum = views[0];
		for (i = 1; i < count; i++)
			job_view_add(&sum, &views[i]);
		screen_view(screen, &sum);
		if (job_view_is_final(&sum))
			return 0;
		/* Rest first: what was fetched is shown at once, and the end
		 * is not told a rest late. */
		if (interrupt_wait(rest) != 0)
			return ERR_CANCELLED;
		err = jobs_refresh(client, jobs, views, count,
		    screen->is_owed, note);
		if (err == ERR_UNREACHABLE)
			err = lost(screen, &lost_us, err);
		else
			lost_us = 0;
		if (err < 0)
			return err;
		rest = rest * 2 > rest_max ? rest_max : rest * 2;
	}
}

int
watch_jobs(struct client *client, json_t *jobs, FILE *out, bool is_local)
{
	size_t i, count = json_array_size(jobs);
	struct err_note note = {0};
	struct job_view *views;
	struct screen screen;
	int err, status = CMD_DONE;

	views = mem_array(count, sizeof(*views));
	err = views == NULL ? ERR_NOMEM : interrupt_catch();
	for (i = 0; i < count && err == 0; i++)
		err = job_view_parse(json_array_get(jobs, i), &views[i]);
	if (err < 0)
		goto out;
	screen_init(&screen, out);
	err = follow(client, jobs, views, count, &screen, &note);
	screen_clear(&screen);
	if (err == ERR_CANCELLED) {
		leave_print(stderr, views, count, is_local);
		status = WATCH_INTERRUPTED;
		err = 0;
		goto out;
	}
	for (i = 0; i < count && err == 0; i++) {
		err = summary_print(client, out, json_array_get(jobs, i),
		    &note);
		if (job_view_status(&views[i]) != 0)
			status = CMD_FAILED;
	}
out:
	mem_free(views);
	return err < 0 ? cmd_error("watch", err, &note) : status;
}
