/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report of a job that has ended: a table of every item, as CSV (RFC
 * 4180), at an address that needs no key for as long as it is good.
 *
 * It is made row by row while it is sent.  A cell that a spreadsheet would
 * take for a formula begins with an apostrophe.
 */
#include <string.h>

#include "api/digitalocean/digitalocean_int.h"
#include "api/digitalocean/digitalocean_report.h"
#include "api/digitalocean/digitalocean_view.h"
#include "base/csv.h"
#include "base/mem.h"
#include "engine/sources.h"
#include "sys/clock.h"

#define BATCH 200u
#define EXPIRES_S 3600
#define US_PER_SECOND 1000000
#define PATH_SIZE 64

/* ---- rows --------------------------------------------------------------- */

void
do_csv_head(struct buf *out)
{
	int stage;

	(void)buf_puts(out, "data_source_uuid,data_source,item_name,item_uri,"
	    "status,code,message,bytes,segments,tokens,queued_at,"
	    "finished_at");
	for (stage = STAGE_EXTRACTING; stage < STAGE_COUNT; stage++)
		(void)buf_printf(out, ",%s_ms",
		    stage_name((enum stage)stage));
	(void)buf_puts(out, "\r\n");
}

static void
csv_time(struct buf *out, int64_t us)
{
	char text[TIME_TEXT_SIZE] = "";

	if (us != 0)
		time_format(us, text);
	(void)buf_printf(out, ",%s", text);
}

/* Unchanged, or left out for a cause. */
static const char *
status_of(const struct item *item)
{
	if (item->state == ITEM_SKIPPED && item->code == ITEM_CODE_UNCHANGED)
		return "unchanged";
	return item->state == ITEM_COMPLETED ? "indexed"
					     : item_state_name(item->state);
}

void
do_csv_item(struct buf *out, const struct item_row *row,
    const char *source_uuid, const char *source_name, uint64_t characters)
{
	const struct item *item = &row->item;
	const char *words = item->code == ITEM_CODE_NONE ? ""
	    : item->message[0] != '\0' ? item->message
	    : item_code_text(item->code);
	const struct step_time *step;
	int stage;

	(void)buf_printf(out, "%s,", source_uuid);
	csv_cell(out, source_name);
	(void)buf_putc(out, ',');
	csv_cell(out, row->name);
	(void)buf_putc(out, ',');
	csv_cell(out, row->uri);
	(void)buf_printf(out, ",%s,%s,", status_of(item),
	    item->code == ITEM_CODE_NONE ? "" : item_code_name(item->code));
	csv_cell(out, words);
	(void)buf_printf(out, ",%llu,%u,%llu",
	    (unsigned long long)item->bytes, item->segments_completed,
	    (unsigned long long)do_tokens(characters));
	csv_time(out, item->queued_us);
	csv_time(out, item->finished_us);
	for (stage = STAGE_EXTRACTING; stage < STAGE_COUNT; stage++) {
		step = &item->steps[stage];
		(void)buf_putc(out, ',');
		if (step->end_us != 0)
			(void)buf_printf(out, "%lld", (long long)(
			    step->end_us - step->start_us) / 1000);
	}
	(void)buf_puts(out, "\r\n");
}

/* ---- the stream --------------------------------------------------------- */

struct report {
	int64_t job_id;
	uint32_t after_seq;
	bool has_head;
	/* The source of the rows that come: they come together. */
	int64_t source_id;
	char source_uuid[UUID_TEXT_SIZE];
	char *source_name; /* owned; NULL: it is gone, or none */
};

struct walk {
	struct report *report;
	struct store *reader;
	struct buf *out;
	size_t count;
};

static int
take_source(void *arg, const struct source *source)
{
	struct report *report = arg;

	uuid_format(&source->uuid, report->source_uuid);
	report->source_name = mem_strdup(source->name);
	return report->source_name == NULL ? ERR_NOMEM : 0;
}

static int
report_source(struct walk *walk, int64_t source_id)
{
	struct report *report = walk->report;
	struct share share;
	int err;

	if (report->source_id == source_id)
		return 0;
	report->source_id = source_id;
	report->source_uuid[0] = '\0';
	mem_free(report->source_name);
	report->source_name = NULL;
	if (source_id == 0)
		return 0;
	err = store_source_get(walk->reader, source_id, take_source, report);
	if (err != ERR_NOT_FOUND)
		return err;
	/* It was deleted since: the job still knows which it was. */
	err = store_share_get(walk->reader, report->job_id, source_id,
	    &share);
	if (err == 0)
		uuid_format(&share.source_uuid, report->source_uuid);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int
take_characters(void *arg, const struct document *document)
{
	uint64_t *characters = arg;

	*characters = document->characters;
	return 0;
}

static int
on_item(void *arg, const struct item_row *row)
{
	struct walk *walk = arg;
	struct report *report = walk->report;
	uint64_t characters = 0;
	int err;

	err = report_source(walk, row->item.source_id);
	/* As the document is now: an item has no count of its own. */
	if (err == 0 && row->item.state == ITEM_COMPLETED &&
	    row->item.document_id != 0)
		err = store_document_get(walk->reader, row->item.document_id,
		    take_characters, &characters);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	do_csv_item(walk->out, row, report->source_uuid,
	    report->source_name == NULL ? "" : report->source_name,
	    characters);
	report->after_seq = row->item.seq;
	walk->count++;
	return walk->out->err;
}

static int
report_fill(void *state, struct engine *engine, struct store *reader,
    struct buf *out)
{
	struct report *report = state;
	struct walk walk = {.report = report, .reader = reader, .out = out};
	struct item_filter filter = {.job_id = report->job_id,
	    .after_seq = report->after_seq, .limit = BATCH};
	int err;

	(void)engine;
	if (!report->has_head)
		do_csv_head(out);
	report->has_head = true;
	err = store_items_each(reader, &filter, on_item, &walk);
	if (err < 0)
		return err;
	return walk.count < BATCH ? HTTP_END : HTTP_MORE;
}

static void
report_free(void *state)
{
	struct report *report = state;

	mem_free(report->source_name);
	mem_free(report);
}

static const struct http_stream_ops ops = {.fill = report_fill,
    .free = report_free};

/* ---- routes ------------------------------------------------------------- */

static void
report_path(const struct uuid *job, char out[PATH_SIZE])
{
	char id[UUID_TEXT_SIZE];

	uuid_format(job, id);
	(void)snprintf(out, PATH_SIZE, "/reports/%s", id);
}

int
do_get_report_url(struct http_request *request, struct http_reply *reply)
{
	int64_t expires_s = clock_wall_us() / US_PER_SECOND + EXPIRES_S;
	char path[PATH_SIZE], query[OBJECT_URL_QUERY_SIZE];
	struct buf *url = request->scratch;
	struct store *reader;
	struct jsonw *w;
	struct job job;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = engine_job_get(request->engine, reader,
		    request->caller.account_id, &request->params[0].uuid,
		    &job);
	if (err < 0)
		return err;
	if (!job_state_is_final(job.state))
		return do_refuse(request, reply, 400, "failed_precondition",
		    "the report is there once the indexing job has ended");
	report_path(&job.uuid, path);
	err = engine_path_sign(request->engine, path, expires_s, query);
	if (err < 0)
		return err;
	do_origin(request, url);
	(void)buf_printf(url, "%s?%s", path, query);
	w = do_json(request, reply);
	jsonw_object(w);
	jsonw_nstring(w, "signed_url", buf_text(url));
	jsonw_object_end(w);
	return url->err;
}

int
do_get_report(struct http_request *request, struct http_reply *reply)
{
	const char *expires = http_query(request, "expires");
	const char *signature = http_query(request, "signature");
	char path[PATH_SIZE], disposition[96];
	struct report *report;
	struct store *reader;
	struct job job;
	int err;

	report_path(&request->params[0].uuid, path);
	if (expires == NULL || signature == NULL ||
	    engine_path_check(request->engine, path, expires, signature) < 0)
		return err_set(&request->note, ERR_FORBIDDEN,
		    "the signature of this address is not ours, or it has "
		    "expired");
	err = http_reader(request, &reader);
	/* Whose job it is was looked at when the address was given out. */
	if (err == 0)
		err = store_job_find(reader, 0, &request->params[0].uuid,
		    &job);
	if (err < 0)
		return err;
	report = mem_zalloc(sizeof(*report));
	if (report == NULL)
		return ERR_NOMEM;
	report->job_id = job.id;
	(void)snprintf(disposition, sizeof(disposition),
	    "attachment; filename=\"indexing-job-%s.csv\"",
	    request->params[0].text);
	do_headers(request, reply);
	http_reply_header(reply, "Content-Disposition", disposition);
	reply->content_type = "text/csv; charset=utf-8; header=present";
	http_reply_stream(reply, &ops, report);
	return 0;
}
