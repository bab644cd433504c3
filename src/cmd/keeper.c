/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/host.h"
#include "cmd/interrupt.h"
#include "cmd/keeper.h"
#include "engine/figures.h"
#include "sys/notify.h"

#define LOOK_MS 10000 /* between two looks at what is going on */
#define STATUS_SIZE 256

/* One line for `systemctl status`. */
static void
status_write(struct host *host, const struct engine_figures *figures,
    bool is_stuck, char out[STATUS_SIZE])
{
	const uint64_t *items = figures->totals.items;
	uint64_t left = figures->totals.items_all - items[ITEM_COMPLETED] -
	    items[ITEM_FAILED] - items[ITEM_SKIPPED] - items[ITEM_CANCELLED];

	if (is_stuck)
		(void)snprintf(out, STATUS_SIZE,
		    "STATUS=The thread that writes does not get on");
	else if (figures->stats.is_storage_waiting)
		(void)snprintf(out, STATUS_SIZE,
		    "STATUS=The storage is full or fails; what is to be "
		    "written waits");
	else
		(void)snprintf(out, STATUS_SIZE, "STATUS=Listening on %s; "
		    "jobs: %" PRIu64 ", documents to do: %" PRIu64,
		    host_url(host), figures->stats.jobs_live, left);
}

/* last: what was said before; said again only when it has changed. */
static void
tell(struct host *host, struct engine_figures *figures,
    char last[STATUS_SIZE])
{
	char status[STATUS_SIZE];
	struct engine_health health;

	engine_figures(host_engine(host), figures);
	engine_health(host_engine(host), &health);
	status_write(host, figures, health.is_writer_stuck, status);
	if (strcmp(status, last) != 0 && notify_send(status) > 0)
		memcpy(last, status, STATUS_SIZE);
	if (!health.is_writer_stuck && notify_watchdog_us() > 0)
		(void)notify_send("WATCHDOG=1");
}

static int
pause_ms(void)
{
	int64_t half_ms = notify_watchdog_us() / 2000;

	return half_ms > 0 && half_ms < LOOK_MS ? (int)half_ms : LOOK_MS;
}

void
keeper_wait(struct host *host)
{
	struct engine_figures *figures;
	char last[STATUS_SIZE] = "";
	int err;

	err = notify_send("READY=1");
	if (err < 0)
		log_warn("the service manager cannot be told: %s",
		    err_text(err));
	figures = err == 0 || err == ERR_INVALID ? NULL
						 : mem_zalloc(sizeof(*figures));
	if (figures == NULL) {
		/* Nobody listens: there is nothing to do but to wait. */
		(void)interrupt_wait(-1);
		return;
	}
	do {
		/* A manager that was busy would wait for it, and end us. */
		if (err < 0)
			err = notify_send("READY=1");
		tell(host, figures, last);
	} while (interrupt_wait(pause_ms()) == 0);
	(void)notify_send("STOPPING=1\n"
	    "STATUS=Stopping at the next border between two steps");
	mem_free(figures);
}
