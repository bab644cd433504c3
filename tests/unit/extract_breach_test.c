/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's side against children that break every rule: they are this
 * program under other names.
 */
#include "extract_got.h"

static char fakes[] = "/tmp/tidemark-extract-test-XXXXXX";

static uint32_t fake_id;
static uint64_t fake_sum;

static void
fake_send(const void *bytes, size_t len)
{
	if (send(WIRE_FD, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		_exit(0);
}

static void
fake_frame(unsigned type, unsigned kind, unsigned level, unsigned flags,
    const void *payload, size_t len)
{
	struct wire_frame frame = {
	    .len = htole32((uint32_t)len),
	    .type = (uint8_t)type,
	    .kind = (uint8_t)kind,
	    .level = (uint8_t)level,
	    .flags = (uint8_t)flags,
	    .id = htole32(fake_id),
	};

	fake_send(&frame, sizeof(frame));
	if (len > 0)
		fake_send(payload, len);
}

static void
fake_block(const char *text)
{
	fake_frame(WIRE_BLOCK, BLOCK_PARAGRAPH, 0, 0, text, strlen(text));
	fake_sum += strlen(text);
}

static void
fake_end(unsigned code, uint64_t sum)
{
	struct wire_end end = {
	    .code = htole32(code),
	    .text_bytes = htole64(sum),
	};

	fake_frame(WIRE_END, 0, 0, 0, &end, sizeof(end));
}

static void
fake_hello(const char *how)
{
	struct wire_hello hello = {
	    .magic = htole32(WIRE_MAGIC),
	    .version = htole16(WIRE_VERSION),
	    .sandbox = htole32(WIRE_SANDBOX_NEEDED),
	};

	if (strcmp(how, "no-hello") == 0)
		_exit(0);
	if (strcmp(how, "old") == 0)
		hello.version = htole16(77);
	if (strcmp(how, "no-sandbox") == 0)
		hello.sandbox = htole32(WIRE_SANDBOX_RLIMITS);
	fake_frame(WIRE_HELLO, 0, 0, 0, &hello, sizeof(hello));
}

/* Breaches in the middle of an answer. */
static void
fake_breach(const char *how)
{
	struct wire_meta meta = {.title_len = htole16(9)};
	struct wire_frame frame = {
	    .len = htole32((uint32_t)BLOCK_BYTES_MAX + 1),
	    .type = WIRE_BLOCK,
	    .kind = BLOCK_CODE,
	};

	if (strcmp(how, "utf8") == 0)
		fake_frame(WIRE_BLOCK, 1, 0, 0, "\xC3(", 2);
	else if (strcmp(how, "nul") == 0)
		fake_frame(WIRE_BLOCK, 1, 0, 0, "a\0b", 3);
	else if (strcmp(how, "empty") == 0)
		fake_frame(WIRE_BLOCK, 1, 0, 0, NULL, 0);
	else if (strcmp(how, "kind") == 0)
		fake_frame(WIRE_BLOCK, 99, 0, 0, "a", 1);
	else if (strcmp(how, "verbatim") == 0) /* nobody asked */
		fake_frame(WIRE_BLOCK, BLOCK_VERBATIM, 0, 0, "a", 1);
	else if (strcmp(how, "level") == 0)
		fake_frame(WIRE_BLOCK, BLOCK_HEADING, 7, 0, "a", 1);
	else if (strcmp(how, "flags") == 0)
		fake_frame(WIRE_BLOCK, 1, 0, 2, "a", 1);
	else if (strcmp(how, "continued") == 0)
		fake_frame(WIRE_BLOCK, BLOCK_CODE, 0, 1, "a", 1);
	else if (strcmp(how, "type") == 0)
		fake_frame(77, 0, 0, 0, NULL, 0);
	else if (strcmp(how, "hello-again") == 0)
		fake_hello("");
	else if (strcmp(how, "id") == 0)
		fake_id += 5;
	else if (strcmp(how, "long") == 0)
		fake_send(&frame, sizeof(frame));
	else if (strcmp(how, "meta") == 0)
		fake_frame(WIRE_META, 0, 0, 0, &meta, sizeof(meta));
	else if (strcmp(how, "sum") == 0)
		fake_sum++;
	else if (strcmp(how, "code") == 0)
		fake_end(ITEM_CODE_CANCELLED, fake_sum);
	else if (strcmp(how, "crash") == 0)
		(void)raise(SIGTERM);
	else if (strcmp(how, "slow") == 0)
		(void)raise(SIGPROF);
	else if (strcmp(how, "exit") == 0)
		_exit(3);
	else if (strcmp(how, "silent") == 0)
		for (;;)
			(void)pause();
}

static _Noreturn void
fake_child(const char *how)
{
	struct wire_request request;
	char name[NAME_BYTES_MAX];

	fake_hello(how);
	for (;;) {
		if (recv(WIRE_FD, &request, sizeof(request), MSG_WAITALL) !=
		    (ssize_t)sizeof(request))
			_exit(0);
		(void)recv(WIRE_FD, name, le16toh(request.name_len),
		    MSG_WAITALL);
		fake_id = le32toh(request.id);
		fake_sum = 0;
		fake_block("first");
		if (strcmp(how, "second-time") == 0 && fake_id == 1)
			_exit(1);
		if (strcmp(how, "differs") == 0) {
			fake_block(fake_id == 1 ? "this" : "that");
			if (fake_id == 1)
				_exit(1);
		}
		if (strcmp(how, "shorter") == 0 && fake_id == 1) {
			fake_block("more");
			_exit(1);
		}
		fake_breach(how);
		fake_block("last");
		fake_end(ITEM_CODE_NONE, fake_sum);
		if (strcmp(how, "talks-on") == 0)
			fake_block("more");
	}
}

/* An extractor whose child breaks rules in that way. */
static struct extractor *
fake_new(const char *how)
{
	struct extractor *fake;
	char path[256], self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(n > 0);
	self[n] = '\0';
	(void)snprintf(path, sizeof(path), "%s/fake-%s", fakes, how);
	assert_int_equal(symlink(self, path), 0);
	fake = extractor_new(path);
	assert_non_null(fake);
	return fake;
}

/* So many children were ended, all for that reason. */
static void
assert_ends(const struct extractor *fake, enum extractor_end reason,
    uint64_t count)
{
	uint64_t ends[EXTRACTOR_END_COUNT];
	size_t i;

	extractor_ends(fake, ends);
	for (i = 0; i < EXTRACTOR_END_COUNT; i++)
		if (ends[i] != (i == reason ? count : 0))
			fail_msg("%s: %llu", extractor_end_name(
			    (enum extractor_end)i),
			    (unsigned long long)ends[i]);
}

static void
test_breaches(void **state)
{
	static const char *const hows[] = {"utf8", "nul", "empty", "kind",
	    "verbatim", "level", "flags", "continued", "type",
	    "hello-again", "id", "long", "meta", "sum", "code", "crash",
	    "exit", "differs", "shorter", "talks-on"};
	struct extractor *fake;
	struct got got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
		fake = fake_new(hows[i]);
		got.stop_after = got.stop_with = 0;
		assert_int_equal(run_with(fake, &extract_limits_default,
				     "a.txt", "x", 1, &got), 0);
		/* Too late to be seen in the first answer, at times. */
		if (strcmp(hows[i], "talks-on") == 0 &&
		    got.result.code == ITEM_CODE_NONE) {
			buf_fini(&got.text);
			got.stop_after = 0;
			assert_int_equal(run_with(fake,
					     &extract_limits_default, "a.txt",
					     "x", 1, &got), 0);
		}
		if (got.result.code != ITEM_CODE_EXTRACTION_FAILED &&
		    strcmp(hows[i], "talks-on") != 0)
			fail_msg("%s was not noticed", hows[i]);
		/* Nothing is given out twice. */
		if (strncmp(buf_text(&got.text), "p|first\n", 8) != 0 ||
		    strstr(buf_text(&got.text) + 1, "p|first\n") != NULL)
			fail_msg("%s gave %s", hows[i], buf_text(&got.text));
		if (strcmp(hows[i], "talks-on") != 0)
			assert_ends(fake, EXTRACTOR_END_CRASH, 2);
		buf_fini(&got.text);
		extractor_close(fake);
	}
}

static void
test_second_attempt(void **state)
{
	struct extractor *fake = fake_new("second-time");
	struct got got = {.stop_after = 0};

	(void)state;
	assert_int_equal(run_with(fake, &extract_limits_default, "a.txt", "x",
			     1, &got), 0);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_string_equal(buf_text(&got.text), "p|first\np|last\n");
	assert_ends(fake, EXTRACTOR_END_CRASH, 1);
	buf_fini(&got.text);
	extractor_close(fake);
}

static void
test_timeouts(void **state)
{
	struct extract_limits limits = extract_limits_default;
	struct extractor *fake = fake_new("silent");
	struct got got = {.stop_after = 0};

	(void)state;
	limits.wall_ms_max = 20;
	assert_int_equal(run_with(fake, &limits, "a.txt", "x", 1, &got), 0);
	assert_int_equal(got.result.code, ITEM_CODE_EXTRACTION_TIMEOUT);
	assert_ends(fake, EXTRACTOR_END_TIMEOUT, 1);
	buf_fini(&got.text);
	extractor_close(fake);

	fake = fake_new("slow");
	assert_int_equal(run_with(fake, &extract_limits_default, "a.txt", "x",
			     1, &got), 0);
	assert_int_equal(got.result.code, ITEM_CODE_EXTRACTION_TIMEOUT);
	assert_ends(fake, EXTRACTOR_END_TIMEOUT, 1);
	buf_fini(&got.text);
	extractor_close(fake);
}

static void
test_stop(void **state)
{
	struct extractor *fake = fake_new("silent-too");
	struct extract_result result;
	struct err_note note;
	atomic_bool stop;
	struct got got;
	int fd = file_of("x", 1);

	(void)state;
	atomic_init(&stop, true);
	memset(&got, 0, sizeof(got));
	buf_init(&got.text, MIB);
	assert_int_equal(extractor_run(fake, fd, "a.txt",
			     &extract_limits_default, &stop, &collect_all, &got,
			     &result, &note), ERR_CANCELLED);
	buf_fini(&got.text);
	(void)close(fd);
	extractor_close(fake);
}

static void
test_bad_starts(void **state)
{
	static const char *const hows[] = {"no-hello", "old", "no-sandbox"};
	struct extractor *fake;
	struct got got = {.stop_after = 0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
		fake = fake_new(hows[i]);
		assert_int_equal(run_with(fake, &extract_limits_default,
				     "a.txt", "x", 1, &got), ERR_IO);
		buf_fini(&got.text);
		extractor_close(fake);
	}
	fake = extractor_new("/nonexistent/tidemark-extract");
	assert_int_equal(run_with(fake, &extract_limits_default, "a.txt", "x",
			     1, &got), ERR_IO);
	buf_fini(&got.text);
	extractor_close(fake);
	extractor_close(NULL);
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(fakes) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct dirent *entry;
	char path[512];
	DIR *dir;

	(void)state;
	dir = opendir(fakes);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", fakes,
		    entry->d_name);
		(void)unlink(path);
	}
	if (dir != NULL)
		(void)closedir(dir);
	return rmdir(fakes);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_breaches),
	    cmocka_unit_test(test_second_attempt),
	    cmocka_unit_test(test_timeouts),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_bad_starts),
	};
	const char *fake = argc > 0 ? strstr(argv[0], "/fake-") : NULL;

	if (fake != NULL)
		fake_child(fake + strlen("/fake-"));
	return cmocka_run_group_tests(tests, setup, teardown);
}
