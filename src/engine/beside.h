/* SPDX-License-Identifier: Apache-2.0 */
/*
 * beside: threads that do one half of a query while the thread that answers it
 * does the other.
 *
 * Floor 4.  They are few, one less than there are processors: when all of them
 * have something to do, so has the machine, and a half is better done where it
 * came up.  Any thread may call.
 */
#ifndef ENGINE_BESIDE_H
#define ENGINE_BESIDE_H

#include <stdbool.h>

struct beside;
struct err_note;

/* The caller's, from beside_begin() to beside_end(). */
struct beside_half {
	int (*fn)(void *arg);
	void *arg;
	/* The rest is this module's. */
	int err;
	bool is_done;
	struct beside_half *next;
};

/* With `threads` threads; 0: nothing is ever taken.  Returns owned
 * (beside_free).  ERR_NOMEM; ERR_BUSY with words: no thread could be
 * started. */
int beside_new(unsigned threads, struct beside **ret_beside,
    struct err_note *note);
/* Nothing is under way any more.  NULL is fine. */
void beside_free(struct beside *beside);

/* Is it taken by a thread that has nothing else to do?  Then beside_end() must
 * follow; if not, nothing has happened. */
bool beside_begin(struct beside *beside, struct beside_half *half);
/* Wait for its end; what its function returned. */
int beside_end(struct beside *beside, struct beside_half *half);

#endif
