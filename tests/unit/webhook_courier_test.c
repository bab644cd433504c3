/* SPDX-License-Identifier: Apache-2.0 */
/* Couriers: deliveries, tries, and what they mean for webhooks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "webhook_world.h"

/* A header of the receiver's last request; "" when there is none. */
static void
header_of(struct hooks *hooks, const char *name, char out[512])
{
	char line[64];
	const char *at;

	(void)snprintf(line, sizeof(line), "\r\n%s: ", name);
	(void)pthread_mutex_lock(&hooks->peer.lock);
	at = strcasestr(buf_text(&hooks->peer.last), line);
	out[0] = '\0';
	if (at != NULL)
		(void)snprintf(out, 512, "%.*s",
		    (int)strcspn(at + strlen(line), "\r"),
		    at + strlen(line));
	(void)pthread_mutex_unlock(&hooks->peer.lock);
}

/* Is the last request signed with the secret? */
static bool
is_signed(struct hooks *hooks, const char *secret)
{
	char id[512], timestamp[512], signature[512];
	uint8_t key[40];
	struct buf wanted;
	const char *body;
	bool is_there;

	header_of(hooks, "webhook-id", id);
	header_of(hooks, "webhook-timestamp", timestamp);
	header_of(hooks, "webhook-signature", signature);
	assert_int_equal(EVP_DecodeBlock(key, (const uint8_t *)secret + 6,
			     44), 33);
	buf_init(&wanted, 1000);
	(void)pthread_mutex_lock(&hooks->peer.lock);
	body = strstr(buf_text(&hooks->peer.last), "\r\n\r\n");
	assert_non_null(body);
	assert_int_equal(webhook_sign(key, WEBHOOK_KEY_SIZE, id,
			     strtoll(timestamp, NULL, 10), body + 4,
			     strlen(body + 4), &wanted), 0);
	(void)pthread_mutex_unlock(&hooks->peer.lock);
	is_there = strstr(signature, buf_text(&wanted)) != NULL;
	buf_fini(&wanted);
	return is_there;
}

static void
test_delivered(void **state)
{
	struct hooks *hooks = *state;
	char secret[WEBHOOK_SECRET_SIZE], text[512], name[64];
	char uuid[UUID_TEXT_SIZE];
	struct uuid hook = hook_make(hooks, "/x", NULL, secret);
	struct job job;
	struct seen seen;

	hooks_run(hooks);
	job = job_ended(hooks);
	seen = await(hooks, &hook, &job.uuid, DELIVERY_DONE, 1);
	assert_int_equal(seen.delivery.tries, 1);
	assert_true(seen.delivery.finished_us != 0);
	assert_true(seen.webhook.succeeded_us != 0);
	assert_int_equal(peer_requests(&hooks->peer), 1);
	assert_true(peer_heard(&hooks->peer, "POST /x HTTP/1.1\r\n"));
	assert_true(is_signed(hooks, secret));
	uuid_format(&job.uuid, uuid);
	(void)snprintf(name, sizeof(name), "evt_%s", uuid);
	header_of(hooks, "webhook-id", text);
	assert_string_equal(text, name);
	header_of(hooks, "content-type", text);
	assert_string_equal(text, "application/json");
	assert_true(peer_heard(&hooks->peer,
	    "{\"type\":\"job.cancelled\",\"timestamp\":\""));
	assert_true(peer_heard(&hooks->peer, uuid));
	assert_true(peer_heard(&hooks->peer, "\"test\":false"));
}

/* The same name each time; the next try comes when its time has come. */
static void
test_tried_again(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	char first[512], second[512];
	struct job job;
	struct seen seen;
	int64_t now_us;

	atomic_store(&hooks->status, 500);
	hooks_run(hooks);
	job = job_ended(hooks);
	seen = await(hooks, &hook, &job.uuid, DELIVERY_DUE, 1);
	header_of(hooks, "webhook-id", first);
	now_us = clock_wall_us();
	assert_true(seen.delivery.due_us - now_us <= 6000000);
	assert_true(seen.delivery.due_us > seen.delivery.created_us + 5000000);
	assert_int_equal(seen.webhook.succeeded_us, 0);

	atomic_store(&hooks->status, 204);
	pass_time(hooks, 7000000);
	seen = await(hooks, &hook, &job.uuid, DELIVERY_DONE, 2);
	header_of(hooks, "webhook-id", second);
	assert_string_equal(first, second);
	assert_int_equal(peer_requests(&hooks->peer), 2);
}

static void
test_retry_after(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	struct job job;
	struct seen seen;

	atomic_store(&hooks->status, 503);
	atomic_store(&hooks->extra, "Retry-After: 3600\r\n");
	hooks_run(hooks);
	job = job_ended(hooks);
	seen = await(hooks, &hook, &job.uuid, DELIVERY_DUE, 1);
	assert_true(seen.delivery.due_us >=
	    seen.delivery.created_us + 3600000000);
	assert_true(seen.delivery.due_us <= clock_wall_us() + 3600000000);
}

static void
test_gone(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	struct err_note note;
	struct uuid event;
	struct job job;
	struct seen seen;

	atomic_store(&hooks->status, 410);
	hooks_run(hooks);
	job = job_ended(hooks);
	seen = await(hooks, &hook, &job.uuid, DELIVERY_GIVEN_UP, 1);
	assert_int_equal(seen.webhook.stop, WEBHOOK_GONE);
	assert_int_equal(engine_webhook_test(hooks->w->engine,
			     hooks->w->caller.account_id, &hook,
			     EVENT_JOB_FAILED, &event, &note), ERR_CONFLICT);
	assert_int_equal(engine_webhook_resend(hooks->w->engine,
			     hooks->w->caller.account_id, &hook, &job.uuid,
			     &note), ERR_CONFLICT);
	/* It is told of nothing more. */
	job = job_ended(hooks);
	assert_false(look(hooks, &hook, &job.uuid).is_there);
}

struct answer_of {
	unsigned status;
	char message[256];
};

static int
attempt_take(void *arg, const struct delivery_attempt *attempt)
{
	struct answer_of *answer = arg;

	answer->status = attempt->status;
	(void)snprintf(answer->message, sizeof(answer->message), "%s",
	    attempt->message);
	return 0;
}

static struct answer_of
last_attempt(struct hooks *hooks, int64_t delivery_id)
{
	struct answer_of answer = {0};
	struct err_note note;
	struct store *reader;

	assert_int_equal(engine_reader(hooks->w->engine, &reader, &note), 0);
	assert_int_equal(store_attempts_page(reader, delivery_id, 0, 1,
			     attempt_take, &answer), 0);
	store_close(reader);
	return answer;
}

static void
test_redirect_is_a_failure(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	struct answer_of answer;
	struct job job;
	struct seen seen;

	atomic_store(&hooks->status, 307);
	atomic_store(&hooks->extra, "Location: /elsewhere\r\n");
	hooks_run(hooks);
	job = job_ended(hooks);
	seen = await(hooks, &hook, &job.uuid, DELIVERY_DUE, 1);
	assert_int_equal(peer_requests(&hooks->peer), 1);
	answer = last_attempt(hooks, seen.delivery.id);
	assert_int_equal(answer.status, 307);
	assert_string_equal(answer.message, "HTTP 307");
}

/* The operator's rules count when it is sent. */
static void
test_private_address(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	struct answer_of answer;
	struct job job;
	struct seen seen;

	hooks->w->engine->net_allow.list[0][0] = '9';
	hooks_run(hooks);
	job = job_ended(hooks);
	seen = await(hooks, &hook, &job.uuid, DELIVERY_DUE, 1);
	assert_int_equal(peer_connections(&hooks->peer), 0);
	answer = last_attempt(hooks, seen.delivery.id);
	assert_int_equal(answer.status, 0);
	assert_string_equal(answer.message,
	    "the address must begin with https://");
}

/* Given up after the last try; what was missed is sent when asked for. */
static void
test_given_up_and_recovered(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	const struct webhook_request on = {.sets_stopped = true};
	struct engine *engine = hooks->w->engine;
	int64_t account = hooks->w->caller.account_id;
	struct err_note note;
	struct job job, other;
	struct seen seen;
	uint64_t count;
	uint32_t i;

	atomic_store(&hooks->status, 500);
	hooks_run(hooks);
	job = job_ended(hooks);
	for (i = 1; i < WEBHOOK_TRIES_MAX; i++) {
		(void)await(hooks, &hook, &job.uuid, DELIVERY_DUE, i);
		pass_time(hooks, 2 * DAY_US);
	}
	seen = await(hooks, &hook, &job.uuid, DELIVERY_GIVEN_UP,
	    WEBHOOK_TRIES_MAX);
	assert_int_equal(seen.webhook.stop, WEBHOOK_FAILING);
	other = job_ended(hooks);
	assert_false(look(hooks, &hook, &other.uuid).is_there);
	assert_int_equal(engine_webhook_recover(engine, account, &hook, 0,
			     &count, &note), ERR_CONFLICT);

	atomic_store(&hooks->status, 200);
	assert_int_equal(engine_webhook_change(engine, account, &hook, &on,
			     &note), 0);
	assert_int_equal(engine_webhook_recover(engine, account, &hook,
			     job.created_us - 1, &count, &note), 0);
	assert_int_equal(count, 2);
	seen = await(hooks, &hook, &job.uuid, DELIVERY_DONE,
	    WEBHOOK_TRIES_MAX + 1);
	assert_int_equal(seen.delivery.tries, 1);
	(void)await(hooks, &hook, &other.uuid, DELIVERY_DONE, 1);
	/* All have arrived. */
	assert_int_equal(engine_webhook_recover(engine, account, &hook, 0,
			     &count, &note), 0);
	assert_int_equal(count, 0);
	assert_int_equal(peer_requests(&hooks->peer), WEBHOOK_TRIES_MAX + 2);
}

/* What has arrived is looked at in pieces, too. */
static void
test_missed_in_pieces(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	int64_t account = hooks->w->caller.account_id, id;
	struct event_place place = {0, 0};
	bool is_more = false;
	size_t i, count = 0;
	struct seen seen;
	struct job job;

	hooks_run(hooks);
	for (i = 0; i < 3; i++) {
		job = job_ended(hooks);
		seen = await(hooks, &hook, &job.uuid, DELIVERY_DONE, 1);
	}
	hooks_halt(hooks);
	id = seen.webhook.id;
	assert_int_equal(store_events_missed(hooks->w->engine->store, account,
			     id, 0, 2, count_event, &count, &place, &is_more),
	    0);
	assert_true(is_more);
	assert_true(place.id > 0 && place.id < seen.event.id);
	assert_int_equal(store_events_missed(hooks->w->engine->store, account,
			     id, 0, 2, count_event, &count, &place, &is_more),
	    0);
	assert_false(is_more);
	assert_int_equal(place.id, seen.event.id);
	assert_int_equal(count, 0);
}

static void
test_rotation(void **state)
{
	struct hooks *hooks = *state;
	char one[WEBHOOK_SECRET_SIZE], two[WEBHOOK_SECRET_SIZE];
	struct uuid hook = hook_make(hooks, "/", NULL, one);
	struct err_note note;
	int64_t until_us;
	struct job job;

	assert_int_equal(engine_webhook_rotate(hooks->w->engine,
			     hooks->w->caller.account_id, &hook, two,
			     &until_us, &note), 0);
	assert_true(until_us <= clock_wall_us() + DAY_US);
	assert_true(until_us > clock_wall_us() + DAY_US - PATIENCE_US);
	hooks_run(hooks);
	job = job_ended(hooks);
	(void)await(hooks, &hook, &job.uuid, DELIVERY_DONE, 1);
	assert_true(is_signed(hooks, one));
	assert_true(is_signed(hooks, two));
	pass_time(hooks, DAY_US);
	job = job_ended(hooks);
	(void)await(hooks, &hook, &job.uuid, DELIVERY_DONE, 1);
	assert_false(is_signed(hooks, one));
	assert_true(is_signed(hooks, two));
}

/* One that does not answer keeps none of the others waiting, and is not asked
 * twice at a time. */
static void
test_slow_one(void **state)
{
	struct hooks *hooks = *state;
	struct uuid slow[2], quick;
	struct job job, next;
	size_t i;

	for (i = 0; i < 2; i++)
		slow[i] = hook_make(hooks, "/hang", NULL, NULL);
	quick = hook_make(hooks, "/", NULL, NULL);
	hooks_run(hooks);
	job = job_ended(hooks);
	next = job_ended(hooks);
	peer_wait_hanging(&hooks->peer, 2);
	(void)await(hooks, &quick, &job.uuid, DELIVERY_DONE, 1);
	(void)await(hooks, &quick, &next.uuid, DELIVERY_DONE, 1);
	assert_int_equal(peer_requests(&hooks->peer), 4);
	peer_release(&hooks->peer);
	for (i = 0; i < 2; i++) {
		(void)await(hooks, &slow[i], &job.uuid, DELIVERY_DONE, 1);
		(void)await(hooks, &slow[i], &next.uuid, DELIVERY_DONE, 1);
	}
	assert_int_equal(peer_requests(&hooks->peer), 6);
}

/* Asked for again while it is being sent: it is sent again. */
static void
test_asked_for_meanwhile(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/hang", NULL, NULL);
	const struct uuid nobody = {{9}};
	struct err_note note;
	struct job job;

	hooks_run(hooks);
	job = job_ended(hooks);
	peer_wait_hanging(&hooks->peer, 1);
	assert_int_equal(engine_webhook_resend(hooks->w->engine,
			     hooks->w->caller.account_id, &hook, &job.uuid,
			     &note), 0);
	assert_int_equal(engine_webhook_resend(hooks->w->engine,
			     hooks->w->caller.account_id, &hook, &nobody,
			     &note), ERR_NOT_FOUND);
	peer_release(&hooks->peer);
	(void)await(hooks, &hook, &job.uuid, DELIVERY_DONE, 2);
	assert_int_equal(peer_requests(&hooks->peer), 2);
}

/* What an address that was given up says does not count for the next one. */
static void
test_changed_meanwhile(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/hang", NULL, NULL);
	struct webhook_request other = {.url = NULL};
	struct err_note note = {""};
	struct seen seen;
	struct job job;
	char url[128];

	atomic_store(&hooks->status, 410);
	hooks_run(hooks);
	job = job_ended(hooks);
	peer_wait_hanging(&hooks->peer, 1);
	hook_url(hooks, "/", url);
	other.url = url;
	assert_int_equal(engine_webhook_change(hooks->w->engine,
			     hooks->w->caller.account_id, &hook, &other,
			     &note), 0);
	peer_release(&hooks->peer);
	seen = await(hooks, &hook, &job.uuid, DELIVERY_DUE, 1);
	assert_int_equal(seen.webhook.stop, WEBHOOK_RUNS);
	atomic_store(&hooks->status, 200);
	pass_time(hooks, DAY_US);
	(void)await(hooks, &hook, &job.uuid, DELIVERY_DONE, 2);
}

/* Deleted while it is being sent: nothing is left of it. */
static void
test_deleted_meanwhile(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/hang", NULL, NULL);
	struct err_note note;
	struct seen seen;
	struct delivery delivery;
	struct job job;

	hooks_run(hooks);
	job = job_ended(hooks);
	peer_wait_hanging(&hooks->peer, 1);
	seen = look(hooks, &hook, &job.uuid);
	assert_true(seen.is_there);
	assert_int_equal(engine_webhook_delete(hooks->w->engine,
			     hooks->w->caller.account_id, &hook, &note), 0);
	peer_release(&hooks->peer);
	hooks_halt(hooks);
	assert_int_equal(store_delivery_get(hooks->w->engine->store,
			     seen.delivery.id, &delivery), ERR_NOT_FOUND);
	assert_int_equal(last_attempt(hooks, seen.delivery.id).status, 0);
	assert_int_equal(engine_webhook_delete(hooks->w->engine,
			     hooks->w->caller.account_id, &hook, &note),
	    ERR_NOT_FOUND);
}

static void
test_test_event(void **state)
{
	struct hooks *hooks = *state;
	const struct webhook_request failed = {.sets_types = true,
	    .types = 1u << EVENT_JOB_FAILED};
	struct uuid hook = hook_make(hooks, "/", &failed, NULL), event;
	struct uuid other = hook_make(hooks, "/", NULL, NULL);
	struct err_note note;
	struct seen seen;
	int type;

	hooks_run(hooks);
	for (type = 1; type < EVENT_TYPE_COUNT; type++) {
		assert_int_equal(engine_webhook_test(hooks->w->engine,
				     hooks->w->caller.account_id, &hook,
				     (enum event_type)type, &event, &note),
		    0);
		seen = await(hooks, &hook, &event, DELIVERY_DONE, 1);
		assert_true(seen.event.is_test);
		assert_int_equal(seen.event.type, type);
		assert_int_equal(event_type_of(&seen.event.job), type);
		assert_true(peer_heard(&hooks->peer, "\"test\":true"));
		assert_true(peer_heard(&hooks->peer,
		    event_type_name((enum event_type)type)));
		assert_false(look(hooks, &other, &event).is_there);
	}
	/* It is nobody else's. */
	assert_int_equal(engine_webhook_resend(hooks->w->engine,
			     hooks->w->caller.account_id, &other, &event,
			     &note), ERR_NOT_FOUND);
}

/* What is due when the server ends is due when it starts. */
static void
test_due_from_before(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	struct job job = job_ended(hooks);

	assert_int_equal(peer_requests(&hooks->peer), 0);
	hooks_run(hooks);
	(void)await(hooks, &hook, &job.uuid, DELIVERY_DONE, 1);
}

static void
test_pruned(void **state)
{
	struct hooks *hooks = *state;
	struct uuid hook = hook_make(hooks, "/", NULL, NULL);
	int64_t until = clock_mono_us() + PATIENCE_US;
	struct job old = job_ended(hooks), job;
	struct delivery delivery;
	struct seen seen = look(hooks, &hook, &old.uuid);

	assert_true(seen.is_there);
	clock_wall_shift_us((EVENT_KEPT_DAYS + 1) * DAY_US);
	job = job_ended(hooks);
	hooks_run(hooks);
	while (look(hooks, &hook, &old.uuid).is_there) {
		assert_true(clock_mono_us() < until);
		nap();
	}
	(void)await(hooks, &hook, &job.uuid, DELIVERY_DONE, 1);
	hooks_halt(hooks);
	assert_int_equal(store_delivery_get(hooks->w->engine->store,
			     seen.delivery.id, &delivery), ERR_NOT_FOUND);
}

int
main(void)
{
#define COURIER_TEST(name)                                                    \
	cmocka_unit_test_setup_teardown(name, hooks_up, hooks_down)
	const struct CMUnitTest tests[] = {
	    COURIER_TEST(test_delivered),
	    COURIER_TEST(test_tried_again),
	    COURIER_TEST(test_retry_after),
	    COURIER_TEST(test_gone),
	    COURIER_TEST(test_redirect_is_a_failure),
	    COURIER_TEST(test_private_address),
	    COURIER_TEST(test_given_up_and_recovered),
	    COURIER_TEST(test_rotation),
	    COURIER_TEST(test_slow_one),
	    COURIER_TEST(test_asked_for_meanwhile),
	    COURIER_TEST(test_missed_in_pieces),
	    COURIER_TEST(test_changed_meanwhile),
	    COURIER_TEST(test_deleted_meanwhile),
	    COURIER_TEST(test_test_event),
	    COURIER_TEST(test_due_from_before),
	    COURIER_TEST(test_pruned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
