/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the server is: in two words, and part by part.  Each part is tried, and
 * how long that took is told; a model on another machine is not asked, for
 * whoever has no key must not make the server call others.
 *
 * Reading and finding go on while the disk is full: then the storage is
 * unhealthy, and so is the whole, for nothing can be added.
 */
#include <unistd.h>

#include "api/cognee/cognee_int.h"
#include "store/store.h"
#include "sys/clock.h"

#define US_PER_MS 1000

struct health {
	struct http_request *request;
	struct engine_stats stats;
};

/* 0: it does what it should. */
typedef int check_fn(struct health *health);

static int
check_store(struct health *health)
{
	struct store *reader;
	struct uuid uuid;
	int64_t id;
	int err;

	err = http_reader(health->request, &reader);
	return err < 0 ? err : store_account_first(reader, &id, &uuid);
}

static int
check_files(struct health *health)
{
	if (health->stats.is_storage_waiting)
		return ERR_STORAGE_FULL;
	return access(engine_data_dir(health->request->engine),
		   R_OK | W_OK | X_OK) == 0 ? 0 : ERR_IO;
}

static const struct {
	const char *name, *provider, *good, *bad;
	check_fn *check;
} parts[] = {
    {"relational_db", "sqlite", "The store can be read",
	"The store cannot be read", check_store},
    {"file_storage", "local", "Uploads can be kept",
	"The storage is full or fails", check_files},
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

struct outcome {
	bool is_good;
	int64_t took_us;
};

static bool
try_all(struct health *health, struct outcome outcomes[PARTS])
{
	bool is_good = true;
	int64_t begun_us;
	size_t i;

	for (i = 0; i < PARTS; i++) {
		begun_us = clock_mono_us();
		outcomes[i].is_good = parts[i].check(health) == 0;
		outcomes[i].took_us = clock_mono_us() - begun_us;
		is_good = is_good && outcomes[i].is_good;
	}
	return is_good;
}

static void
put_part(struct jsonw *w, size_t i, const struct outcome *outcome)
{
	jsonw_name(w, parts[i].name);
	jsonw_object(w);
	jsonw_nstring(w, "status",
	    outcome->is_good ? "healthy" : "unhealthy");
	jsonw_nstring(w, "provider", parts[i].provider);
	jsonw_nint(w, "response_time_ms", outcome->took_us / US_PER_MS);
	jsonw_nstring(w, "details",
	    outcome->is_good ? parts[i].good : parts[i].bad);
	jsonw_object_end(w);
}

int
cognee_health_detailed(struct http_request *request, struct http_reply *reply)
{
	struct health health = {.request = request};
	struct outcome outcomes[PARTS];
	struct jsonw *w;
	bool is_good;
	size_t i;

	engine_stats(request->engine, &health.stats);
	is_good = try_all(&health, outcomes);
	w = http_reply_json(reply, is_good ? 200 : 503);
	jsonw_object(w);
	jsonw_nstring(w, "status", is_good ? "healthy" : "unhealthy");
	jsonw_ntime(w, "timestamp", clock_wall_us());
	jsonw_nstring(w, "version", http_version(request));
	jsonw_nuint(w, "uptime", health.stats.uptime_s);
	jsonw_name(w, "components");
	jsonw_object(w);
	for (i = 0; i < PARTS; i++)
		put_part(w, i, &outcomes[i]);
	jsonw_object_end(w);
	jsonw_object_end(w);
	return 0;
}

/* Beside /health: some clients have /api in front of all their paths. */
int
cognee_health(struct http_request *request, struct http_reply *reply)
{
	struct engine_stats stats;
	struct jsonw *w;

	engine_stats(request->engine, &stats);
	w = http_reply_json(reply, stats.is_storage_waiting ? 503 : 200);
	jsonw_object(w);
	jsonw_nstring(w, "status",
	    stats.is_storage_waiting ? "not ready" : "ready");
	jsonw_nstring(w, "health",
	    stats.is_storage_waiting ? "unhealthy" : "healthy");
	jsonw_nstring(w, "version", http_version(request));
	jsonw_object_end(w);
	return 0;
}
