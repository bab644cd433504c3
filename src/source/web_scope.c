/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What belongs to a crawl: kinds of documents, the scope, and the queue.
 */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "source/web_html.h"
#include "source/web_int.h"

#define EXTENSION_BYTES_MAX 5u

static const struct {
	const char *name;
	enum web_kind kind;
} extensions[] = {
#define EXTENSION(row_name, row_kind)                                         \
	{.name = (row_name), .kind = WEB_KIND_##row_kind},
#include "source/web_type_tbl.h"
};

static const struct {
	const char *name;
	enum web_kind kind;
} types[] = {
#define TYPE(row_name, row_kind)                                              \
	{.name = (row_name), .kind = WEB_KIND_##row_kind},
#include "source/web_type_tbl.h"
};

/* ---- kinds ------------------------------------------------------------- */

enum web_kind
web_kind_of_path(const struct web_url *url)
{
	size_t i, len;

	for (len = 0; len < url->path_len && len <= EXTENSION_BYTES_MAX; len++)
		if (url->path[url->path_len - len - 1] == '.')
			break;
	if (len == url->path_len || len > EXTENSION_BYTES_MAX)
		return WEB_KIND_PAGE;
	for (i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (web_name_is(url->path + url->path_len - len, len,
			extensions[i].name))
			return extensions[i].kind;
	return WEB_KIND_PAGE;
}

static size_t
type_len(const char *type)
{
	size_t len = strcspn(type, ";");

	while (len > 0 && (type[len - 1] == ' ' || type[len - 1] == '\t'))
		len--;
	return len;
}

enum web_kind
web_kind_of_answer(const char *type, const char *url_text)
{
	size_t i, n, len = type_len(type);
	struct web_url url;

	if (len == 0 || web_name_is(type, len, "application/octet-stream") ||
	    web_name_is(type, len, "binary/octet-stream")) {
		web_url_parse(url_text, &url);
		return web_kind_of_path(&url);
	}
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		n = strlen(types[i].name);
		if (web_name_is(type, len, types[i].name) ||
		    (types[i].name[n - 1] == '/' && len > n &&
			strncasecmp(type, types[i].name, n) == 0))
			return types[i].kind;
	}
	return WEB_KIND_OTHER;
}

bool
web_is_html(const char *type, const char *url_text)
{
	size_t len = type_len(type);
	struct web_url url;

	if (len == 0) {
		web_url_parse(url_text, &url);
		return web_kind_of_path(&url) == WEB_KIND_PAGE;
	}
	return web_name_is(type, len, "text/html") ||
	    web_name_is(type, len, "application/xhtml+xml");
}

/* ---- the scope --------------------------------------------------------- */

bool
web_scope_has(const struct web_crawl *crawl, const char *text, bool is_media)
{
	struct web_url url, host, path;

	web_url_parse(text, &url);
	web_url_parse(crawl->host_url, &host);
	web_url_parse(crawl->path_url, &path);
	switch (crawl->config->scope) {
	case WEB_SCOPED:
		return is_media ? web_url_is_same_host(&url, &host) :
				  strcmp(text, crawl->path_url) == 0;
	case WEB_PATH:
		return web_url_is_same_host(&url, &host) &&
		    (is_media || web_url_is_below_path(&url, &path));
	case WEB_DOMAIN:
		return web_url_is_same_host(&url, &host);
	case WEB_SUBDOMAINS:
		return web_url_is_below_host(&url, &host);
	case WEB_SITEMAP:
		return web_url_is_same_site(&url, &host);
	case WEB_SCOPE_COUNT:
		break;
	}
	return false;
}

int
web_scope_move(struct web_crawl *crawl, const char *target)
{
	struct web_url url, host, path;
	char *copy;

	web_url_parse(target, &url);
	web_url_parse(crawl->host_url, &host);
	web_url_parse(crawl->path_url, &path);
	if (!web_url_is_same_site(&url, &host))
		return ERR_NOT_FOUND;
	if (crawl->config->scope == WEB_SCOPED ||
	    !web_url_is_below_path(&url, &path)) {
		copy = mem_strdup(target);
		if (copy == NULL)
			return ERR_NOMEM;
		mem_free(crawl->path_url);
		crawl->path_url = copy;
	}
	copy = mem_strdup(target);
	if (copy == NULL)
		return ERR_NOMEM;
	mem_free(crawl->host_url);
	crawl->host_url = copy;
	return 0;
}

/* ---- the queue --------------------------------------------------------- */

/* Is there a limit in the way?  Then it is noted. */
static bool
is_beyond(struct web_crawl *crawl, const struct web_url *url, unsigned depth)
{
	if (depth > crawl->config->depth_max) {
		crawl->tally.cuts |= WEB_CUT_DEPTH;
		return true;
	}
	if (web_url_is_trap(url)) {
		crawl->tally.cuts |= WEB_CUT_TRAP;
		return true;
	}
	return false;
}

int
web_enqueue(struct web_crawl *crawl, const char *text,
    const struct web_node *template, uint32_t *ret_index)
{
	struct web_url url;
	int err;

	*ret_index = web_frontier_find(&crawl->frontier, text);
	if (*ret_index != WEB_NODE_NONE)
		return 0;
	web_url_parse(text, &url);
	if (!template->is_first) {
		if (!web_scope_has(crawl, text, template->is_media) ||
		    is_beyond(crawl, &url, template->depth))
			return 0;
		if (url.query != NULL) {
			err = web_frontier_variant(&crawl->frontier, text,
			    crawl->config->variants_max);
			if (err == ERR_TOO_BIG)
				crawl->tally.cuts |= WEB_CUT_TRAP;
			if (err < 0)
				return err == ERR_TOO_BIG ? 0 : err;
		}
	}
	err = web_frontier_add(&crawl->frontier, text, template, ret_index);
	if (err == ERR_TOO_BIG) {
		crawl->tally.cuts |= WEB_CUT_QUEUE;
		err = 0;
	}
	return err;
}
