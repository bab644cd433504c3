/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two questions of whoever keeps the server running: is it alive (if not, start
 * it anew), and does it take work (if not, send it elsewhere)?  Both are open,
 * and answered from memory.
 */
#include <stdatomic.h>

#include "base/jsonw.h"
#include "engine/figures.h"
#include "http/http_int.h"

static void
missing_put(struct jsonw *w, bool is_missing, const char *name,
    const char *message)
{
	if (!is_missing)
		return;
	jsonw_object(w);
	jsonw_nstring(w, "name", name);
	jsonw_nstring(w, "message", message);
	jsonw_object_end(w);
}

static void
service_put(struct jsonw *w, bool is_there, const char *name, bool is_down)
{
	if (!is_there)
		return;
	jsonw_object(w);
	jsonw_nstring(w, "name", name);
	jsonw_nstring(w, "status", is_down ? "down" : "up");
	jsonw_object_end(w);
}

int
health_live(struct http_request *request, struct http_reply *reply)
{
	struct engine_health health;
	struct jsonw *w;

	engine_health(request->engine, &health);
	w = http_reply_json(reply, health.is_writer_stuck ? 503 : 200);
	jsonw_object(w);
	jsonw_nstring(w, "status",
	    health.is_writer_stuck ? "stuck" : "alive");
	jsonw_nreal(w, "writer_stalled_seconds",
	    (double)health.writer_stalled_us / 1e6, 3);
	jsonw_object_end(w);
	http_reply_header(reply, "Cache-Control", "no-store");
	return 0;
}

int
health_ready(struct http_request *request, struct http_reply *reply)
{
	const struct http_conn *conn = (const void *)request;
	struct engine_health health;
	struct jsonw *w;
	bool is_ready;

	engine_health(request->engine, &health);
	health.is_stopping |= atomic_load(&conn->server->is_stopping);
	is_ready = !health.is_stopping && !health.is_storage_waiting &&
	    !health.is_writer_stuck;
	w = http_reply_json(reply, is_ready ? 200 : 503);
	jsonw_object(w);
	jsonw_nstring(w, "status", is_ready ? "ready" : "not ready");
	jsonw_name(w, "missing");
	jsonw_array(w);
	missing_put(w, health.is_stopping, "running",
	    "the server is starting or stopping");
	missing_put(w, health.is_storage_waiting, "storage",
	    "the storage is full or fails");
	missing_put(w, health.is_writer_stuck, "writer",
	    "the thread that writes does not get on");
	jsonw_array_end(w);
	/* Work waits for them, and is taken all the same. */
	jsonw_name(w, "services");
	jsonw_array(w);
	service_put(w, health.has_embedding, "embedding",
	    health.is_embedding_down);
	service_put(w, health.has_chat, "chat", health.is_chat_down);
	service_put(w, health.has_rerank, "rerank", health.is_rerank_down);
	jsonw_array_end(w);
	jsonw_object_end(w);
	http_reply_header(reply, "Cache-Control", "no-store");
	return 0;
}
