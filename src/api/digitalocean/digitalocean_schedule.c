/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indexing at a minute of some days of the week, in UTC.  A knowledge base has
 * one such schedule at most; it is changed by deleting it and making another.
 */
#include <stdio.h>
#include <string.h>

#include "api/digitalocean/digitalocean_body.h"
#include "api/digitalocean/digitalocean_int.h"
#include "api/digitalocean/digitalocean_schedule.h"
#include "api/digitalocean/digitalocean_view.h"
#include "engine/sources.h"
#include "sys/clock.h"

#define DAYS_MAX 64u /* named in one body, some twice */

/* Two digits below max. */
static bool
two_digits(const char *at, uint32_t max, uint32_t *ret_number)
{
	uint32_t number;

	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return false;
	number = (uint32_t)(at[0] - '0') * 10 + (uint32_t)(at[1] - '0');
	*ret_number = number;
	return number < max;
}

bool
do_minute_parse(const char *text, uint32_t *ret_minute)
{
	uint32_t hour, minute;

	if (!two_digits(text, 24, &hour) || text[2] != ':' ||
	    !two_digits(text + 3, 60, &minute) ||
	    (text[5] != '\0' && strcmp(text + 5, ":00") != 0))
		return false;
	*ret_minute = hour * 60 + minute;
	return true;
}

int
do_days_read(const json_t *days, uint32_t *ret_days, struct err_note *note)
{
	uint32_t bits = 0;
	const json_t *day;
	size_t i;

	for (i = 0; i < json_array_size(days); i++) {
		day = json_array_get(days, i);
		if (!json_is_integer(day) || json_integer_value(day) < 0 ||
		    json_integer_value(day) > 7)
			return err_set(note, ERR_INVALID, "days must be "
			    "numbers from 0 to 7, Sunday being 0 or 7");
		bits |= 1u << (json_integer_value(day) % 7);
	}
	if (bits == 0)
		return err_set(note, ERR_INVALID, "days is required");
	*ret_days = bits;
	return 0;
}

/* deleted_us: 0, it is there. */
static int
reply_schedule(struct http_request *request, struct http_reply *reply,
    const struct schedule *schedule, int64_t deleted_us)
{
	struct jsonw *w = do_json(request, reply);
	char time[16];
	int day;

	(void)snprintf(time, sizeof(time), "%02u:%02u:00",
	    schedule->minute / 60, schedule->minute % 60);
	jsonw_object(w);
	jsonw_name(w, "indexing_info");
	jsonw_object(w);
	do_write_uuid(w, "uuid", &schedule->uuid);
	do_write_uuid(w, "knowledge_base_uuid", &schedule->base_uuid);
	jsonw_name(w, "days");
	jsonw_array(w);
	for (day = 0; day < 7; day++)
		if ((schedule->days & 1u << day) != 0)
			jsonw_int(w, day);
	jsonw_array_end(w);
	jsonw_nstring(w, "time", time);
	jsonw_nbool(w, "is_active", schedule->is_active && deleted_us == 0);
	jsonw_ntime(w, "created_at", schedule->created_us);
	jsonw_ntime(w, "updated_at", schedule->updated_us == 0
	    ? schedule->created_us : schedule->updated_us);
	if (deleted_us != 0)
		jsonw_ntime(w, "deleted_at", deleted_us);
	if (schedule->ran_us != 0)
		jsonw_ntime(w, "last_ran_at", schedule->ran_us);
	if (schedule->next_us != 0 && deleted_us == 0)
		jsonw_ntime(w, "next_run_at", schedule->next_us);
	jsonw_object_end(w);
	jsonw_object_end(w);
	return 0;
}

struct wanted {
	struct uuid base;
	uint32_t minute, days;
};

static int
wanted_read(struct http_request *request, struct wanted *wanted)
{
	struct err_note *note = &request->note;
	const json_t *body, *days = NULL;
	const char *id, *time;
	int err;

	err = do_body(request, &body);
	if (err == 0)
		err = do_text(body, "knowledge_base_uuid", &id, note);
	if (err == 0 && id == NULL)
		err = err_set(note, ERR_INVALID,
		    "knowledge_base_uuid is required");
	if (err == 0)
		err = do_text(body, "time", &time, note);
	if (err == 0 && (time == NULL ||
	    !do_minute_parse(time, &wanted->minute)))
		err = err_set(note, ERR_INVALID,
		    "time must be of the form HH:MM, in UTC");
	if (err == 0)
		err = do_array(body, "days", DAYS_MAX, &days, note);
	if (err == 0)
		err = do_days_read(days, &wanted->days, note);
	if (err == 0 && uuid_parse(id, strlen(id), &wanted->base) < 0)
		err = ERR_NOT_FOUND;
	return err;
}

int
do_create_schedule(struct http_request *request, struct http_reply *reply)
{
	struct schedule schedule;
	struct wanted wanted;
	int err;

	err = wanted_read(request, &wanted);
	if (err == 0)
		err = engine_schedule_add(request->engine,
		    request->caller.account_id, &wanted.base, wanted.minute,
		    wanted.days, DIALECT_DIGITALOCEAN, &schedule,
		    &request->note);
	if (err == ERR_EXISTS)
		return do_conflict(request, reply,
		    "the knowledge base has scheduled indexing already; "
		    "delete it first");
	return err < 0 ? err : reply_schedule(request, reply, &schedule, 0);
}

int
do_get_schedule(struct http_request *request, struct http_reply *reply)
{
	struct schedule schedule;
	struct store *reader;
	struct do_base base;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = do_base_load(request, reader, &request->params[0].uuid, &base);
	if (err == 0) {
		err = store_schedule_of_base(reader, base.id, &schedule);
		do_base_close(&base);
	}
	err = http_end(request, reader, err);
	return err < 0 ? err : reply_schedule(request, reply, &schedule, 0);
}

int
do_delete_schedule(struct http_request *request, struct http_reply *reply)
{
	struct schedule schedule;
	int err;

	err = engine_schedule_delete(request->engine,
	    request->caller.account_id, &request->params[0].uuid, &schedule,
	    &request->note);
	return err < 0 ? err
		       : reply_schedule(request, reply, &schedule,
			     clock_wall_us());
}
