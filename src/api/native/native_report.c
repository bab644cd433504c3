/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "base/mem.h"

#define BATCH 500u

struct report {
	int64_t job_id;
	uint32_t after_seq;
	bool has_head;
};

struct report_walk {
	struct report *report;
	struct buf *out;
	size_t count;
};

static int
on_item(void *arg, const struct item_row *row)
{
	struct report_walk *walk = arg;

	native_view_csv_item(walk->out, row);
	walk->report->after_seq = row->item.seq;
	walk->count++;
	return walk->out->err;
}

static int
fill(void *state, struct engine *engine, struct store *reader,
    struct buf *out)
{
	struct report *report = state;
	struct report_walk walk = {.report = report, .out = out};
	struct item_filter filter = {.job_id = report->job_id,
	    .after_seq = report->after_seq, .limit = BATCH};
	int err;

	(void)engine;
	if (!report->has_head)
		native_view_csv_head(out);
	report->has_head = true;
	err = store_items_each(reader, &filter, on_item, &walk);
	if (err < 0)
		return err;
	return walk.count < BATCH ? HTTP_END : HTTP_MORE;
}

static const struct http_stream_ops ops = {.fill = fill, .free = mem_free};

int
native_report(struct http_request *request, struct http_reply *reply)
{
	struct report *report;
	char id[UUID_TEXT_SIZE], disposition[96];
	struct job job;
	int err;

	err = native_job_find(request, &job);
	if (err < 0)
		return err;
	report = mem_zalloc(sizeof(*report));
	if (report == NULL)
		return ERR_NOMEM;
	report->job_id = job.id;
	uuid_format(&job.uuid, id);
	(void)snprintf(disposition, sizeof(disposition),
	    "attachment; filename=\"job-%s.csv\"", id);
	http_reply_header(reply, "Content-Disposition", disposition);
	reply->content_type = "text/csv; charset=utf-8; header=present";
	http_reply_stream(reply, &ops, report);
	return 0;
}
