/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows: adds up rows of a table.
 *
 * Floor 3, for this folder only.  Pure; the same bits on every machine.
 */
#ifndef EMBED_ROWS_H
#define EMBED_ROWS_H

#include <stddef.h>
#include <stdint.h>

/* Add the rows of these numbers, each dimensions long, to sums. */
void rows_sum(const float *table, size_t dimensions, const uint32_t *rows,
    size_t count, float *sums);

#endif
