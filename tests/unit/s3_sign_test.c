/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The examples of the S3 manual ("Signature Calculations for the
 * Authorization Header"), and keys that have to be encoded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/net.h"
#include "source/s3.h"
#include "source/s3_int.h"
#include "source/s3_sign.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEY_ID "AKIAIOSFODNN7EXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define TIME "20130524T000000Z"
#define CREDENTIAL                                                            \
	"AWS4-HMAC-SHA256 Credential=" KEY_ID                                 \
	"/20130524/us-east-1/s3/aws4_request,"

static const struct net_header get_object[] = {
    {"host", "examplebucket.s3.amazonaws.com"},
    {"range", "bytes=0-9"},
    {"x-amz-content-sha256", S3_EMPTY_SHA256},
    {"x-amz-date", TIME},
};

static const struct net_header put_object[] = {
    {"date", "Fri, 24 May 2013 00:00:00 GMT"},
    {"host", "examplebucket.s3.amazonaws.com"},
    {"x-amz-content-sha256",
	"44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
    {"x-amz-date", TIME},
    {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
};

static const struct net_header plain[] = {
    {"host", "examplebucket.s3.amazonaws.com"},
    {"x-amz-content-sha256", S3_EMPTY_SHA256},
    {"x-amz-date", TIME},
};

static void
test_manual(void **state)
{
	static const struct {
		const char *method, *path, *query;
		const struct net_header *headers;
		size_t count;
		const char *sha256, *expected;
	} rows[] = {
	    {"GET", "/test.txt", "", get_object, COUNT(get_object),
		S3_EMPTY_SHA256,
		"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
		"Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd9"
		"1039c6036bdb41"},
	    {"PUT", "/test%24file.text", "", put_object, COUNT(put_object),
		"44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8"
		"b072",
		"SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;"
		"x-amz-storage-class,"
		"Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5"
		"971af0ece108bd"},
	    {"GET", "/", "lifecycle=", plain, COUNT(plain), S3_EMPTY_SHA256,
		"SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
		"Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a"
		"200a0136783543"},
	    {"GET", "/", "max-keys=2&prefix=J", plain, COUNT(plain),
		S3_EMPTY_SHA256,
		"SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
		"Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670e"
		"d5711ef69dc6f7"},
	};
	struct buf out;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		const struct s3_signed request = {
		    .method = rows[i].method,
		    .path = rows[i].path,
		    .query = rows[i].query,
		    .headers = rows[i].headers,
		    .header_count = rows[i].count,
		    .body_sha256 = rows[i].sha256,
		    .key_id = KEY_ID,
		    .secret = SECRET,
		    .region = "us-east-1",
		    .time = TIME,
		};

		buf_init(&out, NET_HEADER_BYTES_MAX);
		assert_int_equal(s3_sign(&request, &out), 0);
		assert_memory_equal(buf_text(&out), CREDENTIAL,
		    strlen(CREDENTIAL));
		assert_string_equal(buf_text(&out) + strlen(CREDENTIAL),
		    rows[i].expected);
		buf_fini(&out);
	}
}

static void
test_bounds(void **state)
{
	char secret[S3_SECRET_BYTES_MAX + 2];
	struct s3_signed request = {
	    .method = "GET",
	    .path = "/",
	    .query = "",
	    .headers = plain,
	    .header_count = COUNT(plain),
	    .body_sha256 = S3_EMPTY_SHA256,
	    .key_id = KEY_ID,
	    .secret = secret,
	    .region = "us-east-1",
	    .time = TIME,
	};
	struct buf out;

	(void)state;
	memset(secret, 'x', sizeof(secret));
	secret[sizeof(secret) - 1] = '\0';
	buf_init(&out, NET_HEADER_BYTES_MAX);
	assert_int_equal(s3_sign(&request, &out), ERR_TOO_BIG);
	assert_int_equal(out.len, 0);
	secret[S3_SECRET_BYTES_MAX] = '\0';
	assert_int_equal(s3_sign(&request, &out), 0);
	buf_clear(&out);
	mem_fail_at(1);
	assert_int_equal(s3_sign(&request, &out), ERR_NOMEM);
	mem_fail_at(0);
	buf_fini(&out);
}

static void
test_times(void **state)
{
	static const struct {
		int64_t time_s;
		const char *text;
	} rows[] = {
	    {0, "19700101T000000Z"},
	    {1369353600, "20130524T000000Z"},
	    {1709164799, "20240228T235959Z"},
	    {1709164800, "20240229T000000Z"},
	    {253402300799, "99991231T235959Z"},
	    {INT64_MAX, "99991231T235959Z"},
	    {INT64_MIN, "19700101T000000Z"},
	};
	char text[S3_TIME_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		s3_time(rows[i].time_s, text);
		assert_string_equal(text, rows[i].text);
	}
}

/* ---- addresses ----------------------------------------------------------- */

static void
test_uris(void **state)
{
	static const struct {
		const char *key;
		size_t len;
		const char *uri;
	} rows[] = {
	    {"a.txt", 5, "s3://b-1/a.txt"},
	    {"a b+c", 5, "s3://b-1/a%20b%2Bc"},
	    {"/x//y/", 6, "s3://b-1//x//y/"},
	    {"100%?#&=", 8, "s3://b-1/100%25%3F%23%26%3D"},
	    {"\xc3\xa4~._-", 6, "s3://b-1/%C3%A4~._-"},
	    {"\xff\n", 2, "s3://b-1/%FF%0A"},
	    {"../a/./", 7, "s3://b-1/../a/./"},
	};
	struct buf bucket, key, uri;
	size_t i;

	(void)state;
	buf_init(&bucket, 255);
	buf_init(&key, 1024);
	buf_init(&uri, URI_BYTES_MAX);
	for (i = 0; i < COUNT(rows); i++) {
		buf_clear(&uri);
		buf_clear(&key);
		buf_clear(&bucket);
		assert_int_equal(
		    s3_uri("s3", "b-1", rows[i].key, rows[i].len, &uri), 0);
		assert_string_equal(buf_text(&uri), rows[i].uri);
		assert_int_equal(
		    s3_uri_parse("s3", buf_text(&uri), &bucket, &key), 0);
		assert_string_equal(buf_text(&bucket), "b-1");
		assert_int_equal(key.len, rows[i].len);
		assert_memory_equal(key.data, rows[i].key, key.len);
	}
	buf_fini(&bucket);
	buf_fini(&key);
	buf_fini(&uri);
}

static void
test_bad_uris(void **state)
{
	static const char *const rows[] = {"", "s3://", "s3://b", "s3://b/",
	    "s3:///x", "S3://b/x", "file:///b/x", "s3://b/x y", "s3://b/x?y",
	    "s3://b/x#y", "s3://b/%", "s3://b/%4", "s3://b/%4g", "s3://b/%00",
	    "s3://b/a%00b", "s3://b/\xc3\xa4", "s3://b/a+b"};
	struct buf bucket, key;
	size_t i;

	(void)state;
	buf_init(&bucket, 255);
	buf_init(&key, 1024);
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(s3_uri_parse("s3", rows[i], &bucket, &key),
		    ERR_SYNTAX);
		assert_int_equal(bucket.len, 0);
		assert_int_equal(key.len, 0);
		assert_string_equal(buf_text(&key), "");
	}
	buf_fini(&bucket);
	buf_fini(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manual),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_uris),
		cmocka_unit_test(test_bad_uris),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
