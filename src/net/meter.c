/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"
#include "net/meter.h"
#include "sys/clock.h"

int64_t
net_meter_begin(struct net_meter *meter)
{
	if (meter == NULL)
		return 0;
	atomic_fetch_add(&meter->requests, 1);
	if (atomic_load(&meter->is_failing))
		atomic_fetch_add(&meter->retries, 1);
	return clock_mono_us();
}

void
net_meter_end(struct net_meter *meter, int64_t begun_us, int err,
    uint64_t tokens)
{
	if (meter == NULL)
		return;
	histogram_add(&meter->seconds, &histogram_work,
	    clock_mono_us() - begun_us);
	atomic_fetch_add(&meter->tokens, tokens);
	if (err == ERR_CANCELLED)
		return;
	if (err < 0)
		atomic_fetch_add(&meter->failures, 1);
	/* What was refused for good says nothing of the next one. */
	atomic_store(&meter->is_failing,
	    err < 0 && err_class(err) == ERR_CLASS_TRANSIENT);
}
