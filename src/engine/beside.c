/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock guards everything in struct beside and, from beside_begin() on, the
 * half's err, is_done and next.  A half is in the list until a thread takes it;
 * as many are in it at most as threads are free, so none waits.
 */
#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/beside.h"
#include "sys/thread.h"

#define THREADS_MAX 16u

struct beside {
	pthread_mutex_t lock;
	pthread_cond_t given; /* there is a half, or the end */
	pthread_cond_t done;  /* some half is */
	struct beside_half *list;
	unsigned unclaimed; /* threads that wait, less halves in the list */
	bool stops;
	pthread_t threads[THREADS_MAX];
	unsigned count;
};

static void *
beside_run(void *arg)
{
	struct beside *beside = arg;
	struct beside_half *half;
	int err;

	(void)pthread_mutex_lock(&beside->lock);
	for (;;) {
		while (beside->list == NULL && !beside->stops)
			thread_wait_us(&beside->given, &beside->lock, -1);
		half = beside->list;
		if (half == NULL)
			break;
		beside->list = half->next;
		(void)pthread_mutex_unlock(&beside->lock);
		err = half->fn(half->arg);
		(void)pthread_mutex_lock(&beside->lock);
		half->err = err;
		half->is_done = true;
		beside->unclaimed++;
		(void)pthread_cond_broadcast(&beside->done);
	}
	(void)pthread_mutex_unlock(&beside->lock);
	return NULL;
}

int
beside_new(unsigned threads, struct beside **ret_beside,
    struct err_note *note)
{
	struct beside *beside = mem_zalloc(sizeof(*beside));
	int err = 0;

	if (beside == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	(void)pthread_mutex_init(&beside->lock, NULL);
	thread_cond_init(&beside->given);
	thread_cond_init(&beside->done);
	while (err == 0 && beside->count < threads &&
	    beside->count < THREADS_MAX) {
		err = thread_start(&beside->threads[beside->count], "beside",
		    beside_run, beside);
		if (err == 0)
			beside->count++;
	}
	if (err < 0) {
		beside_free(beside);
		return err_set(note, err, "a thread for queries: %s",
		    err_text(err));
	}
	(void)pthread_mutex_lock(&beside->lock);
	beside->unclaimed = beside->count;
	(void)pthread_mutex_unlock(&beside->lock);
	*ret_beside = beside;
	return 0;
}

void
beside_free(struct beside *beside)
{
	unsigned i;

	if (beside == NULL)
		return;
	(void)pthread_mutex_lock(&beside->lock);
	ASSERT(beside->list == NULL);
	beside->stops = true;
	(void)pthread_cond_broadcast(&beside->given);
	(void)pthread_mutex_unlock(&beside->lock);
	for (i = 0; i < beside->count; i++)
		(void)pthread_join(beside->threads[i], NULL);
	(void)pthread_cond_destroy(&beside->given);
	(void)pthread_cond_destroy(&beside->done);
	(void)pthread_mutex_destroy(&beside->lock);
	mem_free(beside);
}

bool
beside_begin(struct beside *beside, struct beside_half *half)
{
	bool is_taken;

	(void)pthread_mutex_lock(&beside->lock);
	is_taken = beside->unclaimed > 0;
	if (is_taken) {
		beside->unclaimed--;
		half->err = 0;
		half->is_done = false;
		half->next = beside->list;
		beside->list = half;
		(void)pthread_cond_signal(&beside->given);
	}
	(void)pthread_mutex_unlock(&beside->lock);
	return is_taken;
}

int
beside_end(struct beside *beside, struct beside_half *half)
{
	(void)pthread_mutex_lock(&beside->lock);
	while (!half->is_done)
		thread_wait_us(&beside->done, &beside->lock, -1);
	(void)pthread_mutex_unlock(&beside->lock);
	return half->err;
}
