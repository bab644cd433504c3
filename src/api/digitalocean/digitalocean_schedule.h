/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean_schedule: when to index, as bodies say it.  Floor 6, pure.
 */
#ifndef API_DIGITALOCEAN_DIGITALOCEAN_SCHEDULE_H
#define API_DIGITALOCEAN_DIGITALOCEAN_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct err_note;

/* "HH:MM", or with ":00" behind it, as a minute of the day. */
bool do_minute_parse(const char *text, uint32_t *ret_minute);
/* Days as cron numbers them, in any order, as the bits of struct schedule.
 * ERR_INVALID. */
int do_days_read(const json_t *days, uint32_t *ret_days,
    struct err_note *note);

#endif
