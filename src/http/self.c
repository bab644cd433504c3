/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the server says of itself, and the errors of paths that no dialect
 * has a claim to.
 */
#include <xxhash.h>

#include "embed/embed.h"
#include "engine/board.h"
#include "http/http_int.h"
#include "http/openapi.h"

static struct http_server *
server_of(struct http_request *request)
{
	return ((struct http_conn *)(void *)request)->server;
}

static int
self_health(struct http_request *request, struct http_reply *reply)
{
	struct http_server *server = server_of(request);
	struct engine_stats stats;
	struct jsonw *w;

	engine_stats(server->engine, &stats);
	w = http_reply_json(reply, stats.is_storage_waiting ? 503 : 200);
	jsonw_object(w);
	jsonw_nstring(w, "status",
	    stats.is_storage_waiting ? "not ready" : "ready");
	jsonw_nstring(w, "health",
	    stats.is_storage_waiting ? "unhealthy" : "healthy");
	jsonw_nstring(w, "version", server->version);
	jsonw_nstring(w, "embedding", engine_embedder(server->engine)->name);
	jsonw_object_end(w);
	return 0;
}

static int
self_metrics(struct http_request *request, struct http_reply *reply)
{
	reply->content_type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_write(server_of(request), &reply->body);
	return 0;
}

/* Open as the others are: whoever builds a client reads these before there is
 * a key.  The tag is made of the text: an ETag is a number here. */
static int
self_openapi(struct http_request *request, struct http_reply *reply)
{
	const struct openapi_file *file;

	file = openapi_find(request->params[0].text);
	if (file == NULL)
		return ERR_NOT_FOUND;
	if (http_reply_etag(request, reply,
	    (int64_t)(XXH3_64bits(file->text, file->len) >> 1)))
		return 0;
	reply->content_type = "application/yaml";
	return buf_put(&reply->body, file->text, file->len);
}

void
http_plain_problem(struct http_request *request, struct http_reply *reply,
    const struct http_problem *problem)
{
	struct jsonw *w = http_reply_json(reply, problem->status);

	if (problem->kind == HTTP_PROBLEM_AUTH)
		http_reply_header(reply, "WWW-Authenticate",
		    "Bearer realm=\"tidemark\"");
	jsonw_object(w);
	jsonw_name(w, "error");
	jsonw_object(w);
	jsonw_nstring(w, "code", problem->kind == HTTP_PROBLEM_METHOD
	    ? "METHOD_NOT_ALLOWED" : err_name(problem->err));
	jsonw_nstring(w, "message", problem->words);
	jsonw_object_end(w);
	jsonw_nstring(w, "request_id", http_request_id(request));
	jsonw_object_end(w);
}

static const char *const prefixes[] = {"/", NULL};

static const struct http_route routes[] = {
    {HTTP_GET, "/health", self_health, HTTP_QUICK | HTTP_OPEN},
    {HTTP_GET, "/health/live", health_live, HTTP_QUICK | HTTP_OPEN},
    {HTTP_GET, "/health/ready", health_ready, HTTP_QUICK | HTTP_OPEN},
    {HTTP_GET, "/metrics", self_metrics, HTTP_QUICK | HTTP_OPEN_LOCAL},
    {HTTP_GET, "/openapi/{}", self_openapi, HTTP_QUICK | HTTP_OPEN},
};

const struct http_dialect http_self = {
    .name = "server",
    .prefixes = prefixes,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(*routes),
    .flags = HTTP_BEARER | HTTP_API_KEY,
    .problem = http_plain_problem,
};
