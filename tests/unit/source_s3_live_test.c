/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bucket of a service that really speaks S3, which a flow test has started
 * and filled: lists it, fetches every object, and writes a line of JSON for
 * each into a file, for the flow test to compare.  Skipped without one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/jsonw.h"
#include "s3_world.h"
#include "sys/sha256.h"

struct live {
	struct s3_config config;
	struct s3_client *lister, *fetcher;
	const char *out_path;
	struct buf out;
	int fd;
};

static int
live_setup(void **state)
{
	struct live *live;

	(void)signal(SIGPIPE, SIG_IGN);
	live = mem_zalloc(sizeof(*live));
	assert_non_null(live);
	live->config = (struct s3_config){.provider = S3_PROVIDER_OTHER,
	    .endpoint = getenv("TIDEMARK_TEST_S3"),
	    .bucket = getenv("TIDEMARK_TEST_S3_BUCKET"),
	    .prefix = getenv("TIDEMARK_TEST_S3_PREFIX"),
	    .key_id = getenv("TIDEMARK_TEST_S3_KEY_ID"),
	    .secret = getenv("TIDEMARK_TEST_S3_SECRET"),
	    .policy = {.allows_any = true}};
	live->out_path = getenv("TIDEMARK_TEST_S3_OUT");
	buf_init(&live->out, 64 * MIB);
	live->fd = -1;
	*state = live;
	return 0;
}

static int
live_teardown(void **state)
{
	struct live *live = *state;

	s3_client_free(live->lister);
	s3_client_free(live->fetcher);
	buf_fini(&live->out);
	if (live->fd >= 0)
		(void)close(live->fd);
	mem_free(live);
	return 0;
}

static int
fetch_entry(void *arg, const struct remote_entry *entry)
{
	struct live *live = arg;
	const struct s3_fetch fetch = {
	    .uri = entry->uri, .etag = entry->etag, .fd = live->fd};
	char text[SHA256_TEXT_SIZE];
	uint8_t hash[SHA256_SIZE];
	struct s3_object object;
	struct err_note note;
	struct jsonw w;
	uint64_t bytes;

	assert_int_equal(entry->code, ITEM_CODE_NONE);
	assert_int_equal(ftruncate(live->fd, 0), 0);
	assert_int_equal(lseek(live->fd, 0, SEEK_SET), 0);
	note.text[0] = '\0';
	if (s3_fetch(live->fetcher, &fetch, &object, &note) < 0)
		fail_msg("%s: %s", entry->uri, note.text);
	assert_int_equal(object.bytes, entry->bytes);
	assert_string_equal(object.etag, entry->etag);
	assert_int_equal(sha256_of_fd(live->fd, hash, &bytes), 0);
	assert_int_equal(bytes, entry->bytes);
	assert_true(entry->mtime_us > 0);
	sha256_format(hash, text);
	jsonw_init(&w, &live->out);
	jsonw_object(&w);
	jsonw_nstring(&w, "uri", entry->uri);
	jsonw_nstring(&w, "name", entry->name);
	jsonw_nuint(&w, "bytes", entry->bytes);
	jsonw_nstring(&w, "etag", entry->etag);
	jsonw_nstring(&w, "sha256", text);
	jsonw_object_end(&w);
	return buf_putc(&live->out, '\n');
}

static void
test_bucket(void **state)
{
	struct live *live = *state;
	struct err_note note = {""};

	if (live->config.endpoint == NULL || live->out_path == NULL)
		skip();
	live->fd = fs_temporary("/tmp");
	assert_true(live->fd >= 0);
	assert_int_equal(
	    s3_client_new(&live->config, &live->lister, NULL), 0);
	assert_int_equal(
	    s3_client_new(&live->config, &live->fetcher, NULL), 0);
	if (s3_list(live->lister, NULL, fetch_entry, live, &note) < 0)
		fail_msg("%s", note.text);
	assert_int_equal(fs_replace(live->out_path, live->out.data,
			     live->out.len, 0600, NULL),
	    0);
}

static int
count_entry(void *arg, const struct remote_entry *entry)
{
	(void)entry;
	(*(int *)arg)++;
	return 0;
}

static void
test_refusals(void **state)
{
	struct live *live = *state;
	struct s3_config config = live->config;
	const struct {
		const char *key_id, *secret, *bucket;
		int err;
		const char *code;
	} rows[] = {
	    {config.key_id, "another secret", config.bucket, ERR_FORBIDDEN,
		"SignatureDoesNotMatch"},
	    {"nobody:nobody", config.secret, config.bucket, ERR_FORBIDDEN,
		"(HTTP 403)"},
	    /* What is not signed it takes for Swift's own interface, where
	     * this is no path at all. */
	    {NULL, NULL, config.bucket, ERR_INVALID, "HTTP 412"},
	    {config.key_id, config.secret, "nowhere", ERR_NOT_FOUND,
		"NoSuchBucket"},
	};
	struct err_note note;
	int entries = 0;
	size_t i;

	if (config.endpoint == NULL)
		skip();
	for (i = 0; i < COUNT(rows); i++) {
		config.key_id = rows[i].key_id;
		config.secret = rows[i].secret;
		config.bucket = rows[i].bucket;
		s3_client_free(live->lister);
		live->lister = NULL;
		assert_int_equal(
		    s3_client_new(&config, &live->lister, NULL), 0);
		assert_int_equal(s3_list(live->lister, NULL, count_entry,
				     &entries, &note),
		    rows[i].err);
		if (strstr(note.text, rows[i].code) == NULL)
			fail_msg("%s: %s", rows[i].code, note.text);
	}
	assert_int_equal(entries, 0);
}

/* An object that is not the one that was listed, and one that is not there. */
static void
test_conditions(void **state)
{
	struct live *live = *state;
	struct s3_fetch fetch = {.uri = getenv("TIDEMARK_TEST_S3_URI"),
	    .etag = "0123456789abcdef0123456789abcdef"};
	struct s3_object object;
	struct err_note note;
	struct buf uri;

	if (live->config.endpoint == NULL || fetch.uri == NULL)
		skip();
	live->fd = fetch.fd = fs_temporary("/tmp");
	assert_true(live->fd >= 0);
	assert_int_equal(
	    s3_client_new(&live->config, &live->fetcher, NULL), 0);
	assert_int_equal(
	    s3_fetch(live->fetcher, &fetch, &object, &note), ERR_CONFLICT);
	assert_string_equal(note.text, "it was changed while it was read");
	fetch.etag = NULL;
	fetch.bytes_max = 1;
	assert_int_equal(
	    s3_fetch(live->fetcher, &fetch, &object, &note), ERR_TOO_BIG);
	buf_init(&uri, URI_BYTES_MAX);
	assert_int_equal(buf_printf(&uri, "%s-not-there", fetch.uri), 0);
	fetch.uri = buf_text(&uri);
	assert_int_equal(
	    s3_fetch(live->fetcher, &fetch, &object, &note), ERR_NOT_FOUND);
	assert_non_null(strstr(note.text, "NoSuchKey"));
	buf_fini(&uri);
}

#define TEST(name)                                                            \
	cmocka_unit_test_setup_teardown(name, live_setup, live_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bucket),
		TEST(test_refusals),
		TEST(test_conditions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
