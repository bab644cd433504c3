/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openai_int: what the files of that embedder share.
 *
 * Floor 3, for these files only.
 */
#ifndef EMBED_OPENAI_INT_H
#define EMBED_OPENAI_INT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/service.h"

struct embed_call;
struct embed_stats;

/* ---- openai_gate.c: who may ask, and when ------------------------------ */

/* A connection, for who has it. */
struct place {
	struct net_service service;
	bool is_busy;
};

struct gate {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t left;
	/* The first ones are for all that nobody waits for. */
	struct place *places;
	size_t count, quiet_count;
	/* Failures without an answer in between, and what the last one was. */
	unsigned failures;
	int err;
	struct err_note note;
	/* By the monotonic clock: nobody asks before; 0: all may. */
	int64_t closed_until_us, awaited_until_us;
	bool is_told; /* until when: by the service itself */
};

/* quiet of its places are not for calls that somebody waits for.  To be closed,
 * also after an error: those of net_service_open(). */
int gate_open(struct gate *gate, const struct net_service_config *config,
    size_t quiet, struct err_note *note);
void gate_close(struct gate *gate);

/*
 * Wait for a place (not when somebody waits: ERR_BUSY).  When it failed a
 * moment ago, the same error again, and call says for how long.
 */
int gate_enter(struct gate *gate, struct embed_call *call,
    struct place **ret_place, struct err_note *note);
/* Leave it: nothing can be said of how the service is... */
void gate_leave(struct gate *gate, struct place *place);
/* ...or it answers... */
void gate_good(struct gate *gate, const struct embed_call *call);
/* ...or it does not: it is left alone for retry_after_s, or (negative) for a
 * time that grows.  Says so to call. */
void gate_failed(struct gate *gate, struct embed_call *call,
    int64_t retry_after_s, int err, const struct err_note *note);
/* Sets is_down, wait_us and why. */
void gate_stats(struct gate *gate, struct embed_stats *stats);

#endif
