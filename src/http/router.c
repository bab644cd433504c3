/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "http/router.h"
#include "http/uri.h"

enum segment_kind { SEGMENT_LITERAL, SEGMENT_UUID, SEGMENT_ANY };

struct row {
	const struct http_dialect *dialect;
	const struct http_route *route;
	size_t index;
	size_t count;
	struct {
		enum segment_kind kind;
		const char *text;
		size_t len;
	} segments[HTTP_SEGMENTS_MAX];
};

struct router {
	const struct http_dialect *const *dialects;
	size_t dialect_count;
	struct row *rows;
	size_t row_count;
	/* rows[first[n] .. first[n + 1]) have n segments. */
	size_t first[HTTP_SEGMENTS_MAX + 2];
	const struct http_route **by_index;
};

static int
row_compile(struct row *row)
{
	const char *at = row->route->pattern;
	size_t len, params = 0;

	if (*at != '/')
		return ERR_INVALID;
	if (at[1] == '\0')
		return 0;
	for (; *at == '/'; at += len) {
		at++;
		len = strcspn(at, "/");
		if (len == 0 || row->count == HTTP_SEGMENTS_MAX)
			return ERR_INVALID;
		row->segments[row->count].text = at;
		row->segments[row->count].len = len;
		if (len == 2 && memcmp(at, "{}", 2) == 0)
			row->segments[row->count].kind = SEGMENT_ANY;
		else if (len == 6 && memcmp(at, "{uuid}", 6) == 0)
			row->segments[row->count].kind = SEGMENT_UUID;
		else if (memchr(at, '{', len) != NULL)
			return ERR_INVALID;
		else
			row->segments[row->count].kind = SEGMENT_LITERAL;
		params += row->segments[row->count].kind != SEGMENT_LITERAL;
		row->count++;
	}
	return params > HTTP_PARAMS_MAX ? ERR_INVALID : 0;
}

/* Fewer segments first; of as many, the one that is more exact first. */
static int
row_order(const struct row *a, const struct row *b)
{
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	for (size_t i = 0; i < a->count; i++)
		if (a->segments[i].kind != b->segments[i].kind)
			return a->segments[i].kind < b->segments[i].kind ? -1
									  : 1;
	return 0;
}

static void
row_insert(struct router *router, const struct row *row)
{
	size_t at = router->row_count;

	while (at > 0 && row_order(&router->rows[at - 1], row) > 0)
		at--;
	memmove(&router->rows[at + 1], &router->rows[at],
	    (router->row_count - at) * sizeof(*row));
	router->rows[at] = *row;
	router->row_count++;
}

static bool
row_is_twin(const struct row *a, const struct row *b)
{
	return a->route->method == b->route->method &&
	    strcmp(a->route->pattern, b->route->pattern) == 0;
}

static int
router_add(struct router *router, const struct http_dialect *dialect,
    const struct http_route *route, struct err_note *note)
{
	struct row row;

	memset(&row, 0, sizeof(row));
	row.dialect = dialect;
	row.route = route;
	row.index = router->row_count + 1;
	if (row_compile(&row) < 0)
		return err_set(note, ERR_INVALID, "%s: bad pattern %s",
		    dialect->name, route->pattern);
	for (size_t i = 0; i < router->row_count; i++)
		if (row_is_twin(&router->rows[i], &row))
			return err_set(note, ERR_INVALID, "%s: %s is there "
			    "twice", dialect->name, route->pattern);
	router->by_index[row.index] = route;
	row_insert(router, &row);
	return 0;
}

int
router_new(const struct http_dialect *const *dialects, size_t count,
    struct router **ret_router, struct err_note *note)
{
	struct router *router;
	size_t routes = 0, n = 0;
	int err = 0;

	router = mem_zalloc(sizeof(*router));
	if (router == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < count; i++)
		routes += dialects[i]->route_count;
	router->dialects = dialects;
	router->dialect_count = count;
	router->rows = mem_array(routes + 1, sizeof(*router->rows));
	router->by_index = mem_array(routes + 1, sizeof(*router->by_index));
	if (router->rows == NULL || router->by_index == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	router->by_index[0] = NULL;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < dialects[i]->route_count; j++) {
			err = router_add(router, dialects[i],
			    &dialects[i]->routes[j], note);
			if (err < 0)
				goto out;
		}
	for (size_t i = 0; i <= HTTP_SEGMENTS_MAX + 1; i++) {
		while (n < router->row_count && router->rows[n].count < i)
			n++;
		router->first[i] = n;
	}

	*ret_router = router;
	router = NULL;
out:
	router_free(router);
	return err;
}

void
router_free(struct router *router)
{
	if (router == NULL)
		return;
	mem_free(router->rows);
	mem_free(router->by_index);
	mem_free(router);
}

size_t
router_size(const struct router *router)
{
	return router->row_count + 1;
}

const struct http_route *
router_route(const struct router *router, size_t index)
{
	return router->by_index[index];
}

static bool
row_fits(const struct row *row, const struct uri *uri,
    struct router_match *match)
{
	struct http_param *param;
	size_t len;

	match->param_count = 0;
	for (size_t i = 0; i < row->count; i++) {
		len = uri->segments[i].len;
		if (row->segments[i].kind == SEGMENT_LITERAL) {
			if (len != row->segments[i].len ||
			    memcmp(uri->segments[i].text,
			    row->segments[i].text, len) != 0)
				return false;
			continue;
		}
		if (len == 0)
			return false;
		param = &match->params[match->param_count++];
		param->text = uri->segments[i].text;
		if (row->segments[i].kind == SEGMENT_ANY)
			continue;
		if (uuid_parse(param->text, len, &param->uuid) < 0)
			return false;
		uuid_format(&param->uuid, uri->segments[i].text);
	}
	return true;
}

/* The dialect whose prefix is the longest that path begins with. */
static const struct http_dialect *
router_owner(const struct router *router, const char *path, size_t path_len)
{
	const struct http_dialect *best = router->dialects[0];
	size_t best_len = 0, len;
	const char *const *prefix;

	for (size_t i = 0; i < router->dialect_count; i++) {
		prefix = router->dialects[i]->prefixes;
		for (; *prefix != NULL; prefix++) {
			len = strlen(*prefix);
			if (len <= best_len || len > path_len ||
			    memcmp(path, *prefix, len) != 0 ||
			    (len < path_len && path[len] != '/'))
				continue;
			best = router->dialects[i];
			best_len = len;
		}
	}
	return best;
}

int
router_find(const struct router *router, unsigned method,
    const struct uri *uri, const char *path, size_t path_len,
    struct router_match *match)
{
	const struct http_dialect *dialect = NULL;
	const struct row *row;
	size_t n = uri->segment_count;

	match->route = NULL;
	match->index = 0;
	match->allowed = 0;
	for (size_t i = n > HTTP_SEGMENTS_MAX ? 0 : router->first[n];
	     n <= HTTP_SEGMENTS_MAX && i < router->first[n + 1]; i++) {
		row = &router->rows[i];
		if ((uri->has_slash && n > 0 &&
		    (row->dialect->flags & HTTP_SLASH) == 0 &&
		    (row->route->flags & HTTP_SLASH_TOO) == 0) ||
		    !row_fits(row, uri, match))
			continue;
		if (row->route->method == (enum http_method)method) {
			match->dialect = row->dialect;
			match->route = row->route;
			match->index = row->index;
			return 0;
		}
		if (dialect == NULL)
			dialect = row->dialect;
		match->allowed |= (unsigned)row->route->method;
	}
	match->param_count = 0;
	if (dialect != NULL) {
		match->dialect = dialect;
		return ERR_UNSUPPORTED;
	}
	match->dialect = router_owner(router, path, path_len);
	return ERR_NOT_FOUND;
}
