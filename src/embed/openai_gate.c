/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate before the service: so many requests at once, whoever asks, and none
 * for a while after it has failed.
 *
 * All workers meet an outage at the same moment.  The first one closes the gate
 * for a second, which doubles up to a minute as long as nothing is answered;
 * a part of it is chance, so that many servers do not come back at once.  What
 * the service itself says (Retry-After) goes before that.  Who comes while it
 * is closed hears what the failure was, without a request.
 *
 * Calls that somebody waits for have places of their own: a query does not
 * stand in line behind a run, nor does its timeout, which is short, say
 * anything about those that may take longer.  They try again sooner.
 */
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "embed/openai_int.h"
#include "sys/clock.h"
#include "sys/rng.h"
#include "sys/thread.h"

#define SECOND_US 1000000
#define LOOK_US 100000 /* for who breaks it off */

/* ---- opening ----------------------------------------------------------- */

int
gate_open(struct gate *gate, const struct net_service_config *config,
    size_t quiet, struct err_note *note)
{
	size_t count = quiet + EMBED_AWAITED_MAX;
	int err = 0;

	(void)pthread_mutex_init(&gate->lock, NULL);
	thread_cond_init(&gate->left);
	gate->quiet_count = quiet;
	gate->places = mem_array(count, sizeof(*gate->places));
	if (gate->places == NULL)
		return ERR_NOMEM;
	memset(gate->places, 0, count * sizeof(*gate->places));
	while (err == 0 && gate->count < count)
		err = net_service_open(&gate->places[gate->count++].service,
		    config, note);
	return err;
}

void
gate_close(struct gate *gate)
{
	size_t i;

	for (i = 0; i < gate->count; i++) {
		ASSERT(!gate->places[i].is_busy);
		net_service_close(&gate->places[i].service);
	}
	mem_free(gate->places);
	(void)pthread_cond_destroy(&gate->left);
	(void)pthread_mutex_destroy(&gate->lock);
}

/* ---- going in and out -------------------------------------------------- */

static struct place *
place_find(struct gate *gate, bool is_awaited)
{
	size_t i = is_awaited ? gate->quiet_count : 0;
	size_t end = is_awaited ? gate->count : gate->quiet_count;

	for (; i < end; i++) {
		if (!gate->places[i].is_busy) {
			gate->places[i].is_busy = true;
			return &gate->places[i];
		}
	}
	return NULL;
}

/* 0: it is open. */
static int64_t
closed_for_us(const struct gate *gate, bool is_awaited)
{
	int64_t until_us = is_awaited ? gate->awaited_until_us
				      : gate->closed_until_us;
	int64_t now_us = until_us == 0 ? 0 : clock_mono_us();

	return until_us > now_us ? until_us - now_us : 0;
}

static int
enter(struct gate *gate, struct embed_call *call, struct place **ret_place,
    struct err_note *note)
{
	struct place *place = NULL;

	for (;;) {
		if (call->stop != NULL && atomic_load(call->stop))
			return ERR_CANCELLED;
		call->wait_us = closed_for_us(gate, call->is_awaited);
		if (call->wait_us > 0) {
			call->is_outage = true;
			return err_set(note, gate->err, "%s",
			    gate->note.text);
		}
		place = place_find(gate, call->is_awaited);
		if (place != NULL)
			break;
		if (call->is_awaited)
			return err_set(note, ERR_BUSY, "too many ask the "
			    "embedding service at once");
		thread_wait_us(&gate->left, &gate->lock, LOOK_US);
	}
	*ret_place = place;
	return 0;
}

int
gate_enter(struct gate *gate, struct embed_call *call,
    struct place **ret_place, struct err_note *note)
{
	int err;

	(void)pthread_mutex_lock(&gate->lock);
	err = enter(gate, call, ret_place, note);
	(void)pthread_mutex_unlock(&gate->lock);
	return err;
}

void
gate_leave(struct gate *gate, struct place *place)
{
	(void)pthread_mutex_lock(&gate->lock);
	ASSERT(place->is_busy);
	place->is_busy = false;
	(void)pthread_cond_broadcast(&gate->left);
	(void)pthread_mutex_unlock(&gate->lock);
}

/* ---- how it is --------------------------------------------------------- */

/* What was on its way when the service said to wait does not lift that. */
void
gate_good(struct gate *gate, const struct embed_call *call)
{
	(void)pthread_mutex_lock(&gate->lock);
	gate->awaited_until_us = 0;
	if (closed_for_us(gate, false) == 0 ||
	    (call->is_awaited && !gate->is_told)) {
		gate->failures = 0;
		gate->closed_until_us = 0;
		gate->is_told = false;
	}
	(void)pthread_mutex_unlock(&gate->lock);
}

/* Between a half and all of it. */
static int64_t
some_of(int64_t us)
{
	uint32_t random;

	rng_bytes(&random, sizeof(random));
	return us / 2 + (int64_t)((uint64_t)(us / 2) * random / UINT32_MAX);
}

static int64_t
pause_us(unsigned failures)
{
	int64_t us = SECOND_US;

	while (failures-- > 1 && us < EMBED_PAUSE_SECONDS_MAX * SECOND_US)
		us *= 2;
	if (us > EMBED_PAUSE_SECONDS_MAX * SECOND_US)
		us = EMBED_PAUSE_SECONDS_MAX * SECOND_US;
	return some_of(us);
}

static int64_t
told_us(int64_t retry_after_s)
{
	if (retry_after_s > (int64_t)EMBED_RETRY_SECONDS_MAX)
		retry_after_s = EMBED_RETRY_SECONDS_MAX;
	return retry_after_s * SECOND_US + some_of(SECOND_US / 4);
}

void
gate_failed(struct gate *gate, struct embed_call *call,
    int64_t retry_after_s, int err, const struct err_note *note)
{
	int64_t now_us = clock_mono_us(), pause;

	(void)pthread_mutex_lock(&gate->lock);
	gate->err = err;
	(void)memcpy(gate->note.text, err_words(note, err),
	    strlen(err_words(note, err)) + 1);
	/* Those that fail together are one failure. */
	if (closed_for_us(gate, false) == 0)
		gate->failures++;
	pause = retry_after_s >= 0 ? told_us(retry_after_s)
				   : pause_us(gate->failures);
	if (!call->is_awaited && gate->closed_until_us < now_us + pause) {
		gate->closed_until_us = now_us + pause;
		gate->is_told = retry_after_s >= 0;
	}
	/* Being told to wait for the next batch says nothing of a query. */
	if (call->is_awaited || retry_after_s < 0) {
		if (pause > EMBED_AWAITED_PAUSE_US_MAX)
			pause = EMBED_AWAITED_PAUSE_US_MAX;
		gate->awaited_until_us = now_us + pause;
	}
	call->is_outage = true;
	call->wait_us = closed_for_us(gate, call->is_awaited);
	(void)pthread_mutex_unlock(&gate->lock);
}

void
gate_stats(struct gate *gate, struct embed_stats *stats)
{
	(void)pthread_mutex_lock(&gate->lock);
	stats->is_down = gate->failures > 0;
	stats->wait_us = closed_for_us(gate, false);
	stats->why = gate->note;
	(void)pthread_mutex_unlock(&gate->lock);
}
