/* SPDX-License-Identifier: Apache-2.0 */
/* Contents that are kept without being indexed, and what may have to be
 * indexed again. */
#include "base/err.h"
#include "store/sqlite/sqlite_int.h"

int
store_document_hold(struct store *store, int64_t document_id,
    int64_t held_us)
{
	return stmt_run_2(store, STMT_DOCUMENT_HOLD, document_id, held_us);
}

int
store_document_newest(struct store *store, int64_t document_id,
    int64_t item_id)
{
	return stmt_run_2(store, STMT_ITEM_OF_DOCUMENT, document_id, item_id);
}

int
store_document_address(struct store *store, int64_t document_id,
    const char *uri)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_DOCUMENT_AT);
	q_int(&q, document_id);
	q_text(&q, uri);
	got = q_step(&q);
	got = q_close(&q, got > 0 ? ERR_EXISTS : got);
	if (got < 0)
		return got;
	q_open(&q, store, STMT_DOCUMENT_ADDRESS);
	q_int(&q, document_id);
	q_text(&q, uri);
	return q_run(&q);
}

int
store_documents_held(struct store *store, int64_t base_id,
    int64_t *ret_held_us)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_DOCUMENTS_HELD);
	q_int(&q, base_id);
	got = q_step(&q);
	if (got > 0)
		*ret_held_us = q_col_int(&q, 0);
	return q_close(&q, got < 0 ? got : 0);
}

_Static_assert(ITEM_FAILED == 10 && ITEM_CANCELLED == 12 &&
    ITEM_CODE_DUPLICATE == 10, "see DOCUMENTS_KEPT");

int
store_documents_kept(struct store *store, int64_t base_id, uint64_t rule,
    int64_t after_id, size_t limit, document_fn *fn, void *arg)
{
	struct q q;

	q_open(&q, store, STMT_DOCUMENTS_KEPT);
	q_int(&q, base_id);
	q_int(&q, (int64_t)rule);
	q_int(&q, after_id);
	q_int(&q, (int64_t)limit);
	return document_rows(&q, fn, arg);
}

int
store_document_forget(struct store *store, int64_t document_id,
    int64_t held_us)
{
	struct document_live live;
	int err;

	err = document_live(store, document_id, &live);
	if (err == 0)
		err = revisions_alive_end(store, document_id);
	if (err == 0)
		err = revisions_kept_end(store, document_id);
	if (err == 0)
		err = stmt_run_1(store, STMT_REPLACED_FORGET, document_id);
	if (err == 0)
		err = base_grow(store, live.base_id,
		    live.revision_id != 0 ? -1 : 0, -live.segments,
		    -live.characters);
	return err < 0 ? err : stmt_run_2(store, STMT_DOCUMENT_FORGET,
				   document_id, held_us);
}
