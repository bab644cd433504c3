/* SPDX-License-Identifier: Apache-2.0 */
/*
 * summary: the counts are the jobs' own; why files failed or were left out is
 * asked of the items, as many as somebody would wait for, and told by reason.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/client.h"
#include "cmd/items.h"
#include "cmd/job_view.h"
#include "cmd/reasons.h"
#include "cmd/summary.h"
#include "cmd/term.h"

#define LINE_BYTES_MAX (8 * KIB)
#define NEXT_MAX 3u /* jobs that commands are proposed for */

/* ---- the table -------------------------------------------------------- */

static void
row_print(FILE *out, const char *name, const char *value)
{
	(void)fprintf(out, "  %-12s %12s\n", name, value);
}

static void
count_print(FILE *out, const char *name, uint64_t count)
{
	char text[32];

	if (count == 0)
		return;
	(void)snprintf(text, sizeof(text), "%llu",
	    (unsigned long long)count);
	row_print(out, name, text);
}

static void
speed_print(FILE *out, const struct job_view *view)
{
	double files = (double)job_view_ended(view) / view->took;
	struct buf text;

	buf_init(&text, LINE_BYTES_MAX);
	seconds_put(&text, view->took);
	row_print(out, "time", buf_text(&text));
	buf_clear(&text);
	(void)buf_printf(&text, files < 10 ? "%.1f/s" : "%.0f/s", files);
	(void)fprintf(out, "  %-12s %12s, ", "rate", buf_text(&text));
	buf_clear(&text);
	bytes_put(&text, (double)view->bytes_done / view->took);
	(void)fprintf(out, "%s/s\n", buf_text(&text));
	buf_fini(&text);
}

static void
table_print(FILE *out, const struct job_view *view)
{
	struct buf text;

	buf_init(&text, LINE_BYTES_MAX);
	text_clean(&text, view->base, strlen(view->base));
	(void)buf_puts(&text, ": ");
	job_view_state(view, &text);
	(void)fprintf(out, "%s\n", buf_text(&text));
	if (view->message[0] != '\0') {
		(void)fputs("  ", out);
		text_print(out, view->message);
		(void)fputc('\n', out);
	}
	buf_clear(&text);
	(void)buf_printf(&text, "%llu",
	    (unsigned long long)view->counts.total);
	row_print(out, "files", buf_text(&text));
	count_print(out, "  completed", view->counts.completed);
	count_print(out, "  failed", view->counts.failed);
	count_print(out, "  skipped", view->counts.skipped);
	count_print(out, "  cancelled", view->counts.cancelled);
	buf_clear(&text);
	bytes_put(&text, (double)view->bytes_total);
	row_print(out, "bytes", buf_text(&text));
	count_print(out, "segments", view->segments);
	if (view->took > 0)
		speed_print(out, view);
	buf_fini(&text);
}

/* ---- what next -------------------------------------------------------- */

/* A word as a shell reads it; clean text. */
static void
word_put(struct buf *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789"
				    "-._/:@%+=,";
	struct buf clean;
	const char *at;

	buf_init(&clean, LINE_BYTES_MAX);
	text_clean(&clean, text, strlen(text));
	at = buf_text(&clean);
	if (at[0] != '\0' && at[0] != '-' && strspn(at, plain) == clean.len) {
		(void)buf_puts(out, at);
	} else {
		(void)buf_putc(out, '\'');
		for (; *at != '\0'; at++)
			if (*at == '\'')
				(void)buf_puts(out, "'\\''");
			else
				(void)buf_putc(out, *at);
		(void)buf_putc(out, '\'');
	}
	buf_fini(&clean);
}

static void
query_print(FILE *out, const struct job_view *view, const char *data)
{
	struct buf line;

	buf_init(&line, LINE_BYTES_MAX);
	(void)buf_puts(&line, "  tidemark query ");
	word_put(&line, view->base);
	(void)buf_puts(&line, " \"...\"");
	if (data != NULL) {
		(void)buf_puts(&line, " --data ");
		word_put(&line, data);
	}
	(void)fprintf(out, "%s\n", buf_text(&line));
	buf_fini(&line);
}

static void
next_print(FILE *out, const struct job_view *view, const char *data)
{
	if (view->counts.completed > 0 || view->state == JOB_NO_CHANGES)
		query_print(out, view, data);
	/* Both are a server's. */
	if (view->counts.failed == 0 || data != NULL)
		return;
	(void)fprintf(out,
	    "  tidemark report %.8s   # a line for each file\n"
	    "  tidemark retry %.8s    # the failed files again\n",
	    view->id, view->id);
}

/* ---- all of it -------------------------------------------------------- */

static int
reasons_print(struct client *client, FILE *out, const json_t *jobs,
    const char *state, struct reasons *reasons, struct err_note *note)
{
	struct job_view view;
	uint64_t count;
	json_t *job;
	size_t i;
	int err = 0;

	json_array_foreach (jobs, i, job) {
		err = job_view_parse(job, &view);
		if (err < 0)
			break;
		count = strcmp(state, "failed") == 0 ? view.counts.failed :
						       view.counts.skipped;
		if (count > 0)
			err = items_each(client, view.id, state, reasons_add,
			    reasons, note);
		if (err < 0)
			break;
	}
	if (err == 0 && strcmp(state, "failed") == 0)
		reasons_print_failed(reasons, out);
	else if (err == 0)
		reasons_print_skipped(reasons, out);
	return err;
}

int
summary_print(struct client *client, FILE *out, const json_t *jobs,
    const char *data, struct err_note *note)
{
	struct reasons *reasons = NULL;
	struct job_view view;
	json_t *job;
	size_t i;
	int err = 0;

	json_array_foreach (jobs, i, job) {
		err = job_view_parse(job, &view);
		if (err < 0)
			return err;
		table_print(out, &view);
	}
	err = reasons_new(REASONS_FAILED_MAX, &reasons);
	if (err == 0)
		err = reasons_print(client, out, jobs, "failed", reasons,
		    note);
	reasons_free(reasons);
	reasons = NULL;
	if (err == 0)
		err = reasons_new(REASONS_SKIPPED_MAX, &reasons);
	if (err == 0)
		err = reasons_print(client, out, jobs, "skipped", reasons,
		    note);
	reasons_free(reasons);
	if (err < 0)
		return err;
	json_array_foreach (jobs, i, job) {
		if (i == NEXT_MAX)
			break;
		(void)fputs(i == 0 ? "\nnext:\n" : "", out);
		if (job_view_parse(job, &view) == 0)
			next_print(out, &view, data);
	}
	return 0;
}
