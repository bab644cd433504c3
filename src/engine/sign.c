/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is signed is "EXPIRES\nSUBJECT": the number has no newline in it, so
 * no two pairs are the same bytes.  The key is derived each time, which takes
 * a microsecond and leaves no second secret to look after.
 */
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "engine/sign.h"
#include "sys/seal.h"
#include "sys/sha256.h"

#define EXPIRES_DIGITS_MAX 15u /* thirty million years */
#define SECOND_US 1000000

_Static_assert(SIGN_QUERY_SIZE >=
	sizeof("expires=&signature=") + 20 + SHA256_TEXT_SIZE,
    "a query has its place");

static int
sign_make(const struct seal *seal, const char *use, const char *subject,
    int64_t expires_s, char ret_signature[SHA256_TEXT_SIZE])
{
	uint8_t key[SEAL_KEY_SIZE], mac[SHA256_SIZE];
	unsigned len = sizeof(mac);
	struct buf text;
	int err;

	buf_init(&text, URI_BYTES_MAX + 32);
	err = buf_printf(&text, "%" PRId64 "\n%s", expires_s, subject);
	if (err < 0)
		goto out;
	err = seal_derive(seal, use, key);
	if (err < 0)
		goto out;
	if (HMAC(EVP_sha256(), key, sizeof(key),
		(const uint8_t *)buf_text(&text), text.len, mac,
		&len) == NULL)
		err = ERR_NOMEM;
	OPENSSL_cleanse(key, sizeof(key));
	if (err == 0)
		sha256_format(mac, ret_signature);
out:
	buf_fini(&text);
	return err;
}

int
sign_query(const struct seal *seal, const char *use, const char *subject,
    int64_t expires_s, char ret_query[SIGN_QUERY_SIZE])
{
	char signature[SHA256_TEXT_SIZE];
	int err;

	if (expires_s <= 0)
		return ERR_INVALID;
	if (strlen(subject) > URI_BYTES_MAX)
		return ERR_TOO_BIG;
	err = sign_make(seal, use, subject, expires_s, signature);
	if (err < 0)
		return err;
	(void)snprintf(ret_query, SIGN_QUERY_SIZE,
	    "expires=%" PRId64 "&signature=%s", expires_s, signature);
	return 0;
}

/* Digits that do not begin with 0, and nothing else. */
static int
expires_parse(const char *text, int64_t *ret_expires_s)
{
	int64_t expires_s = 0;
	size_t i;

	for (i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
		if (i == EXPIRES_DIGITS_MAX)
			return ERR_UNAUTHORIZED;
		expires_s = expires_s * 10 + (text[i] - '0');
	}
	if (i == 0 || text[0] == '0' || text[i] != '\0')
		return ERR_UNAUTHORIZED;
	*ret_expires_s = expires_s;
	return 0;
}

int
sign_check(const struct seal *seal, const char *use, const char *subject,
    const char *expires, const char *signature, int64_t now_us)
{
	char expected[SHA256_TEXT_SIZE];
	int64_t expires_s;
	int err;

	if (expires == NULL || signature == NULL ||
	    strlen(subject) > URI_BYTES_MAX ||
	    strlen(signature) != SHA256_TEXT_SIZE - 1)
		return ERR_UNAUTHORIZED;
	err = expires_parse(expires, &expires_s);
	if (err == 0)
		err = sign_make(seal, use, subject, expires_s, expected);
	if (err < 0)
		return err;
	/* How much of it is right shall not be told by the time it takes. */
	if (CRYPTO_memcmp(expected, signature, SHA256_TEXT_SIZE - 1) != 0)
		return ERR_UNAUTHORIZED;
	return now_us / SECOND_US >= expires_s ? ERR_UNAUTHORIZED : 0;
}
