/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/client.h"
#include "cmd/job_view.h"
#include "cmd/term.h"

/* ---- reading ---------------------------------------------------------- */

static void
text_copy(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text);
}

/* What each step has; the one most items are in now gives the job's word. */
static void
stages_read(const json_t *stages, struct job_view *view)
{
	const json_t *stage;
	struct stage_view *row;
	uint64_t most = 0;
	size_t i;

	json_array_foreach (stages, i, stage) {
		if (i == STAGES_SHOWN)
			break;
		row = &view->stages[i];
		text_copy(row->name, sizeof(row->name),
		    json_text(stage, "name"));
		row->items = json_uint(stage, "items");
		row->done = json_uint(stage, "done");
		row->seconds = json_number(stage, "seconds");
		view->stage_count = i + 1;
		if (row->items > most) {
			most = row->items;
			text_copy(view->stage, sizeof(view->stage),
			    row->name);
		}
	}
}

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
counts_read(const json_t *json, struct counts *counts)
{
	counts->total = json_uint(json, "total");
	counts->queued = json_uint(json, "queued");
	counts->processing = json_uint(json, "processing");
	counts->completed = json_uint(json, "completed");
	counts->failed = json_uint(json, "failed");
	counts->skipped = json_uint(json, "skipped");
	counts->cancelled = json_uint(json, "cancelled");
}

int
job_view_parse(const json_t *json, struct job_view *ret_view)
{
	struct job_view view = {.jobs = 1};
	const json_t *eta, *pace, *bytes;
	const char *id = json_text(json, "id");
	struct uuid uuid;
	double start, end;

	if (uuid_parse(id, strlen(id), &uuid) < 0 ||
	    job_state_parse_name(json_text(json, "state"), &view.state) < 0)
		return ERR_SYNTAX;
	uuid_format(&uuid, view.id);
	text_copy(view.base, sizeof(view.base), json_text(json, "base"));
	view.revision = (int64_t)json_uint(json, "revision");
	counts_read(json_object_get(json, "counts"), &view.counts);
	bytes = json_object_get(json, "bytes");
	view.bytes_total = json_uint(bytes, "total");
	view.bytes_done = json_uint(bytes, "done");
	view.percent = json_number(json, "percent");
	eta = json_object_get(json, "eta");
	view.has_eta = json_is_object(eta);
	view.eta = json_number(eta, "seconds");
	view.eta_low = json_number(eta, "low");
	view.eta_high = json_number(eta, "high");
	pace = json_object_get(json, "throughput");
	view.items_per_second = json_number(pace, "items_per_second");
	view.bytes_per_second = json_number(pace, "bytes_per_second");
	view.segments = json_uint(json_object_get(json, "segments"),
	    "completed");
	stages_read(json_object_get(json, "stages"), &view);
	start = time_read(json_text(json, "started_at"));
	end = time_read(json_text(json, "finished_at"));
	view.took = start > 0 && end > start ? end - start : 0;
	text_copy(view.waiting_for, sizeof(view.waiting_for),
	    json_text(json, "waiting_for"));
	text_copy(view.message, sizeof(view.message),
	    json_text(json_object_get(json, "error"), "message"));
	*ret_view = view;
	return 0;
}

bool
job_view_is_final(const struct job_view *view)
{
	return job_state_is_final(view->state);
}

int
job_view_status(const struct job_view *view)
{
	return view->state == JOB_COMPLETED || view->state == JOB_NO_CHANGES ?
	    0 :
	    1;
}

/* ---- sums ------------------------------------------------------------- */

/* What the sum of two jobs is: live while one is live, else the worse end. */
static enum job_state
state_sum(enum job_state a, enum job_state b)
{
	static const enum job_state worst_first[] = {JOB_FAILED,
	    JOB_CANCELLED, JOB_COMPLETED_WITH_FAILURES, JOB_COMPLETED,
	    JOB_NO_CHANGES};
	size_t i;

	if (!job_state_is_final(a))
		return a;
	if (!job_state_is_final(b))
		return b;
	for (i = 0; i < sizeof(worst_first) / sizeof(worst_first[0]); i++)
		if (a == worst_first[i] || b == worst_first[i])
			break;
	return worst_first[i];
}

static void
stages_add(struct job_view *sum, const struct job_view *view)
{
	size_t i;

	for (i = 0; i < view->stage_count; i++) {
		if (i >= sum->stage_count)
			sum->stages[sum->stage_count++] = view->stages[i];
		else {
			sum->stages[i].items += view->stages[i].items;
			sum->stages[i].done += view->stages[i].done;
			sum->stages[i].seconds += view->stages[i].seconds;
		}
	}
}

void
job_view_add(struct job_view *sum, const struct job_view *view)
{
	double weight = (double)sum->bytes_total + (double)sum->jobs;
	double other = (double)view->bytes_total + (double)view->jobs;

	sum->percent = (sum->percent * weight + view->percent * other) /
	    (weight + other);
	sum->state = state_sum(sum->state, view->state);
	if (sum->percent >= 100 && !job_view_is_final(sum))
		sum->percent = 99.99; /* rounding must not promise an end */
	sum->counts.total += view->counts.total;
	sum->counts.queued += view->counts.queued;
	sum->counts.processing += view->counts.processing;
	sum->counts.completed += view->counts.completed;
	sum->counts.failed += view->counts.failed;
	sum->counts.skipped += view->counts.skipped;
	sum->counts.cancelled += view->counts.cancelled;
	sum->bytes_total += view->bytes_total;
	sum->bytes_done += view->bytes_done;
	sum->segments += view->segments;
	stages_add(sum, view);
	/* They share the workers: the one that ends last ends the sum. */
	sum->has_eta = sum->has_eta || view->has_eta;
	sum->eta = fmax(sum->eta, view->eta);
	sum->eta_low = fmax(sum->eta_low, view->eta_low);
	sum->eta_high = fmax(sum->eta_high, view->eta_high);
	if (!job_view_is_final(view)) {
		sum->items_per_second += view->items_per_second;
		sum->bytes_per_second += view->bytes_per_second;
	}
	if (sum->stage[0] == '\0')
		text_copy(sum->stage, sizeof(sum->stage), view->stage);
	if (sum->waiting_for[0] == '\0')
		text_copy(sum->waiting_for, sizeof(sum->waiting_for),
		    view->waiting_for);
	if (sum->message[0] == '\0')
		text_copy(sum->message, sizeof(sum->message), view->message);
	sum->jobs += view->jobs;
}

/* ---- words ------------------------------------------------------------ */

void
bytes_put(struct buf *out, double bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	size_t i = 0;

	for (; bytes >= 999.5 && i + 1 < sizeof(units) / sizeof(units[0]);
	    i++)
		bytes /= 1000;
	(void)buf_printf(out, i > 0 && bytes < 9.95 ? "%.1f %s" : "%.0f %s",
	    bytes, units[i]);
}

static void
whole_seconds_put(struct buf *out, double seconds)
{
	unsigned long whole;

	if (!(seconds < 1e9)) {
		(void)buf_puts(out, "years");
		return;
	}
	whole = (unsigned long)seconds;
	if (whole < 120)
		(void)buf_printf(out, "%lu s", whole);
	else if (whole < 7200)
		(void)buf_printf(out, "%lu min %lu s", whole / 60,
		    whole % 60);
	else
		(void)buf_printf(out, "%lu h %lu min", whole / 3600,
		    whole / 60 % 60);
}

void
seconds_put(struct buf *out, double seconds)
{
	if (seconds < 9.95)
		(void)buf_printf(out,
		    seconds < 0.95 ? "%.2g s" : "%.1f s", seconds);
	else
		whole_seconds_put(out, seconds + 0.5);
}

/* What is left is a guess: whole seconds, and never none. */
static void
rest_put(struct buf *out, double seconds)
{
	whole_seconds_put(out, seconds > 1 ? ceil(seconds) : 1);
}

void
job_view_state(const struct job_view *view, struct buf *out)
{
	const char *name = job_state_name(view->state);

	for (; *name != '\0'; name++)
		(void)buf_putc(out, *name == '_' ? ' ' : *name);
}

static void
count_put(struct buf *out, uint64_t count, const char *word)
{
	if (count > 0)
		(void)buf_printf(out, ", %llu %s", (unsigned long long)count,
		    word);
}

uint64_t
job_view_ended(const struct job_view *view)
{
	return view->counts.completed + view->counts.failed +
	    view->counts.skipped + view->counts.cancelled;
}

void
job_view_pace(const struct job_view *view, struct buf *out)
{
	if (job_view_is_final(view) || !(view->items_per_second > 0))
		return;
	(void)buf_printf(out,
	    view->items_per_second < 10 ? "%.1f/s, " : "%.0f/s, ",
	    view->items_per_second);
	bytes_put(out, view->bytes_per_second);
	(void)buf_puts(out, "/s");
}

void
job_view_left(const struct job_view *view, struct buf *out)
{
	if (job_view_is_final(view) || !view->has_eta)
		return;
	rest_put(out, view->eta);
	(void)buf_puts(out, " left");
	if (view->eta_high < view->eta_low + 1)
		return;
	(void)buf_puts(out, " (");
	rest_put(out, view->eta_low);
	(void)buf_puts(out, " to ");
	rest_put(out, view->eta_high);
	(void)buf_puts(out, ")");
}

void
job_view_where(const struct job_view *view, struct buf *out)
{
	/* That it is held, its state has said already. */
	if (job_view_is_final(view) ||
	    strcmp(view->waiting_for, "paused") == 0)
		return;
	/* That some wait for a worker while others are worked on is how it
	 * should be; every other wait is news. */
	if (view->waiting_for[0] != '\0' &&
	    (strcmp(view->waiting_for, "worker") != 0 ||
	    view->stage[0] == '\0')) {
		(void)buf_puts(out, "waiting for ");
		text_clean(out, view->waiting_for, strlen(view->waiting_for));
	} else if (view->stage[0] != '\0') {
		text_clean(out, view->stage, strlen(view->stage));
	}
}

/* What put writes, behind a comma when that is anything. */
static void
part_put(struct buf *out, const struct job_view *view,
    void (*put)(const struct job_view *view, struct buf *out))
{
	size_t before = out->len;

	(void)buf_puts(out, ", ");
	put(view, out);
	if (out->err == 0 && out->len == before + 2) {
		out->len = before;
		out->data[before] = '\0';
	}
}

void
job_view_parts(const struct job_view *view, struct buf *out)
{
	part_put(out, view, job_view_where);
	part_put(out, view, job_view_pace);
	part_put(out, view, job_view_left);
}

void
job_view_line(const struct job_view *view, struct buf *out)
{
	job_view_state(view, out);
	(void)buf_printf(out, " %.1f %%, %llu of %llu", view->percent,
	    (unsigned long long)job_view_ended(view),
	    (unsigned long long)view->counts.total);
	count_put(out, view->counts.failed, "failed");
	count_put(out, view->counts.skipped, "skipped");
	count_put(out, view->counts.cancelled, "cancelled");
	job_view_parts(view, out);
}

void
job_view_counts(const struct job_view *view, struct buf *out)
{
	(void)buf_printf(out, "%llu document%s: %llu completed",
	    (unsigned long long)view->counts.total,
	    view->counts.total == 1 ? "" : "s",
	    (unsigned long long)view->counts.completed);
	count_put(out, view->counts.failed, "failed");
	count_put(out, view->counts.skipped, "skipped");
	count_put(out, view->counts.cancelled, "cancelled");
	count_put(out, view->counts.queued, "queued");
	count_put(out, view->counts.processing, "being processed");
}
