/* SPDX-License-Identifier: Apache-2.0 */
/* Parts as rows: a row for each, and one for each page. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"

#define LEVEL_BYTES 4096u /* of the smallest ones */
#define LEVEL_BITS 3	  /* each level is of eight times as many bytes */

static int64_t
page_id(int64_t part_id, uint32_t page)
{
	return (int64_t)(((uint64_t)part_id << PART_PAGES_BITS) | page);
}

unsigned
part_level(uint64_t bytes)
{
	unsigned level = 0;

	for (bytes /= LEVEL_BYTES; bytes > 0; bytes >>= LEVEL_BITS)
		level++;
	return level;
}

int
part_pages_write(struct store *store, int64_t part_id, uint32_t first,
    const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	struct q q;
	size_t n;
	int err = 0;

	for (; err == 0 && len > 0; first++) {
		n = len < PART_PAGE_BYTES ? len : PART_PAGE_BYTES;
		if (first >= PART_PAGES_MAX)
			return ERR_TOO_BIG;
		q_open(&q, store, STMT_PART_PAGE_ADD);
		q_int(&q, page_id(part_id, first));
		q_blob(&q, at, n);
		err = q_run(&q);
		at += n;
		len -= n;
	}
	return err;
}

int
part_store(struct store *store, const struct part_row *row, const void *bytes)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_PART_ADD);
	q_int(&q, row->base_id);
	q_int(&q, PART_LIVE);
	q_int(&q, part_level(row->bytes));
	q_int(&q, row->docs);
	q_int(&q, (int64_t)row->bytes);
	q_int(&q, row->first_id);
	q_int(&q, row->last_id);
	q_int(&q, row->languages);
	err = q_run(&q);
	return err < 0
	    ? err
	    : part_pages_write(store, sqlite3_last_insert_rowid(store->db), 0,
		  bytes, (size_t)row->bytes);
}

struct row_walk {
	struct part_row *rows;
	size_t count, size;
};

static int
row_take(struct q *q, void *arg)
{
	struct row_walk *walk = arg;
	struct part_row *row;

	if (walk->count == walk->size)
		return ERR_TOO_BIG;
	row = &walk->rows[walk->count++];
	row->id = q_col_int(q, 0);
	row->base_id = q_col_int(q, 1);
	row->docs = q_col_int(q, 2);
	row->bytes = (uint64_t)q_col_int(q, 3);
	row->first_id = q_col_int(q, 4);
	row->last_id = q_col_int(q, 5);
	row->lost = q_col_int(q, 6);
	row->languages = (uint32_t)q_col_int(q, 7);
	return row->bytes > (uint64_t)PART_PAGES_MAX * PART_PAGE_BYTES
	    ? ERR_CORRUPT : 0;
}

int
part_rows(struct q *q, struct part_row *rows, size_t size, size_t *ret_count)
{
	struct row_walk walk = {rows, 0, size};
	int err;

	err = q_each(q, row_take, &walk);
	if (err == 0)
		*ret_count = walk.count;
	return err;
}

int
part_rows_of(struct store *store, int64_t base_id, unsigned level,
    struct part_row *rows, size_t size, size_t *ret_count)
{
	struct q q;

	q_open(&q, store, STMT_PARTS_OF_LEVEL);
	q_int(&q, base_id);
	q_int(&q, level);
	q_int(&q, (int64_t)size);
	return part_rows(&q, rows, size, ret_count);
}

static int
page_copy(struct store *store, int64_t id, uint8_t *to, size_t len)
{
	const uint8_t *bytes;
	struct q q;
	int got;

	q_open(&q, store, STMT_PART_PAGE);
	q_int(&q, id);
	got = q_step(&q);
	if (got > 0) {
		bytes = q_col_blob(&q, 0, len);
		if (bytes != NULL)
			memcpy(to, bytes, len);
		else
			got = ERR_CORRUPT;
	}
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
part_read(struct store *store, const struct part_row *row,
    uint8_t **ret_bytes)
{
	size_t at, n, len = (size_t)row->bytes;
	uint8_t *bytes;
	int err = 0;

	bytes = mem_alloc(len);
	if (bytes == NULL)
		return ERR_NOMEM;
	for (at = 0; err == 0 && at < len; at += n) {
		n = len - at < PART_PAGE_BYTES ? len - at : PART_PAGE_BYTES;
		err = page_copy(store, page_id(row->id,
		    (uint32_t)(at / PART_PAGE_BYTES)), bytes + at, n);
	}
	if (err < 0)
		mem_free(bytes);
	else
		*ret_bytes = bytes;
	return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
}

int
part_delete(struct store *store, int64_t part_id)
{
	int err;

	err = stmt_run_2(store, STMT_PART_PAGES_DELETE, page_id(part_id, 0),
	    page_id(part_id, PART_PAGES_MAX - 1));
	return err < 0 ? err : stmt_run_1(store, STMT_PART_DELETE, part_id);
}
