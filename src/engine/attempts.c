/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often somebody may try: each name has a few attempts, and gets one back
 * after each of so many seconds.
 *
 * The table has a fixed size.  A name is found by a hash under a key that
 * nobody knows, in a set of a few places; a new name takes the place that has
 * most attempts left, so that who has none left is not forgotten for who has
 * never tried.
 *
 * That a user's attempts can be used up by others is the price of bounding
 * them from many addresses at once: a session that is open, and keys, are not
 * touched by it.
 */
#include <pthread.h>
#include <string.h>
#include <xxhash.h>

#include "base/mem.h"
#include "engine/user_int.h"
#include "sys/rng.h"

#define SETS 1024u
#define WAYS 8u
#define SECOND_US 1000000

static const struct {
	unsigned attempts, seconds;
} kinds[ATTEMPT_KIND_COUNT] = {
    [ATTEMPT_FROM] = {10, 30},
    [ATTEMPT_FOR] = {20, 30},
    [ATTEMPT_REGISTER] = {20, 60},
};

struct attempt {
	uint64_t hash; /* 0: free */
	/* When all that are used will have come back; now or before: none is,
	 * so there is nothing to be brought up to date. */
	int64_t used_us;
};

struct attempts {
	pthread_mutex_t lock; /* sets */
	uint64_t seed;
	struct attempt sets[SETS][WAYS];
};

struct attempts *
attempts_new(void)
{
	struct attempts *attempts;

	attempts = mem_zalloc(sizeof(*attempts));
	if (attempts == NULL)
		return NULL;
	(void)pthread_mutex_init(&attempts->lock, NULL);
	rng_bytes(&attempts->seed, sizeof(attempts->seed));
	return attempts;
}

void
attempts_free(struct attempts *attempts)
{
	if (attempts == NULL)
		return;
	(void)pthread_mutex_destroy(&attempts->lock);
	mem_free(attempts);
}

/* Never 0. */
static uint64_t
name_hash(const struct attempts *attempts, enum attempt_kind kind,
    const void *name, size_t len)
{
	uint64_t hash;

	hash = XXH3_64bits_withSeed(name, len,
	    attempts->seed + (uint64_t)kind);
	return hash == 0 ? 1 : hash;
}

/* The name's place, or one that is made its own. */
static struct attempt *
attempt_of(struct attempts *attempts, uint64_t hash, int64_t now_us)
{
	struct attempt *set = attempts->sets[hash % SETS], *best = &set[0];
	size_t i;

	for (i = 0; i < WAYS; i++) {
		if (set[i].hash == hash)
			return &set[i];
		if (set[i].used_us < best->used_us)
			best = &set[i];
	}
	best->hash = hash;
	best->used_us = now_us;
	return best;
}

unsigned
attempts_take(struct attempts *attempts, enum attempt_kind kind,
    const void *name, size_t len, int64_t now_us)
{
	int64_t each_us = (int64_t)kinds[kind].seconds * SECOND_US;
	int64_t full_us = each_us * kinds[kind].attempts, over_us;
	struct attempt *attempt;
	unsigned wait_s = 0;

	(void)pthread_mutex_lock(&attempts->lock);
	attempt = attempt_of(attempts,
	    name_hash(attempts, kind, name, len), now_us);
	if (attempt->used_us < now_us)
		attempt->used_us = now_us;
	over_us = attempt->used_us + each_us - now_us - full_us;
	if (over_us > 0)
		wait_s = (unsigned)((over_us + SECOND_US - 1) / SECOND_US);
	else
		attempt->used_us += each_us;
	(void)pthread_mutex_unlock(&attempts->lock);
	return wait_s;
}

void
attempts_give(struct attempts *attempts, enum attempt_kind kind,
    const void *name, size_t len, int64_t now_us)
{
	struct attempt *attempt;

	(void)pthread_mutex_lock(&attempts->lock);
	attempt = attempt_of(attempts,
	    name_hash(attempts, kind, name, len), now_us);
	attempt->used_us -= (int64_t)kinds[kind].seconds * SECOND_US;
	(void)pthread_mutex_unlock(&attempts->lock);
}
