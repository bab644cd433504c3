/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The request is written down in one canonical way and hashed; the hash, the
 * time and where it is for are written down and signed under a key that is
 * made from the secret for this day, region and service alone.
 *
 * libcurl can sign, but the one we are to run with writes paths and queries
 * down otherwise than S3 does when there is something to encode in them.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "net/net.h"
#include "source/s3_sign.h"
#include "sys/sha256.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define DAY_LEN 8
#define CANONICAL_BYTES_MAX (64 * KIB)
#define YEAR_9999_END_S 253402300799

void
s3_time(int64_t time_s, char out[S3_TIME_SIZE])
{
	time_t when = (time_t)(time_s < 0 ? 0 :
		time_s > YEAR_9999_END_S  ? YEAR_9999_END_S :
					    time_s);
	struct tm tm;

	(void)gmtime_r(&when, &tm);
	(void)strftime(out, S3_TIME_SIZE, "%Y%m%dT%H%M%SZ", &tm);
}

static int
hmac(const void *key, size_t key_len, const char *text, size_t len,
    uint8_t out[SHA256_SIZE])
{
	uint8_t made[SHA256_SIZE];
	unsigned got = 0;
	int err = ERR_NOMEM;

	/* out may be key. */
	if (HMAC(EVP_sha256(), key, (int)key_len, (const uint8_t *)text, len,
		made, &got) != NULL &&
	    got == SHA256_SIZE) {
		memcpy(out, made, SHA256_SIZE);
		err = 0;
	}
	OPENSSL_cleanse(made, sizeof(made));
	return err;
}

/* The names that are signed, with semicolons between. */
static void
names_put(const struct s3_signed *request, struct buf *out)
{
	size_t i;

	for (i = 0; i < request->header_count; i++)
		(void)buf_printf(out, "%s%s", i == 0 ? "" : ";",
		    request->headers[i].name);
}

static int
canonical_hash(const struct s3_signed *request, char out[SHA256_TEXT_SIZE])
{
	uint8_t hash[SHA256_SIZE];
	struct buf text;
	size_t i;
	int err;

	buf_init(&text, CANONICAL_BYTES_MAX);
	(void)buf_printf(&text, "%s\n%s\n%s\n", request->method,
	    request->path, request->query);
	for (i = 0; i < request->header_count; i++)
		(void)buf_printf(&text, "%s:%s\n", request->headers[i].name,
		    request->headers[i].value);
	(void)buf_putc(&text, '\n');
	names_put(request, &text);
	err = buf_printf(&text, "\n%s", request->body_sha256);
	if (err == 0) {
		sha256_of(text.data, text.len, hash);
		sha256_format(hash, out);
	}
	buf_fini(&text);
	return err;
}

/* key = HMAC(HMAC(HMAC(HMAC("AWS4" secret, day), region), service), end) */
static int
key_make(const struct s3_signed *request, uint8_t key[SHA256_SIZE])
{
	char first[4 + S3_SECRET_BYTES_MAX + 1];
	int len, err = ERR_TOO_BIG;

	len = snprintf(first, sizeof(first), "AWS4%s", request->secret);
	if (len > 0 && (size_t)len < sizeof(first))
		err = hmac(first, (size_t)len, request->time, DAY_LEN, key);
	OPENSSL_cleanse(first, sizeof(first));
	if (err == 0)
		err = hmac(key, SHA256_SIZE, request->region,
		    strlen(request->region), key);
	if (err == 0)
		err = hmac(key, SHA256_SIZE, "s3", 2, key);
	if (err == 0)
		err = hmac(key, SHA256_SIZE, "aws4_request", 12, key);
	return err;
}

static int
signature_make(const struct s3_signed *request, const char *scope,
    char out[SHA256_TEXT_SIZE])
{
	char canonical[SHA256_TEXT_SIZE];
	uint8_t key[SHA256_SIZE], signature[SHA256_SIZE];
	struct buf text;
	int err;

	buf_init(&text, CANONICAL_BYTES_MAX);
	err = canonical_hash(request, canonical);
	if (err == 0)
		err = buf_printf(&text, ALGORITHM "\n%s\n%s\n%s",
		    request->time, scope, canonical);
	if (err == 0)
		err = key_make(request, key);
	if (err == 0)
		err = hmac(key, sizeof(key), text.data, text.len, signature);
	if (err == 0)
		sha256_format(signature, out);
	OPENSSL_cleanse(key, sizeof(key));
	buf_fini(&text);
	return err;
}

int
s3_sign(const struct s3_signed *request, struct buf *out)
{
	char scope[DAY_LEN + S3_REGION_BYTES_MAX + 32];
	char signature[SHA256_TEXT_SIZE];
	int len, err;

	len = snprintf(scope, sizeof(scope), "%.*s/%s/s3/aws4_request",
	    DAY_LEN, request->time, request->region);
	if (len < 0 || (size_t)len >= sizeof(scope))
		return ERR_TOO_BIG;
	err = signature_make(request, scope, signature);
	if (err < 0)
		return err;
	(void)buf_printf(out, ALGORITHM " Credential=%s/%s,SignedHeaders=",
	    request->key_id, scope);
	names_put(request, out);
	return buf_printf(out, ",Signature=%s", signature);
}
