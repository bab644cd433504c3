/* SPDX-License-Identifier: Apache-2.0 */
/*
 * janitor_merge: parts of full text become fewer, and lose what is deleted.
 *
 * Floor 4, the janitor's.
 */
#ifndef ENGINE_JANITOR_MERGE_H
#define ENGINE_JANITOR_MERGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/store_index.h"

struct engine;

/*
 * One piece of work of that kind on the base (0: of any, see
 * store_merge_plan()), and the pages that it leaves.  The new part is made in
 * this thread; the writer gets it in pieces.  True: something was done, and
 * there may be more.  What fails is logged, and is no more.
 */
bool janitor_merge_one(struct engine *engine, struct store *reader,
    int64_t base_id, enum merge_want want, const atomic_bool *stop);

#endif
