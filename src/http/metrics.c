/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters, and their text in Prometheus' exposition format.  Each thread has
 * its own; all are relaxed atomics: each is right, together they are no
 * snapshot.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/board.h"
#include "http/http_int.h"

/* The last slot takes what is not named. */
static const int statuses[METRIC_STATUS_COUNT - 1] = {101, 200, 201, 202,
    204, 206, 304, 400, 401, 403, 404, 405, 406, 409, 411, 413, 415, 422, 426,
    429, 500, 501, 502, 503, 507};

static const uint64_t bucket_us[METRIC_BUCKET_COUNT] = {50, 100, 250, 500,
    1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000,
    2500000, 10000000};

static size_t
status_slot(int status)
{
	size_t slot = 0;

	while (slot < METRIC_STATUS_COUNT - 1 && statuses[slot] != status)
		slot++;
	return slot;
}

void
metric_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter,
	    memory_order_relaxed) + n, memory_order_relaxed);
}

static uint64_t
load(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void
metrics_count(struct metrics *metrics, size_t route, int status, int64_t us,
    bool is_timed)
{
	size_t bucket = 0;

	metric_add(&metrics->by_route[route * METRIC_STATUS_COUNT +
	    status_slot(status)], 1);
	if (!is_timed || us < 0)
		return;
	while (bucket < METRIC_BUCKET_COUNT &&
	    bucket_us[bucket] < (uint64_t)us)
		bucket++;
	metric_add(&metrics->buckets[bucket], 1);
	metric_add(&metrics->sum_us, (uint64_t)us);
}

/* All threads' together; by_route of total has room for all routes. */
static void
metrics_sum(struct http_server *server, struct metrics *total)
{
	size_t cells = router_size(server->router) * METRIC_STATUS_COUNT;
	const struct http_thread *thread;
	const struct metrics *one;

	(void)pthread_mutex_lock(&server->threads_lock);
	for (thread = server->threads; thread != NULL; thread = thread->next) {
		one = &thread->metrics;
		for (size_t i = 0; total->by_route != NULL && i < cells; i++)
			metric_add(&total->by_route[i],
			    load(&one->by_route[i]));
		for (size_t i = 0; i <= METRIC_BUCKET_COUNT; i++)
			metric_add(&total->buckets[i], load(&one->buckets[i]));
		metric_add(&total->sum_us, load(&one->sum_us));
		metric_add(&total->kept, load(&one->kept));
		metric_add(&total->received, load(&one->received));
		/* Ends first: one that ends meanwhile counts as active. */
		metric_add(&total->ended, load(&one->ended));
		metric_add(&total->begun, load(&one->begun));
	}
	(void)pthread_mutex_unlock(&server->threads_lock);
}

uint64_t
metrics_active(struct http_server *server)
{
	struct metrics total;

	memset(&total, 0, sizeof(total));
	metrics_sum(server, &total);
	return load(&total.begun) - load(&total.ended);
}

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

/* A counter or gauge without labels. */
static void
write_one(struct buf *out, const char *name, const char *type,
    const char *help, uint64_t value)
{
	(void)buf_printf(out, "# HELP tidemark_%s %s\n# TYPE tidemark_%s %s\n"
	    "tidemark_%s %llu\n", name, help, name, type, name,
	    (unsigned long long)value);
}

static void
write_routes(const struct http_server *server, const struct metrics *metrics,
    struct buf *out)
{
	const struct http_route *route;
	uint64_t count;

	(void)buf_puts(out, "# HELP tidemark_http_requests_total Requests "
	    "answered, by route and status.\n"
	    "# TYPE tidemark_http_requests_total counter\n");
	for (size_t i = 0; i < router_size(server->router); i++) {
		route = router_route(server->router, i);
		for (size_t j = 0; j < METRIC_STATUS_COUNT; j++) {
			count = load(&metrics->by_route[
			    i * METRIC_STATUS_COUNT + j]);
			if (count == 0)
				continue;
			(void)buf_printf(out, "tidemark_http_requests_total"
			    "{method=\"%s\",route=\"%s\",status=\"%d\"}"
			    " %llu\n", route == NULL ? "" :
			    method_name(route->method), route == NULL ? ""
			    : route->pattern, j < METRIC_STATUS_COUNT - 1
			    ? statuses[j] : 0, (unsigned long long)count);
		}
	}
}

static void
write_durations(const struct metrics *metrics, struct buf *out)
{
	static const char name[] = "tidemark_http_request_duration_seconds";
	uint64_t sum = 0;

	(void)buf_printf(out, "# HELP %s From a request's first line to its "
	    "answer, without long polls and streams.\n# TYPE %s histogram\n",
	    name, name);
	for (size_t i = 0; i < METRIC_BUCKET_COUNT; i++) {
		sum += load(&metrics->buckets[i]);
		(void)buf_printf(out, "%s_bucket{le=\"%g\"} %llu\n", name,
		    (double)bucket_us[i] / 1e6, (unsigned long long)sum);
	}
	sum += load(&metrics->buckets[METRIC_BUCKET_COUNT]);
	(void)buf_printf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %g\n"
	    "%s_count %llu\n", name, (unsigned long long)sum, name,
	    (double)load(&metrics->sum_us) / 1e6, name,
	    (unsigned long long)sum);
}

static void
write_engine(struct http_server *server, struct buf *out)
{
	struct engine_stats stats;

	engine_stats(server->engine, &stats);
#define COUNTER(member, help)                                                 \
	write_one(out, #member "_total", "counter", help, stats.member)
#define GAUGE(member, help) write_one(out, #member, "gauge", help, stats.member)
	COUNTER(commits, "Durable commits.");
	COUNTER(operations, "Operations in them.");
	COUNTER(items_completed, "Items indexed.");
	COUNTER(items_failed, "Items that failed.");
	COUNTER(items_skipped, "Items with nothing to do.");
	COUNTER(items_cancelled, "Items cancelled.");
	COUNTER(bytes_indexed, "Bytes of the files indexed.");
	COUNTER(segments_indexed, "Segments made findable.");
	COUNTER(queries, "Queries answered.");
	COUNTER(extractor_starts, "Extractor children started.");
	COUNTER(deliveries, "Webhook attempts that were taken.");
	COUNTER(delivery_failures, "Webhook attempts that were not.");
	COUNTER(embedding_requests, "Times that the embedder was asked.");
	COUNTER(embedding_failures, "Those that brought no vectors.");
	COUNTER(embedding_texts, "Texts that it has embedded.");
	COUNTER(embedding_tokens, "Tokens of them, as it counts.");
	GAUGE(jobs_live, "Jobs that are not final.");
	GAUGE(workers, "Worker threads.");
	GAUGE(workers_busy, "Workers with an item.");
	GAUGE(queue_bytes, "Bytes that wait for the writer.");
	GAUGE(vector_bytes, "Memory of the vectors that are in it.");
	GAUGE(vectors_in_cells, "Those that need not all be looked at.");
#undef COUNTER
#undef GAUGE
	write_one(out, "storage_waiting", "gauge",
	    "1 while the storage is full or fails.",
	    stats.is_storage_waiting ? 1 : 0);
	write_one(out, "embedding_down", "gauge",
	    "1 while the embedding service does not answer.",
	    stats.is_embedding_down ? 1 : 0);
	write_one(out, "index_generation", "gauge",
	    "Number of the index's last change.",
	    (uint64_t)board_generation(server->board));
}

void
metrics_write(struct http_server *server, struct buf *out)
{
	size_t cells = router_size(server->router) * METRIC_STATUS_COUNT;
	struct metrics total;

	memset(&total, 0, sizeof(total));
	total.by_route = mem_zalloc(cells * sizeof(*total.by_route));
	if (total.by_route == NULL) {
		out->err = ERR_NOMEM;
		return;
	}
	metrics_sum(server, &total);
	write_engine(server, out);
	write_one(out, "http_connections", "gauge", "Open connections.",
	    load(&server->connections));
	write_one(out, "http_streams", "gauge", "Open event streams.",
	    load(&server->streams));
	write_one(out, "http_sockets", "gauge", "Open WebSockets.",
	    sockets_open(server->sockets));
	write_one(out, "http_waiting", "gauge",
	    "Long polls and streams that wait.", load(&server->waiting));
	write_one(out, "http_kept_answers_total", "counter",
	    "Requests answered from kept answers.",
	    load(&total.kept));
	write_one(out, "http_received_bytes_total", "counter",
	    "Bytes of bodies received.",
	    load(&total.received));
	write_routes(server, &total, out);
	write_durations(&total, out);
	mem_free((void *)(uintptr_t)total.by_route);
}
