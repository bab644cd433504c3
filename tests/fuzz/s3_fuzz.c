/* SPDX-License-Identifier: Apache-2.0 */
/*
 * s3_fuzz: what an S3 service sends: a page of a listing, the reason of a
 * refusal; and the addresses that are made of its keys.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "source/s3_int.h"
#include "source/s3_page.h"
#include "source/s3_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_etag(const char *etag)
{
	size_t i, len = strlen(etag);

	ASSERT(len <= REMOTE_TAG_BYTES_MAX);
	for (i = 0; i < len; i++)
		ASSERT(etag[i] > 0x20 && etag[i] < 0x7f && etag[i] != '"');
}

/* Every key has an address, and the address leads back to the key. */
static int
check_listed(void *arg, const struct s3_listed *listed)
{
	struct buf uri, bucket, key;
	int err;

	(*(size_t *)arg)++;
	ASSERT(listed->key_len > 0);
	ASSERT(listed->key_len <= S3_XML_TEXT_BYTES_MAX);
	ASSERT(listed->key[listed->key_len] == '\0');
	check_etag(listed->etag);
	buf_init(&uri, 3 * S3_XML_TEXT_BYTES_MAX + 64);
	buf_init(&bucket, S3_BUCKET_BYTES_MAX);
	buf_init(&key, S3_XML_TEXT_BYTES_MAX);
	ASSERT(s3_uri("s3", "b", listed->key, listed->key_len, &uri) == 0);
	err = s3_uri_parse("s3", buf_text(&uri), &bucket, &key);
	if (memchr(listed->key, '\0', listed->key_len) != NULL) {
		ASSERT(err == ERR_SYNTAX);
	} else {
		ASSERT(err == 0 && key.len == listed->key_len);
		ASSERT(memcmp(key.data, listed->key, key.len) == 0);
	}
	buf_fini(&uri);
	buf_fini(&bucket);
	buf_fini(&key);
	return 0;
}

static void
try_page(const char *bytes, size_t len)
{
	struct s3_page page;
	size_t given = 0;
	int err;

	err = s3_page_read(bytes, len, &page, NULL);
	ASSERT(err == 0 || err == ERR_UPSTREAM);
	if (err < 0)
		return;
	ASSERT(!page.is_truncated || page.token[0] != '\0');
	ASSERT(strlen(page.token) <= S3_TOKEN_BYTES_MAX);
	ASSERT(s3_page_give(bytes, len, &page, check_listed, &given, NULL) ==
	    0);
	ASSERT(given == page.objects);
}

static void
try_reason(const char *bytes, size_t len)
{
	struct s3_reason reason;
	size_t i;

	s3_reason_read(bytes, len, &reason);
	ASSERT(utf8_is_valid(reason.message, strlen(reason.message)));
	for (i = 0; reason.message[i] != '\0'; i++)
		ASSERT((unsigned char)reason.message[i] >= 0x20);
	ASSERT(strlen(reason.code) < S3_CODE_SIZE);
	ASSERT(reason.region[0] == '\0' || s3_region_is_valid(reason.region));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char etag[REMOTE_TAG_SIZE];
	char *text;

	/* Of its own size, so that one byte too far is seen. */
	text = mem_alloc(size);
	ASSERT(text != NULL);
	memcpy(text, data, size);
	try_page(text, size);
	try_reason(text, size);
	mem_free(text);
	text = mem_strndup((const char *)data, size);
	ASSERT(text != NULL);
	s3_etag(text, etag);
	check_etag(etag);
	(void)s3_time_parse(text);
	mem_free(text);
	return 0;
}
