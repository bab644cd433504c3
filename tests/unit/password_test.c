/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords: the right one, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sys/password.h"

#define RIGHT "tides, and other slow things"

static int
check(const char *password, const char *hash)
{
	return password_check(password, strlen(password), hash);
}

static void
test_hash(void **state)
{
	char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(password_hash(RIGHT, strlen(RIGHT), hash), 0);
	/* The cost is part of it. */
	assert_memory_equal(hash, "$argon2id$v=19$m=65536,t=2,p=1$", 31);
	assert_int_equal(check(RIGHT, hash), 1);
	assert_int_equal(check(RIGHT "!", hash), 0);
	assert_int_equal(check("", hash), 0);
	/* A salt of its own. */
	assert_int_equal(password_hash(RIGHT, strlen(RIGHT), again), 0);
	assert_string_not_equal(hash, again);
	assert_int_equal(check(RIGHT, again), 1);
}

/* What the database could hold and is no hash of ours. */
static void
test_broken(void **state)
{
	static const char *const broken[] = {"x", "$argon2id$",
	    "$argon2id$v=19$m=65536,t=2,p=1$c29tZSBzYWx0$",
	    "$argon2i$v=19$m=65536,t=2,p=1$c29tZSBzYWx0IG9mIDE2Yg$AAAA",
	    "$2b$12$abcdefghijklmnopqrstuv"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(check(RIGHT, broken[i]), 0);
}

/* There is nobody: no password is right, whatever it is. */
static void
test_nobody(void **state)
{
	(void)state;
	assert_int_equal(check(RIGHT, NULL), 0);
	assert_int_equal(check("", NULL), 0);
	assert_int_equal(check(RIGHT, ""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hash),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
