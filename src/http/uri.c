/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "http/uri.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
uri_decode(char *text, bool is_lenient, bool is_plus, size_t *ret_len)
{
	char *from = text, *to = text;
	int high, low;

	while (*from != '\0') {
		if (*from == '+' && is_plus) {
			*to++ = ' ';
			from++;
			continue;
		}
		if (*from != '%') {
			*to++ = *from++;
			continue;
		}
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0) {
			if (!is_lenient)
				return ERR_SYNTAX;
			*to++ = *from++;
			continue;
		}
		if (high == 0 && low == 0)
			return ERR_SYNTAX;
		*to++ = (char)(high * 16 + low);
		from += 3;
	}
	*to = '\0';
	if (ret_len != NULL)
		*ret_len = (size_t)(to - text);
	return 0;
}

const char *
uri_path(const char *target, size_t *ret_len)
{
	const char *at = target;

	if (strncasecmp(at, "http://", 7) == 0 ||
	    strncasecmp(at, "https://", 8) == 0) {
		at = strchr(at, ':') + 3;
		at += strcspn(at, "/?");
	}
	*ret_len = strcspn(at, "?");
	return at;
}

static int
uri_cut_path(char *path, struct uri *uri)
{
	char *at = path, *end;
	int err;

	while (*at == '/') {
		at++;
		if (*at == '\0') {
			uri->has_slash = true;
			break;
		}
		if (uri->segment_count >= HTTP_SEGMENTS_MAX) {
			uri->segment_count = HTTP_SEGMENTS_MAX + 1;
			return 0;
		}
		end = at + strcspn(at, "/");
		uri->segments[uri->segment_count].text = at;
		uri->segments[uri->segment_count++].len = (size_t)(end - at);
		at = end;
	}
	/* Decoded after the cut: an escaped slash is part of its segment. */
	for (size_t i = 0; i < uri->segment_count; i++) {
		at = uri->segments[i].text;
		end = at + uri->segments[i].len;
		if (*end == '/')
			*end = '\0';
		if (memchr(at, '%', (size_t)(end - at)) == NULL)
			continue;
		err = uri_decode(at, false, false, &uri->segments[i].len);
		if (err < 0)
			return err;
	}
	return 0;
}

static int
uri_cut_query(char *query, struct uri *uri)
{
	char *at = query, *next, *value;
	int err;

	for (; at != NULL; at = next) {
		next = strchr(at, '&');
		if (next != NULL)
			*next++ = '\0';
		if (*at == '\0')
			continue;
		if (uri->query_count >= HTTP_QUERY_MAX)
			return ERR_INVALID;
		value = strchr(at, '=');
		if (value != NULL)
			*value++ = '\0';
		else
			value = at + strlen(at);
		err = uri_decode(at, true, true, NULL);
		if (err == 0)
			err = uri_decode(value, true, true, NULL);
		if (err < 0)
			return err;
		uri->query[uri->query_count].name = at;
		uri->query[uri->query_count++].value = value;
	}
	return 0;
}

int
uri_parse(char *text, struct uri *ret_uri)
{
	char *path, *query;
	size_t path_len;
	int err;

	/* The arrays are large and guarded by their counts. */
	ret_uri->segment_count = HTTP_SEGMENTS_MAX + 1;
	ret_uri->query_count = 0;
	ret_uri->has_slash = false;
	path = text + (uri_path(text, &path_len) - text);
	query = path[path_len] == '?' ? path + path_len + 1 : NULL;
	path[path_len] = '\0';
	if (*path != '/' && path_len != 0)
		return ERR_SYNTAX;
	ret_uri->segment_count = 0;
	err = uri_cut_path(path, ret_uri);
	if (err < 0)
		ret_uri->segment_count = HTTP_SEGMENTS_MAX + 1;
	else if (query != NULL)
		err = uri_cut_query(query, ret_uri);
	return err;
}
