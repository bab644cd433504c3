/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>

#include "sys/clock.h"

static _Atomic int64_t wall_shift_us;

static int64_t
clock_read(clockid_t id)
{
	struct timespec now;

	(void)clock_gettime(id, &now); /* cannot fail for these */
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_wall_us(void)
{
	static _Atomic int64_t last;
	int64_t now = clock_read(CLOCK_REALTIME) +
	    atomic_load_explicit(&wall_shift_us, memory_order_relaxed);
	int64_t seen = atomic_load_explicit(&last, memory_order_relaxed);

	while (now > seen)
		if (atomic_compare_exchange_weak_explicit(&last, &seen, now,
			memory_order_relaxed, memory_order_relaxed))
			return now;
	return seen;
}

void
clock_wall_shift_us(int64_t us)
{
	(void)atomic_fetch_add(&wall_shift_us, us);
}

int64_t
clock_mono_us(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

int64_t
clock_thread_us(void)
{
	return clock_read(CLOCK_THREAD_CPUTIME_ID);
}

struct timespec
clock_after_us(int64_t us)
{
	int64_t due = clock_mono_us() + us;
	struct timespec at;

	at.tv_sec = (time_t)(due / 1000000);
	at.tv_nsec = (long)(due % 1000000 * 1000);
	return at;
}
