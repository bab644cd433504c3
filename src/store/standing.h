/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standing: where a document stands, told from a struct document and, with
 * the same words, from its rows.
 *
 * Floor 3.  The first row that holds is the answer.  In the middle column d is
 * a const struct document *; in the right one d is the row of document, i that
 * of its newest item, all NULL when there is none.  The numbers there are
 * those of model/item_tbl.h and model/item_code_tbl.h; standing.c looks that
 * they are.
 */
#ifndef STORE_STANDING_H
#define STORE_STANDING_H

/* clang-format off */
/*  standing, value, of a struct document, of rows */
#define STANDING_TBL(ROW) \
ROW(WAITING, 0, d->held_us != 0, \
    "d.held_us <> 0") \
ROW(WAITING, 0, d->item_id == 0 && d->revision_id == 0, \
    "i.id IS NULL AND d.revision_id = 0") \
ROW(WAITING, 0, standing_is_unbegun(d), \
    "i.state = 1 OR (i.state = 8 AND i.stage = 0)") \
ROW(PAUSED, 1, standing_is_open(d) && d->is_paused, \
    "i.state < 9 AND (SELECT p.is_paused FROM job p WHERE p.id = i.job_id)") \
ROW(RUNNING, 2, standing_is_open(d), \
    "i.state < 9") \
ROW(BROKEN, 3, standing_is_left_out(d), \
    "i.state IN (10, 12) OR (i.state = 11 AND i.code IN (1, 23))") \
ROW(ARCHIVED, 6, d->is_archived, \
    "d.is_archived") \
ROW(DISABLED, 5, d->disabled_us != 0, \
    "d.disabled_us <> 0") \
ROW(AVAILABLE, 4, true, \
    "1")
/* clang-format on */

#define STANDING_WHEN(name, value, of_struct, of_rows) \
	" WHEN " of_rows " THEN " #value
#define STANDING_SQL "CASE" STANDING_TBL(STANDING_WHEN) " END"

#endif
