/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/webhook_int.h"
#include "sys/sha256.h"

#define SECOND_US 1000000LL
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)

/* What n bytes are in base64, without the zero. */
#define BASE64_LEN(n) (((n) + 2) / 3 * 4)
#define PREFIX "whsec_"

_Static_assert(sizeof(PREFIX) + BASE64_LEN(WEBHOOK_KEY_SIZE) ==
	WEBHOOK_SECRET_SIZE,
    "a secret has its place");

void
webhook_secret_format(const uint8_t key[WEBHOOK_KEY_SIZE],
    char out[WEBHOOK_SECRET_SIZE])
{
	memcpy(out, PREFIX, sizeof(PREFIX) - 1);
	(void)EVP_EncodeBlock((unsigned char *)out + sizeof(PREFIX) - 1, key,
	    WEBHOOK_KEY_SIZE);
}

int
webhook_sign(const void *key, size_t key_len, const char *id,
    int64_t timestamp_s, const void *body, size_t body_len, struct buf *out)
{
	unsigned char text[BASE64_LEN(SHA256_SIZE) + 1];
	uint8_t mac[SHA256_SIZE];
	unsigned len = sizeof(mac);
	struct buf whole;
	int err;

	buf_init(&whole, EVENT_NAME_SIZE + 32 + body_len);
	(void)buf_printf(&whole, "%s.%" PRId64 ".", id, timestamp_s);
	err = buf_put(&whole, body, body_len);
	if (err == 0 && HMAC(EVP_sha256(), key, (int)key_len,
			    (const uint8_t *)whole.data, whole.len, mac,
			    &len) == NULL)
		err = ERR_NOMEM;
	buf_fini(&whole);
	if (err < 0)
		return err;
	(void)EVP_EncodeBlock(text, mac, SHA256_SIZE);
	return buf_printf(out, "%sv1,%s", out->len > 0 ? " " : "",
	    (const char *)text);
}

int64_t
webhook_rest_us(uint32_t tries, uint32_t random)
{
	/* As Standard Webhooks recommends. */
	static const int64_t rests[WEBHOOK_TRIES_MAX - 1] = {5 * SECOND_US,
	    5 * MINUTE_US, 30 * MINUTE_US, 2 * HOUR_US, 5 * HOUR_US,
	    10 * HOUR_US, 14 * HOUR_US, 20 * HOUR_US, 24 * HOUR_US};
	int64_t rest;

	if (tries == 0 || tries >= WEBHOOK_TRIES_MAX)
		return -1;
	rest = rests[tries - 1];
	/* Those that failed together do not come back together. */
	return rest + rest / 5 / 1024 * (random % 1024);
}
