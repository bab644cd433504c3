/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/fs.h"
#include "sys/sha256.h"

struct row {
	const char *text;
	const char *hash;
};

/* FIPS 180-4's examples. */
static const struct row rows[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb924"
	 "27ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	"248d6a61d20638b8e5c026930c3e6039"
	"a33ce45964ff2167f6ecedd419db06c1"},
};

static void
expect_hash(const uint8_t hash[SHA256_SIZE], const char *wanted)
{
	char text[SHA256_TEXT_SIZE];

	sha256_format(hash, text);
	assert_string_equal(text, wanted);
}

static void
test_examples(void **state)
{
	uint8_t hash[SHA256_SIZE];
	struct sha256 *running = sha256_new();
	size_t i, j;

	(void)state;
	assert_non_null(running);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sha256_of(rows[i].text, strlen(rows[i].text), hash);
		expect_hash(hash, rows[i].hash);
		/* By single bytes; afterwards it starts afresh. */
		for (j = 0; rows[i].text[j] != '\0'; j++)
			sha256_add(running, rows[i].text + j, 1);
		sha256_end(running, hash);
		expect_hash(hash, rows[i].hash);
	}
	sha256_free(running);
	sha256_free(NULL);
}

static void
test_file(void **state)
{
	uint8_t hash[SHA256_SIZE];
	uint64_t bytes = 0;
	char million[1000];
	int fd, i;

	(void)state;
	memset(million, 'a', sizeof(million));
	fd = fs_temporary("/tmp");
	assert_true(fd >= 0);
	assert_int_equal(sha256_of_fd(fd, hash, &bytes), 0);
	assert_int_equal(bytes, 0);
	expect_hash(hash, rows[0].hash);
	for (i = 0; i < 1000; i++)
		assert_int_equal(fs_write(fd, million, sizeof(million)), 0);
	/* From the start, wherever the descriptor stands. */
	assert_int_equal(sha256_of_fd(fd, hash, &bytes), 0);
	assert_int_equal(bytes, 1000000);
	expect_hash(hash, "cdc76e5c9914fb9281a1c7e284d73e67"
			  "f1809a48a497200e046d39ccc7112cd0");
	assert_int_equal(close(fd), 0);

	bytes = 7;
	assert_true(sha256_of_fd(-1, hash, &bytes) < 0);
	assert_int_equal(bytes, 7);
}

static void
test_no_memory(void **state)
{
	uint8_t hash[SHA256_SIZE];
	uint64_t bytes;
	unsigned long nth;

	(void)state;
	for (nth = 1; nth <= 2; nth++) {
		mem_fail_at(nth);
		assert_int_equal(sha256_of_fd(0, hash, &bytes), ERR_NOMEM);
	}
	mem_fail_at(1);
	assert_null(sha256_new());
	mem_fail_at(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_examples),
	    cmocka_unit_test(test_file),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
