/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as file: addresses (RFC 8089) and back. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "source/folder.h"

#define SCHEME "file://"

/* RFC 3986's unreserved characters, and the slash. */
static bool
is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("-._~/", c) != NULL);
}

size_t
folder_uri_bytes(const char *path)
{
	size_t len = strlen(SCHEME);

	for (; *path != '\0'; path++)
		len += is_plain((unsigned char)*path) ? 1 : 3;
	return len;
}

int
folder_uri(const char *path, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	char escape[3] = {'%', '0', '0'};
	const char *start = path;

	if (*path != '/')
		return ERR_INVALID;
	(void)buf_puts(out, SCHEME);
	for (; *path != '\0'; path++) {
		if (is_plain((unsigned char)*path))
			continue;
		(void)buf_put(out, start, (size_t)(path - start));
		escape[1] = digits[(unsigned char)*path >> 4];
		escape[2] = digits[(unsigned char)*path & 15];
		(void)buf_put(out, escape, sizeof(escape));
		start = path + 1;
	}
	return buf_put(out, start, (size_t)(path - start));
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* What follows a %, or -1; a zero byte cannot be part of a path. */
static int
escape_read(const char *at)
{
	int high = hex_value(at[0]);
	int low = high < 0 ? -1 : hex_value(at[1]);

	return low < 0 || (high == 0 && low == 0) ? -1 : high * 16 + low;
}

int
folder_path_of_uri(const char *uri, struct buf *out)
{
	const char *at;
	size_t len = out->len;
	int c, err = 0;

	if (strncmp(uri, SCHEME, strlen(SCHEME)) != 0)
		return ERR_SYNTAX;
	uri += strlen(SCHEME);
	if (strncmp(uri, "localhost/", 10) == 0)
		uri += 9;
	if (*uri != '/')
		return ERR_SYNTAX;
	for (at = uri; err == 0 && *at != '\0'; at++) {
		if (*at == '?' || *at == '#') {
			err = ERR_SYNTAX;
		} else if (*at != '%') {
			err = buf_putc(out, *at);
		} else {
			c = escape_read(at + 1);
			err = c < 0 ? ERR_SYNTAX : buf_putc(out, (char)c);
			at += c < 0 ? 0 : 2;
		}
	}
	if (err == ERR_SYNTAX) { /* give nothing rather than half a path */
		out->len = len;
		if (out->data != NULL)
			out->data[len] = '\0';
	}
	return err;
}
