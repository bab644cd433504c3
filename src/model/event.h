/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event: that a job has ended.  Floor 2, pure.
 */
#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "model/job.h"

enum event_type {
#define EVENT(name, value, word, text) EVENT_##name = (value),
#include "model/event_tbl.h"
	EVENT_TYPE_COUNT
};

/* Bits (1 << type) of all types. */
#define EVENT_TYPES_ALL ((1u << EVENT_TYPE_COUNT) - 2)

struct event {
	int64_t id;
	int64_t account_id;
	enum event_type type;
	bool is_test; /* made up, to try a webhook */
	int64_t created_us;
	/*
	 * The job as it was when it ended, which may be gone since.  Its
	 * uuid names the event, too.  Of a stored one there is what tells of
	 * the end: uuid, base_uuid, base_name, kind, dialect, form, state,
	 * scan, counts, unchanged, removed, code, message, cancelled_by, and
	 * the times of making, start and end.
	 */
	struct job job;
};

/* How did the job end?  Its state is final. */
enum event_type event_type_of(const struct job *job);

const char *event_type_name(enum event_type type); /* "job.completed" */
const char *event_type_text(enum event_type type); /* a sentence about it */

/* From outside: 0, ERR_NOT_FOUND (names) or ERR_CORRUPT (numbers). */
int event_type_parse_name(const char *name, enum event_type *ret_type);
int event_type_parse(long long stored, enum event_type *ret_type);

#endif
