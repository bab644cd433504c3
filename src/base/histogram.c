/* SPDX-License-Identifier: Apache-2.0 */
#include "base/histogram.h"

const struct histogram_scale histogram_answers = {
    .ends = {50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000,
	100000, 250000, 500000, 1000000, 2500000, 10000000},
    .per_unit = 1e6,
};

const struct histogram_scale histogram_work = {
    .ends = {1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000,
	1000000, 2500000, 5000000, 10000000, 30000000, 120000000, 600000000},
    .per_unit = 1e6,
};

const struct histogram_scale histogram_counts = {
    .ends = {1, 2, 3, 5, 8, 12, 20, 32, 50, 80, 128, 256, 512, 1024, 2048,
	4096},
    .per_unit = 1,
};

size_t
histogram_bucket(const struct histogram_scale *scale, uint64_t value)
{
	size_t bucket = 0;

	while (bucket < HISTOGRAM_BUCKETS && scale->ends[bucket] < value)
		bucket++;
	return bucket;
}

void
histogram_add(struct histogram *histogram,
    const struct histogram_scale *scale, int64_t value)
{
	uint64_t counted = value < 0 ? 0 : (uint64_t)value;

	atomic_fetch_add_explicit(
	    &histogram->buckets[histogram_bucket(scale, counted)], 1,
	    memory_order_relaxed);
	atomic_fetch_add_explicit(&histogram->sum, counted,
	    memory_order_relaxed);
}
