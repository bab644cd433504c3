/* SPDX-License-Identifier: Apache-2.0 */
/* Signing, waiting, and which events there are: without a thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "webhook_world.h"

#include "engine/kept.h"

/* ---- pure --------------------------------------------------------------- */

/* The example of the specification. */
static void
test_signature(void **state)
{
	static const uint8_t key[] = {0x31, 0xf2, 0x90, 0xf6, 0xbf, 0x06, 0x29,
	    0x8a, 0xab, 0x4f, 0x08, 0xd4, 0x3c, 0x3f, 0x08, 0x2c, 0xf6, 0x48,
	    0xa3, 0x62, 0xda, 0x2d, 0xa4, 0xb0};
	static const char body[] = "{\"test\": 2432232314}";
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	assert_int_equal(webhook_sign(key, sizeof(key),
			     "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body,
			     sizeof(body) - 1, &out), 0);
	assert_string_equal(buf_text(&out),
	    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_int_equal(webhook_sign(key, 3, "a", 1, "", 0, &out), 0);
	assert_string_equal(buf_text(&out),
	    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= "
	    "v1,KAC4RA/6tldTbVaCatjWVvIFFWz2Bwib1Yzta2wtMFU=");
	buf_fini(&out);
}

static void
test_secret(void **state)
{
	uint8_t key[WEBHOOK_KEY_SIZE];
	char text[WEBHOOK_SECRET_SIZE];

	(void)state;
	memset(key, 0xFF, sizeof(key));
	webhook_secret_format(key, text);
	assert_string_equal(text,
	    "whsec_//////////////////////////////////////////8=");
	memset(key, 0, sizeof(key));
	webhook_secret_format(key, text);
	assert_string_equal(text,
	    "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
}

static void
test_rests(void **state)
{
	static const int64_t seconds[] = {5, 300, 1800, 7200, 18000, 36000,
	    50400, 72000, 86400};
	int64_t rest;
	uint32_t i;

	(void)state;
	for (i = 0; i < 9; i++) {
		assert_int_equal(webhook_rest_us(i + 1, 0),
		    seconds[i] * 1000000);
		assert_int_equal(webhook_rest_us(i + 1, 1024),
		    seconds[i] * 1000000);
		rest = webhook_rest_us(i + 1, UINT32_MAX);
		assert_true(rest > seconds[i] * 1150000);
		assert_true(rest <= seconds[i] * 1200000);
	}
	assert_int_equal(webhook_rest_us(0, 0), -1);
	assert_int_equal(webhook_rest_us(10, 0), -1);
	assert_int_equal(webhook_rest_us(11, 0), -1);
}

static void
test_types(void **state)
{
	static const struct {
		enum job_state state;
		unsigned completed, unchanged, failed;
		enum event_type type;
	} rows[] = {
	    {JOB_COMPLETED, 1, 0, 0, EVENT_JOB_COMPLETED},
	    {JOB_NO_CHANGES, 0, 3, 0, EVENT_JOB_COMPLETED},
	    {JOB_COMPLETED_WITH_FAILURES, 1, 0, 1,
		EVENT_JOB_COMPLETED_WITH_ERRORS},
	    {JOB_COMPLETED_WITH_FAILURES, 0, 1, 1,
		EVENT_JOB_COMPLETED_WITH_ERRORS},
	    {JOB_COMPLETED_WITH_FAILURES, 0, 0, 1, EVENT_JOB_FAILED},
	    {JOB_FAILED, 0, 0, 1, EVENT_JOB_FAILED},
	    {JOB_CANCELLED, 1, 0, 0, EVENT_JOB_CANCELLED},
	};
	enum event_type type;
	struct job job;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		job = (struct job){.state = rows[i].state,
		    .unchanged = rows[i].unchanged,
		    .counts = {.completed = rows[i].completed,
			.failed = rows[i].failed}};
		assert_int_equal(event_type_of(&job), rows[i].type);
	}
	for (i = 1; i < EVENT_TYPE_COUNT; i++) {
		assert_int_equal(event_type_parse_name(event_type_name(
				     (enum event_type)i), &type), 0);
		assert_int_equal(type, i);
		assert_int_equal(event_type_parse((long long)i, &type), 0);
		assert_int_equal(type, i);
		assert_true(strlen(event_type_text(type)) > 0);
	}
	assert_int_equal(event_type_parse_name("job.timed_out", &type),
	    ERR_NOT_FOUND);
	assert_int_equal(event_type_parse(0, &type), ERR_CORRUPT);
	assert_int_equal(event_type_parse(EVENT_TYPE_COUNT, &type),
	    ERR_CORRUPT);
}

static void
test_names(void **state)
{
	static const char uuid[] = "0b1f4a52-1c6f-4a0e-9a33-2f5d0e6c7b11";
	static const char *const good[] = {
	    "0b1f4a52-1c6f-4a0e-9a33-2f5d0e6c7b11",
	    "evt_0b1f4a52-1c6f-4a0e-9a33-2f5d0e6c7b11",
	    "evt_job_file_0B1F4A52-1c6f-4a0e-9a33-2f5d0e6c7b11"};
	static const char *const bad[] = {"", "evt_", "evt_0b1f4a52",
	    "msg_0b1f4a52-1c6f-4a0e-9a33-2f5d0e6c7b11",
	    "evt_0b1f4a52-1c6f-4a0e-9a33-2f5d0e6c7b1x",
	    ("evt_0123456789012345678901234567890123456789"
	     "0b1f4a52-1c6f-4a0e-9a33-2f5d0e6c7b11")};
	char text[UUID_TEXT_SIZE];
	struct uuid parsed;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(event_name_parse(good[i], &parsed), 0);
		uuid_format(&parsed, text);
		assert_string_equal(text, uuid);
	}
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(event_name_parse(bad[i], &parsed),
		    ERR_SYNTAX);
}

/* ---- events ------------------------------------------------------------- */

static void
test_one_event_for_a_job(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	struct job job = job_ended(hooks), again;
	struct err_note note;
	struct seen seen;

	assert_int_equal(engine_job_order(hooks->w->engine,
			     hooks->w->caller.account_id, &job.uuid,
			     JOB_ORDER_CANCEL, "another", &again, &note), 0);
	assert_int_equal(events_count(hooks), 1);
	seen = look(hooks, &hook, &job.uuid);
	assert_true(seen.is_there);
	assert_int_equal(seen.event.type, EVENT_JOB_CANCELLED);
	assert_false(seen.event.is_test);
	assert_true(uuid_is_equal(&seen.event.job.uuid, &job.uuid));
	assert_true(uuid_is_equal(&seen.event.job.base_uuid, &hooks->w->base));
	assert_string_equal(seen.event.job.base_name, "docs");
	assert_string_equal(seen.event.job.cancelled_by, "tester");
	assert_int_equal(seen.event.job.kind, JOB_KIND_FOLDER);
	assert_int_equal(seen.event.job.state, JOB_CANCELLED);
	assert_int_equal(seen.event.job.finished_us, job.finished_us);
	assert_int_equal(seen.delivery.state, DELIVERY_DUE);
	assert_int_equal(seen.delivery.attempts, 0);
}

static void
test_filters(void **state)
{
	struct hooks *hooks = *state;
	const struct uuid other = {{1}}, bases[] = {other, hooks->w->base};
	const struct webhook_request fits[] = {
	    {.sets_types = true, .types = 1u << EVENT_JOB_CANCELLED},
	    {.sets_bases = true, .bases = bases, .base_count = 2},
	};
	const struct webhook_request misfits[] = {
	    {.sets_types = true, .types = 1u << EVENT_JOB_COMPLETED},
	    {.sets_bases = true, .bases = &other, .base_count = 1},
	    {.sets_silent = true, .is_silent = true},
	    {.sets_stopped = true, .is_stopped = true},
	};
	struct uuid in[2], out[4];
	struct job job;
	size_t i;

	for (i = 0; i < 2; i++)
		in[i] = hook_make(hooks, "/", &fits[i], NULL);
	for (i = 0; i < 4; i++)
		out[i] = hook_make(hooks, "/", &misfits[i], NULL);
	job = job_ended(hooks);
	for (i = 0; i < 2; i++)
		assert_true(look(hooks, &in[i], &job.uuid).is_there);
	for (i = 0; i < 4; i++)
		assert_false(look(hooks, &out[i], &job.uuid).is_there);
}

/* What is only kept is no end of indexing. */
static void
test_nothing_of_keeping(void **state)
{
	struct hooks *hooks = *state;
	struct engine *engine = hooks->w->engine;
	struct job_request request = {
	    .account_id = hooks->w->caller.account_id,
	    .base = hooks->w->base, .dialect = DIALECT_COGNEE};
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	struct put put = {.by_content = true};
	struct err_note note;
	struct job job;

	assert_int_equal(engine_upload_open(engine, JOB_KIND_UPLOAD, "a.txt",
			     NULL, &put.upload, &note), 0);
	assert_int_equal(engine_upload_write(put.upload, "abc", 3), 0);
	assert_int_equal(engine_upload_finish(put.upload, &note), 0);
	assert_int_equal(engine_job_keep(engine, &request, &put, 1, &job,
			     &note), 0);
	engine_upload_free(put.upload);
	assert_true(job_state_is_final(job.state));
	assert_int_equal(events_count(hooks), 0);
	assert_false(look(hooks, &hook, &job.uuid).is_there);
}

/* What goes with its base has ended, too. */
static void
test_base_deleted(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	struct err_note note;
	struct job done = job_ended(hooks), live;
	struct seen seen;
	int64_t id = make_job(hooks->w);

	assert_true(id != 0);
	assert_int_equal(store_job_newest_but(hooks->w->engine->store,
			     done.base_id, JOB_KIND_KEEP, &live), 0);
	assert_int_equal(events_count(hooks), 1);
	assert_int_equal(engine_base_delete(hooks->w->engine,
			     hooks->w->caller.account_id, &hooks->w->base,
			     &note), 0);
	assert_int_equal(events_count(hooks), 2);
	seen = look(hooks, &hook, &live.uuid);
	assert_true(seen.is_there);
	assert_int_equal(seen.event.type, EVENT_JOB_CANCELLED);
	assert_string_equal(seen.event.job.base_name, "docs");
	/* The first one is still due. */
	assert_true(look(hooks, &hook, &done.uuid).is_there);
}

/* ---- webhooks ----------------------------------------------------------- */

static void
test_limits(void **state)
{
	static const char *const bad[] = {"", "ftp://example.com/",
	    "http://example.com/", "https://10.0.0.1/", "https://[::1]/",
	    "https://192.168.1.1:8443/x", "https://0x0a.1/",
	    "https://localhost/", "https://a.localhost./",
	    "https://user:secret@example.com/", "https://169.254.169.254/",
	    "https://[fe80::1%25eth0]/", "https://167772161/", "mailto:a@b"};
	struct hooks *hooks = *state;
	struct webhook_request request = {.url = "https://example.com/x"};
	char secret[WEBHOOK_SECRET_SIZE], url[WEBHOOK_URL_BYTES_MAX + 64];
	struct uuid uuid;
	struct err_note note;
	size_t i;
	int err;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		request.url = bad[i];
		err = engine_webhook_create(hooks->w->engine,
		    hooks->w->caller.account_id, DIALECT_NATIVE, &request,
		    &uuid, secret, &note);
		if (err != ERR_INVALID && err != ERR_FORBIDDEN)
			fail_msg("%s: %d", bad[i], err);
		assert_null(strstr(note.text, "secret"));
	}
	memset(url, 'a', sizeof(url));
	memcpy(url, "https://example.com/", 20);
	url[sizeof(url) - 1] = '\0';
	request.url = url;
	assert_int_equal(engine_webhook_create(hooks->w->engine,
			     hooks->w->caller.account_id, DIALECT_NATIVE,
			     &request, &uuid, secret, &note), ERR_INVALID);
	request.url = NULL;
	assert_int_equal(engine_webhook_create(hooks->w->engine,
			     hooks->w->caller.account_id, DIALECT_NATIVE,
			     &request, &uuid, secret, &note), ERR_INVALID);
	request.url = "https://example.com/x";
	assert_int_equal(engine_webhook_create(hooks->w->engine,
			     hooks->w->caller.account_id, DIALECT_DIFY,
			     &request, &uuid, secret, &note),
	    ERR_UNSUPPORTED);
	for (i = 0; i < WEBHOOKS_MAX; i++)
		assert_int_equal(engine_webhook_create(hooks->w->engine,
				     hooks->w->caller.account_id,
				     DIALECT_NATIVE, &request, &uuid, secret,
				     &note), 0);
	assert_int_equal(engine_webhook_create(hooks->w->engine,
			     hooks->w->caller.account_id, DIALECT_NATIVE,
			     &request, &uuid, secret, &note), ERR_CONFLICT);
	assert_int_equal(engine_webhook_delete(hooks->w->engine,
			     hooks->w->caller.account_id, &uuid, &note), 0);
	assert_int_equal(engine_webhook_create(hooks->w->engine,
			     hooks->w->caller.account_id, DIALECT_NATIVE,
			     &request, &uuid, secret, &note), 0);
}

static void
test_change(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	const struct uuid nobody = {{9}};
	struct webhook_request request = {.description = "one",
	    .sets_types = true, .types = 1u << EVENT_JOB_FAILED};
	struct engine *engine = hooks->w->engine;
	int64_t account = hooks->w->caller.account_id;
	struct err_note note;
	struct seen seen;

	request.seen_us = look(hooks, &hook, NULL).webhook.updated_us;
	assert_int_equal(engine_webhook_change(engine, account, &hook,
			     &request, &note), 0);
	seen = look(hooks, &hook, NULL);
	assert_int_equal(seen.webhook.types, 1u << EVENT_JOB_FAILED);
	assert_true(seen.webhook.updated_us > request.seen_us);
	assert_int_equal(engine_webhook_change(engine, account, &hook,
			     &request, &note), ERR_CONFLICT);
	request.seen_us = 0;
	assert_int_equal(engine_webhook_change(engine, account, &nobody,
			     &request, &note), ERR_NOT_FOUND);
	assert_int_equal(engine_webhook_change(engine, account + 1, &hook,
			     &request, &note), ERR_NOT_FOUND);
	request.types = 1u << EVENT_TYPE_COUNT;
	assert_int_equal(engine_webhook_change(engine, account, &hook,
			     &request, &note), ERR_INVALID);
	request = (struct webhook_request){.sets_stopped = true,
	    .is_stopped = true};
	assert_int_equal(engine_webhook_change(engine, account, &hook,
			     &request, &note), 0);
	seen = look(hooks, &hook, NULL);
	assert_int_equal(seen.webhook.stop, WEBHOOK_STOPPED);
	assert_int_equal(seen.webhook.types, 1u << EVENT_JOB_FAILED);
	assert_true(seen.webhook.stopped_us != 0);
}

/* ---- secrets ------------------------------------------------------------ */

/* Does a file of the data folder hold the bytes? */
static bool
folder_holds(const char *dir, const void *bytes, size_t len)
{
	static const char *const names[] = {"tidemark.db", "tidemark.db-wal"};
	char path[128], *content;
	bool is_there = false;
	size_t i, size;
	FILE *file;

	for (i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		file = fopen(path, "rb");
		if (file == NULL)
			continue;
		content = mem_alloc(16 * MIB);
		assert_non_null(content);
		size = fread(content, 1, 16 * MIB, file);
		is_there |= memmem(content, size, bytes, len) != NULL;
		mem_free(content);
		(void)fclose(file);
	}
	return is_there;
}

static void
test_secrets_are_sealed(void **state)
{
	struct hooks *hooks = *state;
	char one[WEBHOOK_SECRET_SIZE], two[WEBHOOK_SECRET_SIZE];
	struct uuid hook = hook_make(hooks, "/found", NULL, one);
	uint8_t key[40];
	struct err_note note;
	int64_t until_us;

	assert_int_equal(engine_webhook_rotate(hooks->w->engine,
			     hooks->w->caller.account_id, &hook, two,
			     &until_us, &note), 0);
	assert_string_not_equal(one, two);
	assert_true(folder_holds(hooks->w->dir, "/found", 6));
	assert_false(folder_holds(hooks->w->dir, one + 6, 40));
	assert_false(folder_holds(hooks->w->dir, two + 6, 40));
	assert_int_equal(EVP_DecodeBlock(key, (const uint8_t *)two + 6, 44),
	    33);
	assert_false(folder_holds(hooks->w->dir, key, WEBHOOK_KEY_SIZE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_signature),
	    cmocka_unit_test(test_secret),
	    cmocka_unit_test(test_rests),
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test_setup_teardown(test_one_event_for_a_job,
		hooks_up, hooks_down),
	    cmocka_unit_test_setup_teardown(test_filters, hooks_up,
		hooks_down),
	    cmocka_unit_test_setup_teardown(test_nothing_of_keeping,
		hooks_up, hooks_down),
	    cmocka_unit_test_setup_teardown(test_base_deleted, hooks_up,
		hooks_down),
	    cmocka_unit_test_setup_teardown(test_limits, hooks_up,
		hooks_down),
	    cmocka_unit_test_setup_teardown(test_change, hooks_up,
		hooks_down),
	    cmocka_unit_test_setup_teardown(test_secrets_are_sealed, hooks_up,
		hooks_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
