/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thread: threads with a name, and conditions that wait by the monotonic
 * clock.  Floor 1.
 */
#ifndef SYS_THREAD_H
#define SYS_THREAD_H

#include <pthread.h>
#include <stdint.h>

/* Start fn(arg) with all signals blocked.  0 or ERR_BUSY. */
int thread_start(pthread_t *ret_thread, const char *name,
    void *(*fn)(void *arg), void *arg);

/* Let the calling thread yield to others: for work that answers nobody. */
void thread_lower(void);

/* A condition for thread_wait_us(). */
void thread_cond_init(pthread_cond_t *cond);

/* Wait for cond at most us microseconds (negative: for ever); mutex is held
 * before and after.  Wakes up without reason, too. */
void thread_wait_us(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t us);

#endif
