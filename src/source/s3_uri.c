/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys as addresses, and back.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "source/s3.h"
#include "source/s3_int.h"

static bool
is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

int
s3_encode(const void *bytes, size_t len, bool keeps_slash, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	const unsigned char *at = bytes;
	char three[3] = {'%', 0, 0};
	size_t i;

	for (i = 0; i < len; i++) {
		if (is_unreserved(at[i]) || (keeps_slash && at[i] == '/')) {
			(void)buf_putc(out, (char)at[i]);
			continue;
		}
		three[1] = digits[at[i] >> 4];
		three[2] = digits[at[i] & 15];
		(void)buf_put(out, three, sizeof(three));
	}
	return out->err;
}

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int
s3_decode(const char *text, size_t len, bool is_plus_blank, struct buf *out)
{
	int high, low;
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '+' && is_plus_blank) {
			(void)buf_putc(out, ' ');
			continue;
		}
		if (text[i] != '%') {
			(void)buf_putc(out, text[i]);
			continue;
		}
		if (len - i < 3)
			return ERR_SYNTAX;
		high = digit_of(text[i + 1]);
		low = digit_of(text[i + 2]);
		if (high < 0 || low < 0)
			return ERR_SYNTAX;
		(void)buf_putc(out, (char)(high << 4 | low));
		i += 2;
	}
	return out->err;
}

int
s3_uri(const char *scheme, const char *bucket, const void *key, size_t len,
    struct buf *out)
{
	(void)buf_printf(out, "%s://%s/", scheme, bucket);
	return s3_encode(key, len, true, out);
}

int
s3_uri_parse(const char *scheme, const char *uri, struct buf *out_bucket,
    struct buf *out_key)
{
	size_t bucket_was = out_bucket->len, key_was = out_key->len;
	size_t len = strlen(scheme);
	const char *bucket, *slash, *c;
	int err;

	if (strncmp(uri, scheme, len) != 0 ||
	    strncmp(uri + len, "://", 3) != 0)
		return ERR_SYNTAX;
	bucket = uri + len + 3;
	slash = strchr(bucket, '/');
	if (slash == NULL || slash == bucket || slash[1] == '\0')
		return ERR_SYNTAX;
	/* As s3_uri() writes it and in no other way. */
	for (c = slash; *c != '\0'; c++)
		if (!is_unreserved((unsigned char)*c) && *c != '/' &&
		    *c != '%')
			return ERR_SYNTAX;
	err = buf_put(out_bucket, bucket, (size_t)(slash - bucket));
	if (err == 0)
		err = s3_decode(slash + 1, strlen(slash + 1), false, out_key);
	if (err == 0 &&
	    memchr(out_key->data + key_was, '\0', out_key->len - key_was) !=
		NULL)
		err = ERR_SYNTAX;
	if (err < 0) {
		out_bucket->len = bucket_was;
		out_key->len = key_was;
		if (out_bucket->data != NULL)
			out_bucket->data[bucket_was] = '\0';
		if (out_key->data != NULL)
			out_key->data[key_was] = '\0';
	}
	return err;
}
