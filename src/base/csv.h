/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv: cells of tables that people open in a spreadsheet (RFC 4180).
 *
 * Floor 0.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

struct buf;

/*
 * Append text as a cell, in quotes where it needs them.  What a spreadsheet
 * would take for a formula gets an apostrophe in front: names and messages
 * come from outside.  The error, if any, stays in out.
 */
void csv_cell(struct buf *out, const char *text);

#endif
