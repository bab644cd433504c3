/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sys/fs.h"
#include "sys/seal.h"

#define SECRET "{\"key_id\": \"AKIA\", \"secret_key\": \"very secret\"}"
#define CONTEXT "8f14e45f-ceea-467f-a0e6-0b9d2f3f0c11"

struct world {
	char folder[64], path[96];
	struct seal *seal;
	struct buf sealed;
};

static int
setup(void **state)
{
	struct world *world;

	world = mem_zalloc(sizeof(*world));
	assert_non_null(world);
	(void)snprintf(world->folder, sizeof(world->folder),
	    "/tmp/seal-test-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	(void)snprintf(world->path, sizeof(world->path), "%s/secret-key",
	    world->folder);
	assert_int_equal(seal_new(world->path, &world->seal, NULL), 0);
	buf_init(&world->sealed, MIB);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	seal_free(world->seal);
	buf_fini(&world->sealed);
	(void)unlink(world->path);
	assert_int_equal(rmdir(world->folder), 0);
	mem_free(world);
	return 0;
}

static int
unseal(struct world *world, const char *context, const char *expected)
{
	char *secret = NULL;
	size_t len = 4711;
	int err;

	err = seal_get(world->seal, context, world->sealed.data,
	    world->sealed.len, &secret, &len);
	if (err < 0) {
		assert_null(secret);
		assert_int_equal(len, 4711);
		return err;
	}
	assert_int_equal(len, strlen(expected));
	assert_string_equal(secret, expected);
	seal_wipe(secret, len);
	return 0;
}

static void
test_there_and_back(void **state)
{
	struct world *world = *state;
	char *secret;
	size_t len;

	assert_int_equal(seal_put(world->seal, CONTEXT, SECRET, strlen(SECRET),
			     &world->sealed),
	    0);
	assert_int_equal(world->sealed.len, strlen(SECRET) + SEAL_OVERHEAD);
	assert_int_equal(world->sealed.data[0], 1);
	assert_null(memmem(world->sealed.data, world->sealed.len, "secret", 6));
	assert_int_equal(unseal(world, CONTEXT, SECRET), 0);
	/* Nothing at all is a secret, too. */
	buf_clear(&world->sealed);
	assert_int_equal(seal_put(world->seal, "", "", 0, &world->sealed), 0);
	assert_int_equal(world->sealed.len, SEAL_OVERHEAD);
	assert_int_equal(unseal(world, "", ""), 0);
	/* And so are zeroes. */
	buf_clear(&world->sealed);
	assert_int_equal(seal_put(world->seal, "", "a\0b", 3, &world->sealed),
	    0);
	assert_int_equal(seal_get(world->seal, "", world->sealed.data,
			     world->sealed.len, &secret, &len),
	    0);
	assert_int_equal(len, 3);
	assert_memory_equal(secret, "a\0b", 4);
	seal_wipe(secret, len);
	seal_wipe(NULL, 0);
}

/* The same secret twice does not look the same. */
static void
test_nonce(void **state)
{
	struct world *world = *state;
	size_t len = strlen(SECRET) + SEAL_OVERHEAD;
	char first[256];

	assert_int_equal(seal_put(world->seal, CONTEXT, SECRET, strlen(SECRET),
			     &world->sealed),
	    0);
	memcpy(first, world->sealed.data, len);
	/* What is put stands behind what is there. */
	assert_int_equal(seal_put(world->seal, CONTEXT, SECRET, strlen(SECRET),
			     &world->sealed),
	    0);
	assert_int_equal(world->sealed.len, 2 * len);
	assert_memory_equal(world->sealed.data, first, len);
	assert_memory_not_equal(world->sealed.data + len + 1, first + 1, 12);
	assert_memory_not_equal(world->sealed.data + len + 13, first + 13,
	    strlen(SECRET));
}

static void
test_tampering(void **state)
{
	struct world *world = *state;
	size_t i, len;

	assert_int_equal(seal_put(world->seal, CONTEXT, SECRET, strlen(SECRET),
			     &world->sealed),
	    0);
	for (i = 0; i < world->sealed.len * 8; i++) {
		world->sealed.data[i / 8] ^= (char)(1 << i % 8);
		assert_int_equal(unseal(world, CONTEXT, SECRET), ERR_CORRUPT);
		world->sealed.data[i / 8] ^= (char)(1 << i % 8);
	}
	len = world->sealed.len;
	for (i = 0; i < len; i++) {
		world->sealed.len = i;
		assert_int_equal(unseal(world, CONTEXT, SECRET), ERR_CORRUPT);
	}
	world->sealed.len = len;
	assert_int_equal(unseal(world, "", SECRET), ERR_CORRUPT);
	assert_int_equal(unseal(world, CONTEXT "x", SECRET), ERR_CORRUPT);
	assert_int_equal(unseal(world, CONTEXT, SECRET), 0);
}

static void
test_limits(void **state)
{
	struct world *world = *state;
	char *large;

	large = mem_zalloc(SEAL_BYTES_MAX + 1);
	assert_non_null(large);
	assert_int_equal(seal_put(world->seal, CONTEXT, large,
			     SEAL_BYTES_MAX + 1, &world->sealed),
	    ERR_TOO_BIG);
	assert_int_equal(world->sealed.len, 0);
	memset(large, 'x', SEAL_BYTES_MAX);
	assert_int_equal(seal_put(world->seal, CONTEXT, large, SEAL_BYTES_MAX,
			     &world->sealed),
	    0);
	assert_int_equal(unseal(world, CONTEXT, large), 0);
	buf_fini(&world->sealed);
	buf_init(&world->sealed, 40);
	assert_int_equal(seal_put(world->seal, CONTEXT, large, 12,
			     &world->sealed),
	    ERR_TOO_BIG);
	mem_free(large);
}

/* ---- the key ----------------------------------------------------------- */

static void
test_key_stays(void **state)
{
	struct world *world = *state;
	struct stat st;

	assert_int_equal(seal_put(world->seal, CONTEXT, SECRET, strlen(SECRET),
			     &world->sealed),
	    0);
	assert_int_equal(stat(world->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 32);
	seal_free(world->seal);
	world->seal = NULL;
	assert_int_equal(seal_new(world->path, &world->seal, NULL), 0);
	assert_int_equal(unseal(world, CONTEXT, SECRET), 0);
	/* Another key is another lock. */
	seal_free(world->seal);
	world->seal = NULL;
	assert_int_equal(unlink(world->path), 0);
	assert_int_equal(seal_new(world->path, &world->seal, NULL), 0);
	assert_int_equal(unseal(world, CONTEXT, SECRET), ERR_CORRUPT);
}

static void
key_write(struct world *world, size_t len, mode_t mode)
{
	static const char bytes[64] = "key";

	assert_int_equal(
	    fs_replace(world->path, bytes, len, mode, NULL), 0);
}

static void
test_bad_keys(void **state)
{
	struct world *world = *state;
	struct seal *seal = NULL;
	struct err_note note;
	char words[256];
	struct stat st;
	size_t len;

	for (len = 31; len <= 33; len += 2) {
		key_write(world, len, 0600);
		assert_int_equal(seal_new(world->path, &seal, &note),
		    ERR_CORRUPT);
		(void)snprintf(words, sizeof(words),
		    "%s is not a key of 32 bytes", world->path);
		assert_string_equal(note.text, words);
		assert_int_equal(stat(world->path, &st), 0);
		assert_int_equal(st.st_size, len);
	}
	key_write(world, 32, 0640);
	assert_int_equal(seal_new(world->path, &seal, &note), ERR_FORBIDDEN);
	(void)snprintf(words, sizeof(words),
	    "%s can be used by others than its owner; make it mode 600",
	    world->path);
	assert_string_equal(note.text, words);
	assert_int_equal(unlink(world->path), 0);
	assert_int_equal(symlink("/dev/zero", world->path), 0);
	assert_true(seal_new(world->path, &seal, &note) < 0);
	assert_int_equal(unlink(world->path), 0);
	/* A folder that is not there, and a full disk. */
	assert_int_equal(seal_new("/nowhere/at/all/key", &seal, &note),
	    ERR_NOT_FOUND);
	fs_fail_at(1);
	assert_int_equal(seal_new(world->path, &seal, &note),
	    ERR_STORAGE_FULL);
	fs_fail_at(0);
	assert_int_equal(access(world->path, F_OK), -1);
	assert_null(seal);
}

static void
test_memory(void **state)
{
	struct world *world = *state;
	struct seal *seal = NULL;
	char *secret = NULL;
	size_t len;

	mem_fail_at(1);
	assert_int_equal(seal_new(world->path, &seal, NULL), ERR_NOMEM);
	mem_fail_at(1);
	assert_int_equal(seal_put(world->seal, CONTEXT, SECRET, 5,
			     &world->sealed),
	    ERR_NOMEM);
	mem_fail_at(0);
	buf_clear(&world->sealed);
	assert_int_equal(seal_put(world->seal, CONTEXT, SECRET, 5,
			     &world->sealed),
	    0);
	mem_fail_at(1);
	assert_int_equal(seal_get(world->seal, CONTEXT, world->sealed.data,
			     world->sealed.len, &secret, &len),
	    ERR_NOMEM);
	mem_fail_at(0);
	assert_null(secret);
}

static void
test_derive(void **state)
{
	/* Of HMAC-SHA-256 under a key of 32 bytes 'k'. */
	static const uint8_t expected[SEAL_KEY_SIZE] = {
	    0x34, 0xea, 0xb4, 0xef, 0xfa, 0x9e, 0x47, 0xea,
	    0x7a, 0x8c, 0xa4, 0x1d, 0xad, 0xed, 0xd5, 0x57,
	    0x54, 0x0b, 0xd9, 0x60, 0xa9, 0x3c, 0x26, 0x11,
	    0x86, 0x9a, 0x37, 0xe1, 0xd8, 0xd9, 0xe8, 0x68};
	struct world *world = *state;
	uint8_t key[SEAL_KEY_SIZE], other[SEAL_KEY_SIZE], file[SEAL_KEY_SIZE];
	char bytes[SEAL_KEY_SIZE];
	struct buf content;

	assert_int_equal(seal_derive(world->seal, "one", key), 0);
	assert_int_equal(seal_derive(world->seal, "two", other), 0);
	assert_memory_not_equal(key, other, sizeof(key));
	buf_init(&content, sizeof(file));
	assert_int_equal(fs_read_file(world->path, &content, NULL), 0);
	memcpy(file, content.data, sizeof(file));
	buf_fini(&content);
	assert_memory_not_equal(key, file, sizeof(key));
	/* The same after a restart. */
	seal_free(world->seal);
	world->seal = NULL;
	assert_int_equal(seal_new(world->path, &world->seal, NULL), 0);
	assert_int_equal(seal_derive(world->seal, "one", other), 0);
	assert_memory_equal(key, other, sizeof(key));
	/* Of another file it is another, and it is what others compute. */
	seal_free(world->seal);
	world->seal = NULL;
	memset(bytes, 'k', sizeof(bytes));
	assert_int_equal(fs_replace(world->path, bytes, sizeof(bytes), 0600,
			     NULL),
	    0);
	assert_int_equal(seal_new(world->path, &world->seal, NULL), 0);
	assert_int_equal(seal_derive(world->seal, "one", key), 0);
	assert_memory_equal(key, expected, sizeof(key));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_there_and_back),
		TEST(test_nonce),
		TEST(test_tampering),
		TEST(test_limits),
		TEST(test_key_stays),
		TEST(test_bad_keys),
		TEST(test_memory),
		TEST(test_derive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
