/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that the operator gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine_world.h"

static int
key_take(void *arg, const struct api_key *key)
{
	*(struct api_key *)arg = *key;
	return 0;
}

/* What is shown of a short key does not give it away. */
static void
test_prefix(void **state)
{
	struct world *w = *state;
	struct api_key key;

	assert_int_equal(store_keys_each(w->engine->store, 0, key_take, &key),
	    0);
	assert_string_equal(key.prefix, "a k");
}

/* The same key again at the next start is no way around a revocation. */
static void
test_revoked(void **state)
{
	struct world *w = *state;
	struct engine_config config = {.data_dir = w->dir,
	    .extractor = "none", .workers = 1, .file_bytes_max = 1000,
	    .api_key = "a key of tests"};
	struct err_note note = {""};
	struct engine *again = NULL;
	struct api_key key;

	assert_int_equal(store_keys_each(w->engine->store, 0, key_take, &key),
	    0);
	assert_int_equal(engine_key_revoke(w->engine, w->caller.account_id,
			     &key.uuid, &note), 0);
	assert_int_equal(engine_authenticate(w->engine, "a key of tests", 14,
			     &w->caller), ERR_UNAUTHORIZED);
	engine_close(w->engine);
	w->engine = NULL;
	assert_int_equal(engine_open(&config, &again, &note), ERR_INVALID);
	assert_non_null(strstr(note.text, "revoked"));
	config.api_key = "another key";
	assert_int_equal(engine_open(&config, &w->engine, &note), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_prefix, world_up,
		world_down),
	    cmocka_unit_test_setup_teardown(test_revoked, world_up,
		world_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
