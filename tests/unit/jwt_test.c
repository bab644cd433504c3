/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: what is written is read, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "sys/jwt.h"

#define AUDIENCE "tests:one"
#define EXPIRES 1800000000

static const uint8_t key[JWT_KEY_SIZE] =
    "the key that tests sign with....";

/* Computed with Python's hmac over the same bytes. */
static const char expected[] =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJzdWIiOiIxMTExMTExMS0xMTExLTQxMTEtOTExMS0xMTExMTExMTExMTEiLCJhdW"
    "QiOlsidGVzdHM6b25lIl0sImV4cCI6MTgwMDAwMDAwMCwianRpIjoiMjIyMjIyMjIt"
    "MjIyMi00MjIyLWEyMjItMjIyMjIyMjIyMjIyIiwiZ2VuIjo3fQ."
    "GpmKwbsUM1z4iJmI1NhW_5kGWcbZWLgRfyUKFDw2WmM";

static struct jwt
sample(void)
{
	struct jwt jwt = {.generation = 7, .expires_s = EXPIRES};

	memset(&jwt.subject, 0x11, sizeof(jwt.subject));
	memset(&jwt.id, 0x22, sizeof(jwt.id));
	jwt.subject = uuid_random(jwt.subject.bytes);
	jwt.id = uuid_random(jwt.id.bytes);
	return jwt;
}

static int
read_text(const char *text, struct jwt *ret_jwt)
{
	return jwt_read(key, AUDIENCE, text, strlen(text), EXPIRES - 1,
	    ret_jwt);
}

static void
write_sample(struct buf *out)
{
	struct jwt jwt = sample();

	buf_init(out, JWT_BYTES_MAX);
	assert_int_equal(jwt_write(key, AUDIENCE, &jwt, out), 0);
}

static void
test_there_and_back(void **state)
{
	struct jwt jwt = sample(), got;
	struct buf text;

	(void)state;
	write_sample(&text);
	assert_string_equal(buf_text(&text), expected);
	assert_true(jwt_is(text.data, text.len));
	assert_int_equal(read_text(text.data, &got), 0);
	assert_true(uuid_is_equal(&got.subject, &jwt.subject));
	assert_true(uuid_is_equal(&got.id, &jwt.id));
	assert_int_equal(got.generation, 7);
	assert_int_equal(got.expires_s, EXPIRES);
	buf_fini(&text);
}

static void
test_time(void **state)
{
	struct buf text;
	struct jwt jwt;

	(void)state;
	write_sample(&text);
	assert_int_equal(jwt_read(key, AUDIENCE, text.data, text.len,
			     EXPIRES - 1, &jwt), 0);
	assert_int_equal(jwt_read(key, AUDIENCE, text.data, text.len,
			     EXPIRES, &jwt), ERR_UNAUTHORIZED);
	buf_fini(&text);
}

/* Another key, another audience; each character changed, taken away, added. */
static void
test_tampering(void **state)
{
	uint8_t other[JWT_KEY_SIZE];
	struct buf text;
	struct jwt jwt;
	size_t i;
	char kept;

	(void)state;
	write_sample(&text);
	memcpy(other, key, sizeof(other));
	other[31] ^= 1;
	assert_int_equal(jwt_read(other, AUDIENCE, text.data, text.len, 1,
			     &jwt), ERR_UNAUTHORIZED);
	assert_int_equal(jwt_read(key, "tests:on", text.data, text.len, 1,
			     &jwt), ERR_UNAUTHORIZED);
	assert_int_equal(jwt_read(key, "tests:one2", text.data, text.len, 1,
			     &jwt), ERR_UNAUTHORIZED);
	for (i = 0; i < text.len; i++) {
		kept = text.data[i];
		text.data[i] = kept == 'A' ? 'B' : 'A';
		assert_int_equal(read_text(text.data, &jwt),
		    ERR_UNAUTHORIZED);
		text.data[i] = kept;
		assert_int_equal(jwt_read(key, AUDIENCE, text.data, i, 1,
				     &jwt), ERR_UNAUTHORIZED);
	}
	assert_int_equal(buf_putc(&text, 'A'), 0);
	assert_int_equal(read_text(text.data, &jwt), ERR_UNAUTHORIZED);
	buf_fini(&text);
}

/* What others make. */
static void
test_foreign(void **state)
{
	static const char *const texts[] = {"", ".", "..", "a.b.c",
	    "eyJhbGciOiJub25lIn0.e30.",
	    "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30.",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..",
	    ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30."
	     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")};
	struct jwt jwt;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(read_text(texts[i], &jwt),
		    ERR_UNAUTHORIZED);
}

static void
test_limits(void **state)
{
	struct jwt jwt = sample();
	struct buf out;

	(void)state;
	buf_init(&out, JWT_BYTES_MAX);
	assert_int_equal(jwt_write(key, "", &jwt, &out), ERR_INVALID);
	assert_int_equal(jwt_write(key, "a\"b", &jwt, &out), ERR_INVALID);
	jwt.generation = -1;
	assert_int_equal(jwt_write(key, AUDIENCE, &jwt, &out), ERR_INVALID);
	jwt = sample();
	jwt.expires_s = 0;
	assert_int_equal(jwt_write(key, AUDIENCE, &jwt, &out), ERR_INVALID);
	assert_int_equal(out.len, 0);
	jwt.expires_s = jwt.generation = INT64_MAX;
	assert_int_equal(jwt_write(key, AUDIENCE, &jwt, &out), 0);
	assert_int_equal(read_text(out.data, &jwt), 0);
	assert_true(jwt.generation == INT64_MAX);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_there_and_back),
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_tampering),
	    cmocka_unit_test(test_foreign),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
