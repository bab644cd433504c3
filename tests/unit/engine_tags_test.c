/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tags: made, renamed, bound to bases, and refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "edit_world.h"

/* ---- tags --------------------------------------------------------------- */

static int
tag_take(void *arg, const struct tag *tag)
{
	char *out = arg;
	size_t len = strlen(out);

	(void)snprintf(out + len, 256 - len, "%s:%u ", tag->name,
	    (unsigned)tag->bases);
	return 0;
}

static void
expect_tags(struct fixture *f, const char *wanted)
{
	char out[256] = "";

	assert_int_equal(store_tags_each(f->w.reader, f->w.account_id, 0,
			     tag_take, out), 0);
	assert_string_equal(out, wanted);
}

static void
tags_are_made_and_bound(void **state)
{
	struct fixture *f = *state;
	struct engine *engine = f->w.engine;
	int64_t me = f->w.account_id, they = f->other_account;
	struct uuid tags[2], uuid, nobody = rng_uuid();
	struct err_note note = {""};

	assert_int_equal(engine_tag_create(engine, me, "one", &tags[0],
			     &note), 0);
	assert_int_equal(engine_tag_create(engine, me, "two", &tags[1],
			     &note), 0);
	assert_int_equal(engine_tag_create(engine, me, "one", &uuid, &note),
	    ERR_EXISTS);
	assert_int_equal(engine_tag_create(engine, they, "one", &uuid,
			     &note), 0);
	expect_tags(f, "one:0 two:0 ");
	assert_int_equal(engine_tags_bind(engine, me, tags, 2, &f->w.base,
			     true, &note), 0);
	assert_int_equal(engine_tags_bind(engine, me, tags, 2, &f->w.base,
			     true, &note), 0);
	expect_tags(f, "one:1 two:1 ");
	assert_int_equal(engine_tag_rename(engine, me, &tags[0], "two",
			     &note), ERR_EXISTS);
	assert_int_equal(engine_tag_rename(engine, me, &tags[0], "three",
			     &note), 0);
	assert_int_equal(engine_tag_rename(engine, they, &tags[0], "four",
			     &note), ERR_NOT_FOUND);
	assert_int_equal(engine_tag_delete(engine, they, &tags[0], &note),
	    ERR_NOT_FOUND);
	/* All or none. */
	uuid = tags[1];
	tags[1] = nobody;
	assert_int_equal(engine_tags_bind(engine, me, tags, 2, &f->w.base,
			     false, &note), ERR_NOT_FOUND);
	expect_tags(f, "three:1 two:1 ");
	assert_int_equal(engine_tags_bind(engine, me, tags, 1, &nobody, true,
			     &note), ERR_NOT_FOUND);
	assert_int_equal(engine_tags_bind(engine, they, tags, 1, &f->w.base,
			     true, &note), ERR_NOT_FOUND);
	assert_int_equal(engine_tags_bind(engine, me, tags, 1, &f->w.base,
			     false, &note), 0);
	expect_tags(f, "three:0 two:1 ");
	assert_int_equal(engine_tag_delete(engine, me, &uuid, &note), 0);
	assert_int_equal(engine_tag_delete(engine, me, &uuid, &note),
	    ERR_NOT_FOUND);
	expect_tags(f, "three:0 ");
}

static void
tag_names_are_checked(void **state)
{
	struct fixture *f = *state;
	static char long_name[202];
	const char *const names[] = {"", "a\tb", "\xFF", "\x7F", long_name};
	struct uuid uuid, tag;
	struct err_note note = {""};
	size_t i;

	memset(long_name, 'n', sizeof(long_name) - 1);
	assert_int_equal(engine_tag_create(f->w.engine, f->w.account_id,
			     long_name + 1, &tag, &note), 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(engine_tag_create(f->w.engine,
				     f->w.account_id, names[i], &uuid, &note),
		    ERR_INVALID);
		assert_int_equal(engine_tag_rename(f->w.engine,
				     f->w.account_id, &tag, names[i], &note),
		    ERR_INVALID);
	}
	assert_int_equal(engine_tags_bind(f->w.engine, f->w.account_id, &tag,
			     1001, &f->w.base, true, &note), ERR_TOO_BIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAIN(tags_are_made_and_bound),
	    PLAIN(tag_names_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
