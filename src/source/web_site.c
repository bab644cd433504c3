/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one address is to another, and to people: the same site, below it, a
 * trap; its name; and what of it says nothing.
 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "source/web_int.h"
#include "source/web_url.h"

#define ID_BYTES_MIN 16u

enum mark { MARK_EXACT, MARK_PREFIX, MARK_LONG };

static const struct {
	const char *name;
	size_t len;
	enum mark mark;
} marks[] = {
#define MARK(row_name, row_mark)                                              \
	{.name = (row_name), .len = sizeof(row_name) - 1,                     \
	    .mark = MARK_##row_mark},
#include "source/web_mark_tbl.h"
};

/* ---- what says nothing ------------------------------------------------- */

static bool
is_id(const char *value, size_t len)
{
	size_t i;
	char c;

	if (len < ID_BYTES_MIN)
		return false;
	for (i = 0; i < len; i++) {
		c = value[i] | 0x20;
		if (!((c >= 'a' && c <= 'z') ||
			(value[i] >= '0' && value[i] <= '9')))
			return false;
	}
	return true;
}

static bool
is_mark(const char *pair, size_t len)
{
	const char *equals = memchr(pair, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - pair);
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (name_len < marks[i].len ||
		    strncasecmp(pair, marks[i].name, marks[i].len) != 0)
			continue;
		if (marks[i].mark == MARK_PREFIX)
			return true;
		if (name_len != marks[i].len)
			continue;
		if (marks[i].mark == MARK_EXACT)
			return true;
		if (equals != NULL && is_id(equals + 1, len - name_len - 1))
			return true;
	}
	return false;
}

int
web_url_strip(const char *text, struct buf *out)
{
	static const char in_path[] = ";jsessionid=";
	const char *at, *end, *pair;
	struct web_url url;
	size_t len;
	char mark = '?';

	web_url_parse(text, &url);
	len = url.path_len;
	for (at = url.path; (at = memchr(at, ';',
		 (size_t)(url.path + url.path_len - at))) != NULL; at++)
		if ((size_t)(url.path + url.path_len - at) >=
			sizeof(in_path) - 1 &&
		    strncasecmp(at, in_path, sizeof(in_path) - 1) == 0 &&
		    memchr(at, '/', (size_t)(url.path + url.path_len - at)) ==
			NULL) {
			len = (size_t)(at - url.path);
			break;
		}
	(void)buf_put(out, text, (size_t)(url.path - text) + len);
	if (url.query == NULL)
		return out->err;
	if (url.query_len == 0)
		return buf_putc(out, '?');
	end = url.query + url.query_len;
	for (pair = url.query; pair <= end; pair = at + 1) {
		at = memchr(pair, '&', (size_t)(end - pair));
		if (at == NULL)
			at = end;
		if (is_mark(pair, (size_t)(at - pair)))
			continue;
		(void)buf_putc(out, mark);
		(void)buf_put(out, pair, (size_t)(at - pair));
		mark = '&';
	}
	return out->err;
}

/* ---- the same, and below ----------------------------------------------- */

static bool
port_is_same(const struct web_url *a, const struct web_url *b)
{
	return a->port == b->port ||
	    (a->port == (a->is_https ? 443u : 80u) &&
		b->port == (b->is_https ? 443u : 80u));
}

bool
web_url_is_same_origin(const struct web_url *a, const struct web_url *b)
{
	return a->is_https == b->is_https && a->port == b->port &&
	    a->host_len == b->host_len &&
	    memcmp(a->host, b->host, a->host_len) == 0;
}

bool
web_url_is_same_host(const struct web_url *a, const struct web_url *b)
{
	return port_is_same(a, b) && a->host_len == b->host_len &&
	    memcmp(a->host, b->host, a->host_len) == 0;
}

/* The host without "www.", when a name of several parts is left. */
static const char *
host_bare(const struct web_url *url, size_t *ret_len)
{
	if (url->host_len > 4 && memcmp(url->host, "www.", 4) == 0 &&
	    memchr(url->host + 4, '.', url->host_len - 4) != NULL) {
		*ret_len = url->host_len - 4;
		return url->host + 4;
	}
	*ret_len = url->host_len;
	return url->host;
}

bool
web_url_is_same_site(const struct web_url *a, const struct web_url *b)
{
	size_t a_len, b_len;
	const char *a_host = host_bare(a, &a_len);
	const char *b_host = host_bare(b, &b_len);

	return port_is_same(a, b) && a_len == b_len &&
	    memcmp(a_host, b_host, a_len) == 0;
}

/* "127.0.0.1" and "[::1]" have nothing below them. */
static bool
host_is_number(const char *host, size_t len)
{
	size_t i = len;

	while (i > 0 && host[i - 1] != '.')
		i--;
	return host[0] == '[' ||
	    (i < len && host[i] >= '0' && host[i] <= '9');
}

bool
web_url_is_below_host(const struct web_url *url, const struct web_url *base)
{
	size_t len;
	const char *host = host_bare(base, &len);

	if (!port_is_same(url, base))
		return false;
	if (url->host_len == len)
		return memcmp(url->host, host, len) == 0;
	return url->host_len > len && !host_is_number(host, len) &&
	    url->host[url->host_len - len - 1] == '.' &&
	    memcmp(url->host + url->host_len - len, host, len) == 0;
}

bool
web_url_is_below_path(const struct web_url *url, const struct web_url *base)
{
	size_t len = base->path_len;
	const char *last;

	while (len > 0 && base->path[len - 1] != '/')
		len--;
	last = base->path + len;
	if (len < base->path_len &&
	    memchr(last, '.', base->path_len - len) == NULL) {
		len = base->path_len;
		return url->path_len >= len &&
		    memcmp(url->path, base->path, len) == 0 &&
		    (url->path_len == len || url->path[len] == '/');
	}
	return url->path_len >= len &&
	    memcmp(url->path, base->path, len) == 0;
}

bool
web_url_is_trap(const struct web_url *url)
{
	struct {
		const char *at;
		size_t len;
	} segments[WEB_SEGMENTS_MAX];
	size_t count = 0, i, at, n;
	unsigned same;

	for (at = 1; at < url->path_len; at += n + 1) {
		const char *slash = memchr(url->path + at, '/',
		    url->path_len - at);

		n = slash == NULL ? url->path_len - at :
				    (size_t)(slash - url->path) - at;
		if (count == WEB_SEGMENTS_MAX)
			return true;
		segments[count].at = url->path + at;
		segments[count].len = n;
		for (i = 0, same = 0; i < count; i++)
			if (segments[i].len == n &&
			    memcmp(segments[i].at, url->path + at, n) == 0)
				same++;
		if (same >= WEB_REPEATS_MAX)
			return true;
		count++;
	}
	return false;
}

/* ---- names ------------------------------------------------------------- */

/* The escapes at the front of text that together are one printable
 * character; returns how many bytes of text that takes, 0: none. */
static size_t
escaped_character(const char *text, size_t len, char out[4], size_t *ret_len)
{
	size_t n, got;
	uint32_t c;
	int byte;

	for (n = 0; n < 4; n++) {
		byte = web_escape_read(text + 3 * n, len - 3 * n);
		if (byte < 0)
			break;
		out[n] = (char)byte;
	}
	if (n == 0)
		return 0;
	c = utf8_decode(out, n, &got);
	/* No controls, and no marks that turn the text's direction. */
	if (c == UTF8_BAD || c <= ' ' || (c >= 0x7f && c < 0xa0) ||
	    (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == '%')
		return 0;
	*ret_len = got;
	return 3 * got;
}

int
web_url_name(const char *text, struct buf *out)
{
	const char *at, *end;
	struct web_url url;
	size_t n, len = 0;
	char character[4];

	web_url_parse(text, &url);
	end = url.text + url.len;
	for (at = url.host; at < end; at += n) {
		n = escaped_character(at, (size_t)(end - at), character, &len);
		if (n > 0) {
			(void)buf_put(out, character, len);
			continue;
		}
		n = 1;
		(void)buf_putc(out, *at);
	}
	return out->err;
}
