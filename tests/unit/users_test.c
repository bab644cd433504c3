/* SPDX-License-Identifier: Apache-2.0 */
/* Users, their sessions, keys and attempts, over an engine without threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "engine/accounts.h"
#include "engine/user_int.h"
#include "engine_world.h"
#include "store/store_source.h"
#include "sys/clock.h"

#define PASSWORD "a password of tests"
#define SECOND 1000000LL

static const struct origin here = {.address = {[10] = 0xFF, 0xFF, 127, 0, 0,
    1}, .is_local = true};
static const struct origin there = {.address = {[10] = 0xFF, 0xFF, 203, 0,
    113, 9}};

static struct user
add(struct world *w, const char *email)
{
	struct user_new new = {.email = email, .password = PASSWORD};
	struct err_note note = {""};
	struct user user;

	assert_int_equal(engine_user_add(w->engine, &new, &user, &note), 0);
	return user;
}

static void
session(struct world *w, const struct user *user, struct buf *token)
{
	buf_init(token, JWT_BYTES_MAX);
	assert_int_equal(engine_session_open(w->engine, user, token), 0);
}

static int
enter(struct world *w, const struct buf *token, struct caller *ret_caller)
{
	return engine_authenticate(w->engine, token->data, token->len,
	    ret_caller);
}

static int
login(struct world *w, const struct origin *origin, const char *email,
    const char *password, unsigned *ret_wait_s)
{
	struct err_note note = {""};
	struct user user;

	return engine_login(w->engine, origin, email, password, &user,
	    ret_wait_s, &note);
}

/* ---- what people write -------------------------------------------------- */

static void
test_emails(void **state)
{
	static const char *const good[] = {"a@b.c", "A.b+c@Exa-mple.co.uk",
	    "o'neil@example.com", "j\xC3\xB6rg@m\xC3\xBCnchen.de"};
	static const char *const bad[] = {"", "a", "@", "a@", "@b.c", "a@b",
	    "a@b.", "a@.b", "a@b..c", "a@b@c.d", "a b@c.d", "a@b c.d",
	    ".a@b.c", "a.@b.c", "a..b@c.d", "a@-b.c", "a@b-.c", "a@b.c-",
	    "a\n@b.c", "a@b.c\n", "a@b_c.d", "<a@b.c>", "\"a\"@b.c",
	    "a@[127.0.0.1]", "a@\xFF.c", "\x80@b.c"};
	char clean[EMAIL_BYTES_MAX + 1], lengthy[400];
	struct err_note note;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(email_clean(good[i], clean, &note), 0);
	assert_int_equal(email_clean(good[1], clean, &note), 0);
	assert_string_equal(clean, "a.b+c@exa-mple.co.uk");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		note.text[0] = '\0';
		assert_int_equal(email_clean(bad[i], clean, &note),
		    ERR_INVALID);
		assert_true(note.text[0] != '\0');
	}
	memset(lengthy, 'a', sizeof(lengthy));
	lengthy[64] = '@';
	for (i = 120; i < 250; i += 60)
		lengthy[i] = '.';
	lengthy[EMAIL_BYTES_MAX] = '\0';
	assert_int_equal(email_clean(lengthy, clean, &note), 0);
	lengthy[EMAIL_BYTES_MAX] = 'a';
	lengthy[EMAIL_BYTES_MAX + 1] = '\0';
	assert_int_equal(email_clean(lengthy, clean, &note), ERR_INVALID);
}

static void
test_passwords(void **state)
{
	char text[PASSWORD_BYTES_MAX + 2];
	struct err_note note;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[PASSWORD_BYTES_MAX + 1] = '\0';
	assert_int_equal(password_allowed(text, &note), ERR_INVALID);
	text[PASSWORD_BYTES_MAX] = '\0';
	assert_int_equal(password_allowed(text, &note), 0);
	text[PASSWORD_BYTES_MIN] = '\0';
	assert_int_equal(password_allowed(text, &note), 0);
	text[PASSWORD_BYTES_MIN - 1] = '\0';
	assert_int_equal(password_allowed(text, &note), ERR_INVALID);
	assert_int_equal(password_allowed("12345678\xFF", &note),
	    ERR_INVALID);
}

/* ---- users -------------------------------------------------------------- */

static void
test_accounts(void **state)
{
	struct world *w = *state;
	struct user_new new = {.email = "ROOT@example.com",
	    .password = PASSWORD, .is_verified = true, .is_first = true};
	struct err_note note = {""};
	struct user root, ann, other;
	struct account account;
	struct caller caller;

	assert_int_equal(w->caller.user_id, 0);
	assert_int_equal(engine_user_add(w->engine, &new, &root, &note), 0);
	assert_int_equal(root.account_id, w->caller.account_id);
	assert_string_equal(root.email, "root@example.com");
	assert_true(root.is_superuser && root.is_verified && root.is_active);
	/* A key of the account is the user's now. */
	assert_int_equal(engine_authenticate(w->engine, "a key of tests", 14,
			     &caller), 0);
	assert_int_equal(caller.user_id, root.id);
	assert_true(caller.is_superuser);
	new.email = "other@example.com";
	assert_int_equal(engine_user_add(w->engine, &new, &other, &note),
	    ERR_CONFLICT);
	new.is_first = false;
	new.email = "Root@Example.com";
	assert_int_equal(engine_user_add(w->engine, &new, &other, &note),
	    ERR_EXISTS);
	ann = add(w, "ann@example.com");
	assert_int_not_equal(ann.account_id, root.account_id);
	assert_false(ann.is_superuser || ann.is_verified);
	assert_int_equal(store_account_get(w->engine->store, ann.account_id,
			     &account), 0);
	assert_true(uuid_is_equal(&account.uuid, &ann.uuid));
	assert_true(uuid_is_equal(&account.organization, &ann.uuid));
	assert_int_equal(w->engine->users->count, 2);
}

static void
test_registration(void **state)
{
	struct world *w = *state;
	struct err_note note = {""};
	unsigned wait_s = 1;
	struct user user;

	w->engine->registration = REGISTRATION_OFF;
	assert_int_equal(engine_user_register(w->engine, &here, "a@b.c",
			     PASSWORD, &user, &wait_s, &note),
	    ERR_FORBIDDEN);
	assert_int_equal(wait_s, 0);
	w->engine->registration = REGISTRATION_LOCAL;
	assert_int_equal(engine_user_register(w->engine, &there, "a@b.c",
			     PASSWORD, &user, &wait_s, &note),
	    ERR_FORBIDDEN);
	assert_int_equal(engine_user_register(w->engine, &here, "a@b.c",
			     PASSWORD, &user, &wait_s, &note), 0);
	w->engine->registration = REGISTRATION_OPEN;
	assert_int_equal(engine_user_register(w->engine, &there, "d@b.c",
			     PASSWORD, &user, &wait_s, &note), 0);
	assert_false(user.is_superuser || user.is_verified);
}

static void
test_delete(void **state)
{
	struct world *w = *state;
	struct user ann = add(w, "ann@example.com");
	char text[USER_KEY_SIZE];
	struct err_note note = {""};
	struct account account;
	struct api_key key;
	struct caller caller;
	struct uuid base;
	struct buf token;

	session(w, &ann, &token);
	assert_int_equal(engine_user_key(w->engine, ann.account_id, "k", 10,
			     text, &key, &note), 0);
	assert_int_equal(engine_base_create(w->engine, ann.account_id, "b",
			     NULL, NULL, &base, &note), 0);
	assert_int_equal(engine_user_delete(w->engine, &ann.uuid, &note),
	    ERR_CONFLICT);
	assert_int_equal(enter(w, &token, &caller), 0);
	assert_int_equal(engine_base_delete(w->engine, ann.account_id, &base,
			     &note), 0);
	assert_true(engine_caller_stands(w->engine, &caller));
	assert_int_equal(engine_user_delete(w->engine, &ann.uuid, &note), 0);
	assert_false(engine_caller_stands(w->engine, &caller));
	assert_int_equal(enter(w, &token, &caller), ERR_UNAUTHORIZED);
	assert_int_equal(engine_authenticate(w->engine, text, strlen(text),
			     &caller), ERR_UNAUTHORIZED);
	assert_int_equal(engine_user_delete(w->engine, &ann.uuid, &note),
	    ERR_NOT_FOUND);
	assert_int_equal(w->engine->users->count, 0);
	assert_int_equal(store_account_get(w->engine->store, ann.account_id,
			     &account), ERR_NOT_FOUND);
	/* The address is free again, and it is somebody else. */
	assert_false(uuid_is_equal(&ann.uuid,
	    &(struct uuid[]){add(w, "ann@example.com").uuid}[0]));
	buf_fini(&token);
}

static void
collect(struct world *w)
{
	struct err_note note;
	bool is_more = true;

	assert_int_equal(store_begin(w->engine->store, &note), 0);
	while (is_more)
		assert_int_equal(store_accounts_collect(w->engine->store, 1,
				     &is_more), 0);
	assert_int_equal(store_commit(w->engine->store, &note), 0);
}

/* An account stays while something is left of it, and goes then; those of
 * users stay, and the first one, whose user is gone or not. */
static void
test_accounts_go(void **state)
{
	struct user_new first = {.email = "root@example.com",
	    .password = PASSWORD, .is_first = true};
	struct world *w = *state;
	struct store *store = w->engine->store;
	struct user ann = add(w, "ann@example.com"),
	    bob = add(w, "bob@example.com"), root;
	struct tag tag = {.uuid = bob.uuid, .name = "a tag"};
	struct err_note note = {""};
	struct account account;
	int64_t staging, id;
	bool have = true;

	assert_int_equal(engine_user_add(w->engine, &first, &root, &note), 0);
	assert_int_equal(engine_account_in(w->engine, ann.account_id,
			     ENVIRONMENT_STAGING, &staging, &note), 0);
	assert_int_equal(store_begin(store, &note), 0);
	assert_int_equal(store_tag_add(store, staging, &tag, &id), 0);
	assert_int_equal(store_object_put(store, &(struct object){
			     .account_id = ann.account_id, .key = "k",
			     .name = "n"}), 0);
	assert_int_equal(store_commit(store, &note), 0);
	assert_int_equal(engine_user_delete(w->engine, &ann.uuid, &note), 0);
	assert_int_equal(store_account_get(store, staging, &account),
	    ERR_NOT_FOUND);
	assert_int_equal(store_account_get(store, ann.account_id, &account),
	    0);
	assert_int_equal(store_accounts_have(store, &have), 0);
	assert_false(have);
	collect(w);
	assert_int_equal(store_account_get(store, ann.account_id, &account),
	    0);
	/* The janitor takes its object, and then it. */
	assert_int_equal(store_begin(store, &note), 0);
	assert_int_equal(store_objects_collect(store, INT64_MAX, 10, &have),
	    0);
	assert_int_equal(store_commit(store, &note), 0);
	assert_int_equal(store_accounts_have(store, &have), 0);
	assert_true(have);
	collect(w);
	assert_int_equal(store_account_get(store, ann.account_id, &account),
	    ERR_NOT_FOUND);
	assert_int_equal(engine_base_delete(w->engine, w->caller.account_id,
			     &w->base, &note), 0);
	assert_int_equal(engine_user_delete(w->engine, &root.uuid, &note),
	    0);
	collect(w);
	assert_int_equal(store_account_get(store, root.account_id, &account),
	    0);
	assert_int_equal(store_account_get(store, bob.account_id, &account),
	    0);
}

/* ---- sessions ----------------------------------------------------------- */

static void
test_sessions(void **state)
{
	struct world *w = *state;
	struct user ann = add(w, "ann@example.com");
	struct err_note note = {""};
	struct caller caller;
	struct buf one, two;

	session(w, &ann, &one);
	session(w, &ann, &two);
	assert_int_equal(enter(w, &one, &caller), 0);
	assert_int_equal(caller.account_id, ann.account_id);
	assert_int_equal(caller.user_id, ann.id);
	assert_int_equal(caller.key_id, 0);
	assert_string_equal(caller.label, "ann@example.com");
	assert_int_equal(engine_session_end(w->engine, &caller, &note), 0);
	assert_int_equal(enter(w, &one, &caller), ERR_UNAUTHORIZED);
	assert_int_equal(enter(w, &two, &caller), 0);
	clock_wall_shift_us(SESSION_SECONDS * SECOND);
	assert_int_equal(enter(w, &two, &caller), ERR_UNAUTHORIZED);
	/* What has expired is forgotten when another is ended. */
	buf_fini(&one);
	session(w, &ann, &one);
	assert_int_equal(enter(w, &one, &caller), 0);
	assert_int_equal(engine_session_end(w->engine, &caller, &note), 0);
	assert_int_equal(enter(w, &one, &caller), ERR_UNAUTHORIZED);
	buf_fini(&one);
	buf_fini(&two);
}

static void
test_restart(void **state)
{
	struct world *w = *state;
	struct engine_config config = {.data_dir = w->dir,
	    .extractor = "none", .workers = 1, .file_bytes_max = 1000,
	    .api_key = "a key of tests"};
	struct user ann = add(w, "ann@example.com");
	struct err_note note = {""};
	struct caller caller;
	struct buf one, two;

	session(w, &ann, &one);
	session(w, &ann, &two);
	assert_int_equal(enter(w, &one, &caller), 0);
	assert_int_equal(engine_session_end(w->engine, &caller, &note), 0);
	engine_close(w->engine);
	w->engine = NULL;
	assert_int_equal(engine_open(&config, &w->engine, &note), 0);
	assert_int_equal(enter(w, &one, &caller), ERR_UNAUTHORIZED);
	assert_int_equal(enter(w, &two, &caller), 0);
	assert_int_equal(caller.user_id, ann.id);
	buf_fini(&one);
	buf_fini(&two);
}

/* What ends all sessions, and what does not. */
static void
test_generations(void **state)
{
	static const struct user_change changes[] = {
	    {.password = "another password"}, {.email = "bob@example.com"},
	    {.sets_superuser = true, .is_superuser = true},
	    {.sets_active = true, .is_active = false}};
	static const struct user_change idle = {.email = "ANN@example.com",
	    .sets_active = true, .is_active = true, .sets_verified = true,
	    .is_verified = true};
	struct world *w = *state;
	struct user ann = add(w, "ann@example.com");
	struct err_note note = {""};
	struct caller caller;
	struct buf token;
	size_t i;

	session(w, &ann, &token);
	assert_int_equal(engine_user_change(w->engine, &ann.uuid, &idle, &ann,
			     &note), 0);
	assert_true(ann.is_verified);
	assert_int_equal(enter(w, &token, &caller), 0);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		assert_int_equal(enter(w, &token, &caller), 0);
		assert_true(engine_caller_stands(w->engine, &caller));
		assert_int_equal(engine_user_change(w->engine, &ann.uuid,
				     &changes[i], &ann, &note), 0);
		assert_false(engine_caller_stands(w->engine, &caller));
		assert_int_equal(enter(w, &token, &caller),
		    ERR_UNAUTHORIZED);
		buf_fini(&token);
		session(w, &ann, &token);
	}
	/* Not active: a new one is no better. */
	assert_int_equal(enter(w, &token, &caller), ERR_UNAUTHORIZED);
	assert_false(ann.is_verified);
	buf_fini(&token);
}

/* A token is for one use, and good once. */
static void
test_tokens(void **state)
{
	struct world *w = *state;
	struct user ann = add(w, "ann@example.com");
	struct err_note note = {""};
	struct buf reset, verify, open;
	struct caller caller;
	unsigned wait_s;

	buf_init(&reset, JWT_BYTES_MAX);
	buf_init(&verify, JWT_BYTES_MAX);
	session(w, &ann, &open);
	assert_int_equal(engine_user_token(w->engine, &ann, USER_TOKEN_RESET,
			     &reset), 0);
	assert_int_equal(engine_user_token(w->engine, &ann,
			     USER_TOKEN_VERIFY, &verify), 0);
	assert_int_equal(enter(w, &reset, &caller), ERR_UNAUTHORIZED);
	assert_int_equal(enter(w, &verify, &caller), ERR_UNAUTHORIZED);
	assert_int_equal(engine_user_verify(w->engine, reset.data, &ann,
			     &note), ERR_UNAUTHORIZED);
	assert_int_equal(engine_user_reset(w->engine, open.data,
			     "another one", &note), ERR_UNAUTHORIZED);
	assert_int_equal(engine_user_verify(w->engine, verify.data, &ann,
			     &note), 0);
	assert_true(ann.is_verified);
	assert_int_equal(engine_user_verify(w->engine, verify.data, &ann,
			     &note), ERR_EXISTS);
	assert_int_equal(engine_user_reset(w->engine, reset.data, "short",
			     &note), ERR_INVALID);
	assert_int_equal(engine_user_reset(w->engine, reset.data,
			     "another one", &note), 0);
	assert_int_equal(engine_user_reset(w->engine, reset.data,
			     "a third one", &note), ERR_UNAUTHORIZED);
	assert_int_equal(enter(w, &open, &caller), ERR_UNAUTHORIZED);
	assert_int_equal(login(w, &here, "ann@example.com", "another one",
			     &wait_s), 0);
	buf_fini(&reset);
	buf_fini(&verify);
	buf_fini(&open);
}

/* ---- keys --------------------------------------------------------------- */

static void
test_keys(void **state)
{
	struct world *w = *state;
	struct user ann = add(w, "ann@example.com");
	char first[USER_KEY_SIZE], text[USER_KEY_SIZE], label[65];
	struct err_note note = {""};
	struct api_key key, kept;
	struct caller caller;

	memset(label, 'x', 64);
	label[64] = '\0';
	assert_int_equal(engine_user_key(w->engine, ann.account_id, label, 2,
			     text, &key, &note), ERR_INVALID);
	assert_int_equal(engine_user_key(w->engine, ann.account_id, "a\n", 2,
			     text, &key, &note), ERR_INVALID);
	assert_int_equal(engine_user_key(w->engine, ann.account_id, "one", 2,
			     first, &kept, &note), 0);
	assert_int_equal(strlen(first), 64);
	assert_memory_equal(kept.prefix, first, 8);
	assert_int_equal(engine_user_key(w->engine, ann.account_id, "", 2,
			     text, &key, &note), 0);
	assert_int_equal(engine_user_key(w->engine, ann.account_id, "", 2,
			     text, &key, &note), ERR_TOO_BIG);
	assert_int_equal(engine_authenticate(w->engine, first, 64, &caller),
	    0);
	assert_int_equal(caller.user_id, ann.id);
	assert_int_equal(caller.session_until_s, 0);
	assert_int_equal(engine_session_end(w->engine, &caller, &note), 0);
	assert_int_equal(engine_authenticate(w->engine, first, 64, &caller),
	    0);
	assert_int_equal(engine_key_revoke(w->engine, ann.account_id,
			     &kept.uuid, &note), 0);
	assert_int_equal(engine_user_key(w->engine, ann.account_id, "", 2,
			     text, &key, &note), 0);
	/* Others have keys of their own. */
	assert_int_equal(engine_user_key(w->engine, w->caller.account_id, "",
			     2, text, &key, &note), 0);
}

/* ---- attempts ----------------------------------------------------------- */

static void
test_attempts(void **state)
{
	struct attempts *attempts = attempts_new();
	int64_t now = 1000 * SECOND;
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		assert_int_equal(attempts_take(attempts, ATTEMPT_FROM, "a", 1,
				     now), 0);
	assert_int_equal(attempts_take(attempts, ATTEMPT_FROM, "a", 1, now),
	    30);
	assert_int_equal(attempts_take(attempts, ATTEMPT_FROM, "b", 1, now),
	    0);
	assert_int_equal(attempts_take(attempts, ATTEMPT_FOR, "a", 1, now),
	    0);
	assert_int_equal(attempts_take(attempts, ATTEMPT_FROM, "a", 1,
			     now + 30 * SECOND - 1), 1);
	assert_int_equal(attempts_take(attempts, ATTEMPT_FROM, "a", 1,
			     now + 30 * SECOND), 0);
	assert_int_equal(attempts_take(attempts, ATTEMPT_FROM, "a", 1,
			     now + 31 * SECOND), 29);
	attempts_give(attempts, ATTEMPT_FROM, "a", 1, now + 31 * SECOND);
	assert_int_equal(attempts_take(attempts, ATTEMPT_FROM, "a", 1,
			     now + 31 * SECOND), 0);
	/* Who has none left is not forgotten for thousands of others. */
	for (i = 0; i < 4000; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(attempts_take(attempts, ATTEMPT_FROM, name,
				     strlen(name), now + 31 * SECOND), 0);
	}
	assert_int_equal(attempts_take(attempts, ATTEMPT_FROM, "a", 1,
			     now + 31 * SECOND), 29);
	attempts_free(attempts);
}

static void
test_login(void **state)
{
	struct world *w = *state;
	unsigned wait_s;
	int i;

	(void)add(w, "ann@example.com");
	/* The right one is no attempt. */
	for (i = 0; i < 12; i++)
		assert_int_equal(login(w, &there, "ANN@example.com",
				     PASSWORD, &wait_s), 0);
	assert_int_equal(login(w, &there, "ann", PASSWORD, &wait_s),
	    ERR_UNAUTHORIZED);
	assert_int_equal(login(w, &there, "bob@example.com", PASSWORD,
			     &wait_s), ERR_UNAUTHORIZED);
	for (i = 0; i < 9; i++)
		assert_int_equal(login(w, &there, "ann@example.com",
				     "a wrong one", &wait_s),
		    ERR_UNAUTHORIZED);
	assert_int_equal(wait_s, 0);
	assert_int_equal(login(w, &there, "ann@example.com", PASSWORD,
			     &wait_s), ERR_BUSY);
	assert_true(wait_s >= 1 && wait_s <= 30);
	assert_int_equal(login(w, &here, "ann@example.com", PASSWORD,
			     &wait_s), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_emails),
	    cmocka_unit_test(test_passwords),
	    cmocka_unit_test(test_attempts),
	    TEST(test_accounts),
	    TEST(test_registration),
	    TEST(test_delete),
	    TEST(test_accounts_go),
	    TEST(test_sessions),
	    TEST(test_restart),
	    TEST(test_generations),
	    TEST(test_tokens),
	    TEST(test_keys),
	    TEST(test_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
