/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving a base to another account.  Most of what is of a base names the base
 * alone; these are the rows that name the account as well.
 */
#include "base/err.h"
#include "store/sqlite/sqlite_int.h"

int
store_base_move(struct store *store, int64_t base_id, int64_t account_id)
{
	/* Objects are found by the account that the base still has. */
	static const enum stmt_id steps[] = {
	    STMT_BASE_MOVE_OBJECTS,
	    STMT_BASE_MOVE,
	    STMT_BASE_MOVE_REQUESTS,
	    STMT_BASE_MOVE_LEFT,
	    STMT_BASE_MOVE_JOBS,
	};
	size_t i;
	int err;

	err = stmt_run_1(store, STMT_BASE_DELETE_TAGS, base_id);
	for (i = 0; err == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		err = stmt_run_2(store, steps[i], base_id, account_id);
	return err;
}
