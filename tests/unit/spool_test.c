/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sys/fs.h"
#include "sys/spool.h"

#define PIECES 3000u

/* Piece n: its length, and bytes that tell it from the others. */
static size_t
piece_make(unsigned n, char *out)
{
	size_t len = n % 7 == 0 ? 0 : n * 37 % 500;
	size_t i;

	for (i = 0; i < len; i++)
		out[i] = (char)(n * 31 + i);
	return len;
}

static void
spool_fill(struct spool *spool)
{
	char piece[512];
	unsigned n;

	for (n = 0; n < PIECES; n++)
		assert_int_equal(
		    spool_put(spool, piece, piece_make(n, piece)), 0);
}

static void
spool_expect(struct spool *spool)
{
	char piece[512];
	const char *got;
	unsigned n;
	size_t len;

	spool_rewind(spool);
	for (n = 0; n < PIECES; n++) {
		len = piece_make(n, piece);
		assert_int_equal(spool_get(spool, len, &got), 0);
		assert_non_null(got);
		if (len > 0)
			assert_memory_equal(got, piece, len);
	}
	assert_int_equal(spool_get(spool, 1, &got), ERR_CLOSED);
	assert_int_equal(spool_get(spool, 0, &got), 0);
}

static void
test_memory_and_file(void **state)
{
	static const size_t maxima[] = {0, 1, 100, 4096, 65536, MIB};
	struct spool spool;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(maxima) / sizeof(maxima[0]); i++) {
		spool_init(&spool, "/tmp", maxima[i]);
		spool_fill(&spool);
		assert_int_equal(spool.fd >= 0, maxima[i] < MIB);
		spool_expect(&spool);
		spool_expect(&spool); /* once more from the front */
		/* Memory is what was asked for and one piece. */
		assert_true(spool.memory.len <= maxima[i] + 512);
		spool_clear(&spool);
		assert_int_equal(spool.fd, -1);
		spool_fill(&spool);
		spool_expect(&spool);
		spool_fini(&spool);
	}
}

static void
test_empty(void **state)
{
	struct spool spool;
	const char *got = NULL;

	(void)state;
	spool_init(&spool, "/tmp", 100);
	spool_rewind(&spool);
	assert_int_equal(spool_get(&spool, 0, &got), 0);
	assert_non_null(got);
	assert_int_equal(spool_get(&spool, 1, &got), ERR_CLOSED);
	assert_int_equal(spool_get(&spool, SIZE_MAX, &got), ERR_CLOSED);
	spool_fini(&spool);
}

/* Pieces may be read before the last is written. */
static void
test_read_while_writing(void **state)
{
	struct spool spool;
	char piece[512];
	const char *got;
	unsigned n, read;
	size_t len;

	(void)state;
	spool_init(&spool, "/tmp", 1000);
	for (n = 0, read = 0; read < PIECES; n++) {
		if (n < PIECES) {
			len = piece_make(n, piece);
			assert_int_equal(spool_put(&spool, piece, len), 0);
		}
		if (n % 3 == 0 && n < PIECES)
			continue;
		len = piece_make(read++, piece);
		assert_int_equal(spool_get(&spool, len, &got), 0);
		if (len > 0)
			assert_memory_equal(got, piece, len);
	}
	assert_int_equal(spool_get(&spool, 1, &got), ERR_CLOSED);
	spool_fini(&spool);
}

static void
test_large_pieces(void **state)
{
	size_t len = 300 * KIB, i;
	struct spool spool;
	const char *got;
	char *piece;

	(void)state;
	piece = mem_alloc(len);
	assert_non_null(piece);
	for (i = 0; i < len; i++)
		piece[i] = (char)(i % 251);
	spool_init(&spool, "/tmp", 4096);
	for (i = 0; i < 4; i++) {
		assert_int_equal(spool_put(&spool, "head", 4), 0);
		assert_int_equal(spool_put(&spool, piece, len), 0);
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(spool_get(&spool, 4, &got), 0);
		assert_memory_equal(got, "head", 4);
		assert_int_equal(spool_get(&spool, len, &got), 0);
		assert_memory_equal(got, piece, len);
	}
	spool_fini(&spool);
	mem_free(piece);
}

static void
test_failures(void **state)
{
	struct spool spool;
	unsigned n;
	int err = 0;

	(void)state;
	spool_init(&spool, "/tmp/not/there", 10);
	assert_int_equal(spool_put(&spool, "12345678", 8), 0);
	assert_int_equal(spool_put(&spool, "12345678", 8), ERR_NOT_FOUND);
	assert_int_equal(spool.fd, -1);
	spool_fini(&spool);

	/* A full disk, then room again: nothing was lost on the way. */
	spool_init(&spool, "/tmp", 1000);
	fs_fail_at(3);
	for (n = 0; n < PIECES; n++) {
		char piece[512];
		size_t len = piece_make(n, piece);

		err = spool_put(&spool, piece, len);
		if (err < 0) {
			assert_int_equal(err, ERR_STORAGE_FULL);
			assert_int_equal(spool_put(&spool, piece, len), 0);
		}
	}
	fs_fail_at(0);
	spool_expect(&spool);
	spool_fini(&spool);

	spool_init(&spool, "/tmp", 1000);
	mem_fail_at(1);
	assert_int_equal(spool_put(&spool, "x", 1), ERR_NOMEM);
	mem_fail_at(0);
	spool_clear(&spool);
	assert_int_equal(spool_put(&spool, "x", 1), 0);
	spool_fini(&spool);
}

/* A write of which the disk takes a part only. */
static void
test_part_written(void **state)
{
	struct rlimit limit, before;
	struct spool spool;
	char piece[512];
	unsigned n, failed = 0;
	size_t len;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 10000;
	spool_init(&spool, "/tmp", 1000);
	for (n = 0; n < PIECES; n++) {
		len = piece_make(n, piece);
		assert_int_equal(setrlimit(RLIMIT_FSIZE,
				     failed > 0 ? &before : &limit), 0);
		if (spool_put(&spool, piece, len) == 0)
			continue;
		failed++;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_int_equal(spool_put(&spool, piece, len), 0);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	(void)signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(failed, 1);
	spool_expect(&spool);
	spool_fini(&spool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_memory_and_file),
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_read_while_writing),
	    cmocka_unit_test(test_large_pieces),
	    cmocka_unit_test(test_failures),
	    cmocka_unit_test(test_part_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
