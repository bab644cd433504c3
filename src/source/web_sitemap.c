/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "source/web_html.h"
#include "source/web_sitemap.h"

#define UNZIP_STEP (64 * KIB)
#define GZIP_BITS (16 + MAX_WBITS) /* gzip, and nothing else */

struct sitemap {
	web_sitemap_fn *fn;
	void *arg;
	struct buf value;
	unsigned url_count;
	unsigned depth; /* of elements open inside of url or sitemap; 0: not
			   in one */
	bool is_index;	/* that element is a sitemap */
	bool is_in_loc;
	bool is_cut;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int
url_give(struct sitemap *sitemap, const char *url, size_t len, bool is_index)
{
	while (len > 0 && is_blank(url[0])) {
		url++;
		len--;
	}
	while (len > 0 && is_blank(url[len - 1]))
		len--;
	if (len == 0)
		return 0;
	if (sitemap->url_count == WEB_SITEMAP_URLS_MAX) {
		sitemap->is_cut = true;
		return 0;
	}
	sitemap->url_count++;
	return sitemap->fn(sitemap->arg, url, len, is_index);
}

/* A name without the prefix of its namespace. */
static bool
local_name_is(const struct web_token *token, const char *word)
{
	const char *colon = memchr(token->name, ':', token->name_len);
	const char *name = colon == NULL ? token->name : colon + 1;

	return web_name_is(name,
	    (size_t)(token->name + token->name_len - name), word);
}

static int
tag_read(struct sitemap *sitemap, const struct web_token *token)
{
	bool is_start = token->kind == WEB_TOKEN_START;
	int err = 0;

	if (is_start && token->is_closed)
		return 0;
	if (sitemap->depth == 0) {
		if (is_start && (local_name_is(token, "url") ||
		    local_name_is(token, "sitemap"))) {
			sitemap->depth = 1;
			sitemap->is_index = local_name_is(token, "sitemap");
		}
		return 0;
	}
	if (is_start) {
		/* An image's address is no page: it lies one deeper. */
		sitemap->is_in_loc = sitemap->depth == 1 &&
		    local_name_is(token, "loc");
		buf_clear(&sitemap->value);
		sitemap->depth++;
		return 0;
	}
	/* What is too long for an address is none. */
	if (sitemap->is_in_loc && sitemap->value.err == 0)
		err = url_give(sitemap, buf_text(&sitemap->value),
		    sitemap->value.len, sitemap->is_index);
	else if (sitemap->value.err == ERR_NOMEM)
		err = ERR_NOMEM;
	sitemap->is_in_loc = false;
	sitemap->depth--;
	return err;
}

static int
xml_scan(struct sitemap *sitemap, const char *text, size_t len)
{
	struct web_token token;
	struct web_scan scan;
	int err = 0;

	web_scan_init(&scan, text, len, true);
	while (err == 0 && web_scan_next(&scan, &token)) {
		if (token.kind == WEB_TOKEN_START ||
		    token.kind == WEB_TOKEN_END)
			err = tag_read(sitemap, &token);
		else if (token.kind == WEB_TOKEN_TEXT && sitemap->is_in_loc)
			(void)web_unescape(token.at, token.len,
			    &sitemap->value);
	}
	return err;
}

static int
lines_scan(struct sitemap *sitemap, const char *text, size_t len)
{
	const char *end;
	size_t n;
	int err = 0;

	for (; len > 0 && err == 0; text += n, len -= n) {
		end = memchr(text, '\n', len);
		n = end == NULL ? len : (size_t)(end - text) + 1;
		if (n >= 7 && memcmp(text, "http", 4) == 0)
			err = url_give(sitemap, text, n, false);
	}
	return err;
}

int
web_sitemap_scan(const char *text, size_t len, web_sitemap_fn *fn, void *arg,
    bool *ret_is_cut)
{
	struct sitemap sitemap = {.fn = fn, .arg = arg};
	int err;

	buf_init(&sitemap.value, 2 * WEB_URL_BYTES_MAX);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	while (len > 0 && is_blank(*text)) {
		text++;
		len--;
	}
	err = len > 0 && *text == '<' ? xml_scan(&sitemap, text, len) :
					lines_scan(&sitemap, text, len);
	buf_fini(&sitemap.value);
	if (err == 0)
		*ret_is_cut = sitemap.is_cut;
	return err;
}

/* ---- gzip -------------------------------------------------------------- */

bool
web_is_gzip(const char *bytes, size_t len)
{
	return len >= 3 && memcmp(bytes, "\x1f\x8b\x08", 3) == 0;
}

static int
member_read(z_stream *zip, struct buf *out)
{
	size_t room, was;
	int code = Z_OK, err;

	while (code != Z_STREAM_END) {
		/* Just one byte more than fits tells that it does not. */
		room = out->max - out->len < UNZIP_STEP ? out->max - out->len :
							  UNZIP_STEP;
		if (room == 0)
			return buf_reserve(out, 1);
		err = buf_reserve(out, room);
		if (err < 0)
			return err;
		was = out->len;
		zip->next_out = (unsigned char *)out->data + was;
		zip->avail_out = (unsigned)room;
		code = inflate(zip, Z_NO_FLUSH);
		if (code == Z_MEM_ERROR)
			return ERR_NOMEM;
		if (code != Z_OK && code != Z_STREAM_END)
			return ERR_SYNTAX;
		out->len = was + room - zip->avail_out;
		out->data[out->len] = '\0';
	}
	return 0;
}

int
web_gunzip(const char *bytes, size_t len, struct buf *out)
{
	z_stream zip = {0};
	int err = 0;

	if (len > UINT_MAX)
		return ERR_TOO_BIG;
	/* zlib wants a pointer to bytes that it could change and does not. */
	zip.next_in = (unsigned char *)(uintptr_t)bytes;
	zip.avail_in = (unsigned)len;
	if (inflateInit2(&zip, GZIP_BITS) != Z_OK)
		return ERR_NOMEM;
	do {
		err = member_read(&zip, out);
		if (err == 0 && zip.avail_in > 0 &&
		    inflateReset(&zip) != Z_OK)
			err = ERR_SYNTAX;
		/* Zeros behind the last member are padding. */
		while (err == 0 && zip.avail_in > 0 && *zip.next_in == 0) {
			zip.next_in++;
			zip.avail_in--;
		}
	} while (err == 0 && zip.avail_in > 0);
	(void)inflateEnd(&zip);
	return err;
}
