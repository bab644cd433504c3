/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "sys/jwt.h"
#include "sys/sha256.h"

/* {"alg":"HS256","typ":"JWT"} and the point behind it. */
#define HEAD "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
#define HEAD_LEN (sizeof(HEAD) - 1)
#define MAC_CHARS 43u /* of 32 bytes */

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* ---- base64url, without padding ------------------------------------------ */

static void
base64_put(struct buf *out, const uint8_t *bytes, size_t len)
{
	uint32_t bits;
	size_t i, n;

	for (i = 0; i < len; i += 3) {
		n = len - i < 3 ? len - i : 3;
		bits = (uint32_t)bytes[i] << 16;
		if (n > 1)
			bits |= (uint32_t)bytes[i + 1] << 8;
		if (n > 2)
			bits |= bytes[i + 2];
		(void)buf_putc(out, digits[bits >> 18]);
		(void)buf_putc(out, digits[bits >> 12 & 63]);
		if (n > 1)
			(void)buf_putc(out, digits[bits >> 6 & 63]);
		if (n > 2)
			(void)buf_putc(out, digits[bits & 63]);
	}
}

/* Only what base64_put() makes: also the bits that say nothing are zero. */
static int
base64_get(const char *text, size_t len, struct buf *out)
{
	const char *digit;
	uint32_t bits = 0;
	unsigned count = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		digit = text[i] == '\0' ? NULL : strchr(digits, text[i]);
		if (digit == NULL)
			return ERR_SYNTAX;
		bits = bits << 6 | (uint32_t)(digit - digits);
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		(void)buf_putc(out, (char)(uint8_t)(bits >> count));
		bits &= (1u << count) - 1;
	}
	return count >= 6 || bits != 0 ? ERR_SYNTAX : out->err;
}

/* ---- signing ------------------------------------------------------------- */

static int
mac_put(const uint8_t key[JWT_KEY_SIZE], const char *text, size_t len,
    struct buf *out)
{
	uint8_t mac[SHA256_SIZE];
	unsigned mac_len = sizeof(mac);

	if (HMAC(EVP_sha256(), key, JWT_KEY_SIZE, (const uint8_t *)text, len,
		mac, &mac_len) == NULL)
		return ERR_NOMEM;
	base64_put(out, mac, sizeof(mac));
	return out->err;
}

bool
jwt_is(const char *text, size_t len)
{
	return len > HEAD_LEN && memcmp(text, HEAD, HEAD_LEN) == 0;
}

static bool
is_word(const char *audience)
{
	size_t len = strlen(audience);

	return len > 0 && len <= JWT_AUDIENCE_BYTES_MAX &&
	    strspn(audience, "abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "0123456789:-") == len;
}

int
jwt_write(const uint8_t key[JWT_KEY_SIZE], const char *audience,
    const struct jwt *jwt, struct buf *out)
{
	char subject[UUID_TEXT_SIZE], id[UUID_TEXT_SIZE];
	struct buf text, claims;
	int err;

	if (jwt->expires_s <= 0 || jwt->generation < 0 || !is_word(audience))
		return ERR_INVALID;
	buf_init(&text, JWT_BYTES_MAX);
	buf_init(&claims, JWT_BYTES_MAX);
	uuid_format(&jwt->subject, subject);
	uuid_format(&jwt->id, id);
	err = buf_printf(&claims,
	    "{\"sub\":\"%s\",\"aud\":[\"%s\"],\"exp\":%" PRId64
	    ",\"jti\":\"%s\",\"gen\":%" PRId64 "}",
	    subject, audience, jwt->expires_s, id, jwt->generation);
	if (err < 0)
		goto out;
	(void)buf_puts(&text, HEAD);
	base64_put(&text, (const uint8_t *)claims.data, claims.len);
	err = text.err;
	if (err < 0)
		goto out;
	(void)buf_put(out, text.data, text.len);
	(void)buf_putc(out, '.');
	err = mac_put(key, text.data, text.len, out);
out:
	buf_fini(&claims);
	buf_fini(&text);
	return err;
}

/* ---- reading ------------------------------------------------------------- */

static int
uuid_get(const json_t *claims, const char *name, struct uuid *ret_uuid)
{
	const json_t *value = json_object_get(claims, name);

	return json_is_string(value)
	    ? uuid_parse(json_string_value(value), json_string_length(value),
		  ret_uuid)
	    : ERR_SYNTAX;
}

static int
claims_read(const json_t *claims, const char *audience, struct jwt *ret_jwt)
{
	const json_t *list = json_object_get(claims, "aud");
	const json_t *expires = json_object_get(claims, "exp");
	const json_t *generation = json_object_get(claims, "gen");
	const char *word = json_string_value(json_array_get(list, 0));
	struct jwt jwt;

	if (json_array_size(list) != 1 || word == NULL ||
	    strcmp(word, audience) != 0 || !json_is_integer(expires) ||
	    !json_is_integer(generation) ||
	    uuid_get(claims, "sub", &jwt.subject) < 0 ||
	    uuid_get(claims, "jti", &jwt.id) < 0)
		return ERR_UNAUTHORIZED;
	jwt.expires_s = json_integer_value(expires);
	jwt.generation = json_integer_value(generation);
	*ret_jwt = jwt;
	return 0;
}

int
jwt_read(const uint8_t key[JWT_KEY_SIZE], const char *audience,
    const char *text, size_t len, int64_t now_s, struct jwt *ret_jwt)
{
	struct buf mac, claims;
	json_t *json = NULL;
	struct jwt jwt;
	size_t signed_len;
	int err;

	if (len > JWT_BYTES_MAX || !jwt_is(text, len) ||
	    len < HEAD_LEN + 1 + MAC_CHARS)
		return ERR_UNAUTHORIZED;
	signed_len = len - MAC_CHARS - 1;
	if (text[signed_len] != '.')
		return ERR_UNAUTHORIZED;
	buf_init(&mac, JWT_BYTES_MAX);
	buf_init(&claims, JWT_BYTES_MAX);
	err = mac_put(key, text, signed_len, &mac);
	if (err < 0)
		goto out;
	/* How much of it is right shall not be told by the time it takes. */
	err = ERR_UNAUTHORIZED;
	if (mac.len != MAC_CHARS ||
	    CRYPTO_memcmp(mac.data, text + signed_len + 1, MAC_CHARS) != 0 ||
	    base64_get(text + HEAD_LEN, signed_len - HEAD_LEN, &claims) < 0)
		goto out;
	json = json_loadb(buf_text(&claims), claims.len,
	    JSON_REJECT_DUPLICATES, NULL);
	err = claims_read(json, audience, &jwt);
	if (err == 0 && now_s >= jwt.expires_s)
		err = ERR_UNAUTHORIZED;
	if (err == 0)
		*ret_jwt = jwt;
out:
	json_decref(json);
	buf_fini(&claims);
	buf_fini(&mac);
	return err;
}
