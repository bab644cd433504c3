/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "model/event.h"

static const struct {
	const char *name, *text;
} types[EVENT_TYPE_COUNT] = {
#define EVENT(name, value, word, text) [EVENT_##name] = {(word), (text)},
#include "model/event_tbl.h"
};

enum {
	EVENT_TYPES_TOLD = 0
#define EVENT(name, value, word, text) | 1 << (value)
#include "model/event_tbl.h"
};
_Static_assert(EVENT_TYPES_TOLD == EVENT_TYPES_ALL,
    "the values have neither gap nor twin");

enum event_type
event_type_of(const struct job *job)
{
	switch (job->state) {
	case JOB_COMPLETED:
	case JOB_NO_CHANGES:
		return EVENT_JOB_COMPLETED;
	case JOB_COMPLETED_WITH_FAILURES:
		/* What is unchanged is indexed since an earlier job. */
		return job->counts.completed + job->unchanged == 0
		    ? EVENT_JOB_FAILED
		    : EVENT_JOB_COMPLETED_WITH_ERRORS;
	case JOB_FAILED:
		return EVENT_JOB_FAILED;
	case JOB_CANCELLED:
		return EVENT_JOB_CANCELLED;
	case JOB_PENDING:
	case JOB_SCANNING:
	case JOB_RUNNING:
	case JOB_PAUSED:
	case JOB_FINALIZING:
	case JOB_STATE_COUNT:
		break;
	}
	ASSERT(false); /* it has not ended */
	return EVENT_JOB_FAILED;
}

const char *
event_type_name(enum event_type type)
{
	return types[type].name;
}

const char *
event_type_text(enum event_type type)
{
	return types[type].text;
}

int
event_type_parse_name(const char *name, enum event_type *ret_type)
{
	int type;

	for (type = 1; type < EVENT_TYPE_COUNT; type++)
		if (strcmp(types[type].name, name) == 0) {
			*ret_type = (enum event_type)type;
			return 0;
		}
	return ERR_NOT_FOUND;
}

int
event_type_parse(long long stored, enum event_type *ret_type)
{
	if (stored <= 0 || stored >= EVENT_TYPE_COUNT)
		return ERR_CORRUPT;
	*ret_type = (enum event_type)stored;
	return 0;
}
