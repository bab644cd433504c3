/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/err.h"
#include "sys/clock.h"
#include "sys/thread.h"

#define NICE_LOW 10

int
thread_start(pthread_t *ret_thread, const char *name, void *(*fn)(void *arg),
    void *arg)
{
	sigset_t all, before;
	int failed;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(ret_thread, NULL, fn, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed)
		return ERR_BUSY;
	(void)pthread_setname_np(*ret_thread, name); /* for ps only */
	return 0;
}

void
thread_lower(void)
{
	/* On Linux a nice value is a thread's own.  Only a matter of speed,
	 * so a refusal is fine. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE_LOW);
}

void
thread_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attributes;
	int failed;

	failed = pthread_condattr_init(&attributes);
	ASSERT(!failed);
	failed = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	ASSERT(!failed);
	failed = pthread_cond_init(cond, &attributes);
	ASSERT(!failed);
	(void)pthread_condattr_destroy(&attributes);
}

void
thread_wait_us(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t us)
{
	struct timespec until;

	if (us < 0) {
		(void)pthread_cond_wait(cond, mutex);
		return;
	}
	until = clock_after_us(us);
	(void)pthread_cond_timedwait(cond, mutex, &until);
}
