/* SPDX-License-Identifier: Apache-2.0 */
/* An account at a glance: what the dashboard's first page shows. */
#include <string.h>
#include <sys/statvfs.h>

#include "api/native/native_int.h"
#include "engine/base_models.h"
#include "engine/rates.h"
#include "model/item.h"
#include "model/item_code.h"
#include "store/store_overview.h"
#include "sys/clock.h"

#define FAILURES_SHOWN 20u
/* Failed items that are looked at: of more the count is not exact. */
#define FAILURES_LOOKED 10000u
#define MINUTE_US 60000000LL

static void
put_sums(struct jsonw *w, const struct account_sums *sums)
{
	jsonw_nuint(w, "bases", sums->bases);
	jsonw_nuint(w, "documents", sums->documents);
	jsonw_nuint(w, "segments", sums->segments);
	jsonw_nuint(w, "jobs_live", sums->jobs_live);
}

static void
put_minute(struct jsonw *w, const struct rate *rate, int64_t at_us)
{
	jsonw_object(w);
	jsonw_ntime(w, "at", at_us);
	jsonw_nuint(w, "items", rate->items);
	jsonw_nuint(w, "failed", rate->failed);
	jsonw_nuint(w, "bytes", rate->bytes);
	jsonw_nuint(w, "segments", rate->segments);
	jsonw_object_end(w);
}

static void
put_throughput(struct jsonw *w, const struct rates_hour *hour)
{
	jsonw_name(w, "throughput");
	jsonw_object(w);
	jsonw_nreal(w, "items_per_second", hour->items_per_s, 2);
	jsonw_nreal(w, "bytes_per_second", hour->bytes_per_s, 0);
	jsonw_ntime(w, "since", hour->since_us);
	jsonw_name(w, "minutes");
	jsonw_array(w);
	for (unsigned i = 0; i < RATES_MINUTES; i++)
		put_minute(w, &hour->minutes[i],
		    hour->first_us + (int64_t)i * MINUTE_US);
	jsonw_array_end(w);
	jsonw_object_end(w);
}

/* ---- failures ------------------------------------------------------------ */

struct failures {
	struct http_request *request;
	struct store *reader;
	struct jsonw *w;
};

static void
put_uuid(struct jsonw *w, const char *name, const struct uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(uuid, text);
	jsonw_nstring(w, name, text);
}

/* The uuid of a row that may be none. */
static void
put_row(struct jsonw *w, const char *name, const struct uuid *parent,
    int64_t row)
{
	struct uuid uuid;

	if (row == 0) {
		jsonw_nnull(w, name);
		return;
	}
	uuid = uuid_of_row(parent, (uint64_t)row);
	put_uuid(w, name, &uuid);
}

static void
put_failure(struct jsonw *w, const struct item_row *row)
{
	const struct item *item = &row->item;

	put_uuid(w, "job_id", &row->job_uuid);
	put_row(w, "item_id", &row->job_uuid, item->id);
	put_row(w, "document_id", &row->base_uuid, item->document_id);
	put_uuid(w, "base_id", &row->base_uuid);
	jsonw_nstring(w, "name", row->name);
	jsonw_nstring(w, "code", item_code_name(item->code));
	jsonw_nstring(w, "message", item->message[0] != '\0'
	    ? item->message : item_code_text(item->code));
	jsonw_nstring(w, "advice", item_code_advice(item->code));
	jsonw_nstring(w, "stage", item->error_stage == STAGE_NONE
	    ? NULL : stage_name(item->error_stage));
	jsonw_ntime(w, "at", item->finished_us);
}

static int
put_base(void *arg, const struct base *base)
{
	jsonw_nstring(arg, "base", base->name);
	return 0;
}

static int
on_failure(void *arg, const struct item_row *row)
{
	const struct failures *failures = arg;
	struct jsonw *w = failures->w;
	int err;

	jsonw_object(w);
	put_failure(w, row);
	err = store_base_find(failures->reader,
	    failures->request->caller.account_id, &row->base_uuid, NULL,
	    put_base, w);
	jsonw_object_end(w);
	return err;
}

static int
put_failures(struct failures *failures)
{
	int64_t account_id = failures->request->caller.account_id;
	struct jsonw *w = failures->w;
	uint64_t count = 0;
	bool is_more = false;
	int err;

	err = store_failures_count(failures->reader, account_id,
	    FAILURES_LOOKED, &count, &is_more);
	if (err < 0)
		return err;
	jsonw_name(w, "failures");
	jsonw_object(w);
	jsonw_nuint(w, "documents", count);
	jsonw_nbool(w, "is_more", is_more);
	jsonw_name(w, "newest");
	jsonw_array(w);
	err = store_failures_each(failures->reader, account_id,
	    FAILURES_LOOKED, FAILURES_SHOWN, on_failure, failures);
	jsonw_array_end(w);
	jsonw_object_end(w);
	return err;
}

/* ---- storage ------------------------------------------------------------- */

/* The disk is the operator's, whose account was the first. */
static int
put_storage(struct http_request *request, struct store *reader,
    struct jsonw *w)
{
	const char *dir = engine_data_dir(request->engine);
	uint64_t bytes = 0;
	struct statvfs disk;
	struct uuid uuid;
	int64_t first;
	int err;

	err = store_account_first(reader, &first, &uuid);
	if (err == 0)
		err = store_bytes(reader, &bytes);
	if (err < 0)
		return err;
	if (first != request->caller.account_id || statvfs(dir, &disk) < 0) {
		jsonw_nnull(w, "storage");
		return 0;
	}
	jsonw_name(w, "storage");
	jsonw_object(w);
	jsonw_nuint(w, "used_bytes", (uint64_t)(disk.f_blocks -
	    disk.f_bfree) * disk.f_frsize);
	jsonw_nuint(w, "free_bytes",
	    (uint64_t)disk.f_bavail * disk.f_frsize);
	jsonw_nuint(w, "store_bytes", bytes);
	jsonw_object_end(w);
	return 0;
}

/* ---- services ------------------------------------------------------------ */

static void
put_service(struct jsonw *w, const char *kind, const char *name)
{
	jsonw_object(w);
	jsonw_nstring(w, "kind", kind);
	jsonw_nstring(w, "name", name);
}

static int
on_model(void *arg, const struct model_info *info)
{
	struct jsonw *w = arg;

	if (strcmp(info->kind, "service") != 0)
		return 0;
	put_service(w, "embedding", info->name);
	jsonw_nbool(w, "is_down", info->is_down);
	jsonw_nstring(w, "error", info->is_down ? info->why : NULL);
	jsonw_object_end(w);
	return 0;
}

/* Of chat and reranking nobody knows how they are before they are asked. */
static int
put_services(struct http_request *request, struct store *reader,
    struct jsonw *w)
{
	struct engine *engine = request->engine;
	int err;

	jsonw_name(w, "services");
	jsonw_array(w);
	err = engine_models_each(engine, reader, request->caller.account_id,
	    on_model, w);
	if (engine_has_chat(engine)) {
		put_service(w, "chat", engine_chat_model(engine));
		jsonw_nnull(w, "is_down");
		jsonw_nnull(w, "error");
		jsonw_object_end(w);
	}
	if (engine_has_rerank(engine)) {
		put_service(w, "rerank", engine_rerank_model(engine));
		jsonw_nnull(w, "is_down");
		jsonw_nnull(w, "error");
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	return err;
}

int
native_overview(struct http_request *request, struct http_reply *reply)
{
	int64_t account_id = request->caller.account_id;
	struct failures failures = {.request = request};
	struct account_sums sums;
	struct rates_hour hour;
	struct jsonw *w;
	int err;

	err = http_begin(request, &failures.reader);
	if (err < 0)
		return err;
	w = failures.w = http_reply_json(reply, 200);
	engine_rates(request->engine, account_id, &hour);
	jsonw_object(w);
	jsonw_ntime(w, "now", clock_wall_us());
	err = store_account_sums(failures.reader, account_id, &sums);
	if (err == 0) {
		put_sums(w, &sums);
		put_throughput(w, &hour);
		err = put_failures(&failures);
	}
	if (err == 0)
		err = put_storage(request, failures.reader, w);
	if (err == 0)
		err = put_services(request, failures.reader, w);
	jsonw_object_end(w);
	return http_end(request, failures.reader, err);
}
