/* SPDX-License-Identifier: Apache-2.0 */
/* Environments of an organization, keys of them, and bases that move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/accounts.h"
#include "engine/board.h"
#include "engine_world.h"
#include "store/store_source.h"
#include "sys/rng.h"

static int64_t
account_in(struct world *w, enum environment environment)
{
	struct err_note note = {""};
	int64_t id = 0;

	assert_int_equal(engine_account_in(w->engine, w->caller.account_id,
			     environment, &id, &note), 0);
	return id;
}

static int
move(struct world *w, int64_t account_id, enum environment to,
    struct base_move *ret_move)
{
	struct err_note note = {""};

	return engine_base_move(w->engine, account_id, &w->base, to, ret_move,
	    &note);
}

static int
name_seen(void *arg, const struct base *base)
{
	(void)snprintf(arg, NAME_BYTES_MAX + 1, "%s", base->name);
	return 0;
}

static int
find(struct world *w, int64_t account_id, const struct uuid *uuid)
{
	char name[NAME_BYTES_MAX + 1];

	return store_base_find(w->engine->store, account_id, uuid, NULL,
	    name_seen, name);
}

/* ---- accounts ------------------------------------------------------------ */

static void
test_names(void **state)
{
	enum environment environment;
	int i;

	(void)state;
	for (i = 0; i < ENVIRONMENT_COUNT; i++) {
		assert_int_equal(environment_parse(environment_name(
				     (enum environment)i), &environment), 0);
		assert_int_equal(environment, i);
	}
	assert_int_equal(environment_parse("Production", &environment),
	    ERR_SYNTAX);
	assert_int_equal(environment_parse("", &environment), ERR_SYNTAX);
}

static void
test_made_once(void **state)
{
	struct world *w = *state;
	struct account own, other;
	int64_t staging = account_in(w, ENVIRONMENT_STAGING);

	assert_int_equal(account_in(w, ENVIRONMENT_PRODUCTION),
	    w->caller.account_id);
	assert_int_not_equal(staging, w->caller.account_id);
	assert_int_equal(account_in(w, ENVIRONMENT_STAGING), staging);
	assert_int_equal(store_account_get(w->engine->store,
			     w->caller.account_id, &own), 0);
	assert_int_equal(own.environment, ENVIRONMENT_PRODUCTION);
	assert_true(uuid_is_equal(&own.organization, &own.uuid));
	assert_int_equal(store_account_get(w->engine->store, staging, &other),
	    0);
	assert_int_equal(other.environment, ENVIRONMENT_STAGING);
	assert_true(uuid_is_equal(&other.organization, &own.uuid));
	assert_false(uuid_is_equal(&other.uuid, &own.uuid));
	/* One for each, whoever makes it. */
	other.uuid = rng_uuid();
	assert_int_equal(store_begin(w->engine->store, NULL), 0);
	assert_int_equal(store_account_add(w->engine->store, &other,
			     &other.id), ERR_EXISTS);
	store_rollback(w->engine->store);
	assert_int_equal(store_account_get(w->engine->store, staging + 1,
			     &other), ERR_NOT_FOUND);
}

/* ---- keys ---------------------------------------------------------------- */

struct keys {
	struct api_key keys[8];
	size_t count;
};

static int
key_take(void *arg, const struct api_key *key)
{
	struct keys *keys = arg;

	assert_true(keys->count < 8);
	keys->keys[keys->count++] = *key;
	return 0;
}

static void
keys_read(struct world *w, int64_t account_id, struct keys *keys)
{
	keys->count = 0;
	assert_int_equal(store_keys_each(w->engine->store, account_id,
			     key_take, keys), 0);
}

static void
test_keys(void **state)
{
	struct world *w = *state;
	int64_t staging = account_in(w, ENVIRONMENT_STAGING);
	struct account stranger = {.uuid = rng_uuid(), .name = "others"};
	struct err_note note = {""};
	char text[KEY_TEXT_SIZE];
	struct caller caller;
	struct uuid uuid;
	struct keys keys;

	assert_int_equal(engine_key_create(w->engine, staging, "s", text,
			     &uuid, &note), 0);
	assert_int_equal(engine_authenticate(w->engine, text, strlen(text),
			     &caller), 0);
	assert_int_equal(caller.account_id, staging);
	/* The organization's, whoever asks; of no other. */
	keys_read(w, staging, &keys);
	assert_int_equal(keys.count, 2);
	assert_int_equal(keys.keys[0].environment, ENVIRONMENT_PRODUCTION);
	assert_int_equal(keys.keys[1].environment, ENVIRONMENT_STAGING);
	stranger.organization = stranger.uuid;
	assert_int_equal(store_begin(w->engine->store, NULL), 0);
	assert_int_equal(store_account_add(w->engine->store, &stranger,
			     &stranger.id), 0);
	assert_int_equal(store_commit(w->engine->store, NULL), 0);
	keys_read(w, stranger.id, &keys);
	assert_int_equal(keys.count, 0);
	assert_int_equal(engine_key_revoke(w->engine, stranger.id, &uuid,
			     &note), ERR_NOT_FOUND);
	assert_int_equal(engine_key_revoke(w->engine, w->caller.account_id,
			     &uuid, &note), 0);
	assert_int_equal(engine_authenticate(w->engine, text, strlen(text),
			     &caller), ERR_UNAUTHORIZED);
}

/* ---- moving -------------------------------------------------------------- */

static void
test_refusals(void **state)
{
	struct world *w = *state;
	int64_t production = w->caller.account_id;
	int64_t staging = account_in(w, ENVIRONMENT_STAGING);
	struct err_note note = {""};
	struct base_move result = {.documents = 99};
	struct uuid other;

	assert_int_equal(move(w, production, ENVIRONMENT_PRODUCTION, &result),
	    ERR_INVALID);
	assert_int_equal(move(w, staging, ENVIRONMENT_PRODUCTION, &result),
	    ERR_NOT_FOUND);
	assert_int_equal(engine_base_create(w->engine, staging, "docs", NULL,
			     NULL, &other, &note), 0);
	assert_int_equal(move(w, production, ENVIRONMENT_STAGING, &result),
	    ERR_EXISTS);
	/* Nothing of what failed is there. */
	assert_int_equal(find(w, production, &w->base), 0);
	assert_int_equal(find(w, staging, &w->base), ERR_NOT_FOUND);
	assert_int_equal(result.documents, 99);
}

static struct uuid
job_uuid(struct world *w, int64_t id)
{
	const struct job *job = board_own(w->engine->board, id);

	assert_non_null(job);
	return job->uuid;
}

static void
test_jobs(void **state)
{
	struct world *w = *state;
	struct store *store = w->engine->store;
	int64_t production = w->caller.account_id;
	int64_t staging = account_in(w, ENVIRONMENT_STAGING);
	struct err_note note = {""};
	struct base_move result;
	struct uuid uuid;
	struct job job;

	uuid = job_uuid(w, make_job(w));
	assert_int_equal(move(w, production, ENVIRONMENT_STAGING, &result),
	    ERR_CONFLICT);
	assert_int_equal(engine_job_order(w->engine, production, &uuid,
			     JOB_ORDER_CANCEL, "me", &job, &note), 0);
	assert_int_equal(job.state, JOB_CANCELLED);
	assert_int_equal(move(w, production, ENVIRONMENT_STAGING, &result),
	    0);
	assert_int_equal(result.from, ENVIRONMENT_PRODUCTION);
	assert_int_equal(result.documents, 0);
	/* On the board... */
	assert_int_equal(engine_job_get(w->engine, NULL, production, &uuid,
			     &job), ERR_NOT_FOUND);
	assert_int_equal(engine_job_get(w->engine, NULL, staging, &uuid,
			     &job), 0);
	assert_int_equal(job.account_id, staging);
	/* ...and in the store. */
	assert_int_equal(store_job_find(store, production, &uuid, &job),
	    ERR_NOT_FOUND);
	assert_int_equal(store_job_find(store, staging, &uuid, &job), 0);
	/* An ended one may be ordered by its new account alone. */
	assert_int_equal(engine_job_order(w->engine, production, &uuid,
			     JOB_ORDER_CANCEL, "me", &job, &note),
	    ERR_NOT_FOUND);
	assert_int_equal(engine_job_order(w->engine, staging, &uuid,
			     JOB_ORDER_CANCEL, "me", &job, &note), 0);
	/* And back. */
	assert_int_equal(move(w, staging, ENVIRONMENT_PRODUCTION, &result),
	    0);
	assert_int_equal(result.from, ENVIRONMENT_STAGING);
	assert_int_equal(engine_job_get(w->engine, NULL, production, &uuid,
			     &job), 0);
}

static int
tag_seen(void *arg, const struct tag *tag)
{
	(void)tag;
	++*(unsigned *)arg;
	return 0;
}

static int
id_seen(void *arg, const struct base *base)
{
	*(int64_t *)arg = base->id;
	return 0;
}

static int
object_seen(void *arg, const struct object *object)
{
	*(uint64_t *)arg = object->bytes;
	return 0;
}

/* An upload named by the base's source, and one of another base's. */
static void
objects_add(struct world *w, int64_t base_id)
{
	struct store *store = w->engine->store;
	struct object object = {.account_id = w->caller.account_id,
	    .key = "mine", .name = "a.txt", .bytes = 7, .created_us = 1};
	struct source source = {.uuid = rng_uuid(), .base_id = base_id,
	    .kind = SOURCE_UPLOAD, .name = "s", .settings = "{}",
	    .config = "{\"key\":\"mine\"}"};

	assert_int_equal(store_begin(store, NULL), 0);
	assert_int_equal(store_object_put(store, &object), 0);
	object.key = "other";
	assert_int_equal(store_object_put(store, &object), 0);
	assert_int_equal(store_source_add(store, &source, &source.id), 0);
	assert_int_equal(store_commit(store, NULL), 0);
}

static void
test_what_follows(void **state)
{
	struct world *w = *state;
	struct store *store = w->engine->store;
	int64_t production = w->caller.account_id;
	int64_t staging = account_in(w, ENVIRONMENT_STAGING), base_id = 0;
	struct err_note note = {""};
	struct base_move result;
	struct uuid tag;
	unsigned tags = 0;
	uint64_t bytes = 0;

	assert_int_equal(store_base_find(store, production, &w->base, NULL,
			     id_seen, &base_id), 0);
	assert_int_equal(engine_tag_create(w->engine, production, "red", &tag,
			     &note), 0);
	assert_int_equal(engine_tags_bind(w->engine, production, &tag, 1,
			     &w->base, true, &note), 0);
	objects_add(w, base_id);
	assert_int_equal(move(w, production, ENVIRONMENT_STAGING, &result),
	    0);
	assert_int_equal(find(w, production, &w->base), ERR_NOT_FOUND);
	assert_int_equal(find(w, staging, &w->base), 0);
	assert_int_equal(store_tags_each(store, staging, base_id, tag_seen,
			     &tags), 0);
	assert_int_equal(store_tags_each(store, production, base_id, tag_seen,
			     &tags), 0);
	assert_int_equal(tags, 0);
	assert_int_equal(store_object_get(store, staging, "mine",
			     object_seen, &bytes), 0);
	assert_int_equal(bytes, 7);
	assert_int_equal(store_object_get(store, staging, "other",
			     object_seen, &bytes), ERR_NOT_FOUND);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    TEST(test_made_once),
	    TEST(test_keys),
	    TEST(test_refusals),
	    TEST(test_jobs),
	    TEST(test_what_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
