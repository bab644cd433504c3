/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "http/http.h"
#include "web/web.h"

/*
 * What a page may do: run the scripts that come from here and talk to this
 * server, nothing else.  Text of a document that found its way into a page as
 * markup would still run nothing, load nothing and send nothing anywhere.
 */
#define POLICY \
	"default-src 'none'; script-src 'self'; style-src 'self'; " \
	"img-src 'self' data:; connect-src 'self'; font-src 'self'; " \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " \
	"require-trusted-types-for 'script'; trusted-types 'none'"

const struct web_file *
web_file_find(const char *name)
{
	const struct web_file *file;

	for (file = web_files; file->name != NULL; file++)
		if (strcmp(file->name, name) == 0)
			return file;
	return NULL;
}

/* A browser keeps it, and asks each time whether it is still the one: pages
 * and scripts of two versions shall not meet. */
static int
reply_file(struct http_request *request, struct http_reply *reply,
    const char *name)
{
	const struct web_file *file = web_file_find(name);

	if (file == NULL)
		return err_set(&request->note, ERR_NOT_FOUND,
		    "there is no such page");
	http_reply_header(reply, "Cache-Control", "no-cache");
	if (http_reply_etag(request, reply, file->tag))
		return 0;
	reply->content_type = file->type;
	return buf_put(&reply->body, file->bytes, file->len);
}

/* Programs get what Cognee's clients look for, which is as good a greeting as
 * any. */
static int
web_root(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w;

	http_reply_header(reply, "Vary", "Accept");
	if (web_wants_page(http_header(request, "Accept")))
		return reply_file(request, reply, "index.html");
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nstring(w, "message", "Hello, World, I am alive!");
	jsonw_object_end(w);
	return 0;
}

static int
web_file(struct http_request *request, struct http_reply *reply)
{
	return reply_file(request, reply, request->params[0].text);
}

static int
web_docs(struct http_request *request, struct http_reply *reply)
{
	return reply_file(request, reply, "docs.html");
}

static const char *const prefixes[] = {"/ui", "/docs", NULL};

static const char *const headers[] = {
    "Content-Security-Policy", POLICY,
    "Cross-Origin-Opener-Policy", "same-origin",
    "Referrer-Policy", "no-referrer",
    "X-Content-Type-Options", "nosniff",
    NULL};

static const struct http_route routes[] = {
    {HTTP_GET, "/", web_root, HTTP_QUICK | HTTP_OPEN},
    {HTTP_GET, "/docs", web_docs, HTTP_QUICK | HTTP_OPEN | HTTP_SLASH_TOO},
    {HTTP_GET, "/ui/{}", web_file, HTTP_QUICK | HTTP_OPEN},
};

const struct http_dialect web_dialect = {
    .name = "web",
    .prefixes = prefixes,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(*routes),
    .problem = http_plain_problem,
    .headers = headers,
};
