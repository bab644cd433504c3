/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rates: how quickly each account's items ended lately.
 *
 * Floor 4.  Counted in memory as commits are made, from the start of the
 * server on: what was before it is not known.  One thread counts, any reads.
 */
#ifndef ENGINE_RATES_H
#define ENGINE_RATES_H

#include <stddef.h>
#include <stdint.h>

struct engine;
struct job;
struct rates;

#define RATES_MINUTES 60u

struct rate {
	uint64_t items; /* that were indexed */
	uint64_t failed;
	uint64_t bytes, segments; /* of those that were indexed */
};

struct rates_hour {
	int64_t since_us; /* when counting began, or an hour ago */
	/* In the last minute, or as much of it as was counted. */
	double items_per_s, bytes_per_s;
	int64_t first_us; /* when the first of these minutes begins */
	struct rate minutes[RATES_MINUTES]; /* the last one is this one */
};

/* Returns owned (rates_free); NULL: no memory. */
struct rates *rates_new(int64_t now_us);
void rates_free(struct rates *rates);
/* Something of the account has ended.  What there is no memory for is not
 * counted: it is for people to look at. */
void rates_count(struct rates *rates, int64_t account_id,
    const struct rate *rate, int64_t now_us);
void rates_read(struct rates *rates, int64_t account_id, int64_t now_us,
    struct rates_hour *ret_hour);

/* The same from the writer's point of view (writer_config.on_change). */
void rates_change(void *engine, const struct job *was,
    const struct job *job);
void engine_rates(struct engine *engine, int64_t account_id,
    struct rates_hour *ret_hour);

#endif
