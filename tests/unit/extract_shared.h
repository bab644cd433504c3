/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_shared: one extractor for all tests of a program, and looks at what
 * it makes of bytes or of a fixture.
 */
#ifndef UNIT_EXTRACT_SHARED_H
#define UNIT_EXTRACT_SHARED_H

#include "extract_got.h"

static char shared_program[4096];
static struct extractor *shared;

static inline int
shared_setup(void **state)
{
	const char *given = getenv("TIDEMARK_EXTRACT");
	ssize_t n;
	char *slash;

	(void)state;
	n = readlink("/proc/self/exe", shared_program,
	    sizeof(shared_program) - 64);
	if (n < 0)
		return -1;
	shared_program[n] = '\0';
	slash = strrchr(shared_program, '/');
	(void)snprintf(slash + 1, 64, "../../tidemark-extract");
	if (given != NULL)
		(void)snprintf(shared_program, sizeof(shared_program), "%s",
		    given);
	shared = extractor_new(shared_program);
	return shared == NULL ? -1 : 0;
}

static inline int
shared_teardown(void **state)
{
	(void)state;
	extractor_close(shared);
	return 0;
}

static inline void
read_bytes(const char *name, const void *bytes, size_t len, struct got *got)
{
	got->stop_after = got->stop_with = 0;
	assert_int_equal(run_with(shared, &extract_limits_default, name, bytes,
			     len, got), 0);
}

/* A fixture, by its path below tests/data/documents/. */
static inline void
load_fixture(const char *path, struct buf *bytes)
{
	char whole[512], piece[4096];
	ssize_t n;
	int fd;

	(void)snprintf(whole, sizeof(whole), "tests/data/documents/%s", path);
	fd = open(whole, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("%s cannot be opened", whole);
	buf_init(bytes, 64 * MIB);
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		assert_int_equal(buf_put(bytes, piece, (size_t)n), 0);
	assert_int_equal(n, 0);
	(void)close(fd);
}

/* What must come out of bytes that can be read. */
static inline void
check_bytes(const char *name, const void *bytes, size_t len,
    const char *title, const char *wanted)
{
	struct got got;

	read_bytes(name, bytes, len, &got);
	if (got.result.code != ITEM_CODE_NONE)
		print_error("%s: %s\n", name, got.result.message);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	if (strcmp(buf_text(&got.text), wanted) != 0)
		print_error("%s:\n%s\n--- but wanted:\n%s\n", name,
		    buf_text(&got.text), wanted);
	assert_string_equal(buf_text(&got.text), wanted);
	if (title != NULL)
		assert_string_equal(got.result.title, title);
	buf_fini(&got.text);
}

/* The same for a fixture. */
static inline void
check_fixture(const char *path, const char *title, const char *wanted)
{
	const char *slash = strrchr(path, '/');
	struct buf bytes;

	load_fixture(path, &bytes);
	check_bytes(slash == NULL ? path : slash + 1, buf_text(&bytes),
	    bytes.len, title, wanted);
	buf_fini(&bytes);
}

/* How a file ends that cannot be read. */
static inline void
check_code(const char *name, const void *bytes, size_t len,
    enum item_code code, const char *words)
{
	struct got got;

	read_bytes(name, bytes, len, &got);
	assert_string_equal(item_code_name(got.result.code),
	    item_code_name(code));
	if (words != NULL && strstr(got.result.message, words) == NULL)
		fail_msg("\"%s\" has no \"%s\"", got.result.message, words);
	buf_fini(&got.text);
}

static inline void
check_media_type(const char *name, const void *bytes, size_t len,
    const char *type)
{
	struct got got;

	read_bytes(name, bytes, len, &got);
	assert_string_equal(got.result.media_type, type);
	buf_fini(&got.text);
}

#endif
