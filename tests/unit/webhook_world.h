/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook_world: an engine with writer and couriers but nothing else running,
 * and a receiver on loopback that answers as a test wants.  Included after
 * cmocka.h.
 *
 * Nothing waits for time: what is to come later comes when the test sets the
 * clock forward; what another thread does is looked for until it is there.
 */
#ifndef TESTS_UNIT_WEBHOOK_WORLD_H
#define TESTS_UNIT_WEBHOOK_WORLD_H

#include <openssl/evp.h>
#include <stdatomic.h>
#include <time.h>

#include "api/native/native.h"
#include "engine/webhook_int.h"
#include "engine_world.h"
#include "http_peer.h"
#include "sys/clock.h"

#define PATIENCE_US (60 * 1000000LL)
#define DAY_US (86400 * 1000000LL)

struct hooks {
	struct world *w;
	struct peer peer;
	atomic_int status;	/* what the receiver answers with */
	const char *_Atomic extra; /* headers of its answer */
	bool is_running;
};

/* /hang waits for peer_release(); all else answers at once. */
static inline bool
hooks_answer(struct peer *peer, int fd, const char *path,
    const char *request)
{
	struct hooks *hooks = peer->arg;
	char status[32];

	(void)request;
	if (strcmp(path, "/hang") == 0)
		peer_hang(peer);
	(void)snprintf(status, sizeof(status), "%d Some",
	    atomic_load(&hooks->status));
	return peer_answer(fd, status, atomic_load(&hooks->extra), "{}");
}

static inline int
hooks_up(void **state)
{
	struct hooks *hooks = mem_zalloc(sizeof(*hooks));
	struct engine *engine;

	assert_non_null(hooks);
	assert_int_equal(world_up((void **)&hooks->w), 0);
	peer_open(&hooks->peer, hooks_answer, hooks);
	atomic_store(&hooks->status, 200);
	atomic_store(&hooks->extra, "");
	engine = hooks->w->engine;
	engine->webhook_faces[DIALECT_NATIVE] = &native_webhook_face;
	mem_free(engine->net_allow.list); /* of none */
	engine->net_allow.list = mem_array(1, sizeof(char *));
	assert_non_null(engine->net_allow.list);
	engine->net_allow.list[0] = mem_strdup("127.0.0.1");
	engine->net_allow.count = 1;
	*state = hooks;
	return 0;
}

static inline void
hooks_run(struct hooks *hooks)
{
	struct engine *engine = hooks->w->engine;

	assert_int_equal(writer_start(engine->writer), 0);
	assert_int_equal(couriers_start(engine->couriers), 0);
	hooks->is_running = true;
}

static inline void
hooks_halt(struct hooks *hooks)
{
	struct engine *engine = hooks->w->engine;

	if (!hooks->is_running)
		return;
	couriers_stop(engine->couriers);
	writer_stop(engine->writer);
	hooks->is_running = false;
}

static inline int
hooks_down(void **state)
{
	struct hooks *hooks = *state;
	int err;

	peer_release(&hooks->peer);
	hooks_halt(hooks);
	err = world_down((void **)&hooks->w);
	peer_close(&hooks->peer);
	mem_free(hooks);
	return err;
}

/* ---- doing -------------------------------------------------------------- */

static inline void
hook_url(const struct hooks *hooks, const char *path, char out[128])
{
	(void)snprintf(out, 128, "http://127.0.0.1:%u%s", hooks->peer.port,
	    path);
}

/* request NULL: of everything. */
static inline struct uuid
hook_make(struct hooks *hooks, const char *path,
    const struct webhook_request *request,
    char ret_secret[WEBHOOK_SECRET_SIZE])
{
	struct webhook_request whole = {.url = NULL};
	char url[128], secret[WEBHOOK_SECRET_SIZE];
	struct err_note note = {""};
	struct uuid uuid;

	if (request != NULL)
		whole = *request;
	hook_url(hooks, path, url);
	whole.url = url;
	assert_int_equal(engine_webhook_create(hooks->w->engine,
			     hooks->w->caller.account_id, DIALECT_NATIVE,
			     &whole, &uuid, secret, &note), 0);
	if (ret_secret != NULL)
		memcpy(ret_secret, secret, sizeof(secret));
	return uuid;
}

/* A job that is cancelled, so that it ends without anybody running it. */
static inline struct job
job_ended(struct hooks *hooks)
{
	static const char *const paths[] = {"/nowhere/at/all"};
	struct world *w = hooks->w;
	struct job_request request = {.account_id = w->caller.account_id,
	    .base = w->base, .dialect = DIALECT_NATIVE};
	struct folder_source source = {.paths = paths, .path_count = 1};
	struct err_note note;
	struct job job;

	assert_int_equal(engine_job_folder(w->engine, &request, &source, true,
			     &job, &note), 0);
	assert_int_equal(engine_job_order(w->engine, w->caller.account_id,
			     &job.uuid, JOB_ORDER_CANCEL, "tester", &job,
			     &note), 0);
	assert_int_equal(job.state, JOB_CANCELLED);
	return job;
}

/* ---- looking ------------------------------------------------------------ */

struct seen {
	struct webhook webhook; /* its strings are gone */
	struct delivery delivery;
	struct event event;
	bool is_there;
};

static inline int
seen_webhook(void *arg, const struct webhook *webhook)
{
	struct seen *seen = arg;

	seen->webhook = *webhook;
	return 0;
}

static inline int
seen_event(void *arg, const struct event *event)
{
	struct seen *seen = arg;

	seen->event = *event;
	return 0;
}

/* The webhook, and what it was told of that event (NULL: nothing). */
static inline struct seen
look(struct hooks *hooks, const struct uuid *webhook,
    const struct uuid *event)
{
	struct seen seen = {.is_there = false};
	struct err_note note;
	struct store *reader;
	int err;

	assert_int_equal(engine_reader(hooks->w->engine, &reader, &note), 0);
	assert_int_equal(store_begin(reader, &note), 0);
	err = store_webhook_find(reader, hooks->w->caller.account_id,
	    webhook, seen_webhook, &seen);
	if (err == 0 && event != NULL)
		err = store_event_find(reader, hooks->w->caller.account_id,
		    event, seen_event, &seen);
	if (err == 0 && event != NULL)
		err = store_delivery_find(reader, seen.webhook.id,
		    seen.event.id, &seen.delivery);
	store_end(reader);
	store_close(reader);
	seen.is_there = err == 0;
	return seen;
}

static inline void
nap(void)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	(void)nanosleep(&moment, NULL);
}

/* Until the delivery has that state and so many attempts. */
static inline struct seen
await(struct hooks *hooks, const struct uuid *webhook,
    const struct uuid *event, enum delivery_state state, uint32_t attempts)
{
	int64_t until = clock_mono_us() + PATIENCE_US;
	struct seen seen;

	for (;;) {
		seen = look(hooks, webhook, event);
		if (seen.is_there && seen.delivery.state == state &&
		    seen.delivery.attempts == attempts)
			return seen;
		if (clock_mono_us() > until)
			fail_msg("state %d after %u attempts",
			    seen.delivery.state, seen.delivery.attempts);
		nap();
	}
}

static inline void
pass_time(struct hooks *hooks, int64_t us)
{
	clock_wall_shift_us(us);
	couriers_wake(hooks->w->engine->couriers);
}

static inline int
count_event(void *arg, const struct event *event)
{
	(void)event;
	++*(size_t *)arg;
	return 0;
}

static inline size_t
events_count(struct hooks *hooks)
{
	struct event_place place = {0, 0};
	bool is_more = true;
	size_t count = 0;

	assert_int_equal(store_events_missed(hooks->w->engine->store,
			     hooks->w->caller.account_id, 0, 0, 1000,
			     count_event, &count, &place, &is_more), 0);
	assert_false(is_more);
	return count;
}

#endif
