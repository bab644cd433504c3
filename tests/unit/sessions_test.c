/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions that a key begins, over an engine without threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "engine/user_int.h"
#include "engine_world.h"
#include "sys/clock.h"
#include "sys/jwt.h"
#include "sys/rng.h"

#define SECOND 1000000LL

static void
begin(struct world *w, struct buf *token, int64_t *ret_until_s)
{
	buf_init(token, JWT_BYTES_MAX);
	assert_int_equal(engine_key_session_open(w->engine, &w->caller, token,
	    ret_until_s), 0);
}

static int
enter(struct world *w, const struct buf *token, struct caller *ret_caller)
{
	return engine_authenticate(w->engine, token->data, token->len,
	    ret_caller);
}

static int
key_take(void *arg, const struct api_key *key)
{
	*(struct api_key *)arg = *key;
	return 0;
}

static void
again(struct world *w)
{
	struct engine_config config = {.data_dir = w->dir,
	    .extractor = "none", .workers = 1, .file_bytes_max = 1000};
	struct err_note note = {""};

	engine_close(w->engine);
	w->engine = NULL;
	assert_int_equal(engine_open(&config, &w->engine, &note), 0);
}

static void
test_begun(void **state)
{
	struct world *w = *state;
	struct caller caller;
	struct buf one, two;
	int64_t now_s = clock_wall_us() / SECOND, until_s = 0;

	begin(w, &one, &until_s);
	assert_in_range(until_s, now_s + KEY_SESSION_SECONDS,
	    now_s + KEY_SESSION_SECONDS + 60);
	begin(w, &two, &until_s);
	assert_string_not_equal(buf_text(&one), buf_text(&two));
	assert_null(strstr(buf_text(&one), "a key of tests"));
	assert_int_equal(enter(w, &two, &caller), 0);
	assert_int_equal(caller.account_id, w->caller.account_id);
	assert_int_equal(caller.key_id, w->caller.key_id);
	assert_int_equal(caller.user_id, 0);
	assert_int_equal(caller.session_until_s, until_s);
	assert_string_equal(caller.label, w->caller.label);
	assert_true(engine_caller_stands(w->engine, &caller));
	assert_true(engine_caller_stands(w->engine, &w->caller));
	/* None that would go on for ever. */
	assert_int_equal(engine_key_session_open(w->engine, &caller, &one,
	    &until_s), ERR_INVALID);
	buf_fini(&one);
	buf_fini(&two);
}

static void
test_expired(void **state)
{
	struct world *w = *state;
	struct caller caller;
	struct buf token;
	int64_t until_s;

	begin(w, &token, &until_s);
	clock_wall_shift_us((KEY_SESSION_SECONDS - 60) * SECOND);
	assert_int_equal(enter(w, &token, &caller), 0);
	assert_true(engine_caller_stands(w->engine, &caller));
	clock_wall_shift_us(60 * SECOND);
	assert_false(engine_caller_stands(w->engine, &caller));
	assert_true(engine_caller_stands(w->engine, &w->caller));
	assert_int_equal(enter(w, &token, &caller), ERR_UNAUTHORIZED);
	buf_fini(&token);
}

static void
test_revoked(void **state)
{
	struct world *w = *state;
	struct err_note note = {""};
	struct caller caller;
	struct api_key key;
	struct buf token;
	int64_t until_s;

	begin(w, &token, &until_s);
	assert_int_equal(enter(w, &token, &caller), 0);
	assert_int_equal(store_keys_each(w->engine->store, 0, key_take, &key),
	    0);
	assert_int_equal(engine_key_revoke(w->engine, w->caller.account_id,
	    &key.uuid, &note), 0);
	assert_false(engine_caller_stands(w->engine, &caller));
	assert_false(engine_caller_stands(w->engine, &w->caller));
	assert_int_equal(enter(w, &token, &caller), ERR_UNAUTHORIZED);
	assert_int_equal(engine_key_session_open(w->engine, &w->caller,
	    &token, &until_s), ERR_UNAUTHORIZED);
	again(w);
	assert_int_equal(enter(w, &token, &caller), ERR_UNAUTHORIZED);
	buf_fini(&token);
}

/* The one, and not the other; also after a restart. */
static void
test_ended(void **state)
{
	struct world *w = *state;
	struct err_note note = {""};
	struct caller caller;
	struct buf one, two;
	char mark[ENGINE_MARK_SIZE];
	int64_t until_s;

	begin(w, &one, &until_s);
	begin(w, &two, &until_s);
	assert_int_equal(enter(w, &one, &caller), 0);
	assert_int_equal(engine_session_end(w->engine, &caller, &note), 0);
	assert_false(engine_caller_stands(w->engine, &caller));
	assert_int_equal(enter(w, &one, &caller), ERR_UNAUTHORIZED);
	assert_int_equal(enter(w, &two, &caller), 0);
	memcpy(mark, engine_mark(w->engine), sizeof(mark));
	assert_int_equal(strspn(mark, "0123456789abcdef"), 8);
	again(w);
	assert_string_equal(engine_mark(w->engine), mark);
	assert_int_equal(enter(w, &one, &caller), ERR_UNAUTHORIZED);
	assert_int_equal(enter(w, &two, &caller), 0);
	/* With a key nothing ends. */
	assert_int_equal(engine_session_end(w->engine, &w->caller, &note), 0);
	assert_true(engine_caller_stands(w->engine, &w->caller));
	buf_fini(&one);
	buf_fini(&two);
}

/* Made with that key and for that audience, of a key that there is? */
static int
forged(struct world *w, const uint8_t *key, const char *audience,
    const struct uuid *subject)
{
	struct jwt jwt = {.subject = *subject, .id = rng_uuid(),
	    .expires_s = clock_wall_us() / SECOND + 60};
	struct caller caller;
	struct buf token;
	int err;

	buf_init(&token, JWT_BYTES_MAX);
	assert_int_equal(jwt_write(key, audience, &jwt, &token), 0);
	err = enter(w, &token, &caller);
	buf_fini(&token);
	return err;
}

static void
test_forged(void **state)
{
	struct world *w = *state;
	struct users *users = w->engine->users;
	const uint8_t *right = users->key_session_key;
	struct uuid nobody = rng_uuid();
	struct caller caller;
	struct api_key key;
	struct buf token;
	int64_t until_s;
	char was;

	assert_int_equal(store_keys_each(w->engine->store, 0, key_take, &key),
	    0);
	assert_int_equal(forged(w, right, "tidemark:session", &key.uuid), 0);
	assert_int_equal(forged(w, right, "tidemark:session", &nobody),
	    ERR_UNAUTHORIZED);
	assert_int_equal(forged(w, right, "fastapi-users:auth", &key.uuid),
	    ERR_UNAUTHORIZED);
	assert_int_equal(forged(w, users->session_key, "tidemark:session",
	    &key.uuid), ERR_UNAUTHORIZED);
	/* A key of a user's tokens does not let in whoever a key is. */
	assert_int_equal(forged(w, users->session_key, "fastapi-users:auth",
	    &key.uuid), ERR_UNAUTHORIZED);
	begin(w, &token, &until_s);
	for (size_t i = 0; i < token.len; i++) {
		was = token.data[i];
		token.data[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(enter(w, &token, &caller),
		    ERR_UNAUTHORIZED);
		token.data[i] = was;
	}
	assert_int_equal(enter(w, &token, &caller), 0);
	token.len--;
	assert_int_equal(enter(w, &token, &caller), ERR_UNAUTHORIZED);
	buf_fini(&token);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_up, world_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_begun),
	    TEST(test_expired),
	    TEST(test_revoked),
	    TEST(test_ended),
	    TEST(test_forged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
