/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock: the two clocks, and that of a thread.  Floor 1.
 *
 * Stored and shown times use the wall clock; waits use the monotonic one.
 */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Microseconds since 1970 UTC; never goes back within one process, also when
 * the machine's clock is set back. */
int64_t clock_wall_us(void);

/* For tests: from now on the wall clock goes so much more ahead. */
void clock_wall_shift_us(int64_t us);

/* Microseconds since some moment; never set. */
int64_t clock_mono_us(void);

/* Microseconds that this thread has had a processor. */
int64_t clock_thread_us(void);

/* The moment so many microseconds from now, for pthread_cond_timedwait on a
 * condition that uses CLOCK_MONOTONIC. */
struct timespec clock_after_us(int64_t us);

#endif
