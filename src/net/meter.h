/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meter: what was asked of a service, for the figures of the server.
 *
 * Floor 2.  Any number of threads and clients count in one.  Zeroed is empty.
 * A NULL meter is allowed: nobody counts.
 */
#ifndef NET_METER_H
#define NET_METER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"

struct net_meter {
	_Atomic uint64_t requests, failures;
	/* Requests made after one that failed, before one was answered. */
	_Atomic uint64_t retries;
	_Atomic uint64_t tokens; /* as the service counts them */
	atomic_bool is_failing;	 /* the last one did, and may go well later */
	struct histogram seconds; /* histogram_work */
};

/* A request goes out; returns when, for net_meter_end(). */
int64_t net_meter_begin(struct net_meter *meter);
/* It is over with err.  One that was broken off (ERR_CANCELLED) is counted, and
 * says nothing of the service. */
void net_meter_end(struct net_meter *meter, int64_t begun_us, int err,
    uint64_t tokens);

#endif
