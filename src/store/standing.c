/* SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "store/standing.h"
#include "store/store.h"

#define STANDING_NUMBER(name, value, of_struct, of_rows) \
	_Static_assert(DOCUMENT_##name == (value), "see standing.h");
STANDING_TBL(STANDING_NUMBER)
#undef STANDING_NUMBER

_Static_assert(ITEM_QUEUED == 1 && ITEM_WAITING == 8 && ITEM_COMPLETED == 9 &&
	ITEM_FAILED == 10 && ITEM_SKIPPED == 11 && ITEM_CANCELLED == 12 &&
	ITEM_STATE_COUNT == 13 && STAGE_NONE == 0 &&
	ITEM_CODE_UNSUPPORTED_FILE_TYPE == 1 &&
	ITEM_CODE_STILL_UNREADABLE == 23,
    "see standing.h");

static bool
standing_is_open(const struct document *d)
{
	return d->item_id != 0 && !item_state_is_final(d->item_state);
}

/* One that waits for its first step has not begun either. */
static bool
standing_is_unbegun(const struct document *d)
{
	return d->item_id != 0 &&
	    (d->item_state == ITEM_QUEUED ||
		(d->item_state == ITEM_WAITING &&
		    d->item_stage == STAGE_NONE));
}

/* Most of what is skipped is in the index, or its content is under another
 * name, or it has none. */
static bool
standing_is_left_out(const struct document *d)
{
	return d->item_id != 0 &&
	    (d->item_state == ITEM_FAILED || d->item_state == ITEM_CANCELLED ||
		(d->item_state == ITEM_SKIPPED &&
		    (d->item_code == ITEM_CODE_UNSUPPORTED_FILE_TYPE ||
			d->item_code == ITEM_CODE_STILL_UNREADABLE)));
}

enum document_standing
document_standing(const struct document *d)
{
#define STANDING_IF(name, value, of_struct, of_rows) \
	if (of_struct) \
		return DOCUMENT_##name;
	STANDING_TBL(STANDING_IF)
#undef STANDING_IF
	ASSERT(false && "the last row always holds");
	return DOCUMENT_AVAILABLE;
}
