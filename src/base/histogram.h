/* SPDX-License-Identifier: Apache-2.0 */
/*
 * histogram: how often something took how much, in buckets.
 *
 * Floor 0.  Any number of threads count in one, without a lock: each number is
 * right, together they are no snapshot.  Zeroed is empty.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BUCKETS 16u

/* Upper ends, ascending; above the last there is one bucket more.  One unit
 * that is shown (a second) are per_unit of what is counted (microseconds). */
struct histogram_scale {
	uint64_t ends[HISTOGRAM_BUCKETS];
	double per_unit;
};

/* 50 us to 10 s, for what answers; 1 ms to 10 min, for work; 1 to 4096. */
extern const struct histogram_scale histogram_answers, histogram_work,
    histogram_counts;

struct histogram {
	_Atomic uint64_t buckets[HISTOGRAM_BUCKETS + 1];
	_Atomic uint64_t sum;
};

/* The bucket that value belongs into. */
size_t histogram_bucket(const struct histogram_scale *scale, uint64_t value);

/* Count value; a negative one as 0. */
void histogram_add(struct histogram *histogram,
    const struct histogram_scale *scale, int64_t value);

#endif
