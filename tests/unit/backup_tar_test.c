/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/backup_tar.h"

/* Sizes on both sides of what ustar can say, and the largest. */
static void
test_sizes(void **state)
{
	static const uint64_t sizes[] = {0, 1, 511, 512, 513,
	    TAR_PLAIN_SIZE_MAX, TAR_PLAIN_SIZE_MAX + 1, 10000000000ULL,
	    TAR_SIZE_MAX};
	struct tar_member member = {.name = "tidemark.db",
	    .mtime_s = 1795400000, .uid = 999, .gid = 16777217};
	struct tar_member got;
	const uint8_t *at;
	struct buf out;
	uint64_t bytes;
	size_t i;
	int kind;

	(void)state;
	buf_init(&out, 4ULL * TAR_BLOCK);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buf_clear(&out);
		member.bytes = sizes[i];
		assert_int_equal(tar_put_head(&out, &member), 0);
		assert_int_equal(out.len, tar_head_bytes(sizes[i]));
		at = (const uint8_t *)out.data;
		kind = tar_read_head(at, &got, NULL);
		bytes = got.bytes;
		if (sizes[i] > TAR_PLAIN_SIZE_MAX) {
			assert_int_equal(kind, TAR_SIZE);
			assert_int_equal(tar_read_size(
			    (const char *)at + TAR_BLOCK, got.bytes, &bytes,
			    NULL), 0);
			at += 2 * TAR_BLOCK;
			kind = tar_read_head(at, &got, NULL);
		}
		assert_int_equal(kind, TAR_FILE);
		assert_int_equal(bytes, sizes[i]);
		assert_string_equal(got.name, member.name);
		assert_int_equal(got.mtime_s, member.mtime_s);
	}
	member.bytes = TAR_SIZE_MAX + 1;
	assert_int_equal(tar_put_head(&out, &member), ERR_TOO_BIG);
	buf_fini(&out);
}

static void
test_size_words(void **state)
{
	static const char *const wrong[] = {"", "9 size=5", "9 size=5\n\n",
	    "8 size=5\n", "9 size=-\n", "9  size=5\n",
	    "10 size=05\n", "10 size=+5\n", "10 path=/x\n",
	    "28 size=1152921504606846977\n",
	    "9999999999999999999999999999999999999999999999999999999999999"};
	uint64_t bytes = 7;
	size_t i;

	(void)state;
	assert_int_equal(tar_read_size("9 size=5\n", 9, &bytes, NULL), 0);
	assert_int_equal(bytes, 5);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(tar_read_size(wrong[i], strlen(wrong[i]),
		    &bytes, NULL), ERR_SYNTAX);
	assert_int_equal(bytes, 5);
}

static void
test_padding(void **state)
{
	(void)state;
	assert_int_equal(tar_padding(0), 0);
	assert_int_equal(tar_padding(1), 511);
	assert_int_equal(tar_padding(512), 0);
	assert_int_equal(tar_padding(TAR_PLAIN_SIZE_MAX), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_size_words),
	    cmocka_unit_test(test_padding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
