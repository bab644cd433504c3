/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An account has a ring of ten-second slots for a little more than an hour; a
 * slot says which ten seconds it is of, so nothing has to be cleared while
 * nothing happens.  Minutes are six slots each, so that they begin when the
 * clock's do.
 */
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/rates.h"
#include "sys/clock.h"

#define SLOT_US 10000000LL
#define MINUTE_SLOTS 6
#define HOUR_SLOTS 360
#define SLOTS 372u /* an hour, and what has begun on both ends of it */
#define ACCOUNTS_MAX 1024u /* who was not heard of longest makes room */

struct slot {
	int64_t at; /* in SLOT_US since 1970 */
	struct rate rate;
};

struct account_rates {
	int64_t account_id;
	int64_t last; /* slot */
	struct slot slots[SLOTS];
};

struct rates {
	pthread_mutex_t lock; /* of all below */
	int64_t begun_us;
	struct account_rates *accounts[ACCOUNTS_MAX];
	size_t count;
};

struct rates *
rates_new(int64_t now_us)
{
	struct rates *rates;

	rates = mem_zalloc(sizeof(*rates));
	if (rates == NULL)
		return NULL;
	(void)pthread_mutex_init(&rates->lock, NULL);
	rates->begun_us = now_us;
	return rates;
}

void
rates_free(struct rates *rates)
{
	size_t i;

	if (rates == NULL)
		return;
	for (i = 0; i < rates->count; i++)
		mem_free(rates->accounts[i]);
	(void)pthread_mutex_destroy(&rates->lock);
	mem_free(rates);
}

static struct account_rates *
rates_find(struct rates *rates, int64_t account_id)
{
	size_t i;

	for (i = 0; i < rates->count; i++)
		if (rates->accounts[i]->account_id == account_id)
			return rates->accounts[i];
	return NULL;
}

static struct account_rates *
rates_add(struct rates *rates, int64_t account_id)
{
	struct account_rates *account, **oldest = &rates->accounts[0];
	size_t i;

	if (rates->count < ACCOUNTS_MAX) {
		account = mem_zalloc(sizeof(*account));
		if (account == NULL)
			return NULL;
		rates->accounts[rates->count++] = account;
	} else {
		for (i = 1; i < rates->count; i++)
			if (rates->accounts[i]->last < (*oldest)->last)
				oldest = &rates->accounts[i];
		account = *oldest;
		memset(account, 0, sizeof(*account));
	}
	account->account_id = account_id;
	return account;
}

static void
rate_add(struct rate *to, const struct rate *rate)
{
	to->items += rate->items;
	to->failed += rate->failed;
	to->bytes += rate->bytes;
	to->segments += rate->segments;
}

void
rates_count(struct rates *rates, int64_t account_id,
    const struct rate *rate, int64_t now_us)
{
	struct account_rates *account;
	int64_t at = now_us / SLOT_US;
	struct slot *slot;

	(void)pthread_mutex_lock(&rates->lock);
	account = rates_find(rates, account_id);
	if (account == NULL)
		account = rates_add(rates, account_id);
	if (account != NULL) {
		slot = &account->slots[(uint64_t)at % SLOTS];
		if (slot->at != at) {
			memset(slot, 0, sizeof(*slot));
			slot->at = at;
		}
		rate_add(&slot->rate, rate);
		account->last = at;
	}
	(void)pthread_mutex_unlock(&rates->lock);
}

/* What the slots from..to (not included) hold. */
static void
sum(const struct account_rates *account, int64_t from, int64_t to,
    struct rate *ret_rate)
{
	const struct slot *slot;

	memset(ret_rate, 0, sizeof(*ret_rate));
	for (; account != NULL && from < to; from++) {
		slot = &account->slots[(uint64_t)from % SLOTS];
		if (slot->at == from)
			rate_add(ret_rate, &slot->rate);
	}
}

void
rates_read(struct rates *rates, int64_t account_id, int64_t now_us,
    struct rates_hour *ret_hour)
{
	int64_t at = now_us / SLOT_US;
	int64_t minute = at / MINUTE_SLOTS - (RATES_MINUTES - 1);
	int64_t counted_us = now_us - (at - MINUTE_SLOTS) * SLOT_US;
	const struct account_rates *account;
	struct rate last;
	double seconds;
	size_t i;

	(void)pthread_mutex_lock(&rates->lock);
	account = rates_find(rates, account_id);
	for (i = 0; i < RATES_MINUTES; i++)
		sum(account, (minute + (int64_t)i) * MINUTE_SLOTS,
		    (minute + (int64_t)i + 1) * MINUTE_SLOTS,
		    &ret_hour->minutes[i]);
	sum(account, at - MINUTE_SLOTS, at + 1, &last);
	if (counted_us > now_us - rates->begun_us)
		counted_us = now_us - rates->begun_us;
	ret_hour->since_us = now_us - HOUR_SLOTS * SLOT_US;
	if (ret_hour->since_us < rates->begun_us)
		ret_hour->since_us = rates->begun_us;
	(void)pthread_mutex_unlock(&rates->lock);
	/* The first moments would make a lot of a little. */
	seconds = counted_us < 1000000 ? 1 : (double)counted_us / 1000000;
	ret_hour->first_us = minute * MINUTE_SLOTS * SLOT_US;
	ret_hour->items_per_s = (double)last.items / seconds;
	ret_hour->bytes_per_s = (double)last.bytes / seconds;
}

static uint64_t
grown(uint64_t was, uint64_t is)
{
	return is > was ? is - was : 0;
}

void
rates_change(void *arg, const struct job *was, const struct job *job)
{
	static const struct job nothing;
	struct engine *engine = arg;
	struct rate rate;

	if (was == NULL)
		was = &nothing;
	rate = (struct rate){
	    .items = grown(was->counts.completed, job->counts.completed),
	    .failed = grown(was->counts.failed, job->counts.failed),
	    .bytes = grown(was->bytes_completed, job->bytes_completed),
	    .segments = grown(was->segments_completed,
		job->segments_completed)};
	if (rate.items + rate.failed + rate.bytes + rate.segments > 0)
		rates_count(engine->rates, job->account_id, &rate,
		    clock_wall_us());
}

void
engine_rates(struct engine *engine, int64_t account_id,
    struct rates_hour *ret_hour)
{
	rates_read(engine->rates, account_id, clock_wall_us(), ret_hour);
}
