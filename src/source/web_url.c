/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and resolving an address.
 *
 * A reference is cleaned of what browsers overlook, split into its five
 * parts, joined with the base, and written out normalised.  Dots are looked
 * for after the escapes of unreserved characters were decoded, so that
 * "%2e%2e" is what it looks like to the server.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unicode/uidna.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "source/web_int.h"
#include "source/web_url.h"

#define HOST_BYTES_MAX 253u
#define PORT_MAX 65535u

/* A part that is not there has no bytes and no address. */
struct part {
	const char *at;
	size_t len;
};

struct parts {
	struct part scheme, authority, path, query;
};

/* ---- characters -------------------------------------------------------- */

static bool
is_alpha(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_unreserved(unsigned char c)
{
	return is_alpha(c) || is_digit(c) || c == '-' || c == '.' ||
	    c == '_' || c == '~';
}

/* What else may stand in a path or a query as it is. */
static bool
is_allowed(unsigned char c)
{
	return is_unreserved(c) ||
	    (c != '\0' && strchr("!$&'()*+,;=:@/?", c) != NULL);
}

static int
hex_value(unsigned char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
web_escape_read(const char *at, size_t len)
{
	int high, low;

	if (len < 3 || at[0] != '%')
		return -1;
	high = hex_value((unsigned char)at[1]);
	low = hex_value((unsigned char)at[2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static void
escape_put(struct buf *out, unsigned char c)
{
	(void)buf_printf(out, "%%%02X", c);
}

void
web_escape(const char *text, size_t len, struct buf *out)
{
	size_t i;
	int c;

	for (i = 0; i < len; i++) {
		c = web_escape_read(text + i, len - i);
		if (c >= 0) {
			if (is_unreserved((unsigned char)c))
				(void)buf_putc(out, (char)c);
			else
				escape_put(out, (unsigned char)c);
			i += 2;
		} else if (is_allowed((unsigned char)text[i])) {
			(void)buf_putc(out, text[i]);
		} else {
			escape_put(out, (unsigned char)text[i]);
		}
	}
}

/* ---- splitting --------------------------------------------------------- */

/* What browsers overlook: blanks around it, tabs and line ends in it. */
static int
reference_clean(const char *text, size_t len, struct buf *out)
{
	bool is_before_query = true;
	size_t i;
	char c;

	while (len > 0 && (unsigned char)text[0] <= ' ') {
		text++;
		len--;
	}
	while (len > 0 && (unsigned char)text[len - 1] <= ' ')
		len--;
	for (i = 0; i < len && text[i] != '#'; i++) {
		c = text[i];
		if (c == '\t' || c == '\n' || c == '\r')
			continue;
		if (c == '?')
			is_before_query = false;
		(void)buf_putc(out, c == '\\' && is_before_query ? '/' : c);
	}
	return out->err;
}

static struct part
part_until(const char *at, size_t len, const char *ends)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (at[i] != '\0' && strchr(ends, at[i]) != NULL)
			break;
	return (struct part){.at = at, .len = i};
}

static struct part
scheme_find(const char *text, size_t len)
{
	size_t i;

	if (len == 0 || !is_alpha((unsigned char)text[0]))
		return (struct part){0};
	for (i = 1; i < len; i++)
		if (!is_alpha((unsigned char)text[i]) &&
		    !is_digit((unsigned char)text[i]) && text[i] != '+' &&
		    text[i] != '-' && text[i] != '.')
			break;
	if (i == len || text[i] != ':')
		return (struct part){0};
	return (struct part){.at = text, .len = i};
}

static void
reference_split(const char *text, size_t len, struct parts *parts)
{
	const char *end = text + len;

	*parts = (struct parts){.scheme = scheme_find(text, len)};
	if (parts->scheme.at != NULL)
		text += parts->scheme.len + 1;
	if (end - text >= 2 && text[0] == '/' && text[1] == '/') {
		text += 2;
		parts->authority = part_until(text, (size_t)(end - text),
		    "/?");
		text += parts->authority.len;
	}
	parts->path = part_until(text, (size_t)(end - text), "?");
	text += parts->path.len;
	if (text < end)
		parts->query = (struct part){.at = text + 1,
		    .len = (size_t)(end - text) - 1};
}

static bool
part_is(struct part part, const char *word)
{
	return part.len == strlen(word) &&
	    strncasecmp(part.at, word, part.len) == 0;
}

/* ---- hosts ------------------------------------------------------------- */

static int
host_ip6(const char *host, size_t len, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (len < 4 || host[len - 1] != ']' || len - 2 >= sizeof(text))
		return ERR_SYNTAX;
	memcpy(text, host + 1, len - 2);
	text[len - 2] = '\0';
	if (inet_pton(AF_INET6, text, &address) != 1 ||
	    inet_ntop(AF_INET6, &address, text, sizeof(text)) == NULL)
		return ERR_SYNTAX;
	return buf_printf(out, "[%s]", text);
}

/* Letters, digits, hyphens, underscores; no label empty or too long. */
static bool
host_is_valid(const char *host, size_t len)
{
	size_t i, label = 0;

	if (len == 0 || len > HOST_BYTES_MAX)
		return false;
	for (i = 0; i <= len; i++) {
		if (i == len || host[i] == '.') {
			if (label == 0 || label > 63)
				return false;
			label = 0;
			continue;
		}
		label++;
		if (!is_alpha((unsigned char)host[i]) &&
		    !is_digit((unsigned char)host[i]) && host[i] != '-' &&
		    host[i] != '_')
			return false;
	}
	return true;
}

/* A host with other characters than ASCII's, as UTF-8. */
static int
host_idna(const char *host, size_t len, char *out, size_t size,
    size_t *ret_len)
{
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode code = U_ZERO_ERROR;
	UIDNA *idna;
	int32_t n;

	if (!utf8_is_valid(host, len))
		return ERR_SYNTAX;
	idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &code);
	if (U_FAILURE(code))
		return ERR_NOMEM;
	n = uidna_nameToASCII_UTF8(idna, host, (int32_t)len, out,
	    (int32_t)size, &info, &code);
	uidna_close(idna);
	if (code == U_MEMORY_ALLOCATION_ERROR)
		return ERR_NOMEM;
	if (U_FAILURE(code) || info.errors != 0 || n <= 0 ||
	    (size_t)n >= size)
		return ERR_SYNTAX;
	*ret_len = (size_t)n;
	return 0;
}

static int
host_put(const char *host, size_t len, struct buf *out)
{
	char plain[4 * HOST_BYTES_MAX], ascii[HOST_BYTES_MAX + 2];
	bool is_ascii = true;
	size_t i, n = 0;
	int c, err;

	if (len > 0 && host[0] == '[')
		return host_ip6(host, len, out);
	for (i = 0; i < len; i++) {
		c = web_escape_read(host + i, len - i);
		if (c >= 0)
			i += 2;
		else
			c = (unsigned char)host[i];
		if (n == sizeof(plain))
			return ERR_SYNTAX;
		if (c >= 0x80)
			is_ascii = false;
		plain[n++] = (char)(is_alpha((unsigned char)c) ? c | 0x20 : c);
	}
	host = plain;
	if (!is_ascii) {
		err = host_idna(plain, n, ascii, sizeof(ascii), &n);
		if (err < 0)
			return err;
		host = ascii;
	}
	if (n > 1 && host[n - 1] == '.')
		n--;
	return host_is_valid(host, n) ? buf_put(out, host, n) : ERR_SYNTAX;
}

static int
authority_put(struct part authority, bool is_https, struct buf *out)
{
	const char *at = authority.at, *colon = NULL;
	size_t i, len = authority.len;
	unsigned port = 0;
	int err;

	if (memchr(at, '@', len) != NULL)
		return ERR_FORBIDDEN;
	for (i = len; i > 0 && at[i - 1] != ']'; i--)
		if (at[i - 1] == ':')
			colon = at + i - 1;
	if (colon != NULL)
		len = (size_t)(colon - at);
	err = host_put(at, len, out);
	if (err < 0)
		return err;
	if (colon == NULL || len + 1 == authority.len)
		return 0;
	for (i = len + 1; i < authority.len; i++) {
		if (!is_digit((unsigned char)at[i]))
			return ERR_SYNTAX;
		port = port * 10 + (unsigned)(at[i] - '0');
		if (port > PORT_MAX)
			return ERR_SYNTAX;
	}
	if (port == 0)
		return ERR_SYNTAX;
	return port == (is_https ? 443u : 80u) ? 0 :
						 buf_printf(out, ":%u", port);
}

/* ---- paths ------------------------------------------------------------- */

/* Write the path's segments behind each other, and go back for "..". */
static void
path_put(const char *path, size_t len, struct buf *out)
{
	size_t start = out->len, i = 0, n;
	bool is_last = false;

	while (!is_last) {
		/* path[i] is the slash before a segment. */
		n = part_until(path + i + 1, len - i - 1, "/").len;
		is_last = i + 1 + n == len;
		if (n == 1 && path[i + 1] == '.') {
			if (is_last)
				(void)buf_putc(out, '/');
		} else if (n == 2 && memcmp(path + i + 1, "..", 2) == 0) {
			while (out->len > start &&
			    out->data[--out->len] != '/')
				;
			if (out->data != NULL)
				out->data[out->len] = '\0';
			if (is_last)
				(void)buf_putc(out, '/');
		} else {
			(void)buf_put(out, path + i, n + 1);
		}
		i += n + 1;
	}
}

/* The path that is meant, with its escapes in order and dots still in it. */
static int
path_join(const struct parts *parts, const struct web_url *base,
    struct buf *out)
{
	size_t len;

	if (parts->authority.at == NULL && parts->path.len == 0) {
		(void)buf_put(out, base->path, base->path_len);
	} else if (parts->authority.at == NULL && parts->path.at[0] != '/') {
		len = base->path_len;
		while (base->path[len - 1] != '/')
			len--;
		(void)buf_put(out, base->path, len);
		web_escape(parts->path.at, parts->path.len, out);
	} else {
		if (parts->path.len == 0)
			(void)buf_putc(out, '/');
		web_escape(parts->path.at, parts->path.len, out);
	}
	return out->err;
}

static int
parts_put(const struct parts *parts, const struct web_url *base,
    bool is_https, struct buf *out)
{
	struct buf path;
	int err = 0;

	(void)buf_puts(out, is_https ? "https://" : "http://");
	if (parts->authority.at != NULL)
		err = authority_put(parts->authority, is_https, out);
	else
		(void)buf_put(out, base->host,
		    (size_t)(base->path - base->host));
	if (err < 0)
		return err;
	buf_init(&path, 4 * WEB_URL_BYTES_MAX);
	err = path_join(parts, base, &path);
	if (err == 0) {
		path_put(path.data, path.len, out);
		if (parts->query.at != NULL) {
			(void)buf_putc(out, '?');
			web_escape(parts->query.at, parts->query.len, out);
		} else if (parts->authority.at == NULL &&
		    parts->path.len == 0 && base->query != NULL) {
			(void)buf_putc(out, '?');
			(void)buf_put(out, base->query, base->query_len);
		}
		err = out->err;
	}
	buf_fini(&path);
	return err;
}

int
web_url_resolve(const char *base_text, const char *reference, size_t len,
    struct buf *out)
{
	struct buf clean, url;
	struct web_url base = {0};
	struct parts parts;
	bool is_https;
	int err;

	buf_init(&clean, WEB_URL_BYTES_MAX);
	buf_init(&url, WEB_URL_BYTES_MAX);
	err = reference_clean(reference, len, &clean);
	if (err < 0)
		goto out;
	reference_split(buf_text(&clean), clean.len, &parts);
	if (base_text != NULL)
		web_url_parse(base_text, &base);
	is_https = base.is_https;
	if (parts.scheme.at != NULL) {
		is_https = part_is(parts.scheme, "https");
		err = is_https || part_is(parts.scheme, "http") ?
		    0 :
		    ERR_UNSUPPORTED;
		/* "http:page" is a page beside this one. */
		if (err == 0 && parts.authority.at == NULL &&
		    is_https != base.is_https)
			err = ERR_SYNTAX;
	}
	if (err == 0 && base_text == NULL &&
	    (parts.scheme.at == NULL || parts.authority.at == NULL))
		err = ERR_SYNTAX;
	if (err == 0)
		err = parts_put(&parts, &base, is_https, &url);
	if (err == 0)
		err = buf_put(out, url.data, url.len);
out:
	buf_fini(&clean);
	buf_fini(&url);
	return err;
}

/* ---- taking apart ------------------------------------------------------ */

void
web_url_parse(const char *text, struct web_url *ret_url)
{
	struct web_url url = {.text = text, .len = strlen(text)};
	const char *end = text + url.len;
	const char *at;

	url.is_https = strncmp(text, "https://", 8) == 0;
	ASSERT(url.is_https || strncmp(text, "http://", 7) == 0);
	url.host = text + (url.is_https ? 8 : 7);
	url.path = strchr(url.host, '/');
	ASSERT(url.path != NULL);
	url.port = url.is_https ? 443 : 80;
	url.host_len = (size_t)(url.path - url.host);
	for (at = url.path; at > url.host && at[-1] != ']'; at--)
		if (at[-1] == ':') {
			url.host_len = (size_t)(at - 1 - url.host);
			(void)sscanf(at, "%5u", &url.port);
			break;
		}
	url.query = strchr(url.path, '?');
	url.path_len = (size_t)((url.query == NULL ? end : url.query) -
	    url.path);
	if (url.query != NULL) {
		url.query++;
		url.query_len = (size_t)(end - url.query);
	}
	*ret_url = url;
}
