/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters, and their text in Prometheus' exposition format: metrics_tbl.h
 * says which there are.  Each thread has its own; all are relaxed atomics: each
 * is right, together they are no snapshot.  The figures of jobs and items are
 * one (engine/totals.h).
 *
 * Nothing here grows with what is stored: the answer is made from memory, and
 * from a few looks at /proc and the data folder's file system.
 */
#include <stdatomic.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/histogram.h"
#include "base/mem.h"
#include "engine/board.h"
#include "http/metrics_int.h"

/* The last slot takes what is not named. */
static const int statuses[METRIC_STATUS_COUNT - 1] = {101, 200, 201, 202,
    204, 206, 304, 400, 401, 403, 404, 405, 406, 409, 411, 413, 415, 422, 426,
    429, 500, 501, 502, 503, 507};

static size_t
status_slot(int status)
{
	size_t slot = 0;

	while (slot < METRIC_STATUS_COUNT - 1 && statuses[slot] != status)
		slot++;
	return slot;
}

int
metrics_status(size_t slot)
{
	return slot < METRIC_STATUS_COUNT - 1 ? statuses[slot] : 0;
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

/* ---- what one thread counts --------------------------------------------- */

size_t
metrics_size(const struct http_server *server)
{
	return router_size(server->router) * METRIC_STATUS_COUNT +
	    server->dialect_count * METRIC_CLASS_COUNT * METRIC_TIMES;
}

_Atomic uint64_t *
metrics_times(const struct http_server *server, const struct metrics *metrics,
    size_t dialect, enum metric_class class)
{
	return metrics->cells +
	    router_size(server->router) * METRIC_STATUS_COUNT +
	    (dialect * METRIC_CLASS_COUNT + class) * METRIC_TIMES;
}

static enum metric_class
class_of(const struct http_route *route)
{
	if (route == NULL || (route->flags & HTTP_QUICK) != 0)
		return METRIC_QUICK;
	return (route->flags & (HTTP_UPLOAD | HTTP_RAW)) != 0 ? METRIC_UPLOAD
							      : METRIC_WORK;
}

void
metrics_count(struct http_conn *conn, int64_t us)
{
	const struct http_server *server = conn->server;
	struct metrics *metrics = &conn->thread->metrics;
	_Atomic uint64_t *times;
	size_t dialect = 0;

	metric_add(&metrics->cells[conn->match.index * METRIC_STATUS_COUNT +
	    status_slot(conn->status)], 1);
	metric_add(&metrics->sent, conn->sent);
	if (conn->is_waited || us < 0)
		return;
	while (dialect + 1 < server->dialect_count &&
	    server->dialects[dialect] != conn->match.dialect)
		dialect++;
	times = metrics_times(server, metrics, dialect,
	    class_of(conn->match.route));
	metric_add(&times[histogram_bucket(&histogram_answers,
	    (uint64_t)us)], 1);
	metric_add(&times[METRIC_TIMES - 1], (uint64_t)us);
}

/* All threads' together; cells of total may be NULL. */
static void
metrics_sum(struct http_server *server, struct metrics *total)
{
	size_t cells = metrics_size(server);
	const struct http_thread *thread;
	const struct metrics *one;

	(void)pthread_mutex_lock(&server->threads_lock);
	for (thread = server->threads; thread != NULL; thread = thread->next) {
		one = &thread->metrics;
		for (size_t i = 0; total->cells != NULL && i < cells; i++)
			metric_add(&total->cells[i], load(&one->cells[i]));
		metric_add(&total->kept, load(&one->kept));
		metric_add(&total->received, load(&one->received));
		metric_add(&total->sent, load(&one->sent));
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

/* ---- the answer --------------------------------------------------------- */

static void
head_put(struct buf *out, const char *name, const char *type,
    const char *help)
{
	(void)buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help,
	    name, type);
}

static void
number_put(const struct scrape *x, const char *name, uint64_t value)
{
	(void)buf_printf(x->out, "%s %llu\n", name,
	    (unsigned long long)value);
}

static void
real_put(const struct scrape *x, const char *name, double value)
{
	(void)buf_printf(x->out, "%s %.17g\n", name, value);
}

static void
rows_put(const struct scrape *x)
{
#define PUT_NUMBER(name, value) number_put(x, name, (uint64_t)(value))
#define PUT_REAL(name, value) real_put(x, name, value)
#define PUT_CALL(name, function) function(x, name)
#define METRIC(name, type, labels, how, value, help)                          \
	head_put(x->out, name, #type, help);                                  \
	PUT_##how(name, value);
#include "http/metrics_tbl.h"
}

void
metrics_write(struct http_server *server, struct buf *out)
{
	struct scrape *x;

	/* Too large for a stack that handlers run on. */
	x = mem_zalloc(sizeof(*x));
	if (x != NULL)
		x->http.cells = mem_zalloc(metrics_size(server) *
		    sizeof(*x->http.cells));
	if (x == NULL || x->http.cells == NULL) {
		mem_free(x);
		out->err = ERR_NOMEM;
		return;
	}
	x->server = server;
	x->out = out;
	engine_figures(server->engine, &x->engine);
	engine_health(server->engine, &x->health);
	engine_disk(server->engine, &x->disk);
	process_stats(&x->process);
	metrics_sum(server, &x->http);
	x->connections = load(&server->connections);
	x->streams = load(&server->streams);
	x->sockets = sockets_open(server->sockets);
	x->waiting = load(&server->waiting);
	x->generation = (uint64_t)board_generation(server->board);
	rows_put(x);
	mem_free((void *)(uintptr_t)x->http.cells);
	mem_free(x);
}
