/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table is a group of shapes that touch each other: rows and columns follow
 * from their upper left corners.  The first row names the columns, as it does
 * in the tables that PowerPoint offers.
 */
#include "base/err.h"
#include "base/mem.h"
#include "extractor/emit.h"
#include "extractor/markup.h"
#include "extractor/ppt.h"

struct ppt_grid {
	struct ppt *ppt;
	const struct ppt_text *texts;
	size_t count;
	uint64_t *lefts, *tops; /* of columns and rows, sorted */
	uint64_t *cells;	/* row, column, place in texts */
	size_t columns, rows;
};

/* A number without a sign that sorts alike. */
static uint64_t
sortable(int32_t n)
{
	return (uint32_t)n ^ 0x80000000u;
}

/* Sort, and keep one of each. */
static size_t
distinct(uint64_t *keys, size_t count)
{
	size_t i, n = 0;

	office_sort(keys, count);
	for (i = 0; i < count; i++)
		if (n == 0 || keys[n - 1] != keys[i])
			keys[n++] = keys[i];
	return n;
}

static size_t
place_of(const uint64_t *keys, size_t count, uint64_t key)
{
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
grid_fill(struct ppt_grid *grid)
{
	const struct ppt_text *texts = grid->texts;
	size_t i;

	for (i = 0; i < grid->count; i++) {
		grid->lefts[i] = sortable(texts[i].left);
		grid->tops[i] = sortable(texts[i].top);
	}
	grid->columns = distinct(grid->lefts, grid->count);
	grid->rows = distinct(grid->tops, grid->count);
	for (i = 0; i < grid->count; i++)
		grid->cells[i] = (uint64_t)place_of(grid->tops, grid->rows,
				     sortable(texts[i].top)) << 48 |
		    (uint64_t)place_of(grid->lefts, grid->columns,
			sortable(texts[i].left)) << 32 |
		    i;
	office_sort(grid->cells, grid->count);
}

/* The row that begins with that cell; sets *ret_next to the next one's. */
static int
send_row(struct ppt_grid *grid, struct markup_table *table, size_t first,
    size_t *ret_next)
{
	struct ppt *ppt = grid->ppt;
	bool is_header = first == 0 && grid->rows > 1 && grid->columns > 1;
	size_t i, column, at = 0;
	int err = 0;

	(void)markup_row_begin(table, ppt->emit); /* errors stick */
	for (i = first; i < grid->count && err == 0 &&
	     grid->cells[i] >> 48 == grid->cells[first] >> 48; i++) {
		column = (grid->cells[i] >> 32) & 0xFFFF;
		for (; at < column; at++)
			(void)markup_cell_end(table, ppt->emit, is_header);
		err = ppt_text_load(ppt,
		    &grid->texts[grid->cells[i] & UINT32_MAX]);
		if (err == 0)
			err = buf_put(&table->cell, buf_text(&ppt->text),
			    ppt->text.len);
		if (err == 0)
			err = markup_cell_end(table, ppt->emit, is_header);
		at++;
	}
	*ret_next = i;
	return err < 0 ? err : markup_row_end(table, ppt->emit);
}

static int
send_rows(struct ppt_grid *grid)
{
	struct markup_table table;
	size_t next = 0;
	int err = 0;

	(void)drawing_out_ready(&grid->ppt->out); /* errors stick */
	markup_table_init(&table);
	markup_table_begin(&table);
	while (next < grid->count && err == 0)
		err = send_row(grid, &table, next, &next);
	if (err == 0)
		err = markup_table_end(&table, grid->ppt->emit);
	markup_table_fini(&table);
	return err;
}

int
ppt_table_send(struct ppt *ppt, const struct ppt_text *texts, size_t count)
{
	struct ppt_grid grid = {.ppt = ppt, .texts = texts, .count = count};
	size_t i;
	int err = 0;

	grid.lefts = mem_array(count, sizeof(uint64_t));
	grid.tops = mem_array(count, sizeof(uint64_t));
	grid.cells = mem_array(count, sizeof(uint64_t));
	if (grid.lefts == NULL || grid.tops == NULL || grid.cells == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	grid_fill(&grid);
	/* No table of a person's: what it says, one after the other. */
	if (grid.columns > MARKUP_COLUMNS_MAX || grid.rows > UINT16_MAX)
		for (i = 0; i < count && err == 0; i++)
			err = ppt_text_send(ppt, &texts[i]);
	else
		err = send_rows(&grid);
out:
	mem_free(grid.lefts);
	mem_free(grid.tops);
	mem_free(grid.cells);
	return err;
}
