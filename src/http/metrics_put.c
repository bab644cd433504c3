/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of metrics_tbl.h that are more than one line.  A series that a row
 * has once, it has always, also as 0: whoever looks at rates misses the first
 * change otherwise.  Only routes and statuses that never came are left out:
 * there would be thousands.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/histogram.h"
#include "http/metrics_int.h"
#include "model/item.h"
#include "model/job.h"
#include "net/meter.h"

static uint64_t
load(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void
one(const struct scrape *x, const char *name, const char *label,
    const char *value, uint64_t number)
{
	(void)buf_printf(x->out, "%s{%s=\"%s\"} %llu\n", name, label, value,
	    (unsigned long long)number);
}

/* The lines of one histogram; labels: "stage=\"tagging\"", or "". */
static void
histogram_put(const struct scrape *x, const char *name, const char *labels,
    const struct histogram_scale *scale, const _Atomic uint64_t *buckets,
    uint64_t total)
{
	const char *comma = labels[0] == '\0' ? "" : ",";
	const char *open = labels[0] == '\0' ? "" : "{";
	const char *close = labels[0] == '\0' ? "" : "}";
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		sum += load(&buckets[i]);
		(void)buf_printf(x->out, "%s_bucket{%s%sle=\"%g\"} %llu\n",
		    name, labels, comma,
		    (double)scale->ends[i] / scale->per_unit,
		    (unsigned long long)sum);
	}
	sum += load(&buckets[HISTOGRAM_BUCKETS]);
	(void)buf_printf(x->out, "%s_bucket{%s%sle=\"+Inf\"} %llu\n"
	    "%s_sum%s%s%s %.17g\n%s_count%s%s%s %llu\n", name, labels, comma,
	    (unsigned long long)sum, name, open, labels, close,
	    (double)total / scale->per_unit, name, open, labels, close,
	    (unsigned long long)sum);
}

/* ---- jobs and items ----------------------------------------------------- */

static void
jobs_put(const struct scrape *x, const char *name, const uint64_t *jobs,
    bool is_final)
{
	int i;

	for (i = JOB_PENDING; i < JOB_STATE_COUNT; i++)
		if (job_state_is_final((enum job_state)i) == is_final)
			one(x, name, "state", job_state_name(
			    (enum job_state)i), jobs[i]);
}

void
put_jobs(const struct scrape *x, const char *name)
{
	jobs_put(x, name, x->engine.totals.jobs, false);
}

void
put_jobs_ended(const struct scrape *x, const char *name)
{
	jobs_put(x, name, x->engine.totals.jobs_ended, true);
}

void
put_items(const struct scrape *x, const char *name)
{
	int i;

	for (i = ITEM_QUEUED; i < ITEM_STATE_COUNT; i++)
		one(x, name, "state", item_state_name((enum item_state)i),
		    x->engine.totals.items[i]);
}

void
put_stages(const struct scrape *x, const char *name)
{
	const struct histogram *stage;
	char label[64];
	int i;

	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++) {
		if (x->engine.stages == NULL)
			return;
		stage = &x->engine.stages[i];
		(void)snprintf(label, sizeof(label), "stage=\"%s\"",
		    stage_name((enum stage)i));
		histogram_put(x, name, label, &histogram_work,
		    stage->buckets, load(&stage->sum));
	}
}

void
put_waiting(const struct scrape *x, const char *name)
{
	int i;

	for (i = WAITING_WORKER; i < WAITING_COUNT; i++)
		(void)buf_printf(x->out, "%s{waiting_for=\"%s\"} %.17g\n",
		    name, waiting_for_name((enum waiting_for)i),
		    (double)x->engine.waiting_us[i] / 1e6);
}

/* ---- the store ---------------------------------------------------------- */

static void
plain_put(const struct scrape *x, const char *name, const char *labels,
    const struct histogram_scale *scale, const struct histogram *histogram)
{
	if (histogram != NULL)
		histogram_put(x, name, labels, scale, histogram->buckets,
		    load(&histogram->sum));
}

void
put_commit_seconds(const struct scrape *x, const char *name)
{
	plain_put(x, name, "", &histogram_work, x->engine.commit_seconds);
}

void
put_commit_operations(const struct scrape *x, const char *name)
{
	plain_put(x, name, "", &histogram_counts,
	    x->engine.commit_operations);
}

/* ---- helpers of ours and of others -------------------------------------- */

void
put_extractor_ends(const struct scrape *x, const char *name)
{
	int i;

	for (i = 0; i < EXTRACTOR_END_COUNT; i++)
		one(x, name, "reason", extractor_end_name(
		    (enum extractor_end)i), x->engine.extractor_ends[i]);
}

enum service { EMBEDDING, CHAT, RERANK, SERVICE_COUNT };

static const char *const service_names[SERVICE_COUNT] = {
    [EMBEDDING] = "embedding", [CHAT] = "chat", [RERANK] = "rerank"};

/* NULL in tests that have no engine. */
static const struct net_meter *
meter_of(const struct scrape *x, enum service service)
{
	switch (service) {
	case EMBEDDING:
		return x->engine.embedding;
	case CHAT:
		return x->engine.chat;
	case RERANK:
		return x->engine.rerank;
	case SERVICE_COUNT:
		break;
	}
	return NULL;
}

#define EACH_SERVICE(name, member)                                            \
	for (int i = 0; i < SERVICE_COUNT; i++)                               \
		if (meter_of(x, (enum service)i) != NULL)                     \
			one(x, name, "service", service_names[i],             \
			    load(&meter_of(x, (enum service)i)->member))

void
put_service_requests(const struct scrape *x, const char *name)
{
	EACH_SERVICE(name, requests);
}

void
put_service_failures(const struct scrape *x, const char *name)
{
	EACH_SERVICE(name, failures);
}

void
put_service_retries(const struct scrape *x, const char *name)
{
	EACH_SERVICE(name, retries);
}

/* Rerankers say nothing of tokens that would be read. */
void
put_service_tokens(const struct scrape *x, const char *name)
{
	if (x->engine.embedding != NULL)
		one(x, name, "service", "embedding",
		    load(&x->engine.embedding->tokens));
	if (x->engine.chat != NULL)
		one(x, name, "service", "chat",
		    load(&x->engine.chat->tokens));
}

void
put_service_seconds(const struct scrape *x, const char *name)
{
	const struct net_meter *meter;
	char label[64];
	int i;

	for (i = 0; i < SERVICE_COUNT; i++) {
		meter = meter_of(x, (enum service)i);
		(void)snprintf(label, sizeof(label), "service=\"%s\"",
		    service_names[i]);
		plain_put(x, name, label, &histogram_work,
		    meter == NULL ? NULL : &meter->seconds);
	}
}

void
put_service_down(const struct scrape *x, const char *name)
{
	one(x, name, "service", "embedding", x->health.is_embedding_down);
	one(x, name, "service", "chat", x->health.is_chat_down);
	one(x, name, "service", "rerank", x->health.is_rerank_down);
}

/* ---- HTTP --------------------------------------------------------------- */

static const char *
method_name(enum http_method method)
{
	switch (method) {
	case HTTP_GET:
		return "GET";
	case HTTP_POST:
		return "POST";
	case HTTP_PUT:
		return "PUT";
	case HTTP_PATCH:
		return "PATCH";
	case HTTP_DELETE:
		return "DELETE";
	}
	return "";
}

void
put_http_requests(const struct scrape *x, const char *name)
{
	const struct http_route *route;
	uint64_t count;

	for (size_t i = 0; i < router_size(x->server->router); i++) {
		route = router_route(x->server->router, i);
		for (size_t j = 0; j < METRIC_STATUS_COUNT; j++) {
			count = load(&x->http.cells[
			    i * METRIC_STATUS_COUNT + j]);
			if (count == 0)
				continue;
			(void)buf_printf(x->out, "%s{method=\"%s\","
			    "route=\"%s\",status=\"%d\"} %llu\n", name,
			    route == NULL ? "" : method_name(route->method),
			    route == NULL ? "" : route->pattern,
			    metrics_status(j), (unsigned long long)count);
		}
	}
}

void
put_http_durations(const struct scrape *x, const char *name)
{
	static const char *const classes[METRIC_CLASS_COUNT] = {
	    [METRIC_QUICK] = "quick", [METRIC_WORK] = "work",
	    [METRIC_UPLOAD] = "upload"};
	const _Atomic uint64_t *times;
	char label[128];

	for (size_t i = 0; i < x->server->dialect_count; i++)
		for (int j = 0; j < METRIC_CLASS_COUNT; j++) {
			times = metrics_times(x->server, &x->http, i,
			    (enum metric_class)j);
			(void)snprintf(label, sizeof(label),
			    "api=\"%s\",class=\"%s\"",
			    x->server->dialects[i]->name, classes[j]);
			histogram_put(x, name, label, &histogram_answers,
			    times, load(&times[METRIC_TIMES - 1]));
		}
}

void
put_build(const struct scrape *x, const char *name)
{
	one(x, name, "version", x->server->version, 1);
}
